"""Damaged prices, templates, caches of replies, batches, ratings and replies: a line of what is wrong, or as before."""

import json
import sqlite3
from contextlib import closing, suppress

import pytest

from sama_bench.judge.batch import results
from sama_bench.judge.batch_state import BatchState
from sama_bench.judge.judge_input import JudgeInput
from sama_bench.judge.ratings import load
from sama_bench.judge.reply_parser import Unreadable, read
from sama_bench.judge.template import Template
from sama_bench.llm_client import Failure, Prices, Reply, Request, ResponseCache, exchange
from sama_bench.types import Key

PRICES = {"models": {"small": {"in": 0.15, "out": 0.6}, "sm*": {"in": 2, "out": 8.5}, "*": {"in": 5, "out": 6}}}
HEAD = {
    "column": "Judge", "texts": "marked", "scores": {"a": 5, "b": 10}, "lower_is_better": ["b"], "evidence": False,
    "overall": "(a / 5 + b / 10) / 2", "temperature": 0.5, "reply_tokens": 60, "max_tokens": 200,
}  # fmt: skip
BODY = (
    "{% block system %}Be strict.{% endblock %}{% block user %}{% for one in [1, 2] %}{{ one * 2 }}{% endfor %}"
    "{{ fenced('candidate', candidate) }} {{ reference | upper }} {{ 'x' ~ mark }}{% if task == 'g' %}!{% endif %}"
    "{% endblock %}"
)
BATCHES = [
    {"tag": "a", "server": "b", "keys": ["c", "d"], "id": "batch-1"}, {"tag": "e", "server": "f", "keys": [], "id": ""},
]  # fmt: skip
REPLY = {"text": "a", "model": "m", "tokens_in": 1, "tokens_out": 2, "finish": "stop", "refusal": None, "cached": False}
RATINGS = [
    {"task": "g", "question_id": "demo-g-0-0", "score": 0.5, "video": "harbour"},
    {"task": "c", "question_id": 3, "score": 1, "video": "street"}, {"task": "c", "question_id": "é", "score": "0.25"},
]  # fmt: skip
VERDICT = {
    "correctness": {"evidence": ["a", "b"], "score": 3}, "grounding": {"evidence": "", "score": "4/5"},
    "completeness": {"evidence": "", "score": 3}, "hallucination": {"evidence": "", "score": 0}, "reason": "r",
}  # fmt: skip
DIALOGUE = Template.load("dialogue")
MESSAGE = {"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "thinking"}], "refusal": None}
COMPLETION = {
    "id": "x", "object": "chat.completion", "model": "m", "usage": {"prompt_tokens": 1, "completion_tokens": 2},
    "choices": [{"index": 0, "finish_reason": "stop", "message": MESSAGE}],
}  # fmt: skip
ASKED = Request([{"role": "user", "content": "Who?"}], "m")


def damaged_of(mutations, many, document, count, seed):
    return mutations.mutants(json.dumps(document).encode(), seed, many(count), document)


def test_prices(mutations, refused, many, tmp_path):
    path = tmp_path / "prices.yaml"

    def call():
        prices = Prices.load(path)
        for model in ("small-2026-01-01", "smart", "big"):
            price = prices.of(model)
            assert price is None or price.of(10, 10) >= 0

    done = []
    for content in damaged_of(mutations, many, PRICES, 200, "price table"):
        path.write_bytes(content)
        done.append(refused(call))
    assert sum(done) > len(done) / 3


def test_heads_of_templates(mutations, refused, many, tmp_path):
    path = tmp_path / "mine.jinja"
    done = []
    for content in damaged_of(mutations, many, HEAD, 150, "head"):
        path.write_bytes(b"---\n" + content + b"\n---\n" + BODY.encode())
        done.append(refused(used, path))
    assert sum(done) > len(done) / 3


def test_texts_of_templates(mutations, refused, many, tmp_path):
    path = tmp_path / "mine.jinja"
    done = []
    for content in mutations.mutants(BODY.encode(), "body", many(150)):
        path.write_bytes(b"---\n" + json.dumps(HEAD).encode() + b"\n---\n" + content)
        done.append(refused(used, path))
    assert sum(done) > len(done) / 3


def used(path):
    """Load a template, and use it as a judge does."""
    template = Template.load(str(path))
    template.messages(JudgeInput(Key("g", "1"), "q", "r", "c" * 5000))
    json.dumps(template.schema, allow_nan=False)
    with suppress(Unreadable):
        read('{"a": 4, "b": 3}', template, "c")


def test_kept_replies(mutations, refused, many, tmp_path):
    path = tmp_path / "replies.sqlite"
    with closing(ResponseCache(path)) as cache:
        cache.put(ASKED, Reply("a", "m"))

    def call():
        with closing(ResponseCache(path)) as cache:
            found = cache.get(ASKED)
            assert found is not None
            read_or_not(found.text)

    done = []
    for content in damaged_of(mutations, many, REPLY, 150, "reply"):
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("UPDATE reply SET json = ?", (content.decode("utf-8", "replace"),))
        done.append(refused(call))
    assert sum(done) > len(done) / 3


def test_bytes_of_a_cache_of_replies(mutations, refused, many, tmp_path):
    with closing(ResponseCache(tmp_path / "one.sqlite")) as cache:
        for sample in range(30):
            cache.put(Request([], "m", sample=sample), Reply("a" * 300, "m"))
    with closing(sqlite3.connect(tmp_path / "one.sqlite")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content, path = (tmp_path / "one.sqlite").read_bytes(), tmp_path / "damaged.sqlite"

    def call():
        with closing(ResponseCache(path)) as cache:
            for sample in range(30):
                cache.get(Request([], "m", sample=sample))

    for damaged in mutations.mutants(content, "cache", many(200)):
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        path.write_bytes(damaged)
        refused(call)


def test_batches_under_way(mutations, refused, many, tmp_path):
    path = tmp_path / "batches.json"

    def call():
        state = BatchState.load(path)
        state.take(state.sent[0] if state.sent else None, ["c"]) if state.sent else None

    done = []
    for content in damaged_of(mutations, many, BATCHES, 500, "batches"):
        path.write_bytes(content)
        done.append(refused(call))
    assert sum(done) > len(done) / 3


def test_results_of_batches(mutations, many):
    line = {"custom_id": "a", "error": None, "response": {"status_code": 200, "body": COMPLETION}}
    for content in damaged_of(mutations, many, line, 600, "results"):
        found, odd = results(content.split(b"\n"), "sk-secret-key")
        assert found or odd
        assert all(isinstance(one, Reply | Failure) for one in found.values())
        assert all(isinstance(one.text, str) for one in found.values() if isinstance(one, Reply))


def test_chat_completions(mutations, many):
    for content in damaged_of(mutations, many, COMPLETION, 600, "completion"):
        try:
            reply = exchange.read(json.loads(content), "sk-secret-key")
        except (ValueError, RecursionError, exchange.ErrorInside):
            continue
        assert isinstance(reply.text, str)
        assert isinstance(reply.model, str)
        assert reply.tokens_in >= 0


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_ratings(mutations, refused, many, tmp_path, kind):
    path = tmp_path / "people"
    rows = [json.dumps(one) for one in RATINGS]
    if kind == "csv":
        rows = ["task,question_id,score,note", 'g,1,0.5,"two', 'lines"', "c,2,1,é", "g,3,.5,"]
    done = []
    for number, row in enumerate(rows):
        document = RATINGS[number] if kind == "jsonl" else None
        for content in mutations.mutants(row.encode(), f"rows, {kind}{number}", many(60), document):
            lines = [one.encode() for one in rows]
            lines[number] = content
            path.write_bytes(b"\n".join(lines))
            done.append(refused(in_range, path))
    assert sum(done) > len(done) / 4


def in_range(path):
    ratings = load(path)
    assert all(0 <= one <= 1 for one in ratings.scores.values())
    assert all(isinstance(one, str) for one in ratings.videos.values())


def test_replies_of_judges(mutations, many):
    for content in damaged_of(mutations, many, VERDICT, 300, "verdict"):
        read_or_not(content.decode("utf-8", "replace"))
        read_or_not("So: ```json\n" + content.decode("utf-8", "replace"))


def read_or_not(text):
    """What a reply says is a whole verdict, or none."""
    try:
        verdict = read(text, DIALOGUE, "a boat")
    except Unreadable:
        return
    assert 0 <= verdict.score <= 1
    json.dumps(verdict.to_json(), allow_nan=False)
