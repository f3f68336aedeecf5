"""The real Sam2VideoModel, tiny and with random weights: what is kept, forgotten and computed once."""

import numpy as np
import pytest

from sama_bench.metrics import rle
from sama_bench.types import Box, Point

SIZE = (48, 80)
ONE, TWO = Box(3, 10, 10, 30, 30), Box(3, 40, 20, 60, 40)


@pytest.fixture(scope="module")
def loaded(tiny_sam2):
    """The model, which counts the passes of its image encoder, and its processor."""
    transformers = pytest.importorskip("transformers")
    model = transformers.Sam2VideoModel.from_pretrained(tiny_sam2).eval()
    model.passes = 0

    def count(*_):
        model.passes += 1

    model.vision_encoder.register_forward_hook(count)
    return model, transformers.Sam2VideoProcessor.from_pretrained(tiny_sam2)


@pytest.fixture
def clip(video):
    """A video of noise, longer than what the tracker remembers."""

    def make(frames=18):
        rng = np.random.default_rng(0)
        return video([rng.integers(0, 256, (*SIZE, 3), dtype=np.uint8) for _ in range(frames)])

    return make


@pytest.fixture
def session(loaded):
    from sama_bench.adapters.shared.mask_session import Session

    loaded[0].passes = 0
    return lambda video: Session(*loaded, video)


def _as_documented(model, processor, video, boxes, frame):
    """The tracks as the documentation of transformers makes them: the whole video in memory, nothing dropped."""
    import torch

    frames = np.stack([video.frame(index) for index in range(len(video))])
    state = processor.init_video_session(video=frames, max_vision_features_cache_size=len(video))
    corners = [[float(side) for side in box[1:]] for box in boxes]
    processor.add_inputs_to_inference_session(state, frame, list(range(len(boxes))), input_boxes=[corners])
    masks = {}
    with torch.inference_mode():
        model(state, frame_idx=frame)
        for back in (False, True):
            for found in model.propagate_in_video_iterator(state, start_frame_idx=frame, reverse=back):
                masks[found.frame_idx] = processor.post_process_masks([found.pred_masks], [list(SIZE)])[0][:, 0]
    return [[rle.encode(masks[index][one].numpy()) for index in range(len(video))] for one in range(len(boxes))]


def test_tracks_are_those_of_the_documented_way_to_the_last_pixel(clip, loaded, session):
    video = clip()
    assert session(video).tracks([[ONE], [TWO]]) == _as_documented(*loaded, video, [ONE, TWO], 3)


def test_every_frame_is_encoded_once_for_all_questions_about_a_video(clip, loaded, session):
    tracker = session(clip(12))
    first = tracker.tracks([[ONE]])
    assert loaded[0].passes == 12
    tracker.tracks([[TWO], [Box(7, 1, 1, 20, 20)]])
    assert tracker.tracks([[ONE]]) == first  # what was tracked in between has left no trace
    assert loaded[0].passes == 12


def test_objects_of_a_question_do_not_depend_on_each_other_wherever_their_boxes_are(clip, session):
    tracker = session(clip(8))
    last, both = Box(7, 5, 5, 25, 25), [Box(2, 5, 5, 25, 25), Box(6, 40, 10, 70, 40)]
    objects = [[ONE], [last], both]
    assert tracker.tracks(objects) == [tracker.tracks([one])[0] for one in objects]


def test_points_are_followed_as_the_documentation_does_it(clip, loaded, session):
    import torch

    model, processor = loaded
    video, points = clip(8), [Point(3, 20, 20), Point(3, 50, 30)]
    frames = np.stack([video.frame(index) for index in range(len(video))])
    state = processor.init_video_session(video=frames, max_vision_features_cache_size=len(video))
    places = [[[[point.x, point.y]] for point in points]]
    processor.add_inputs_to_inference_session(state, 3, [0, 1], input_points=places, input_labels=[[[1], [1]]])
    with torch.inference_mode():
        model(state, frame_idx=3)
        masks = {out.frame_idx: out.pred_masks for out in model.propagate_in_video_iterator(state, start_frame_idx=3)}
    expected = processor.post_process_masks([masks[7]], [list(SIZE)])[0][:, 0].numpy()
    tracks = session(video).tracks([[point] for point in points])
    assert [track[7] for track in tracks] == [rle.encode(mask) for mask in expected]


def test_tracks_of_points_do_not_depend_on_what_else_is_followed(clip, session):
    tracker = session(clip(8))
    points = [Point(0, 20, 20), Point(4, 30, 30), Point(6, 50, 30)]
    objects = [points, [ONE], points[1:], [Point(3, 20, 20)], points]
    assert tracker.tracks(objects) == [tracker.tracks([one])[0] for one in objects]


def test_each_box_of_an_object_counts(clip, session):
    tracker = session(clip(8))
    one, other = Box(2, 5, 5, 25, 25), Box(6, 40, 10, 70, 40)
    (both,), (alone,) = tracker.tracks([[other, one]]), tracker.tracks([[one]])
    assert both != alone
    assert both[6] == tracker.tracks([[other]])[0][6]


def test_a_track_has_a_mask_of_the_frames_own_size_on_every_frame(clip, session):
    (track,) = session(clip(5)).tracks([[Box(4, 10, 10, 30, 30)]])
    assert [one["size"] for one in track] == [list(SIZE)] * 5


def test_a_video_of_one_frame_has_a_track(clip, session):
    (track,) = session(clip(1)).tracks([[Box(0, 10, 10, 30, 30)]])
    assert len(track) == 1


def test_memory_of_features_is_bounded_and_answers_stay_the_same(clip, loaded, session):
    from sama_bench.adapters.shared.feature_cache import Features

    video = clip(6)
    free, bound = session(video), session(video)
    expected = free.tracks([[ONE], [TWO]])
    encoded = loaded[0].passes
    size = sum(one.nbytes for one in free._session.cache._kept[0])
    bound._session.cache = Features("cpu", room=2 * size + 1)
    assert bound.tracks([[ONE], [TWO]]) == expected
    assert len(bound._session.cache._kept) == 2
    assert loaded[0].passes > 2 * encoded - 2


def test_what_is_kept_of_a_question_does_not_grow_with_the_video(clip, loaded, session, monkeypatch):
    tracker, kept = session(clip(18)), []
    monkeypatch.setattr(tracker._session, "reset_tracking_data", lambda: kept.append(_held(tracker)))
    tracker.tracks([[Box(0, 10, 10, 30, 30)]])
    memories = [index for index, found in kept[-1].items() if "maskmem_features" in found]
    assert len(memories) <= 2 * loaded[0].config.num_maskmem
    assert not [index for index, found in kept[-1].items() if "high_res_masks" in found]


def _held(tracker):
    return (
        {}
        if not tracker._session.output_dict_per_obj
        else tracker._session.output_dict_per_obj[0]["non_cond_frame_outputs"]
    )


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_tracks_in_half_precision_too(clip, dtype, tiny_sam2):
    torch, since = pytest.importorskip("torch"), "5.0" if dtype == "float16" else "4.57"
    transformers = pytest.importorskip("transformers", minversion=since)
    from sama_bench.adapters.shared.mask_session import Session

    model = transformers.Sam2VideoModel.from_pretrained(tiny_sam2, dtype=getattr(torch, dtype)).eval()
    processor = transformers.Sam2VideoProcessor.from_pretrained(tiny_sam2)
    (track,) = Session(model, processor, clip(4)).tracks([[ONE]])
    assert rle.areas(track)[3]
