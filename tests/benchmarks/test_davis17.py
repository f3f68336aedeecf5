"""Ref-DAVIS17: the released numbers, per expression and per annotator, and the strict ones."""

import pickle

import numpy as np
import pytest
from PIL import Image

import sama_bench as sb
from sama_bench.errors import UserError
from sama_bench.metrics import rle

EXPRESSION, ANNOTATOR = "released-expression", "released-annotator"
SIZE = (10, 12)
NAMES = ("J", "F", "J&F")
# davis2017 on the merged golden predictions: its task `semi-supervised`; and J of the fourth annotator's predictions in
# `unsupervised`, whatever object each was assigned to.
SEMI = {"J": 0.39637908847641823, "F": 0.400911973849904, "J&F": 0.39864553116316104}
OF_PREDICTIONS = {"dogs-jump_3": 0.4741024656621768, "dogs-jump_7": 0.2780516680050494, "dogs-jump_11": 0.0}


@pytest.fixture
def content(sets):
    return sets.golden("davis17")


@pytest.fixture
def bench(sets, content, tmp_path):
    return sb.load_benchmark(sets.write_davis(tmp_path / "davis17", content))


def predictions(sets, content):
    return {f"davis17:{name}": sets.answer(track) for name, track in content["predictions"].items()}


def test_released_numbers_to_the_digit(sets, content, bench):
    assert bench.name == "davis17"
    scores = sets.scored(bench, predictions(sets, content))
    for name in NAMES:
        assert scores.mean("davis17", EXPRESSION, name) == pytest.approx(content["numbers"][name], abs=1e-9)
        assert scores.mean("davis17", ANNOTATOR, name) == pytest.approx(content["annotators"][name], abs=1e-9)
        assert scores.mean("davis17", "strict", name) == pytest.approx(content["numbers"][name], abs=1e-9)


def test_each_expression_has_the_released_number(sets, content, bench):
    scores = sets.scored(bench, predictions(sets, content))
    for key, question in scores.statistics.items():
        expected = content["per_expression"][key.id]
        assert question.measures["J"] == pytest.approx(expected["J"], abs=1e-9)
        assert question.measures["F"] == pytest.approx(expected["F"], abs=1e-9)


def test_each_annotator_has_the_released_number(sets, content, bench):
    """The third's masks are all the neighbour's object: 1 after re-assignment, which per expression does not hide."""
    scores = sets.scored(bench, predictions(sets, content))
    for annotator, expected in enumerate(content["each_annotator"]):
        own = [one.measures for key, one in scores.statistics.items() if int(key.id.rsplit("_")[-1]) % 4 == annotator]
        assert np.mean([one["J_annotator"] for one in own]) == pytest.approx(expected["J-Mean"], abs=1e-9)
        assert np.mean([one["F_annotator"] for one in own]) == pytest.approx(expected["F-Mean"], abs=1e-9)
    third = [one.measures["J"] for key, one in scores.statistics.items() if int(key.id.rsplit("_")[-1]) % 4 == 2]
    assert np.mean(third) == pytest.approx(1 / 6)


def test_what_was_not_answered(sets, content, bench):
    """Released: a video without any file counts 0, a single expression leaves the mean; strict: 0 always."""
    whole = predictions(sets, content)
    values = {f"davis17:{name}": one["J"] for name, one in content["per_expression"].items()}
    without_one = {key: one for key, one in whole.items() if key != "davis17:judo_1"}
    scores = sets.scored(bench, without_one)
    left = [value for key, value in values.items() if key != "davis17:judo_1"]
    assert scores.mean("davis17", EXPRESSION, "J") == pytest.approx(np.mean(left), abs=1e-9)
    assert scores.mean("davis17", "strict", "J") == pytest.approx(sum(left) / len(values), abs=1e-9)
    without_video = {key: one for key, one in whole.items() if "judo" not in key}
    scores = sets.scored(bench, without_video)
    expected = sum(value for key, value in values.items() if "judo" not in key) / len(values)
    for protocol in (EXPRESSION, "strict"):
        assert scores.mean("davis17", protocol, "J") == pytest.approx(expected, abs=1e-9)
    assert scores.block("davis17", "strict").missing == 8


def one_video(objects, void=None, frames=("00000", "00001")):
    """A video of `objects` tracks (lists of masks), four expressions each."""
    masks, expressions = {}, {}
    for number in range(4 * len(objects)):
        expressions[str(number)] = {"exp": f"thing {number}", "obj_id": str(number // 4 + 1)}
    for place, number in enumerate(sorted(expressions)):
        masks[str(place)] = [rle.encode(one) for one in objects[int(number) // 4]]
    return {
        "meta": {"videos": {"v": {"frames": list(frames), "expressions": expressions}}},
        "sizes": {"v": SIZE},
        "void": {"v": [None if void is None else rle.encode(void)] * len(frames)},
        "masks": masks,
    }


def box(rows, columns):
    mask = np.zeros(SIZE, bool)
    mask[slice(*rows), slice(*columns)] = True
    return mask


def test_void_pixels_are_left_out_of_one_column_alone(sets, tmp_path):
    thing, void = box((2, 6), (2, 6)), box((2, 6), (6, 8))
    root = sets.write_davis(tmp_path / "d", one_video([[thing] * 2], void))
    said = np.array([thing | void] * 2)
    scores = sets.scored(sb.load_benchmark(root), {f"davis17:v_{n}": sets.answer(said) for n in range(4)})
    assert scores.mean("davis17", "strict", "J") == pytest.approx(16 / 24)
    assert scores.mean("davis17", "strict", "J&F_without_void") == 1.0
    assert scores.mean("davis17", ANNOTATOR, "J&F") == 1.0


def test_an_absent_object_is_a_metric_of_its_own(sets, tmp_path):
    thing, nothing = box((2, 6), (2, 6)), np.zeros(SIZE, bool)
    root = sets.write_davis(tmp_path / "d", one_video([[thing] * 2, [nothing] * 2]))
    said, quiet = np.array([thing] * 2), np.array([nothing] * 2)
    answers = {f"davis17:v_{n}": sets.answer(said) for n in range(5)}
    answers |= {"davis17:v_5": sets.answer(quiet), "davis17:v_6": {"text": "There is none.", "tracks": []}}
    scores = sets.scored(sb.load_benchmark(root), answers)
    assert scores.mean("davis17", "strict", "J&F") == 1.0
    assert scores.mean("davis17", "strict", "absent") == pytest.approx(2 / 4)  # the eighth has no answer
    assert scores.mean("davis17", EXPRESSION, "J") == pytest.approx(6 / 7)


def test_a_pixel_that_two_objects_have_goes_to_the_first(sets, tmp_path):
    left, right = box((2, 8), (0, 6)), box((2, 8), (6, 12))
    root = sets.write_davis(tmp_path / "d", one_video([[left] * 2, [right] * 2]))
    everything = np.array([left | right] * 2)
    answers = {f"davis17:v_{n}": sets.answer(everything) for n in range(8)}
    scores = sets.scored(sb.load_benchmark(root), answers)
    assert scores.mean("davis17", "strict", "J") == pytest.approx(0.5)
    assert scores.mean("davis17", ANNOTATOR, "J") == pytest.approx(0.25)  # the second has nothing left


def test_masks_follow_the_frames_names_where_the_file_lists_them_otherwise(sets, tmp_path):
    early, late = box((0, 3), (0, 3)), box((5, 9), (5, 9))
    root = sets.write_davis(tmp_path / "d", one_video([[late, early]], frames=("00001", "00000")))
    bench = sb.load_benchmark(root)
    assert [path.stem for path in bench.videos[0].frames] == ["00000", "00001"]
    track = bench.truth("davis17:v_0").tracks[0]
    assert (rle.decode(track[0], SIZE) == early).all()


def test_without_label_images_there_is_no_number_of_annotators(sets, content, bench, tmp_path):
    for path in sorted((tmp_path / "davis17/valid/Annotations").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    scores = sets.scored(bench, predictions(sets, content))
    assert scores.block("davis17", ANNOTATOR).mean == {}
    assert scores.mean("davis17", "strict", "J&F") == pytest.approx(content["numbers"]["J&F"], abs=1e-9)


def test_frames_and_label_images_of_davis_own_folders(sets, content, bench, tmp_path):
    root = tmp_path / "davis17"
    (root / "DAVIS/JPEGImages").mkdir(parents=True)
    (root / "DAVIS/Annotations_unsupervised").mkdir()
    (root / "valid/JPEGImages").rename(root / "DAVIS/JPEGImages/480p")
    (root / "valid/Annotations").rename(root / "DAVIS/Annotations_unsupervised/480p")
    scores = sets.scored(sb.load_benchmark(root), predictions(sets, content))
    assert scores.mean("davis17", ANNOTATOR, "J&F") == pytest.approx(content["annotators"]["J&F"], abs=1e-9)


def test_questions_labels_and_intervals(sets, content, bench):
    question = bench.question("davis17:judo_5")
    assert question.text == "Please segment object 2 as annotator 1 says."
    assert question.expects == "track"
    truth = bench.truth("davis17:judo_5")
    assert truth.labels == {"annotator": "1, whole video", "objects in the video": "2"}
    scores = sets.scored(bench, predictions(sets, content))
    low, high = scores.block("davis17", "strict").interval["J&F"]
    assert 0 <= low < content["numbers"]["J&F"] < high <= 1


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda masks: masks.pop("3"), ["entry 3", "blackswan's expression 3", "23 tracks"]),
        (lambda masks: masks.update({"4": masks["0"]}), ["entry 4", "dogs-jump's expression 0", "5 entries"]),
        (lambda masks: masks.update({"0": []}), ["entry 0", "blackswan"]),
    ],
)
def test_masks_that_do_not_fit_the_expressions_are_told(sets, content, tmp_path, spoil, told):
    spoil(content["masks"])
    root = sets.write_davis(tmp_path / "d", content)
    with pytest.raises(UserError) as caught:
        sb.load_benchmark(root)
    assert all(one in str(caught.value) for one in told)


def test_a_folder_of_another_kind_and_a_pickle_that_calls_something(sets, content, tmp_path):
    with pytest.raises(UserError, match=r"meta_expressions\.json"):
        sb.load_benchmark(f"davis17:{tmp_path}")
    root = sets.write_davis(tmp_path / "d", content)
    (root / "valid/mask_dict.pkl").write_bytes(pickle.dumps({"0": np.float64(1)}))
    with pytest.raises(UserError, match="not a pickle of plain"):
        sb.load_benchmark(root)


def test_label_images_of_merged_objects_are_taken_and_give_both_numbers_of_davis2017(sets, content, bench, tmp_path):
    root = tmp_path / "merged"
    for annotator in range(4):
        for video, size in content["sizes"].items():
            own = {
                int(one["obj_id"]): content["predictions"][f"{video}_{id_}"]
                for id_, one in content["meta"]["videos"][video]["expressions"].items()
                if int(id_) % 4 == annotator
            }
            for place, frame in enumerate(sorted(content["meta"]["videos"][video]["frames"])):
                labels = np.zeros(size, np.uint8)
                for number in sorted(own, reverse=True):  # the lowest object keeps a pixel
                    labels[rle.decode(own[number][place], tuple(size))] = number
                image = Image.fromarray(labels)
                image.putpalette(list(range(24)))
                path = root / f"anno_{annotator}/{video}/{frame}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                image.save(path)
    scores = sb.score(bench, root, processes=1, tell=print)
    for name in NAMES:
        assert scores.mean("davis17", ANNOTATOR, name) == pytest.approx(content["annotators"][name], abs=1e-9)
        assert scores.mean("davis17", "semi-supervised", name) == pytest.approx(SEMI[name], abs=1e-9)
    for id_, values in OF_PREDICTIONS.items():
        assert scores.kept.block("davis17", ANNOTATOR).per_expression[id_]["J"] == pytest.approx(values, abs=1e-9)
