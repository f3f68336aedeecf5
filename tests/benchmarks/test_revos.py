"""ReVOS: the numbers of both released families, the types apart, and the strict ones."""

import json

import numpy as np
import pytest

import sama_bench as sb
from sama_bench.benchmarks.expressions.typed_measures import accuracies, counts_of, robustnesses
from sama_bench.errors import UserError
from sama_bench.metrics import rle

FAMILIES = {"released-255": "as_255", "released-1": "as_1"}
GROUPS = {"referring": "_referring", "reason": "_reasoning", "overall": ""}
SIZE = (8, 10)


@pytest.fixture
def content(sets):
    return sets.golden("revos")


@pytest.fixture
def bench(sets, content, tmp_path):
    return sb.load_benchmark(sets.write_revos(tmp_path / "revos", content))


def predictions(sets, content):
    return {f"revos:{name}": sets.answer(track) for name, track in content["predictions"].items()}


def test_released_numbers_to_the_digit(sets, content, bench):
    assert bench.name == "revos"
    scores = sets.scored(bench, predictions(sets, content))
    for protocol, family in FAMILIES.items():
        for group, suffix in GROUPS.items():
            for name, value in content[family][group].items():
                got = scores.mean("revos", protocol, f"{'J&F' if name == 'JF' else name}{suffix}")
                assert got == pytest.approx(value / 100, abs=1e-9), (protocol, group, name)


def test_each_expression_has_the_released_numbers(sets, content, bench):
    scores = sets.scored(bench, predictions(sets, content))
    for key, question in scores.statistics.items():
        expected = content["per_expression"][key.id]
        assert question.measures["type"] == expected["type_id"]
        for name in ("A_255", "R_255", "A_1", "R_1"):
            released = expected[f"{name[0]}_as_{name[2:]}"]
            assert question.measures[name] == pytest.approx(released, abs=1e-9), (key, name)
        if expected["type_id"] != 2:
            assert question.measures["J"] == pytest.approx(expected["J"], abs=1e-9)
            assert question.measures["F"] == pytest.approx(expected["F"], abs=1e-9)


@pytest.mark.parametrize(("protocol", "family"), FAMILIES.items())
def test_each_expression_is_listed_exactly_also_those_of_no_group(sets, content, bench, protocol, family):
    """What is rounded is averaged; of an expression by itself nothing is lost."""
    listed = sets.scored(bench, predictions(sets, content)).block("revos", protocol).per_expression
    assert listed.keys() == content["per_expression"].keys()
    for id_, expected in content["per_expression"].items():
        names = {"J": "J", "F": "F", "A": f"A_{family}", "R": f"R_{family}"}
        assert [listed[id_][name] for name in names] == pytest.approx(
            [expected[name] for name in names.values()], abs=1e-9
        )


def test_strict_is_exact_gives_both_means_and_the_absent_apart(sets, content, bench):
    scores = sets.scored(bench, predictions(sets, content))
    by_type = {
        type_: [one for one in content["per_expression"].values() if one["type_id"] == type_] for type_ in (0, 1, 2)
    }
    jf = {type_: [(one["J"] + one["F"]) / 2 for one in by_type[type_]] for type_ in (0, 1)}
    groups = (np.mean(jf[0]) + np.mean(jf[1])) / 2
    assert scores.mean("revos", "strict", "J&F") == pytest.approx(groups, abs=1e-12)
    assert scores.mean("revos", "strict", "J&F_of_all") == pytest.approx(np.mean(jf[0] + jf[1]), abs=1e-12)
    assert scores.mean("revos", "strict", "absent") == pytest.approx(np.mean([one["J"] for one in by_type[2]]))
    area = np.mean([1 - one["A_as_1"] for one in by_type[2]])  # where nothing is, all that is not equal is false
    assert scores.mean("revos", "strict", "absent_area") == pytest.approx(area)


def test_masks_that_overlap():
    """Two objects share 4 pixels: there the released truth is 2, an error in A, and 255 or 1 false positives in R."""
    one, other, said = (np.zeros(SIZE, bool) for _ in range(3))
    one[0:4, 0:4], other[2:6, 2:6], said[0:6, 0:6] = True, True, True
    counts = counts_of([rle.encode(one), rle.encode(other)], rle.encode(said), SIZE)
    assert counts.predicted == [8, 24, 4]
    assert counts.missed == 0
    a, r = accuracies(counts), robustnesses(counts, 28)
    assert a == {"A": 72 / 80, "A_1": 68 / 80, "A_255": 44 / 80}
    assert r["R"] == pytest.approx(1 - 8 / 28)
    assert r["R_1"] == 0.0  # 8 + 4 * 255
    assert robustnesses(counts, 5000)["R_1"] == pytest.approx(1 - (8 + 4 * 255) / 5000)
    assert robustnesses(counts, 5000)["R_255"] == pytest.approx(1 - (8 * 255 + 4) / 5000)


@pytest.mark.parametrize("said", [None, "something"])
def test_one_object_is_counted_as_several_are(said):
    generator = np.random.default_rng(3)
    one, predicted = (generator.random(SIZE) > 0.6 for _ in range(2))
    encoded = rle.encode(predicted) if said else None
    predicted &= bool(said)
    counts = counts_of([None, rle.encode(one)], encoded, SIZE)
    assert list(counts.predicted) == [(predicted & ~one).sum(), (predicted & one).sum()]
    assert counts.missed == (one & ~predicted).sum()
    assert accuracies(counts)["A"] == (one == predicted).mean()


def test_a_frame_without_foreground():
    nothing = counts_of([], None, SIZE)
    assert robustnesses(nothing, 0) == {"R": 1.0, "R_255": 1.0, "R_1": 1.0}
    something = counts_of([], rle.encode(np.ones(SIZE, bool)), SIZE)
    assert robustnesses(something, 0) == {"R": 0.0, "R_255": 0.0, "R_1": 0.0}


def test_what_was_not_answered_counts_0_and_is_told(sets, content, bench):
    answers = predictions(sets, content)
    gone = ["revos:mose_rstwo_2", "revos:mose_rstwo_3"]  # a reasoning one, and one that is right in saying nothing
    answers = {key: one for key, one in answers.items() if key not in gone}
    whole, scores = sets.scored(bench, predictions(sets, content)), sets.scored(bench, answers)
    for protocol in (*FAMILIES, "strict"):
        lost = whole.mean("revos", protocol, "J_reasoning") - scores.mean("revos", protocol, "J_reasoning")
        assert lost == pytest.approx(1 / 4)  # it had J 1, of four
    assert whole.mean("revos", "strict", "absent") - scores.mean("revos", "strict", "absent") == pytest.approx(1 / 8)
    assert scores.block("revos", "strict").missing == 2


def test_without_one_of_the_groups_there_is_no_overall_number(sets, content, tmp_path):
    videos = content["meta"]["videos"]
    content["meta"]["videos"] = {"mose_rsreal": videos["mose_rsreal"]}
    bench = sb.load_benchmark(sets.write_revos(tmp_path / "r", content))
    answers = {key: one for key, one in predictions(sets, content).items() if "rsreal" in key}
    scores = sets.scored(bench, answers)
    assert "J&F" not in scores.block("revos", "released-1").mean
    assert "J&F" not in scores.block("revos", "strict").mean
    assert "J&F_referring" in scores.block("revos", "strict").mean


def test_foreground_as_a_list_of_masks(sets, content, tmp_path):
    for about in content["foreground"].values():
        about["masks_rle"] = [[mask, mask] for mask in about["masks_rle"]]
    bench = sb.load_benchmark(sets.write_revos(tmp_path / "r", content))
    scores = sets.scored(bench, predictions(sets, content))
    assert scores.mean("revos", "released-1", "R") == pytest.approx(content["as_1"]["overall"]["R"] / 100, abs=1e-9)


def test_foreground_of_another_size_is_told(sets, content, tmp_path):
    content["foreground"]["TAO/frames/rsone"]["masks_rle"] = [rle.encode(np.ones(SIZE, bool))]
    bench = sb.load_benchmark(sets.write_revos(tmp_path / "r", content))
    with pytest.raises(UserError, match=r"mask_dict_foreground\.json: TAO/frames/rsone"):
        bench.truth("revos:TAO/frames/rsone_0")


@pytest.mark.parametrize("images", ["JPEGImages", "."])
def test_both_layouts_and_the_questions(sets, content, tmp_path, images):
    bench = sb.load_benchmark(sets.write_revos(tmp_path / "r", content, images))
    assert len(bench) == 17
    question = bench.question("revos:TAO/frames/rsthree_1")
    assert question.text == "Which thing would fall first? Please respond with a segmentation mask."
    assert bench.question("revos:mose_rsreal_0").text == "Please segment the thing that is named."
    assert bench.truth("revos:TAO/frames/rsthree_3").labels == {"type": "reasoning", "objects named": "3 objects +"}
    absent = bench.truth("revos:mose_rsreal_1")
    assert (absent.tracks, absent.labels["type"]) == ((), "absent")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda c: c["masks"].pop("3"), "annotation 3"),
        (lambda c: c["masks"]["3"].pop(), "6 entries"),
        (lambda c: c["foreground"].pop("mose_rstwo"), "mose_rstwo"),
        (lambda c: c["meta"]["videos"]["mose_rsreal"]["expressions"]["0"].update(type_id=3), "type_id is 3"),
        (lambda c: c["meta"]["videos"]["mose_rsreal"]["expressions"]["0"].pop("anno_id"), "anno_id"),
        (lambda c: c["meta"]["videos"]["mose_rsreal"]["expressions"]["0"].pop("exp"), "exp of expression 0"),
    ],
)
def test_what_is_broken_is_told(sets, content, tmp_path, spoil, told):
    root = sets.write_revos(tmp_path / "r", content)  # its frames, by the sound listing
    spoil(content)
    for name, part in (
        ("meta_expressions_valid_.json", "meta"),
        ("mask_dict.json", "masks"),
        ("mask_dict_foreground.json", "foreground"),
    ):
        (root / name).write_text(json.dumps(content[part]), encoding="utf-8")
    with pytest.raises(UserError, match=told):
        sb.load_benchmark(root)
