"""From one convention to another by single changes: both ends are the conventions' own numbers."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from sama_bench.cli.explain import explain as command
from sama_bench.errors import UserError
from sama_bench.metrics.bleu import BleuStatistics
from sama_bench.protocol import ScoringInputs
from sama_bench.score import mended
from sama_bench.score.block import means
from sama_bench.score.paper import Paper
from sama_bench.score.phrases import words
from sama_bench.score.strict import Strict
from sama_bench.statistics import Grounding, Pair, QuestionStatistics, TextStatistics
from sama_bench.types import Key

GOLDEN = Path(__file__).parents[1] / "golden" / "grounding"
BEGAN_AS = {"J&F": "miou", "f1": "recall", "f1_iou": "recall"}


def meteor(groups):
    return [(sum(float(line) for line in group) / len(group), []) for group in groups]


def text(candidate="a cat runs", reference="a cat walks"):
    return TextStatistics(candidate, reference, BleuStatistics(3, 3, (3, 2, 1, 0), (2, 1, 0, 0)), 0.5, "0.25")


def grounding(generator, true, predicted):
    ious = generator.random((predicted, true))
    from sama_bench.metrics.matching import best_assignment

    phrases = ["a cat", "a dog", "the cat", "a bird"]
    pick = lambda count: [phrases[place] for place in generator.integers(0, 4, count)]  # noqa: E731
    said, meant = pick(predicted), pick(true)
    pairs = [Pair(p, t, float(ious[p, t]) / 2, float(ious[p, t]) / 3) for p, t in best_assignment(ious)]
    repeats = [place for place in range(true) for _ in range(1 + (true == 3 and place == 1))]
    return Grounding(true, predicted, ious.tolist(), repeats, meant, said, meant, said, pairs)


def videos():
    """Questions of all kinds: missing, grounding nothing, silent, with more or fewer tracks than there are."""
    generator = np.random.default_rng(7)
    found = {}
    for video in range(6):
        own = []
        for number, (true, predicted) in enumerate([(2, 3), (3, 2), (0, 1), (2, 0), (1, 1), (3, 4)]):
            state = "missing" if number == 3 and video % 2 else "answered"
            one = grounding(generator, true, 0 if state == "missing" else predicted)
            own.append(QuestionStatistics(Key("g", f"{video}-{number}"), state, one, text()))
        found[f"v{video}"] = own
    return found


def inputs():
    return ScoringInputs(meteor, words, lambda: ["a cat walks", "a dog", "it runs"])


def values(protocol, questions):
    return means(protocol.metrics, protocol.by_video(questions, inputs()))


@pytest.mark.parametrize("grounded", [True, False])
def test_the_ladder_leads_from_papers_numbers_to_stricts(grounded):
    questions = videos()
    if not grounded:
        from dataclasses import replace

        questions = {video: [replace(one, grounding=None) for one in own] for video, own in questions.items()}
    ladder = mended.ladder(grounded=grounded)
    first = values(ladder.protocol(frozenset()), questions)
    last = values(ladder.protocol(frozenset(one.name for one in ladder.mends)), questions)
    paper, strict = values(Paper(grounded=grounded), questions), values(Strict(grounded=grounded), questions)
    assert first == {name: pytest.approx(paper[BEGAN_AS.get(name, name)], abs=1e-12) for name in first}
    assert last == {name: pytest.approx(strict[name], abs=1e-12) for name in last}
    assert set(first) == set(last) == ({*mended.IOUS, *mended.RECALLS} if grounded else set()) | {*mended.CAPTIONS}


def test_each_mend_moves_what_it_says_and_names_who_causes_it():
    questions = videos()
    ladder = mended.ladder(grounded=True)
    moved = {}
    for one in ladder.mends:
        plain, alone = ladder.protocol(frozenset()), ladder.protocol(frozenset({one.name}))
        before, after = (each.shares(questions, inputs()) for each in (plain, alone))
        moved[one.name] = {
            name: {key.id for key in {*before[name], *after[name]} if before[name].get(key) != after[name].get(key)}
            for name in ("miou", "recall", "METEOR", "CIDEr")
        }
    assert moved["unanswered"]["METEOR"] == {"1-3", "3-3", "5-3"}  # those without an answer
    assert moved["nothing"]["miou"] == {f"{video}-2" for video in range(6)}  # those that ground nothing
    assert moved["missed"]["miou"]
    assert moved["extra"]["miou"]
    assert moved["silent"]["recall"] == {"0-3", "2-3", "4-3"}  # answered, without a track
    assert moved["search"]["recall"]
    assert not moved["frames"]["miou"]
    assert moved["frequencies"]["CIDEr"]
    assert not any(own["METEOR"] for name, own in moved.items() if name != "unanswered")


def run(*arguments):
    done = CliRunner().invoke(command, [*map(str, arguments)])
    if isinstance(done.exception, UserError):
        return 2, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(tmp_path / "cache"))


def test_the_command_names_the_expressions_that_are_dropped(tmp_path):
    results = json.loads((GOLDEN / "predictions" / "mevis_valid_u.json").read_text())
    del results["mvthree"]["1"]
    (tmp_path / "results.json").write_text(json.dumps(results))
    asked = ("--bench", f"mevis:{GOLDEN / 'mevis'}", "--task", "mevis", "--predictions", tmp_path / "results.json")
    status, told = run(*asked)
    assert status == 0
    assert "1 without an answer" in told
    assert "J: 45.60 → 41.46 (-4.15) by 1 question: mvthree_1" in told
    assert run(*asked, "--json", tmp_path / "out.json")[0] == 0
    difference, of_results = json.loads((tmp_path / "out.json").read_text())["tasks"]["mevis"]["differences"]
    assert (difference["from"], of_results["from"]) == ("released", "released, of a results.json")
    step = difference["steps"][0]
    assert (step["name"], step["metrics"]["J"]["questions"]) == ("unanswered", ["mvthree_1"])
    assert step["metrics"]["J"]["alone"] == step["metrics"]["J"]["after"]


def test_what_cannot_be_explained_is_told(tmp_path):
    assert "expected either the folder of a run, or --predictions PATH" in run()[1]
    assert "is not a run" in run(tmp_path)[1]
    assert "--task goes with --predictions" in run(tmp_path, "--task", "g")[1]
    lines = tmp_path / "answers.jsonl"
    lines.write_text(json.dumps({"task": "mevis-valid", "question_id": "mvhidden_0", "text": "No."}))
    status, told = run("--bench", f"mevis:{GOLDEN / 'mevis'}", "--task", "mevis-valid", "--predictions", lines)
    assert status == 2
    assert "no task has its truth here" in told


def explained(bench, answers):
    """The differences of a golden set, by (from, to)."""
    from sama_bench.api.in_memory import PredictionsInMemory
    from sama_bench.score.explain import explain
    from sama_bench.score.similarity_choice import choose

    return explain(bench, PredictionsInMemory(answers, bench), choose("words"), processes=1)


def golden(name):
    return json.loads(gzip.decompress((GOLDEN / f"{name}.json.gz").read_bytes()))


def check_ends(one):
    for difference in one.differences:
        start, end = one.conventions[difference.start], one.conventions.get(difference.end)
        for name, effect in difference.steps[0].effects.items():
            assert effect.before == pytest.approx(start[name], abs=1e-12), (difference.start, name)
        for name, effect in difference.steps[-1].effects.items():
            if end is not None:
                assert effect.after == pytest.approx(end[name], abs=1e-12), (difference.end, name)


def test_davis_and_revos_and_refcoco_climb_from_each_convention_to_the_next(tmp_path):
    import importlib.util

    import sama_bench as sb

    spec = importlib.util.spec_from_file_location("sets", Path(__file__).parents[1] / "benchmarks" / "conftest.py")
    sets = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sets)
    davis = golden("davis17")
    bench = sb.load_benchmark(sets.write_davis(tmp_path / "davis17", davis))
    said = {f"davis17:{name}": sets.answer(track) for name, track in davis["predictions"].items()}
    del said["davis17:judo_1"]
    (one,) = explained(bench, said)
    check_ends(one)
    assert [(each.start, each.end) for each in one.differences] == [
        ("released-expression", "strict"),
        ("released-expression", "released-annotator"),
        ("released, of a results.json", "strict"),
    ]
    assigned = next(step for step in one.differences[1].steps if step.name == "assigned")
    assert assigned.effects["J&F"].difference > 0.1
    assert {"judo_2", "judo_6"} <= {*assigned.effects["J&F"].questions}  # the third annotator's, which are exchanged
    refcoco = golden("refcoco")
    bench = sb.load_benchmark(sets.write_refcoco(tmp_path / "ref_seg", refcoco["sets"]))
    masks = {
        key: refcoco["sets"]["refcoco+" if "plus" in key.task else key.task.partition("-")[0]]["predictions"][key.id]
        for key in bench.where
    }
    said = {key: {"text": "No.", "tracks": []} if mask is None else sets.answer([mask]) for key, mask in masks.items()}
    for one in explained(bench, said):
        check_ends(one)
