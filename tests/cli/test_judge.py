import importlib
import json
from pathlib import Path

import pytest

from sama_bench.run.store import Store

ROOT = Path(__file__).parents[2]
KEY = "sk-verysecretkey123"
VERDICT = {
    **{name: {"evidence": "", "score": 4} for name in ("correctness", "grounding", "completeness")},
    "hallucination": {"evidence": "not there at all", "score": 0},
    "reason": "a-private-reason",
}
JUDGE = ("judge", "out", "--judge", "wise")


@pytest.fixture(scope="module")
def desk():
    path = pytest.MonkeyPatch()
    path.syspath_prepend(str(ROOT))
    yield importlib.import_module("benchmarks.desk")
    path.undo()


@pytest.fixture(autouse=True)
def _own_replies(town, tmp_path, monkeypatch, warm_cache):
    """What one test asked is in no cache of another."""
    monkeypatch.setitem(town.environment, "SAMA_BENCH_CACHE", str(warm_cache(tmp_path / "cache")))


@pytest.fixture
def wise(desk):
    """A judge's server that finds every answer good; it keeps what it was sent, and answers what `reply` says."""

    class Wise(desk.Desk):
        def __init__(self):
            super().__init__()
            self.requests, self.reply = [], lambda number: desk.Answer(desk.said(json.dumps(VERDICT), model="wise-7"))

        def answer(self, request):
            self.requests.append(request)
            return self.reply(len(self.requests))

    made = Wise()
    with desk.beside(made) as url:
        made.url = url
        yield made


@pytest.mark.slow
def test_a_judged_run_shows_its_judge_in_the_table_and_in_the_report(town, wise):
    town.predict("--limit", 3)
    done = town(*JUDGE, "--base-url", wise.url, "--json", "verdicts.json", OPENAI_API_KEY=KEY)
    assert done.returncode == 0
    assert "Judge: wise-7/dialogue@" in done.stdout
    assert "to see it in the table: sama-bench score out" in done.stdout
    assert "6 requests answered" in done.stderr
    assert len(wise.requests) == 6
    verdicts = json.loads((town.folder / "verdicts.json").read_text())
    assert verdicts["judge"]["label"].startswith("wise-7/dialogue@")
    assert {one["score"] for one in verdicts["verdicts"]} == {0.8}
    assert verdicts["verdicts"][0]["evidence"] == [["hallucination", "not there at all", False]]

    assert "\nJudge ↑ " in town.here("score", "out", "--phrases", "exact").stdout
    scored = town.here("score", "out", "--phrases", "exact", "--all")
    assert scored.exit_code == 0
    assert "│ Judge ↑" in scored.stdout
    assert "80.00" in scored.stdout
    assert "|judge:wise-7/dialogue@" in scored.stdout
    assert "paper without CLAIR: no verdicts: sama-bench judge RUN --judge MODEL --template clair" in scored.stdout
    report = town.here("report", "out")
    assert "Judge" in report.stdout
    assert "80.00" in (town.folder / "report" / "report.md").read_text()

    again = town(*JUDGE, "--base-url", wise.url, OPENAI_API_KEY=KEY)
    assert (again.returncode, len(wise.requests)) == (0, 6)


@pytest.mark.slow
def test_run_with_a_judge_does_it_in_one_go(town, wise):
    done = town.run("--limit", 2, "--judge", "wise", OPENAI_API_KEY=KEY, OPENAI_BASE_URL=wise.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\nJudge ↑ " in done.stdout
    assert len(wise.requests) == 4


def test_run_with_a_judge_and_without_a_key_asks_no_model_for_hours_first(town):
    done = town.run("--judge", "wise", OPENAI_API_KEY="", OPENAI_BASE_URL="")
    assert done.returncode == 2
    assert "the key for https://api.openai.com/v1 is not set" in done.stderr
    assert not (town.folder / "out").exists()


def test_a_dry_run_counts_and_sends_nothing_and_needs_no_key(town, wise):
    town.predict("--limit", 3)
    before = {path: path.read_bytes() for path in (town.folder / "out").iterdir()}
    done = town("judge", "--dry-run", "--judge", "gpt-4.1-mini", "--samples", 2, "out", OPENAI_API_KEY="")
    assert (done.returncode, done.stderr) == (0, "")
    assert "requests                       │ 12" in done.stdout
    assert "$0.0" in done.stdout
    assert not wise.requests
    assert {path: path.read_bytes() for path in (town.folder / "out").iterdir()} == before
    unknown = town(*JUDGE, "--dry-run")
    assert "unknown: the price table has no such model" in unknown.stdout


@pytest.mark.slow
def test_limit_judges_the_first_of_each_task_and_the_number_is_marked(town, wise):
    town.predict("--limit", 3)
    town(*JUDGE, "--limit", 1, "--base-url", wise.url, OPENAI_API_KEY=KEY)
    assert len(wise.requests) == 2
    assert "‡ 2 of 3 answers have no score" in town.here("score", "out", "--phrases", "exact").stdout
    scored = town.here("score", "out", "--phrases", "exact", "--all")
    assert "‡ strict Judge: 2 of 3 answers have no score" in scored.stdout


@pytest.mark.slow
def test_neither_key_nor_texts_reach_a_log_and_no_key_or_address_the_run(town, wise, desk):
    town.predict("--limit", 3)
    wise.reply = lambda n: (
        desk.Answer(desk.trouble(f"no access for {KEY}"), 500) if n % 2 else desk.Answer(desk.said(json.dumps(VERDICT)))
    )
    done = town(*JUDGE, "--base-url", wise.url, OPENAI_API_KEY=KEY)
    with Store.open(town.folder / "out") as store:
        answers = [one.text for video in store.videos() for one in store.predictions(video).values()]
    output = done.stdout + done.stderr
    assert done.returncode == 0
    assert all(words not in output for words in (KEY, "a-private-reason", "examine answers", *answers))
    for path in (town.folder / "out").iterdir():
        content = path.read_bytes()
        assert all(words.encode() not in content for words in (KEY, wise.url, wise.url[7:-3])), path.name
    for path in Path(town.environment["SAMA_BENCH_CACHE"]).rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes(), path.name


def test_a_key_in_the_address_is_refused_and_not_repeated(town):
    town.predict("--limit", 1)
    for url in (f"http://me:{KEY}@127.0.0.1:9/v1", f"http://127.0.0.1:9/v1?api_key={KEY}"):
        done = town(*JUDGE, "--base-url", url, OPENAI_API_KEY="other")
        assert done.returncode == 2
        assert KEY not in done.stdout + done.stderr


def test_what_the_server_fails_with_is_told_and_the_status_is_1(town, wise, desk):
    town.predict("--limit", 1)
    wise.reply = lambda _: desk.Answer(desk.trouble("this is too long"), 400)
    done = town(*JUDGE, "--base-url", wise.url, OPENAI_API_KEY=KEY)
    assert done.returncode == 1
    assert "2 verdicts are missing, as the server failed, mostly: HTTP 400: this is too long" in done.stderr
    wise.reply = type(wise)().reply
    assert town(*JUDGE, "--base-url", wise.url, OPENAI_API_KEY=KEY).returncode == 0


def test_a_hostile_answer_and_a_hostile_reply_reach_nothing_but_text(town, wise, desk):
    town.predict("--limit", 2)
    hostile = {**VERDICT, "reason": "<script>alert(1)</script>\x1b[2J$(touch owned)`x`"}
    wise.reply = lambda _: desk.Answer(desk.said(json.dumps(hostile), model="m|judge:none\x1b[2J<b>../../x"))
    done = town(*JUDGE, "--base-url", wise.url, OPENAI_API_KEY=KEY)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    assert "<b>" not in done.stdout
    with Store.open(town.folder / "out") as store:
        assert set("|<>\x1b").isdisjoint(store.judged()["Judge"].label)
    assert not (town.folder / "owned").exists()


def test_subcommands_and_runs_live_side_by_side(town):
    shown = town("judge", "--help").stdout
    assert "Usage: sama-bench judge [OPTIONS] RUN" in shown
    assert "--dry-run" in shown
    assert "Example: sama-bench judge" in shown
    assert "not a run" in town("judge", "--judge", "wise", "nowhere").stderr
    assert "Missing option '--judge'" in town("judge", "out").stderr


def test_verdicts_are_listed_and_dropped_and_a_judge_that_said_nothing_is_not_there(town, wise, desk):
    town.predict("--limit", 1)
    dead = town(*JUDGE, "--base-url", "http://127.0.0.1:9/v1", OPENAI_API_KEY=KEY)
    assert dead.returncode == 2
    assert "no verdicts; make them with: sama-bench judge out --judge MODEL" in town("judge", "list", "out").stdout
    town(*JUDGE, "--base-url", wise.url, OPENAI_API_KEY=KEY)
    (row,) = json.loads(town("judge", "list", "out", "--json", "-").stdout)["judges"]
    assert (row["column"], row["verdicts"], row["unscored"], row["used"]) == ("Judge", 2, 0, True)
    assert row["key"] in town("judge", "list", "out").stdout
    wrong = town("judge", "drop", "out", "ffff0000", "f")
    assert (wrong.returncode, wrong.stderr.count("names no judge of this run; the run has ")) == (2, 2)
    dropped = town("judge", "drop", "out", row["key"][:6])
    assert (dropped.returncode, f"dropped 2 verdicts of {row['label']}" in dropped.stdout) == (0, True)
    assert json.loads(town("judge", "list", "out", "--json", "-").stdout)["judges"] == []
    again = town(*JUDGE, "--base-url", wise.url, OPENAI_API_KEY=KEY)
    assert "0 requests answered, 2 answers from the cache" in again.stderr
    for command in ("list", "drop"):
        assert f"Example: sama-bench judge {command} runs/mine" in town("judge", command, "--help").stdout


def test_replies_that_are_paid_for_and_not_kept_are_told_before(town, wise):
    town.predict("--limit", 1)
    done = town(*JUDGE, "--base-url", wise.url, OPENAI_API_KEY=KEY, SAMA_BENCH_CACHE="/proc/none")
    assert done.returncode == 0
    assert done.stderr.startswith("warning: replies are not kept for other runs, which pay for them again: ")
    assert done.stderr.count("warning") == 1
