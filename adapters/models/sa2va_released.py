"""The adapter `sa2va-released`: Sa2VA's checkpoints, InternVL and Qwen variants, by their own `predict_forward`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any

from sama_bench.adapter import Abilities, Adapter, Need
from sama_bench.adapters.shared.answer_masks import of_answer
from sama_bench.adapters.shared.checkpoint import Dtype, config_of
from sama_bench.adapters.shared.folder_parts import PROCESSOR, TOKENIZER, WEIGHTS, Files
from sama_bench.adapters.shared.import_check import file_of, not_installed
from sama_bench.adapters.shared.plain_prompt import at_most, pictured, words
from sama_bench.adapters.shared.preflight import Ready, look
from sama_bench.adapters.shared.ranges import positive
from sama_bench.adapters.shared.region_marks import Way, marked
from sama_bench.adapters.shared.rotary import frequencies_kept
from sama_bench.adapters.shared.sam2_code import put_states_on, quieten, track_in_float32
from sama_bench.adapters.shared.segmenter_frames import SegmenterFrames
from sama_bench.adapters.shared.shown_frames import SHOWN, ShownFrames
from sama_bench.adapters.shared.special_tokens import without_special_tokens
from sama_bench.adapters.shared.third_party_code import TRUST, foreign, loading, with_all_weights
from sama_bench.errors import UserError, each
from sama_bench.metrics.grounding_marks import SEGMENT
from sama_bench.types import PlainQuestion, Prediction, Question, Video

PIP = "sama-bench[sa2va-released]"
SAMPLES = "sample_num_frames"
"""The argument that `predict_forward` has in Sa2VA-i alone."""


class Sa2VA(Adapter):
    """Asks Sa2VA as its evaluation scripts do, greedily and without the dialogue so far.

    It takes regions in single images only. So each is marked on the first frame that shows it, and put into words;
    where that frame is not among the first five it takes the place of the nearest of them. SAM 2 sees the video's own
    frames, in their order and without marks, as long as the checkpoint's code prepares them by its
    `extra_image_processor`; else it sees what the language model sees, and late regions are told to be not visible.

    Args:
        checkpoint: The model's id on the hub, or its folder.
        marks: How regions are drawn; with none, questions that have regions cannot be asked.
        frames: How many frames Sa2VA-i's language model sees; Sa2VA's sees the first five.
        device: What it runs on: cpu, cuda, cuda:1, mps; auto takes CUDA where there is one.
        dtype: The type of its numbers; auto takes bfloat16 on CUDA, float32 elsewhere.
    """

    summary = "Sa2VA, InternVL and Qwen variants, by their own predict_forward; regions as drawn marks"
    wording = "sa2va"
    tells_needs = True
    can = Abilities(plain=True)
    needs = (Need("torch", PIP), Need("transformers", PIP))

    def __init__(
        self,
        checkpoint: str,
        *,
        marks: Way = "outline",
        frames: int = SHOWN,
        device: str = "auto",
        dtype: Dtype = "auto",
        trust_remote_code: bool = False,
    ) -> None:
        others = _own_code(checkpoint, trust=trust_remote_code)
        more = (PROCESSOR,) if _on_qwen(_code(Path(checkpoint).expanduser())) else ()
        files = Files((WEIGHTS, TOKENIZER, *more))
        checks: list[Callable[[], Any]] = [
            lambda: look(self.needs, checkpoint, device, dtype, others=others, files=files),
            lambda: positive("frames", frames),
        ]
        ready, _ = each(lambda check: check(), checks)
        assert isinstance(ready, Ready)
        self._marks: Way = marks
        self._device = ready.device
        self._model, self._fixed_args = _load(ready)
        self._shown = _shown(self._model, frames)
        self._segmenter = SegmenterFrames.of(self._model)
        self._pictures: list[Any] = []
        self.can = replace(Sa2VA.can, regions=self._marks != "none")
        self.asking = {"marks": self._marks, "segmenter": "unmarked" if self._segmenter else "as marked"}
        if self._shown.spread:
            self.wording = "sa2va-i"
            self.asking |= {"inference": "sa2va-i", "frames": str(frames)}
            self._fixed_args[SAMPLES] = frames

    def open(self, video: Video) -> None:
        """Make pictures of all frames; what SAM 2 takes of each is made once, with the first question."""
        from PIL import Image

        self._pictures = [Image.fromarray(video.frame(index)) for index in range(len(video))]
        if self._segmenter:
            self._segmenter.open(video)

    def predict(self, question: Question) -> Prediction:
        """Answer by `predict_forward`: a (T, H, W) bool track for each [SEG]. Raises what the checkpoint's code raises.

        Raises ValueError for regions where marks are `none`, and for a number of masks that is not that of the [SEG]s.
        """
        import torch

        marked_question = marked(question, self._marks, self._places)
        if self._segmenter:
            self._segmenter.begin()
        with torch.no_grad(), foreign(self._device):
            answer = self._model.predict_forward(
                video=self._pictures_with_marks(marked_question.places, marked_question.frames),
                text=f"<image>\n{marked_question.text}",
                **self._fixed_args,
            )
        text = without_special_tokens(answer["prediction"], self._fixed_args["tokenizer"])
        # The Qwen variants look for [SEG] in their prompt, too.
        echoed = marked_question.text.count(SEGMENT) if "processor" in self._fixed_args else 0
        return Prediction(text, of_answer(text, answer.get("prediction_masks") or (), echoed))

    def answer(self, question: PlainQuestion) -> str:
        """Answer in words, about images, or a video, of which the language model sees a few frames, evenly spread.

        Raises ValueError for more than five images; for images of several sizes in Sa2VA-i, which takes them as one
        video.
        """
        import torch

        pictures = pictured(question, self._shown.count)
        if self._shown.spread:
            pictures = _as_video(pictures)
        text = f"<image>\n{words(question)}" if pictures else words(question)
        with torch.no_grad(), foreign(self._device), at_most(self._model, question.max_new_tokens):
            answer = self._model.predict_forward(text=text, **pictures, **self._fixed_args)
        return without_special_tokens(answer["prediction"], self._fixed_args["tokenizer"])

    def close(self) -> None:
        """Let go of the video."""
        self._pictures = []
        if self._segmenter:
            self._segmenter.close()

    def _places(self, marked_places: Collection[int]) -> Sequence[int]:
        return self._shown.places(len(self._pictures), marked_places if self._segmenter else ())

    def _pictures_with_marks(self, places: Sequence[int], marked_frames: Mapping[int, Any]) -> list[Any]:
        """A picture for each frame of the video; where the language model looks, that of the place to show."""
        from PIL import Image

        pictures = list(self._pictures)
        for at, place in zip(self._shown.positions(len(pictures)), places, strict=True):
            pictures[at] = Image.fromarray(marked_frames[place]) if place in marked_frames else self._pictures[place]
        return pictures


def _shown(model: Any, frames: int) -> ShownFrames:  # noqa: ANN401 - the checkpoint's own class
    """The frames that the model's own code shows. Raises UserError for a number that it does not ask for."""
    if SAMPLES in signature(model.predict_forward).parameters:
        return ShownFrames(frames, spread=True)
    if frames != SHOWN:
        raise UserError(
            f"frames={frames}: the checkpoint's code looks at the first {SHOWN} frames, whatever it is asked for; only "
            "that of Sa2VA-i samples frames: leave the argument out"
        )
    return ShownFrames()


def _as_video(pictures: Mapping[str, Any]) -> dict[str, Any]:
    """An image as a video of one frame: Sa2VA-i's code fails on images. Raises ValueError for several sizes."""
    video = [pictures["image"]] if "image" in pictures else pictures.get("video", [])
    if len({picture.size for picture in video}) > 1:
        raise ValueError("the question has images of several sizes, and Sa2VA-i takes one size together")
    return {"video": video} if video else {}


def _own_code(checkpoint: str, *, trust: bool) -> list[str]:
    """The obstacles to running the checkpoint's own code: that nobody allowed it, and what it imports."""
    problems = [] if trust else [f"checkpoint {checkpoint}: {TRUST}"]
    folder = Path(checkpoint).expanduser()
    modules = _code(folder)
    if absent := {name for name in modules if file_of(folder, name) is None}:
        files = ", ".join(sorted(f"{name}.py" for name in absent))
        problems.append(f"checkpoint {checkpoint}: the folder has no {files}, which its config.json names")
    if missing_modules := not_installed(folder, [name for name in modules if name not in absent]):
        pip = f"pip install '{PIP}'"
        problems.append(f"not installed, and imported by the checkpoint's code: {', '.join(missing_modules)}: {pip}")
    return problems


def _code(folder: Path) -> list[str]:
    """The modules that a checkpoint's config has transformers load; [] where it is not in a folder that can be read.

    Those that transformers takes from another repository (`owner/name--module.Class`) are left out.
    """
    try:
        class_names = map(str, config_of(folder)["auto_map"].values())
        return [name.rpartition(".")[0] for name in class_names if "--" not in name]
    except (UserError, KeyError, AttributeError):  # what is wrong with it is told by who looks for weights
        return []


def _on_qwen(names: Iterable[str]) -> bool:
    """True if the code's names tell a variant on Qwen-VL, which needs a processor."""
    return any("qwen" in name.lower() for name in names)


def _load(ready: Ready) -> tuple[Any, dict[str, Any]]:
    """The model in evaluation mode, and what `predict_forward` is given with every question.

    Raises UserError in one line where the checkpoint's code, weights, tokenizer or processor do not load.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    bars: Any = logging
    bars.disable_progress_bar()  # the run has one of its own
    dtype = getattr(torch, ready.dtype)
    with loading(ready.source, ready.device):
        tokenizer = AutoTokenizer.from_pretrained(ready.source, trust_remote_code=True)
        loaded = AutoModel.from_pretrained(
            ready.source, torch_dtype=dtype, trust_remote_code=True, output_loading_info=True
        )
        model = with_all_weights(loaded, ready.source).eval().to(ready.device)
        fixed_args = {"tokenizer": tokenizer, **_processor(model, ready.source)}
        # Said before the first question, or the code makes bfloat16 of every picture.
        if hasattr(model, "preparing_for_generation"):
            with frequencies_kept(model):
                model.preparing_for_generation(tokenizer=tokenizer, torch_dtype=dtype)
        model.torch_dtype = dtype
        if hasattr(model, "grounding_encoder"):
            put_states_on(model.grounding_encoder, "get_sam2_embeddings", ready.device)
            track_in_float32(model, ready.device, dtype)
            quieten(model)
    return model, fixed_args


def _processor(model: Any, source: str) -> dict[str, Any]:  # noqa: ANN401 - the checkpoint's own class
    """The processor that the Qwen variants need; older InternVL variants have no argument for one."""
    if not _on_qwen([type(model).__name__]):
        return {}
    import transformers

    kind: Any = transformers.AutoProcessor
    return {"processor": kind.from_pretrained(source, trust_remote_code=True)}
