"""PixelRefer-Lite: which checkpoint it is, and what its code is given. The rest is with the recipes of conformance."""

import json
import sys
from types import ModuleType

import pytest

from sama_bench.adapter import Abilities
from sama_bench.adapters.models.pixelrefer import Lite, PixelRefer
from sama_bench.adapters.models.pixelrefer.adapter import is_lite
from sama_bench.adapters.shared.region_fit import RegionFit
from sama_bench.errors import UserError


@pytest.mark.parametrize(
    ("named", "kind", "lite"),
    [
        ("PixelRefer-Lite-2B", None, True),
        ("PixelRefer-2B", None, False),
        ("mine", "pixelreferlite_qwen2", True),
        ("PixelRefer-Lite-2B", "pixelrefer_qwen2", False),
    ],
)
def test_a_checkpoint_is_lite_by_its_config_or_else_by_its_name(tmp_path, named, kind, lite):
    if kind is not None:
        (tmp_path / named).mkdir()
        (tmp_path / named / "config.json").write_text(json.dumps({"model_type": kind}))
    assert is_lite(str(tmp_path / named)) is lite


def test_what_lite_cannot_be_told_is_refused_with_all_else(tmp_path):
    with pytest.raises(UserError) as raised:
        PixelRefer(str(tmp_path / "PixelRefer-Lite-2B"), fps=2, dtype="float16")
    told = "\n".join(raised.value.problems)
    for part in ("fps=2: PixelRefer-Lite sees no video", "casts to bfloat16", "git clone", "PixelRefer-Lite-2B: is no"):
        assert part in told


@pytest.fixture
def lite(monkeypatch):
    """The adapter with Lite, whose code says what it is given."""
    pytest.importorskip("torch")
    given = []

    def infer(video, words, *, masks, mask_ids, mask_ids_raw, **_):
        frames, times, same = video
        assert frames is same
        given.append((frames[0][0, 0, 0], times, words, masks, mask_ids, mask_ids_raw))
        return "a kite"

    package = ModuleType("pixelreferlite")
    package.mm_infer = infer
    monkeypatch.setitem(sys.modules, "pixelreferlite", package)
    model, adapter = object.__new__(Lite), object.__new__(PixelRefer)
    model._fit, model._device, model._model, model._tokenizer = RegionFit(32), "cpu", None, None
    adapter._model, adapter.can, adapter.given = model, Abilities(masks=False, describes_only=True), given
    return adapter


def test_lite_is_given_the_first_frame_that_shows_the_region_and_no_other(lite, numbered):
    assert lite.predict(numbered(frames=12, begins=(6,), task="c")).text == "a kite"
    ((frame, times, words, masks, *ids),) = lite.given
    assert (frame, times, ids) == (6, [2.0], [[0], [[0]]])
    assert (
        words
        == "There is one object in the video: <region>.\nPlease describe in detail the marked object in the video."
    )
    assert (str(masks.dtype), tuple(masks.shape), int(masks.sum())) == ("torch.uint8", (1, 60, 80), 100)


@pytest.mark.parametrize(("begins", "task"), [((), "c"), ((1, 2), "c"), ((1,), "g"), ((30,), "c")])
def test_lite_describes_one_region_and_answers_nothing_else(lite, numbered, begins, task):
    with pytest.raises(ValueError, match="describes one region"):
        lite.predict(numbered(frames=5, begins=begins, task=task))
    assert lite.given == []
