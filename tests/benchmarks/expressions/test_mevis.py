"""MeViS: the released numbers to the last digits, the strict ones by hand, and trees that are not whole."""

import json
from pathlib import Path

import numpy as np
import pytest

import sama_bench as sb
from sama_bench.benchmark.address import resolve
from sama_bench.benchmark.check import check
from sama_bench.errors import UserError

GOLDEN = Path(__file__).parents[2] / "golden" / "grounding"
NUMBERS = json.loads((GOLDEN / "numbers" / "mevis_valid_u.json").read_text())
EXACT = {"abs": 1e-9, "rel": 0}


@pytest.fixture(scope="module")
def predicted():
    """The golden predictions, a track by `VIDEO_EXPRESSION`."""
    content = json.loads((GOLDEN / "predictions" / "mevis_valid_u.json").read_text())
    return {f"{video}_{id_}": one["prediction_masks"] for video, own in content.items() for id_, one in own.items()}


@pytest.fixture(scope="module")
def golden():
    return sb.load_benchmark(GOLDEN / "mevis", tasks="mevis")


def scored(sets, bench, tracks, task="mevis"):
    return sb.score(bench, sets.answers(task, tracks))


def means(scores, protocol, task="mevis"):
    return dict(scores.kept.protocols[protocol][task].mean)


def test_released_is_the_released_codes_number_as_a_whole_and_for_each_expression(sets, golden, predicted):
    scores = scored(sets, golden, predicted)
    found = means(scores, "released")
    assert found == {name: pytest.approx(NUMBERS[name], **EXACT) for name in ("J", "F", "J&F")}
    for key, one in scores.kept.statistics.items():
        assert {name: one.measures[name] for name in "JF"} == {
            name: pytest.approx(value, **EXACT) for name, value in NUMBERS["per_expression"][key.id].items()
        }
    block = scores.kept.protocols["released"]["mevis"]
    assert block.sums["J"]["valid_u/mvthree"].denominator == 5  # a mean over expressions, not over videos
    low, high = block.interval["J&F"]
    assert low < found["J&F"] < high


@pytest.mark.parametrize("left_out", ["mvthree", "mvthree/1"])
def test_released_gives_a_video_without_answers_0_but_forgets_a_single_one_and_strict_gives_both_0(
    sets, golden, predicted, left_out
):
    names = left_out.replace("/", "_")
    there = {id_: track for id_, track in predicted.items() if not id_.startswith(names)}
    scores = scored(sets, golden, there)
    told = NUMBERS["incomplete"][f"folder {left_out} is missing"]["result"]
    assert {name: round(100 * value, 2) for name, value in means(scores, "released").items()} == told
    per = NUMBERS["per_expression"]
    for name in "JF":
        value = sum(one[name] for id_, one in per.items() if id_ in there) / len(per)
        assert means(scores, "strict")[name] == pytest.approx(value, **EXACT)
    assert scores.kept.protocols["strict"]["mevis"].missing == len(predicted) - len(there)


def test_an_answer_without_a_mask_is_an_empty_one_in_both(sets, golden, predicted):
    scores = scored(sets, golden, {**predicted, "mvthree_0": None})
    assert scores.kept.statistics[sb.Key("mevis", "mvthree_0")].measures["predicted_pixels"] == 0
    assert means(scores, "released")["J"] == means(scores, "strict")["J"]
    assert scores.kept.protocols["released"]["mevis"].sums["J"]["valid_u/mvthree"].denominator == 5


def rows(*texts):
    """A mask of rows of text, `#` where it is on."""
    return np.array([[letter == "#" for letter in text] for text in texts])


LEFT = rows("##....", "##....", "......", "......")
RIGHT = rows("......", "......", "....##", "....##")
BOTH = LEFT | RIGHT
ALL = LEFT | True


def second_version(sets, root):
    """Two videos; the second has a sentence that means nothing, and its frames stand in another order than by name."""
    videos = {
        "one": (["00000", "00001"], {"0": {"exp": "it goes", "anno_id": [5]}}),
        "two": (
            ["00003", "00001"],
            {"0": {"exp": "both", "anno_id": [6, 7]}, "1": {"exp": "is it a cow?", "anno_id": []}},
        ),
    }
    masks = {
        "5": sets.track(LEFT, None),
        "6": sets.track(RIGHT, BOTH),  # frames 00003, 00001
        "7": sets.track(RIGHT, LEFT),
    }
    sets.split(root / "valid_u", videos, masks)
    return root


def test_version_2_has_sentences_without_target_apart(sets, tmp_path):
    bench = sb.load_benchmark(second_version(sets, tmp_path))
    answers = {"one_0": sets.track(LEFT, None), "two_0": sets.track(LEFT, RIGHT), "two_1": sets.track(ALL, None)}
    strict = means(scored(sets, bench, answers, "mevis2"), "strict", "mevis2")
    # `two_0`: shown by name, so the truth is BOTH, then RIGHT.
    assert strict["J"] == pytest.approx(((1 + 1) / 2 + (4 / 8 + 1) / 2) / 2)
    assert (strict["target_accuracy"], strict["no_target_accuracy"], strict["false_area"]) == (1.0, 0.0, 0.5)
    assert strict["final"] == pytest.approx((strict["J&F"] + 1.0 + 0.0) / 3)


@pytest.mark.parametrize("left", [["one_0", "two_0", "two_1"], ["two_0", "two_1"], ["one_0", "two_0"]])
def test_the_final_score_is_the_plain_mean_of_three_that_are_all_there(sets, tmp_path, left):
    bench = sb.load_benchmark(second_version(sets, tmp_path))
    answers = {"one_0": sets.track(LEFT, RIGHT), "two_0": sets.track(ALL, RIGHT), "two_1": None}
    bench = bench.only({key for key in bench.where if key.id in left})
    strict = means(scored(sets, bench, {id_: answers[id_] for id_ in left}, "mevis2"), "strict", "mevis2")
    parts = [strict.get(name) for name in ("J&F", "no_target_accuracy", "target_accuracy")]
    if None in parts:
        assert "final" not in strict
    else:
        assert strict["final"] == pytest.approx(sum(parts) / 3)
        assert 0 < parts[0] < 1


def test_version_1_has_no_final_score(golden, sets, predicted):
    assert "final" not in means(scored(sets, golden, predicted), "strict")


def test_without_an_answer_every_strict_metric_has_its_worst_value(sets, tmp_path):
    bench = sb.load_benchmark(second_version(sets, tmp_path))
    failed = {"error": "out of memory"}
    strict = means(sb.score(bench, {"mevis2:one_0": failed}), "strict", "mevis2")
    worst = {"J": 0, "F": 0, "J&F": 0, "target_accuracy": 0, "no_target_accuracy": 0, "false_area": 1, "final": 0}
    assert strict == worst


def test_the_released_scorer_knows_no_missing_target_and_cannot_read_a_video_without_frame_0(sets, tmp_path):
    root = tmp_path / "tree"
    bench = sb.load_benchmark(second_version(sets, root))
    nothing = {"one_0": None, "two_0": None, "two_1": None}
    scores = scored(sets, bench, nothing, "mevis2")
    assert means(scores, "released", "mevis2")["J"] == 0.5  # of `one` alone, whose second frame is empty
    strict = means(scores, "strict", "mevis2")
    assert (strict["no_target_accuracy"], strict["false_area"], strict["target_accuracy"]) == (1, 0, 0)
    assert strict["J"] == 0.25
    (root / "valid_u/JPEGImages/two/00003.jpg").rename(root / "valid_u/JPEGImages/two/00000.jpg")
    meta = root / "valid_u/meta_expressions.json"
    meta.write_text(meta.read_text().replace("00003", "00000"))
    scores = scored(sets, sb.load_benchmark(root), nothing, "mevis2")
    assert means(scores, "released", "mevis2")["J"] == pytest.approx((0.5 + 0 + 1) / 3)  # nothing said of nothing: 1


def test_questions_are_samas_words_and_the_labels_break_scores_down(sets, tmp_path):
    bench = sb.load_benchmark(second_version(sets, tmp_path))
    asked = {question.key.id: question.text for question in bench}
    assert asked == {"one_0": "Please segment it goes.", "two_0": "Please segment both.", "two_1": "is it a cow?"}
    labels = bench.truth("mevis2:two_1").labels
    assert labels == {"wording": "question", "meant": "no object", "frames": "several frames"}
    assert bench.truth("mevis2:two_0").labels["meant"] == "several objects"
    scores = sb.score(bench, sets.answers("mevis2", {"two_1": None}), breakdowns=True)
    parts = {part.part: part.mean for part in scores.kept.breakdowns["strict"]["mevis2"]["meant"]}
    assert parts["no object"] == {"no_target_accuracy": 1.0, "false_area": 0.0}


def test_the_truth_gets_all(sets, tmp_path):
    run = sb.evaluate("oracle", second_version(sets, tmp_path / "tree"), tmp_path / "run")
    assert run.scores.mean("mevis2", "strict", "J&F") == 1
    assert run.scores.mean("mevis2", "strict", "no_target_accuracy") == 1


def test_what_the_server_scores_is_asked_and_has_no_number(tmp_path):
    run = sb.evaluate("motion", GOLDEN / "mevis", tmp_path / "run", tasks="mevis-valid")
    assert run.asked == 2
    for protocol in ("released", "strict"):
        block = run.scores.kept.protocols[protocol]["mevis-valid"]
        assert (dict(block.mean), block.videos, block.questions) == ({}, {}, 2)
        assert {*block.unavailable.values()} == {"its truth is not public, a server scores it; the answers are kept"}


def test_without_masks_the_public_split_is_asked_only(sets, tmp_path):
    root = second_version(sets, tmp_path)
    (root / "valid_u/mask_dict.json").unlink()
    report = check(resolve(root))
    assert report.without_truth == {
        "mevis2": "valid_u/mask_dict.json is not there; put it there and score the exported answers"
    }
    assert not report.problems


def test_a_tree_is_recognised_and_checked():
    address = resolve(GOLDEN / "mevis")
    assert address.definition.name == "mevis"
    report = check(address)
    assert (report.problems, report.questions) == ([], {"mevis": 11, "mevis2": 0, "mevis-valid": 2})
    with pytest.raises(UserError, match="not a benchmark of this kind, expected valid_u or valid"):
        check(resolve(f"mevis:{GOLDEN / 'rvos'}"))


BROKEN = [
    (lambda videos, masks: masks.pop("9"), "annotation '9' of video mvthree is not in it"),
    (
        lambda videos, masks: masks["9"].pop(),
        "annotation '9' of video mvthree has 6 entries, expected one for each of 7",
    ),
    (lambda videos, masks: masks["13"].__setitem__(0, {"size": [2, 3], "counts": "6"}), None),
    (lambda videos, masks: masks["13"].__setitem__(0, {"size": [2, 3], "counts": "06"}), "a mask of 2x3"),
    (lambda videos, masks: masks["13"].__setitem__(0, {"size": [2, 3], "counts": "05"}), "is not a mask track"),
    (lambda videos, masks: videos["mvone"].pop("frames"), "video 'mvone': frames is missing or null"),
    (lambda videos, masks: videos["mvone"]["frames"].append("00000"), "frames names a frame twice"),
    (lambda videos, masks: videos["mvone"]["frames"].append("../x"), "stays below the benchmark's folder"),
    (lambda videos, masks: videos["mvone"]["expressions"]["0"].pop("anno_id"), "anno_id is missing or null"),
    (lambda videos, masks: videos["mvone"]["expressions"]["0"].update(exp=" "), "exp is empty"),
    (lambda videos, masks: videos["mvone"]["expressions"]["0"].update(exp="a <mask>"), "holds <mask>"),
    (lambda videos, masks: videos["mvone"]["expressions"].update(x={}), "its id is expected to be a whole number"),
]


@pytest.mark.parametrize(("change", "told"), BROKEN)
def test_what_is_broken_is_told_with_its_place(sets, tmp_path, change, told):
    root = sets.copied("mevis", tmp_path)
    meta, dictionary = root / "valid_u/meta_expressions.json", root / "valid_u/mask_dict.json"
    content, masks = json.loads(meta.read_text()), json.loads(dictionary.read_text())
    change(content["videos"], masks)
    meta.write_text(json.dumps(content))
    dictionary.write_text(json.dumps(masks))
    problems = check(resolve(root)).problems
    if told is None:  # an empty mask of another size is an empty mask
        assert not problems
        return
    assert len(problems) == 1
    assert told in problems[0]
    with pytest.raises(UserError, match=r"mask_dict|meta_expressions"):
        sb.load_benchmark(root)


def test_a_frame_that_is_missing_is_told(sets, tmp_path):
    root = sets.copied("mevis", tmp_path)
    (root / "valid_u/JPEGImages/mvtwo/00002.jpg").unlink()
    assert "00002.jpg: no such frame" in "".join(check(resolve(root)).problems)


def test_a_copy_elsewhere_has_the_same_fingerprint_and_other_masks_another(sets, tmp_path):
    root = sets.copied("mevis", tmp_path)
    before = check(resolve(GOLDEN / "mevis")).fingerprint
    assert check(resolve(root)).fingerprint == before
    dictionary = root / "valid_u/mask_dict.json"
    dictionary.write_text(dictionary.read_text() + " ")
    assert check(resolve(root)).fingerprint != before
