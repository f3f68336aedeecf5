"""Outlines, sprites and the stage they are put on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.demo.outline import bar, box, curve, fill, oval, turned
from sama_bench.demo.scene import Stage, shoot
from sama_bench.demo.script import Actor, At, Band, Scene, Shade, Sway
from sama_bench.demo.sheet import DENSE, Sheet, Sprite

POINTS = st.lists(st.tuples(st.integers(-6, 30), st.integers(-6, 26)), min_size=3, max_size=9)


def _inside(points: list[tuple[int, int]], x: float, y: float) -> bool:
    """Even-odd by definition: how many edges cross the ray to the left of (x, y)."""
    crossings = 0
    for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
        if (y0 < y) != (y1 < y):
            crossings += x0 + (y - y0) * (x1 - x0) / (y1 - y0) <= x
    return crossings % 2 == 1


@given(POINTS)
def test_fill_takes_the_pixels_whose_centre_is_inside(points):
    filled = fill(np.array(points), 20, 24)
    expected = [[_inside(points, x + 0.5, y + 0.5) for x in range(24)] for y in range(20)]
    assert filled.dtype == np.bool_
    assert (filled == expected).mean() > 0.985  # a centre exactly on an edge may fall to either side in floats


@given(st.integers(0, 20), st.integers(0, 16), st.integers(0, 20), st.integers(0, 16))
def test_a_box_fills_exactly_its_area(x0, y0, wide, high):
    filled = fill(np.rint(box(x0, y0, x0 + wide, y0 + high)).astype(np.int64), 40, 48)
    assert filled.sum() == wide * high


def test_outlines_have_the_size_they_are_asked_for():
    np.testing.assert_allclose(np.ptp(oval(5, 6, 20, 10), axis=0), (40, 20), atol=0.1)
    np.testing.assert_allclose(np.ptp(oval(0, 0, 20, 10, 90), axis=0), (20, 40), atol=0.1)
    np.testing.assert_allclose(np.ptp(bar(0, 0, 10, 0, 4), axis=0), (10, 4))
    np.testing.assert_allclose(np.ptp(box(0, 0, 30, 20, 4), axis=0), (30, 20), atol=0.3)
    np.testing.assert_allclose(turned(np.array([[1.0, 0.0]]), 90), [[0, 1]], atol=1e-12)
    corners = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
    np.testing.assert_allclose(curve(corners)[::8], corners)


def test_drawing_outside_the_sheet_does_nothing():
    sheet = Sheet(-5, -5, 5, 5).draw(box(20, 20, 30, 30), (255, 0, 0))
    assert not sheet.alpha.any()


def _square(side: int, colour: tuple[int, int, int]) -> list[Sprite]:
    half = side // 2
    return [Sheet(-half, -half, half, half).draw(box(-half, -half, half, half), colour).sprite()]


def _backdrop() -> list[Band]:
    return [Band(np.full((40 * DENSE, 60 * DENSE, 3), 100, dtype=np.uint8))]


def _scene(*actors: Actor, frames: int = 5) -> Scene:
    return Scene("mevis/x", "mevis.json", (60, 40), frames, _backdrop, actors, ())


def _actor(name: str, *path: At, side: int = 10, **more: object) -> Actor:
    return Actor(name, lambda: _square(side, (200, 40, 40)), path, "It is a square.", **more)


def test_an_actor_moves_evenly_along_its_path():
    shots = list(shoot(_scene(_actor("a", At(0, 10, 20), At(4, 50, 20)))))
    left = [int(np.flatnonzero(shot.labels.any(axis=0))[0]) for shot in shots]
    assert left == [5, 15, 25, 35, 45]
    assert [int((shot.labels == 1).sum()) for shot in shots] == [100] * 5


@pytest.mark.parametrize("near", [(1, 2), (2, 1)])
def test_the_nearer_actor_hides_the_farther_one(near):
    first = _actor("a", At(0, 30, 20, near=near[0]), side=20)
    second = _actor("b", At(0, 30, 20, near=near[1]), side=10)
    (shot,) = shoot(_scene(first, second, frames=1))
    if near[0] < near[1]:
        assert ((shot.labels == 1).sum(), (shot.labels == 2).sum()) == (300, 100)
        assert shot.covered.tolist() == [[0, 0.25], [0, 0]]
    else:
        assert ((shot.labels == 1).sum(), (shot.labels == 2).sum()) == (400, 0)
        assert shot.covered.tolist() == [[0, 0], [1, 0]]


def test_scenery_hides_but_has_no_label():
    wall = Actor("wall", lambda: _square(20, (40, 40, 40)), (At(0, 40, 20, near=1),))
    (shot,) = shoot(_scene(_actor("a", At(0, 30, 20)), wall, frames=1))
    assert set(np.unique(shot.labels)) == {0, 1}
    assert (shot.labels == 1).sum() == 50


def test_size_turn_flip_and_sway_act_on_the_mask():
    def wide() -> list[Sprite]:
        return [Sheet(0, -5, 20, 5).draw(box(0, -5, 20, 5), (9, 9, 9)).sprite()]

    def extent(at: At, **more: object) -> list[int]:
        (shot,) = shoot(_scene(Actor("a", wide, (at,), "x.", **more), frames=1))
        rows, columns = np.nonzero(shot.labels)
        return [int(v) for v in (columns.min(), columns.max() + 1, rows.min(), rows.max() + 1)]

    assert extent(At(0, 20, 20)) == [20, 40, 15, 25]
    assert extent(At(0, 20, 20, 2)) == [20, 60, 10, 30]
    assert extent(At(0, 30, 10, 1, 90)) == [25, 35, 10, 30]
    assert extent(At(0, 30, 20), flip=True) == [10, 30, 15, 25]
    shots = list(shoot(_scene(Actor("a", wide, (At(0, 20, 20),), "x.", sway=Sway(4, y=5)))))
    assert [int(np.nonzero(shot.labels)[0].min()) for shot in shots] == [15, 20, 15, 10, 15]


def test_a_shadow_darkens_but_belongs_to_nobody():
    plain = _actor("a", At(0, 30, 10))
    shaded = _actor("a", At(0, 30, 10), shade=Shade(12, 5, 0, 18))
    (one,), (other,) = shoot(_scene(plain, frames=1)), shoot(_scene(shaded, frames=1))
    assert (one.labels == other.labels).all()
    assert other.picture[28, 30].mean() < one.picture[28, 30].mean()


def test_a_backdrop_follows_the_camera():
    stripes = np.zeros((40 * DENSE, 100 * DENSE, 3), dtype=np.uint8)
    stripes[:, ::DENSE] = stripes[:, 1::DENSE] = np.arange(100, dtype=np.uint8)[None, :, None]
    full = Stage([Band(stripes)], At(0, 30, 0), (60, 40), 0).shot([], np.zeros(1, np.uint8))
    half = Stage([Band(stripes, follows=0.5)], At(0, 30, 0), (60, 40), 0).shot([], np.zeros(1, np.uint8))
    assert full.picture[0, :, 0].tolist() == list(range(30, 90))
    assert half.picture[0, :, 0].tolist() == list(range(15, 75))


def test_every_pixel_of_every_scene_has_a_backdrop(scenes):
    for scene in scenes:
        bands = scene.backdrop()
        for camera in (scene.camera[0], scene.camera[-1]):
            covered = np.zeros((scene.size[1] * DENSE, scene.size[0] * DENSE), dtype=bool)
            for band in bands:
                left, up = (round(v * DENSE * band.follows) for v in (camera.x, camera.y))
                height, width = band.image.shape[0] - up, band.image.shape[1] - left
                covered[band.top * DENSE : band.top * DENSE + height, :width] = True
            assert covered.all(), scene.name
