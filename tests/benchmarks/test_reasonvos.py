"""ReasonVOS: the released number, the strict one, and folders that are not whole."""

import json

import numpy as np
import pytest
from PIL import Image

import sama_bench as sb
from sama_bench.benchmark.address import resolve
from sama_bench.benchmark.check import check
from sama_bench.errors import UserError


@pytest.fixture
def content(sets):
    return sets.golden("reasonvos")


@pytest.fixture
def root(sets, content, tmp_path):
    return sets.write_reasonvos(tmp_path / "ReasonVOS", content)


def predictions(sets, content):
    return {f"reasonvos:{name}": sets.answer(track) for name, track in content["predictions"].items()}


def test_released_is_what_the_script_printed(sets, content, root):
    bench = sb.load_benchmark(root)
    assert bench.name == "reasonvos"
    scores = sets.scored(bench, predictions(sets, content))
    assert content["printed"][0] == f"Q-Size: {len(bench)}"
    for line in content["printed"][1:]:
        name, value = line.split(": ")
        assert scores.mean("reasonvos", "released", name) == pytest.approx(float(value), abs=1e-9)
    for key, question in scores.statistics.items():
        for name, value in content["per_expression"][key.id].items():
            assert question.measures[name] == pytest.approx(value, abs=1e-9)


def test_what_was_not_answered_leaves_the_released_mean_and_counts_0_in_the_strict_one(sets, content, root):
    answers = predictions(sets, content)
    gone = [name for name in answers if name.startswith("reasonvos:MOSE")]  # all of a video
    scores = sets.scored(sb.load_benchmark(root), {name: one for name, one in answers.items() if name not in gone})
    j = [one["J"] for name, one in content["per_expression"].items() if not name.startswith("MOSE")]
    assert scores.mean("reasonvos", "released", "J") == pytest.approx(np.mean(j), abs=1e-12)
    assert scores.mean("reasonvos", "strict", "J") == pytest.approx(sum(j) / 12, abs=1e-12)
    assert scores.block("reasonvos", "strict").missing == len(gone) == 4


def test_questions_and_labels(root):
    bench = sb.load_benchmark(root)
    assert bench.question("reasonvos:BURST_rv_three_2_2").text == "Please segment the thing that would roll away."
    labels = bench.truth("reasonvos:BURST_rv_three_2_3").labels
    assert labels["asked as"] == "a sentence"
    assert {video.source for video in bench.videos} == {"VIPSeg", "BURST", "MOSE"}


def test_what_is_a_sentence_may_be_left_open(content, root):
    for one in content["meta"]["videos"]["rv_two"]["expressions"]:
        del one["is_sent"]
    (root / "meta_expressions.json").write_text(json.dumps(content["meta"]))
    bench = sb.load_benchmark(root)
    assert "asked as" not in bench.truth("reasonvos:MOSE_rv_two_1_0").labels
    sentences = {question.key.id: question.expression.sentence for question in bench}
    assert (sentences["MOSE_rv_two_1_0"], sentences["VIPSeg_rv_real_1_1"]) == (None, True)


BROKEN = [
    (lambda video: video.pop("source"), "source is missing or null"),
    (lambda video: video.update(source="../x"), "stays below the benchmark's folder"),
    (lambda video: video["expressions"][0].pop("exp_id"), "exp_id of expression 0 is missing"),
    (lambda video: video["expressions"][0].update(obj_id="../../etc"), "stays below"),
    (lambda video: video["expressions"][0].update(obj_id="1/2"), "holds a slash"),
    (lambda video: video["expressions"][0].update(is_sent="no"), "is_sent is 'no'"),
    (lambda video: video["expressions"].append(video["expressions"][0]), "has the ids of an earlier one"),
    (lambda video: video.update(expressions={}), "expressions is an object, expected a list"),
]


@pytest.mark.parametrize(("change", "told"), BROKEN)
def test_what_is_broken_in_the_list_is_told(content, root, change, told):
    change(content["meta"]["videos"]["rv_two"])
    (root / "meta_expressions.json").write_text(json.dumps(content["meta"]))
    with pytest.raises(UserError, match=told):
        sb.load_benchmark(root)


def test_masks_that_are_not_there_or_of_another_size_are_told(root):
    folder = root / "Annotations" / "MOSE_rv_two_1"
    (folder / "00000.png").unlink()
    Image.fromarray(np.zeros((3, 4), np.uint8)).save(folder / "00001.png")
    problems = check(resolve(root)).problems
    assert len(problems) == 2
    assert "00000.png: cannot be read" in problems[0]
    assert "00001.png: is 3x4" in problems[1]


def test_other_masks_give_another_fingerprint(root):
    before = check(resolve(root)).fingerprint
    picture = next((root / "Annotations").rglob("*.png"))
    with Image.open(picture) as image:
        pixels = 255 - np.asarray(image)
    Image.fromarray(pixels).save(picture)
    assert check(resolve(root)).fingerprint != before
