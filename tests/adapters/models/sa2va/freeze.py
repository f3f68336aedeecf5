"""Asks the released code of Sa2VA or Sa2VA-i, through the adapter sa2va-released, and writes answers-MODEL.npz.

    PYTHON freeze.py MODEL CHECKOUT CHECKPOINTS [KIND]…

It is not run by the tests. MODEL is sa2va or sa2va-i, CHECKOUT one of https://github.com/bytedance/Sa2VA (9832e1a)
or https://github.com/kumuji/Sa2VA-i (c5a809b), CHECKPOINTS a folder that `cases.py` filled, KIND one of language model,
all of them by default. PYTHON has torch, this package, and for Sa2VA-i transformers 4.42.3, for Sa2VA 4.49.0, for its
Qwen3 4.57.1. Packages that only training or pictures need are stood in for, sizes that the code writes out are made
smaller; what computes is the released code.
"""

import importlib
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from cases import CASES, LONGEST, film, of_sama, sama

from sama_bench.adapters.models import sa2va_released
from sama_bench.adapters.shared.plain_prompt import pictured, words
from sama_bench.adapters.shared.region_marks import marked
from sama_bench.adapters.shared.segmenter_frames import SegmenterFrames

sys.modules["cases"] = sama  # as the other one imports it
freeze = of_sama("freeze")
ROOMS = {"sa2va": "projects.sa2va.hf.models", "sa2va-i": "projects.llava_sam2.hf.models"}


def load(room, folder):
    import transformers
    from safetensors.torch import load_file

    content = json.loads((folder / "config.json").read_text("utf-8"))
    sizes = content.pop("sama_bench_tiny")
    content["vision_config"]["architectures"] = ["InternVisionModel"]
    code, sam2, configs = (
        importlib.import_module(f"{room}.{name}")
        for name in ("modeling_sa2va_chat", "sam2", "configuration_sa2va_chat")
    )
    if not hasattr(sam2, "made_smaller"):
        sam2.made_smaller = True
        freeze.make_smaller(sam2, sizes)
    model = code.Sa2VAChatModel(configs.Sa2VAChatConfig(**content), use_flash_attn=False).eval()
    model.load_state_dict(load_file(folder / "model.safetensors"), strict=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model.preparing_for_generation(tokenizer, max_new_tokens=LONGEST, torch_dtype=torch.float32)
    model.extra_image_processor = code.DirectResize(target_length=sizes["sam2"]["image"])
    return model, tokenizer


def stand_in(name, checkout):
    """Stand in for the packages that only training needs, and make the released code of `name` importable."""
    freeze.stand_in(checkout)
    parts = ROOMS[name].split(".")
    for count in range(1, len(parts) + 1):
        freeze.module(".".join(parts[:count]), [str(checkout.joinpath(*parts[:count]))])


def open_adapter(name, checkout, folder):
    """The adapter sa2va-released about a tiny checkpoint."""
    stand_in(name, checkout)
    model, tokenizer = load(ROOMS[name], folder)
    return adapter_of(model, tokenizer, 5)


def adapter_of(model, tokenizer, count):
    """The adapter sa2va-released about a model that is loaded already."""
    adapter = object.__new__(sa2va_released.Sa2VA)
    adapter._marks, adapter._device, adapter._model, adapter._pictures = "outline", "cpu", model, []
    adapter._shown = sa2va_released._shown(model, count)
    adapter._fixed_args = {"tokenizer": tokenizer}
    if adapter._shown.spread:
        adapter._fixed_args[sa2va_released.SAMPLES] = count
    if not isinstance(model.extra_image_processor, SegmenterFrames):
        SegmenterFrames.of(model)
    adapter._segmenter = model.extra_image_processor
    return adapter


def ask(adapter, watched, question):
    put = marked(question, "outline", adapter._places)
    adapter._segmenter.begin()
    pictures = adapter._pictures_with_marks(put.places, put.frames)
    return watched.ask(video=pictures, text=f"<image>\n{put.text}", **adapter._fixed_args)


def answered_plainly(adapter, watched):
    kept = {}
    for name, question in sama.plain():
        shown = pictured(question, adapter._shown.count)
        shown = sa2va_released._as_video(shown) if adapter._shown.spread else shown
        text = f"<image>\n{words(question)}" if shown else words(question)
        watched.ask(**shown, text=text, **adapter._fixed_args)
        found = sama.summary([], watched.rows.numpy(), watched.tokens, np.zeros((0, 256)), [], [])
        kept |= {f"plain: {name}/{number}": value for number, value in found.items()}
        print(name, adapter._fixed_args["tokenizer"].decode(watched.tokens), flush=True)
    return kept


@torch.inference_mode()
def main():
    torch.set_num_threads(1)
    name, checkout, checkpoints = sys.argv[1], *map(Path, sys.argv[2:4])
    wanted = {f"{name}-{kind}" for kind in sys.argv[4:]} or {case.checkpoint for case in CASES}
    out = Path(__file__).parent / f"answers-{name}.npz"
    stand_in(name, checkout)
    kept, loaded = {}, ""
    if out.exists():
        with np.load(out) as file:
            kept = dict(file)
    for case in (case for case in CASES if case.model == name and case.checkpoint in wanted):
        if case.checkpoint != loaded:
            loaded = case.checkpoint
            model, tokenizer = load(ROOMS[name], checkpoints / loaded)
            watched = freeze.Watched(model)
        adapter = adapter_of(model, tokenizer, case.count)
        with tempfile.TemporaryDirectory() as folder:
            question = sama.asked(case.question, film(case.frames, Path(folder)))
            question.video.preload(1 << 30)
        adapter.open(question.video)
        model.seg_token_idx = -1
        ask(adapter, watched, question)
        seg = model.seg_token_idx = freeze.rarest(watched.tokens)
        said = ask(adapter, watched, question)
        adapter.close()
        found = sama.summary([], watched.rows.numpy(), watched.tokens, watched.vectors.numpy(), watched.logits,
                             said["prediction_masks"])  # fmt: skip
        found |= {"seg": np.int32(seg), "text": np.array(said["prediction"]), "length": np.int32(watched.count)}
        kept |= {f"{case.name}/{number}": value for number, value in found.items()}
        print(case.name, len(watched.logits), said["prediction"][:60], flush=True)
        if case.checkpoint.endswith("qwen2") and case.frames == 1:
            kept |= answered_plainly(adapter, watched)
        np.savez_compressed(out, **kept)


if __name__ == "__main__":
    main()
