import numpy as np
from PIL import Image

from sama_bench.adapters.conformance.bench_entries import KINDS, line, questions, written
from sama_bench.adapters.shared.first_visible import first_seen
from sama_bench.metrics import rle


def test_there_is_a_question_of_every_kind():
    asked = list(questions("Describe <mask>."))
    assert len(asked) == len(KINDS)
    for question in asked:
        (frame,) = {seen.frame for seen in first_seen(question.regions)}
        kind = (question.key.task, len(question.regions), "later" if frame else "first")
        assert kind in KINDS
        assert question.text.count("<mask>") == len(question.regions)
        assert question.history == ()


def test_an_entry_has_the_masks_of_the_frame_that_shows_them_first():
    asked = next(question for question in questions("Describe <mask>.") if len(question.regions) == 2)
    row = line(asked, "folder")
    assert row["Question"].count("<region>") == 2
    assert "letter" not in row["Question"]
    for annotation, region in zip(row["annotation"], asked.regions, strict=True):
        ((frame, of_frame),) = annotation.items()
        assert frame == row["frame_idx"]
        assert np.array_equal(rle.decode(of_frame["segmentation"], region.size), region.mask(int(frame)))


def test_an_entry_may_name_every_frame():
    later = next(question for question in questions("Describe <mask>.") if first_seen(question.regions)[0].frame)
    row = line(later, "folder", all_frames=True)
    (annotation,) = row["annotation"]
    assert sorted(map(int, annotation)) == list(range(len(later.video)))
    assert [frame for frame, one in annotation.items() if one["segmentation"]] == [row["frame_idx"]]


def test_frames_are_written_without_loss_whatever_their_names_end_in(tmp_path):
    video = next(questions("Describe <mask>.")).video
    folder = tmp_path / written(video, tmp_path, "jpg")
    paths = sorted(folder.iterdir())
    assert {path.suffix for path in paths} == {".jpg"}
    assert len(paths) == len(video)
    with Image.open(paths[3]) as picture:
        assert np.array_equal(np.asarray(picture), video.frame(3))
    assert written(video, tmp_path, "jpg") == folder.name
