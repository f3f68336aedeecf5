import numpy as np
import pytest

from sama_bench.adapters.grounders.box import BoxGrounder
from sama_bench.adapters.grounders.flow import FlowGrounder
from sama_bench.adapters.shared import optical_flow as optical
from sama_bench.metrics import rle, volume_iou
from sama_bench.types import Box


def _box(masks, frame):
    rows, columns = np.flatnonzero(masks[frame].any(1)), np.flatnonzero(masks[frame].any(0))
    return Box(frame, columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)


@pytest.fixture
def grounded(video):
    """Makes tracks of boxes on frames, with a grounder that is opened and closed around it."""

    def make(frames, *objects):
        clip, grounder = video(frames), FlowGrounder()
        grounder.open(clip)
        tracks = grounder.tracks(clip, objects)
        grounder.close()
        return tracks

    return make


@pytest.mark.parametrize("frame", [0, 5, 9])
def test_follows_the_object_in_a_box_both_ways_where_the_box_alone_covers_one_frame(frame, grounded, scene, video):
    frames, masks = scene()
    (track,) = grounded(frames, [_box(masks, frame)])
    truth = rle.encode_track(masks)
    assert volume_iou(truth, track) > 0.85
    assert volume_iou(truth, BoxGrounder().tracks(video(frames), [[_box(masks, frame)]])[0]) < 0.2


def test_an_object_with_two_boxes_starts_anew_at_each(grounded, scene):
    frames, masks = scene()
    elsewhere = Box(8, 2, 2, 20, 20)  # the object is somewhere else by then
    (track,) = grounded(frames, [elsewhere, _box(masks, 1)])
    found = rle.decode_track(track, masks.shape[1:])
    assert (found[:5] & masks[:5]).sum() > 0.8 * masks[:5].sum()
    assert found[8, 2:20, 2:20].any()
    assert not (found[8] & masks[8]).any()


def test_an_object_without_a_box_has_no_mask(grounded, scene):
    frames, masks = scene(frames=3)
    none, some = grounded(frames, [], [_box(masks, 1)])
    assert none == [None] * 3
    assert None not in some


def test_the_flow_of_a_video_is_computed_once_for_all_its_questions(monkeypatch, scene, video):
    frames, masks = scene(frames=4)
    clip, grounder, decoded = video(frames), FlowGrounder(), []
    small = optical.Flow._small
    monkeypatch.setattr(optical.Flow, "_small", lambda self, index: decoded.append(index) or small(self, index))
    grounder.open(clip)
    first = grounder.tracks(clip, [[_box(masks, 0)]])
    looks = len(decoded)
    assert looks
    assert grounder.tracks(clip, [[_box(masks, 0)], [_box(masks, 0)]]) == [*first, *first]
    grounder.tracks(clip, [[_box(masks, 0)._replace(x0=25.0)]])
    assert len(decoded) == looks
