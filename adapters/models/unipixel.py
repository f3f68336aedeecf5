"""The adapter `unipixel`: UniPixel through `model.generate`, regions as masks, from a checkout of its repository."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from sama_bench.adapter import Abilities, Adapter, Need
from sama_bench.adapters.shared.answer_masks import of_answer
from sama_bench.adapters.shared.checkout import Checkout
from sama_bench.adapters.shared.checkpoint import Dtype
from sama_bench.adapters.shared.first_visible import Seen, first_seen, with_names
from sama_bench.adapters.shared.folder_parts import PROCESSOR, TOKENIZER, WEIGHTS, Files
from sama_bench.adapters.shared.preflight import Ready, look
from sama_bench.adapters.shared.third_party_code import foreign, loading
from sama_bench.metrics.grounding_marks import CLOSE, OPEN, SEGMENT
from sama_bench.types import Prediction, Question, Video

REPOSITORY = Checkout(
    "UniPixel",
    "https://github.com/PolyU-ChenLab/UniPixel",
    ("unipixel.model.builder", "unipixel.dataset.utils", "unipixel.utils.transforms"),
)
SEG, REGION = "<|seg|>", "<|mem|>"
SAMPLED = 16
PIXELS = 28 * 28
"""One token of the language model stands for so many pixels of two frames."""
LONGEST = 512
_phrase_marks = re.compile(rf"{re.escape(OPEN)}\s*|\s*{re.escape(CLOSE)}")


class UniPixel(Adapter):
    """Asks UniPixel (3B, 7B) as its scripts do: 16 frames for the language model, all of them for SAM 2.

    A region is given as its mask on the first frame that shows it, which is always among the 16. Of phrases the model
    knows nothing: its [SEG]s have none. Earlier turns are messages, as in training: the first lists the regions of all.

    Args:
        checkpoint: The model's id on the hub, or its folder.
        repo: The checkout of the model's code.
        device: What it runs on: cpu, cuda, cuda:1, mps; auto takes CUDA where there is one.
        dtype: The type of its numbers; auto takes bfloat16 on CUDA, float32 elsewhere.
    """

    summary = "UniPixel, from a checkout; takes masks, answers with masks, without phrases"
    wording = "unipixel"
    can = Abilities(history="regions")
    tells_needs = True
    needs = (Need("torch", "torch==2.7.1"), Need("transformers", "transformers==4.53.3"))

    def __init__(
        self, checkpoint: str, *, repo: Path | None = None, device: str = "auto", dtype: Dtype = "auto"
    ) -> None:
        files = Files((WEIGHTS, TOKENIZER, PROCESSOR))
        ready = look(self.needs, checkpoint, device, dtype, others=REPOSITORY.problems(repo), files=files)
        assert repo is not None, "look() tells that it is missing"
        REPOSITORY.add_to_path(repo)
        self._device = ready.device
        self._model, self._processor = _load(ready)
        self._video: Video | None = None
        self._segmenter: Any = None
        self._seen: dict[tuple[int, ...], tuple[Any, ...]] = {}

    def open(self, video: Video) -> None:
        """Prepare every frame for SAM 2, one at a time."""
        import torch

        transform = import_module("unipixel.utils.transforms").get_sam2_transform(self._model.config.sam2_image_size)
        kind = self._model.sam2.dtype
        # Copied: frames may be read-only.
        frames = (torch.from_numpy(video.frame(index).copy())[None] for index in range(len(video)))
        self._segmenter = torch.cat([transform(frame).to(kind) for frame in frames]).to(self._device)
        self._video = video

    def predict(self, question: Question) -> Prediction:
        """Answer greedily, in at most 512 tokens: a (T, H, W) bool track for each [SEG].

        Raises what the model's code raises, and ValueError for another number of masks than of [SEG]s.
        """
        import torch

        turns = [(turn.question, turn.answer, turn.regions) for turn in question.history]
        seen_by_turn = [first_seen(regions) for _, _, regions in [*turns, ("", "", question.regions)]]
        marked = {region.frame for regions in seen_by_turn for region in regions if region}
        places = sampled(len(question.video), SAMPLED, marked)
        regions = [
            [region if region and region.frame in places else None for region in of_turn] for of_turn in seen_by_turn
        ]
        data, words = self._data(question, regions, places)
        with torch.no_grad(), foreign(self._device):
            ids = self._model.generate(
                **data, do_sample=False, temperature=None, top_k=None, top_p=None, repetition_penalty=None,
                max_new_tokens=LONGEST,
            )  # fmt: skip
        reply = self._text(ids[0, data["input_ids"].shape[1] :])
        text = reply.replace(SEG, SEGMENT)
        masks = [mask[0].cpu().numpy() for mask in self._model.seg] if "frames" in data else []
        # SAM 2 is asked for the [SEG]s of the prompt, too.
        tracks = of_answer(text, masks, words.count(SEG)) if "frames" in data else []
        return Prediction(text, tracks, raw=reply)

    def close(self) -> None:
        """Let go of the video."""
        self._video, self._segmenter, self._seen = None, None, {}
        self._model.seg = []

    def _data(
        self, question: Question, regions: Sequence[Sequence[Seen | None]], places: tuple[int, ...]
    ) -> tuple[Any, str]:
        """The arguments of `generate`, on the device, and all words of the prompt; `regions` are those of each turn."""
        listed, _ = numbered(regions)
        first, *later = words_of_turns([*(turn.question for turn in question.history), question.text], regions, places)
        message = {"role": "user", "content": [self._video_part(places), {"type": "text", "text": first}]}
        messages: list[dict[str, Any]] = [message]
        for turn, words in zip(question.history, later, strict=True):
            messages += [{"role": "assistant", "content": said(turn.answer)}, {"role": "user", "content": words}]
        text = self._processor.apply_chat_template(messages, add_generation_prompt=True)
        images, videos, more = self._pictures(message, places)
        data = self._processor(text=[text], images=images, videos=videos, return_tensors="pt", **more).to(self._device)
        if question.expects != "text":  # a description is asked without the segmenter
            data["frames"], data["frame_size"] = [self._segmenter], [question.video.size]
        if listed:
            grid = [int(size) for size in data["video_grid_thw"][0]]
            data["refer_mask"] = [cells(listed, places, grid).to(self._device)]
        return data, " ".join([first, *(said(turn.answer) for turn in question.history), *later])

    def _video_part(self, places: Sequence[int]) -> dict[str, Any]:
        from PIL import Image

        assert self._video is not None
        return {
            "type": "video",
            "video": [Image.fromarray(self._video.frame(place)) for place in places],
            "min_pixels": 128 * PIXELS,
            "max_pixels": 256 * PIXELS * (SAMPLED // len(places)),
        }

    def _pictures(self, message: Any, places: tuple[int, ...]) -> tuple[Any, ...]:  # noqa: ANN401
        """The frames as the model's own code resizes them, once for each choice of frames."""
        if places not in self._seen:
            code = import_module("unipixel.dataset.utils")
            self._seen[places] = code.process_vision_info([message], return_video_kwargs=True)
        return self._seen[places]

    def _text(self, ids: Any) -> str:  # noqa: ANN401 - a tensor
        if len(ids) and int(ids[-1]) == self._processor.tokenizer.eos_token_id:
            ids = ids[:-1]
        return str(self._processor.decode(ids, clean_up_tokenization_spaces=False))


def sampled(length: int, count: int, marked: Collection[int] = ()) -> tuple[int, ...]:
    """`count` evenly spread places of a video with `length` frames, all where there are no more.

    Each of `marked` takes the place of the nearest that is not marked; where there are more of them than places, the
    last are left out.
    """
    if length <= count:
        return tuple(range(length))
    keep = set(sorted(marked)[:count])
    places = [int(place) for place in (np.arange(count) * ((length - 1) / (count - 1))).round()]
    for place_to_keep in sorted(keep - set(places)):
        spare = [place for place in places if place not in keep]
        places[places.index(min(spare, key=lambda place: abs(place - place_to_keep)))] = place_to_keep
    return tuple(sorted(places))


def numbered(regions: Sequence[Sequence[Seen | None]]) -> tuple[list[Seen], list[list[int | None]]]:
    """The regions of all turns that are seen, in order, and for each turn's which of them it is.

    One that an earlier turn had keeps its number. A region that is not seen has none, and no mask.
    """
    listed: list[Seen] = []
    numbers: list[list[int | None]] = []
    known: dict[tuple[int, bytes], int] = {}
    for of_turn in regions:
        contents = [(region.frame, region.mask.tobytes()) if region else None for region in of_turn]
        of_this: list[int | None] = []
        for region, content in zip(of_turn, contents, strict=True):
            number = None if content is None else known.get(content, len(listed))
            if region and number == len(listed):
                listed.append(region)
            of_this.append(number)
        numbers.append(of_this)
        known |= {
            content: number
            for content, number in reversed([*zip(contents, of_this, strict=True)])
            if content is not None and number is not None
        }
    return listed, numbers


def words_of_turns(texts: Sequence[str], regions: Sequence[Sequence[Seen | None]], places: Sequence[int]) -> list[str]:
    """The words of each turn's question, with the regions' numbers; the first says which frames show each region.

    As in training: regions of all turns are numbered together, and listed once. `places` are the frames that are seen,
    those of the regions among them.
    """
    listed, numbers = numbered(regions)
    first, *later = (
        with_names(text, [None if number is None else f"[{number}]" for number in of_turn])
        for text, of_turn in zip(texts, numbers, strict=True)
    )
    if not listed:
        return [first, *later]
    # Frames are counted from 1, and two at a time are one step of the video encoder.
    pairs = [2 * (places.index(region.frame) // 2) + 1 for region in listed]
    lines = [f"[{number}]: <{pair_start}>-<{pair_start + 1}> {REGION}\n" for number, pair_start in enumerate(pairs)]
    about = f"Here is a video with {len(places)} frames denoted as <1> to <{len(places)}>. "
    return [f"{about}The highlighted regions are as follows:\n{''.join(lines)}{first}", *later]


def said(answer: str) -> str:
    """An earlier answer as the model says it: its own token for a mask, and no marks of phrases."""
    return _phrase_marks.sub("", answer).replace(SEGMENT, SEG).strip()


def cells(regions: Sequence[Seen], places: Sequence[int], grid: Sequence[int]) -> Any:  # noqa: ANN401 - a tensor
    """True where a region touches a token of the video: (frames / 2, regions, rows / 2, columns / 2) bool.

    `grid` are the steps, rows and columns of the video encoder's patches, which are 14 pixels wide.
    """
    import torch
    from torch.nn import functional

    masks = torch.zeros(grid[0], len(regions), *regions[0].mask.shape)
    for number, region in enumerate(regions):
        masks[places.index(region.frame) // 2, number] = torch.from_numpy(region.mask)
    size = (grid[1] * 14, grid[2] * 14)
    resized = functional.interpolate(masks, size, mode="bilinear", align_corners=False, antialias=True)
    return functional.max_pool2d(resized, kernel_size=28, stride=28) > 0


def _load(ready: Ready) -> tuple[Any, Any]:
    """The model and its processor, by the repository's `build_model`; raises UserError where it fails."""
    fast = ready.device.startswith("cuda") and find_spec("flash_attn") is not None
    with loading(ready.source, ready.device):
        model, processor = import_module("unipixel.model.builder").build_model(
            ready.source,
            attn_implementation="flash_attention_2" if fast else "sdpa",
            device=ready.device,
            dtype=ready.dtype,
        )
    return model, processor
