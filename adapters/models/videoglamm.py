"""The adapter `videoglamm`: VideoGLaMM through `preprocess_vision` and `model.inference`, from a checkout."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sama_bench.adapter import Abilities, Adapter, Need
from sama_bench.adapters.shared import vision_tower
from sama_bench.adapters.shared.answer_masks import of_answer
from sama_bench.adapters.shared.checkout import Checkout
from sama_bench.adapters.shared.checkpoint import Dtype
from sama_bench.adapters.shared.folder_parts import TOKENIZER, WEIGHTS_OF_OLD, Files
from sama_bench.adapters.shared.preflight import Ready, look, on_cuda
from sama_bench.adapters.shared.region_marks import Way, marked
from sama_bench.adapters.shared.sam2_code import put_states_on
from sama_bench.adapters.shared.special_tokens import without_special_tokens
from sama_bench.adapters.shared.third_party_code import foreign, loading
from sama_bench.metrics.grounding_marks import SEGMENT
from sama_bench.prompting.frame_choice import choose
from sama_bench.types import Masks, Prediction, Question, Video

# Its requirements.txt does not install. InternVideo2's code imports FlashAttention at its top; the configuration that
# VideoGLaMM gives it (use_half_precision = False) has it use PyTorch's own.
REPOSITORY = Checkout(
    "VideoGLaMM",
    "https://github.com/mbzuai-oryx/VideoGLaMM",
    ("chat", "model.VideoGLaMM"),
    inside="VideoGLaMM",
    requirements="",
    uncalled=("flash_attn.flash_attn_interface", "flash_attn.bert_padding"),
)
DEEPSPEED = Need("deepspeed", "deepspeed==0.14.0")
"""What its loader calls in float16, and in nothing else."""
CLIP = "openai/clip-vit-large-patch14-336"
"""The image processor that its code takes from the hub, whatever the checkpoint's config names."""
FILES = Files((WEIGHTS_OF_OLD, TOKENIZER), hub=False)
PRECISIONS = {"float16": "fp16", "bfloat16": "bf16", "float32": "fp32"}
LONGEST = 512


class Parts(NamedTuple):
    """The result of the repository's `initialize_model_videogptplus`."""

    model: Any
    tokenizer: Any
    enc_preprocessor: Any
    conv_generator: Any
    sam_preprocessor: Any


class VideoGLaMM(Adapter):
    """Asks VideoGLaMM as its evaluation of grounded conversations does: 16 frames to its encoders, all to SAM 2.

    It takes no regions. So each is marked on the first frame that shows it, which is always among the 16, and put into
    words. SAM 2 sees the video without marks.

    Args:
        checkpoint: The model's folder; its weights cannot be had from the hub.
        repo: The checkout of the model's code.
        marks: How regions are drawn; with none, questions that have regions cannot be asked.
        device: What it runs on: cpu, cuda, cuda:1, mps; auto takes CUDA where there is one.
        dtype: The type of its numbers; auto takes float16 on CUDA, float32 elsewhere.
    """

    summary = "VideoGLaMM, from a checkout; regions as drawn marks"
    wording = "videoglamm"
    tells_needs = True
    needs = (Need("torch", "torch==2.1.2"), Need("transformers", "transformers==4.41.0"))

    def __init__(
        self,
        checkpoint: str,
        *,
        repo: Path | None = None,
        marks: Way = "outline",
        device: str = "auto",
        dtype: Dtype = "auto",
    ) -> None:
        others = [*REPOSITORY.problems(repo), *vision_tower.processor_problems(CLIP, _base(repo))]
        needs: Sequence[Need] = self.needs
        cuda = on_cuda(device)
        if dtype == "float16" or (dtype == "auto" and cuda):
            needs = (*needs, DEEPSPEED)
        if dtype in {"float16", "bfloat16"} and not cuda and device != "auto":
            others.append(f"dtype={dtype}: its SAM 2 mixes types, which CUDA's autocast brings together; leave it out")
        towers = None if repo is None else partial(_towers, repo)
        ready = look(needs, checkpoint, device, dtype, others=others, half="float16", files=FILES, parts=towers)
        assert repo is not None, "look() tells that it is missing"
        self._marks: Way = marks
        self._ready = ready
        self._parts = _load(ready, repo)
        self._video: Video | None = None
        self._all: Any = None
        self.can = replace(Abilities(), regions=self._marks != "none")
        self.asking = {"marks": self._marks}

    def open(self, video: Video) -> None:
        """Prepare all frames for SAM 2, and for the encoders the 16 that they see where nothing is marked."""
        self._video = video
        self._all = self._prepared([video.frame(index) for index in range(len(video))])

    def predict(self, question: Question) -> Prediction:
        """Answer greedily, in at most 512 tokens: a (T, H, W) bool track for each [SEG].

        Raises what the model's code raises; ValueError for regions where marks are `none`, and for another number of
        masks than of [SEG]s.
        """
        import torch

        marked_question = marked(question, self._marks, self._places)
        images, context = self._encoded(marked_question.places, marked_question.frames)
        _, _, segmented, sizes, resized = self._all
        device = self._ready.device
        with torch.no_grad(), foreign(device), torch.autocast("cuda", enabled=device.startswith("cuda")):
            ids = self._parts.conv_generator.apply_for_chat(
                marked_question.text, type="video", tokenizer=self._parts.tokenizer
            )
            output_ids, segments = self._parts.model.inference(
                images=images,
                context_images=context,
                images_for_sam=segmented,
                input_ids=ids,
                resize_list=resized,
                original_size_list=sizes,
                max_new_tokens=LONGEST,
                use_sam2_video_branch=True,
            )
        text = self._text(output_ids[0], ids[0])
        # SAM 2 is asked for the [SEG]s of the prompt, too.
        return Prediction(
            text, of_answer(text, tracks(segments[0], question.video), marked_question.text.count(SEGMENT))
        )

    def close(self) -> None:
        """Let go of the video."""
        self._video = self._all = None

    def _places(self, marked_places: Collection[int]) -> Sequence[int]:
        assert self._video is not None
        count = int(self._parts.conv_generator.NUM_FRAMES)
        return choose(len(self._video), count, "uniform", sorted(marked_places)[:count])

    def _encoded(self, places: Sequence[int], marked_frames: Mapping[int, Any]) -> tuple[Any, Any]:
        """The frames at `places` as the encoders take them, those of `marked_frames` with their marks."""
        assert self._video is not None
        if not marked_frames:
            return self._all[0], self._all[1]
        frames = [marked_frames[place] if place in marked_frames else self._video.frame(place) for place in places]
        images, context, *_ = self._prepared(frames)
        return images, context

    def _prepared(self, frames: Sequence[Any]) -> Any:  # noqa: ANN401 - five lists
        with foreign(self._ready.device):
            return import_module("chat").preprocess_vision(
                [frames],
                type="video",
                enc_preprocessor=self._parts.enc_preprocessor,
                sam_preprocessor=self._parts.sam_preprocessor,
                conv_generator=self._parts.conv_generator,
                precision=PRECISIONS[self._ready.dtype],
            )

    def _text(self, output_ids: Any, prompt_ids: Any) -> str:  # noqa: ANN401 - tensors of token ids
        """The words of the answer: what comes after the prompt, which the model gives back before it."""
        new = output_ids[len(prompt_ids) :]
        ids = new[new != import_module("chat").IMAGE_TOKEN_INDEX]
        text = self._parts.tokenizer.decode(ids, skip_special_tokens=False)
        return without_special_tokens(text, self._parts.tokenizer)


def tracks(segments: Mapping[int, Mapping[int, Any]], video: Video) -> list[Masks]:
    """A (T, H, W) bool track for each object of {frame: {object: mask}}, in order; empty on frames without a mask.

    Raises ValueError for frames that the video does not have, and what NumPy does for masks of another size.
    """
    if segments and not 0 <= min(segments) <= max(segments) < len(video):
        raise ValueError(f"the model gave masks for frames {min(segments)} to {max(segments)} of {len(video)}")
    object_ids = sorted({object_id for masks in segments.values() for object_id in masks})
    object_tracks = [np.zeros((len(video), *video.size), np.bool_) for _ in object_ids]
    for index, masks in segments.items():
        for object_id, mask in masks.items():
            object_tracks[object_ids.index(object_id)][index] = np.asarray(mask) > 0
    return object_tracks


def _load(ready: Ready, repo: Path) -> Parts:
    """Model and companions by the repository's own loader, which reads a file by a path relative to its folder."""
    import torch

    REPOSITORY.add_to_path(repo)
    # deepspeed puts the model on the current one of several GPUs.
    current = torch.cuda.device(ready.device) if ready.device.startswith("cuda:") else nullcontext()
    with REPOSITORY.current(repo), loading(ready.source, ready.device), current:
        REPOSITORY.import_all()
        parts = Parts(
            *import_module("chat").initialize_model_videogptplus(
                model_base=ready.source,
                precision=PRECISIONS[ready.dtype],
                local_rank=ready.device,
                load_in_8bit=False,
                load_in_4bit=False,
                use_sam2_video_branch=True,
                base_llm_type="phi3",
            )
        )
    segmenter = getattr(getattr(parts.model, "model", None), "visual_model", None)
    if hasattr(segmenter, "init_state_from_tensor"):
        put_states_on(segmenter, "init_state_from_tensor", ready.device)
    return parts


def _base(repo: Path | None) -> Path:
    """The folder in which its code runs, and paths begin; where it would be, if no checkout is named."""
    return REPOSITORY.folder(repo or Path(REPOSITORY.name))


def _towers(repo: Path, config: dict[str, Any]) -> list[str]:
    """The problems of the two vision towers that the checkpoint's config names; paths begin at the code's folder."""
    base = _base(repo)
    video = str(config.get("mm_vision_tower") or "")
    wrong = vision_tower.problems(config, ("image_mm_vision_tower",), base=base)
    if video and "InternVideo2" not in video:
        return [
            *wrong,
            f"vision tower {video} (mm_vision_tower of config.json): expected a path with InternVideo2 in it",
        ]
    if video and not (base / video).is_file():
        wrong.append(f"vision tower {video} (mm_vision_tower of config.json): there is no such file below {base}")
    return wrong
