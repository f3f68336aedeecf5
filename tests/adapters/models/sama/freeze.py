"""Asks SAMA's released code, and writes what it answered to answers-KIND.npz. It is not run by the tests.

    PYTHON freeze.py CHECKOUT CHECKPOINTS [KIND]…

It writes a file for each kind of language model. CHECKOUT is one of https://github.com/sunye23/SAMA (tried: 7c75e44),
CHECKPOINTS a folder that `checkpoints.py` filled. PYTHON has torch, a transformers from 4.42 to 4.50 (tried: 4.48.3),
einops and this package. Packages that only training or pictures need are stood in for, sizes that the code writes out
are made smaller; what computes is the released code.
"""

import importlib
import json
import sys
import tempfile
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from cases import CASES, LONGEST, asked, film, plain, summary
from PIL import Image

import sama_bench.adapters.shared.sama_prompt as adapter_prompt
from sama_bench.adapters.shared.plain_prompt import pictured, words

MODELS = "projects.llava_sam2.hf.models"


def module(name, path=(), **content):
    made = ModuleType(name)
    made.__spec__, made.__path__ = ModuleSpec(name, None), list(path)
    vars(made).update(content)
    sys.modules[name] = made
    return made


class Called:
    """One of torchvision's transforms, as it is for PIL pictures."""

    def __init__(self, work):
        self.work = work

    def __call__(self, picture):
        return self.work(picture)


def compose(steps):
    def work(picture):
        for step in steps:
            picture = step(picture)
        return picture

    return Called(work)


def to_tensor():
    return Called(lambda picture: torch.from_numpy(np.array(picture)).permute(2, 0, 1).contiguous().float().div(255))


def normalize(mean, std):
    mean, std = (torch.tensor(one)[:, None, None] for one in (mean, std))
    return Called(lambda pixels: pixels.sub_(mean).div_(std))


def stand_in(checkout):
    module("peft", LoraConfig=None, get_peft_model=None, __version__="0.11")
    module("timm")
    module("timm.models")
    module("timm.models.layers", DropPath=lambda _: torch.nn.Identity())
    module("torchvision")
    module(
        "torchvision.transforms", Compose=compose, Lambda=Called, ToTensor=to_tensor, Normalize=normalize,
        Resize=lambda size, interpolation: Called(lambda one: one.resize(size[::-1], Image.Resampling.BICUBIC)),
    )  # fmt: skip
    module(
        "torchvision.transforms.functional", InterpolationMode=type("Mode", (), {"BICUBIC": 3}), resize=None,
        to_pil_image=Image.fromarray,
    )  # fmt: skip
    for name in ("projects", "projects.llava_sam2", "projects.llava_sam2.models", "projects.llava_sam2.hf", MODELS):
        module(name, [str(checkout.joinpath(*name.split(".")))])
    torch.Tensor.cuda = lambda self, *_, **__: self


def make_smaller(sam2, sizes):
    own = sizes["sam2"]

    def build_image_encoder(_):
        trunk = sam2.Hiera(
            embed_dim=own["hiera_width"], num_heads=own["hiera_heads"], stages=own["blocks"],
            global_att_blocks=own["global_blocks"], window_pos_embed_bkg_spatial_size=own["background"],
            window_spec=own["windows"],
        )  # fmt: skip
        positions = sam2.PositionEmbeddingSine(num_pos_feats=256, normalize=True, scale=None, temperature=10000)
        neck = sam2.FpnNeck(
            d_model=256, position_encoding=positions, fpn_top_down_levels=[2, 3], fpn_interp_model="nearest",
            backbone_channel_list=[own["hiera_width"] << stage for stage in (3, 2, 1, 0)],
        )  # fmt: skip
        return sam2.ImageEncoder(scalp=1, trunk=trunk, neck=neck)

    predictor = sam2.SAM2VideoPredictor
    if not isinstance(predictor, type):
        return
    begin = predictor.init_state
    sam2.SAM2.build_image_encoder = build_image_encoder
    sam2.SAM2VideoPredictor = lambda **more: predictor(**{**more, "image_size": own["image"]})

    def init_state(self, *args, **more):
        state = begin(self, *args, **more)
        state["device"] = state["storage_device"] = torch.device("cpu")
        return state

    predictor.init_state = init_state
    sam2.tqdm = lambda steps, **_: steps


def load(folder):
    import transformers
    from safetensors.torch import load_file

    content = json.loads((folder / "config.json").read_text("utf-8"))
    sizes = content.pop("sama_bench_tiny")
    code, sam2, configs = (
        importlib.import_module(f"{MODELS}.{name}")
        for name in ("modeling_sa2va_chat_all", "sam2", "configuration_sa2va_chat")
    )
    make_smaller(sam2, sizes)
    for kind in (transformers.BertConfig, transformers.BertTokenizer):
        own = super(kind, kind).from_pretrained
        kind.from_pretrained = staticmethod(
            lambda _, *args, own=own, **more: own(folder / "bert-base-uncased", *args, **more)
        )
    model = code.Sa2VAChatModel(configs.Sa2VAChatConfig(**content), use_flash_attn=False).eval()
    model.window_size = model.stride = sizes["window"]
    model.load_state_dict(load_file(folder / "model.safetensors"), strict=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model.preparing_for_generation(tokenizer, max_new_tokens=LONGEST, torch_dtype=torch.float32)
    model.extra_image_processor = code.DirectResize(target_length=sizes["sam2"]["image"])
    pool = model.mask_pooling.forward
    model.mask_pooling.forward = lambda cells, mask: pool(cells, mask.to(cells.dtype))
    return model, tokenizer


class Watched:
    """What the model computes on the way, for one question."""

    def __init__(self, model):
        self.model = model
        generate, propagate = model.language_model.generate, model.grounding_encoder.sam2_model.propagate_in_video

        def generated(**more):
            self.rows, self.count = more["inputs_embeds"][0], len(more["inputs_embeds"][0])
            made = generate(**more)
            self.tokens = made.sequences[0].tolist()
            return made

        def propagated(state):
            yield from propagate(state)
            kinds = state["output_dict"]
            frames = {**kinds["cond_frame_outputs"], **kinds["non_cond_frame_outputs"]}
            self.logits.append(np.stack([frames[one]["pred_masks"][0, 0].numpy() for one in sorted(frames)]))

        model.language_model.generate = generated
        model.grounding_encoder.sam2_model.propagate_in_video = propagated
        model.text_hidden_fcs.register_forward_hook(lambda _, __, made: setattr(self, "vectors", made))

    def ask(self, **given):
        self.logits, self.vectors = [], torch.zeros(0, 256)
        return self.model.predict_forward(**given)


def rarest(tokens):
    """Random weights never say [SEG]: what they say rarely, but not last, is declared to be it."""
    return min(tokens[:-1] or tokens, key=tokens.count)


def answered_plainly(watched, tokenizer):
    """What plain questions are answered, asked as the adapter of the released code does."""
    kept = {}
    for name, question in plain():
        shown, text = pictured(question), " ".join(words(question).split("\n"))
        watched.ask(**shown, text=text if shown else f"{adapter_prompt.IMAGE}\n{text}", tokenizer=tokenizer)
        found = summary([], watched.rows.numpy(), watched.tokens, np.zeros((0, 256)), [], [])
        kept |= {f"plain: {name}/{number}": value for number, value in found.items()}
        print(name, tokenizer.decode(watched.tokens), flush=True)
    return kept


@torch.inference_mode()
def main():
    torch.set_num_threads(1)
    checkout, checkpoints = map(Path, sys.argv[1:3])
    stand_in(checkout)
    for kind in sys.argv[3:] or dict.fromkeys(case.kind for case in CASES):
        kept = {}
        model, tokenizer = load(checkpoints / kind)
        watched = Watched(model)
        for case in (case for case in CASES if case.kind == kind):
            with tempfile.TemporaryDirectory() as folder:
                question = asked(case, film(case.frames, Path(folder)))
                pictures = [Image.fromarray(question.video.frame(index)) for index in range(case.frames)]
            given = adapter_prompt.given(question, 32, every=False)
            model.seg_token_idx = -1
            watched.ask(video=pictures, tokenizer=tokenizer, **given)
            seg = model.seg_token_idx = rarest(watched.tokens)
            said = watched.ask(video=pictures, tokenizer=tokenizer, **given)
            template = model.template["INSTRUCTION"].format(input=given["text"], round=1, bot_name="BOT")
            found = summary(
                tokenizer.encode(template), watched.rows.numpy(), watched.tokens, watched.vectors.numpy(),
                watched.logits, said["prediction_masks"] or [],
            )  # fmt: skip
            found |= {"seg": np.int32(seg), "text": np.array(said["prediction"])}
            kept |= {f"{case.name}/{name}": value for name, value in found.items()}
            print(case.name, len(watched.logits), said["prediction"][:60], flush=True)
        if kind == "qwen2":
            kept |= answered_plainly(watched, tokenizer)
        np.savez_compressed(Path(__file__).parent / f"answers-{kind}.npz", **kept)


if __name__ == "__main__":
    main()
