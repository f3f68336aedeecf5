"""The adapter `sama-released`: the released checkpoints through their own `predict_forward`."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from sama_bench.adapter import Abilities, Adapter, Need
from sama_bench.adapters.models.sama_released.loading import Loaded, load, look
from sama_bench.adapters.models.sama_released.video_cache import Once
from sama_bench.adapters.shared.checkpoint import Dtype
from sama_bench.adapters.shared.plain_prompt import at_most, pictured, words
from sama_bench.adapters.shared.ranges import positive
from sama_bench.adapters.shared.sama_frames import sparse
from sama_bench.adapters.shared.sama_prompt import IMAGE, forward_arguments, unseen
from sama_bench.adapters.shared.special_tokens import without_special_tokens
from sama_bench.adapters.shared.third_party_code import foreign
from sama_bench.errors import each
from sama_bench.types import PlainQuestion, Prediction, Question, Video

PIP = "sama-bench[sama-released]"


class Sama(Adapter):
    """Asks SAMA (1B, 4B, 8B) for G and C as its released scripts do, with their traps closed (docs/sama.md).

    Regions are shown on the first of the frames that the model looks at closely on which they are visible, or, with
    `prompt_frames=all`, on all frames, of which the model's code then draws one by chance, seeded by `seed` and the
    question. What a video needs once is done once, unless `reuse=no`.

    Args:
        checkpoint: The model's id on the hub, or its folder.
        repo: The checkout of SAMA's code.
        bert: The folder with the config and vocabulary of bert-base-uncased; by default the hub's.
        device: What it runs on: cpu, cuda, cuda:1, mps; auto takes CUDA where there is one.
        dtype: The type of its numbers; auto takes bfloat16 on CUDA, float32 elsewhere.
        prompt_frames: The frames on which a region is shown.
        max_frames: The most frames of a video that are sampled.
        seed: Any text; decides what is drawn by chance with prompt_frames=all.
        reuse: Whether what a video needs once is done once.
    """

    summary = "SAMA's released checkpoints, by its own predict_forward"
    wording = "sama"
    can = Abilities(plain=True)
    tells_needs = True
    needs = (Need("torch", PIP), Need("torchvision", PIP), Need("transformers", PIP), Need("peft", PIP),
             Need("timm", PIP), Need("einops", PIP))  # fmt: skip
    free = frozenset({"reuse"})

    def __init__(  # noqa: PLR0913 - each is a model argument
        self,
        checkpoint: str,
        *,
        repo: Path | None = None,
        bert: Path | None = None,
        device: str = "auto",
        dtype: Dtype = "auto",
        prompt_frames: Literal["first", "all"] = "first",
        max_frames: int = 32,
        seed: str = "0",
        reuse: bool = True,
        trust_remote_code: bool = False,
    ) -> None:
        checks: list[Callable[[], Any]] = [
            lambda: look(self.needs, checkpoint, device, dtype, repo=repo, bert_folder=bert, trust=trust_remote_code),
            lambda: positive("max_frames", max_frames),
        ]
        ready, self._max_frames = each(lambda check: check(), checks)
        assert repo is not None, "look() tells that it is missing"
        self._every, self._reuse, self._seed = prompt_frames == "all", reuse, seed
        self._loaded: Loaded = load(ready, repo.expanduser(), bert)
        self._pictures: list[Any] = []
        self._once: Once | None = None
        self._unseen = 0
        seeded = {"seed": seed} if self._every else {}
        self.asking = {"prompt_frames": prompt_frames, "max_frames": str(max_frames), **seeded}

    def open(self, video: Video) -> None:
        """Make pictures of the frames, and begin to keep what they need once."""
        from PIL import Image

        self._pictures = [Image.fromarray(video.frame(index)) for index in range(len(video))]
        if self._reuse:
            self._once = Once(self._loaded.model, self._pictures, self._loaded.device)

    def predict(self, question: Question) -> Prediction:
        """Answer by `predict_forward`; masks of as many [SEG]s as the answer has, (T, H, W) bool each."""
        import torch

        self._unseen += unseen(question, sparse(len(question.video), self._max_frames))
        self._loaded.said.clear()
        with torch.inference_mode(), foreign(self._loaded.device), self._chance(question):
            answer = self._loaded.model.predict_forward(
                video=self._pictures,
                tokenizer=self._loaded.tokenizer,
                **forward_arguments(question, self._max_frames, every=self._every),
            )
        self._loaded.check_seen()
        masks = answer.get("prediction_masks")
        return Prediction(answer["prediction"], [] if masks is None else list(masks))

    def answer(self, question: PlainQuestion) -> str:
        """Answer in words, about images, a video or nothing that is shown.

        Lines become one, as the model's code takes out line ends. Raises ValueError for more than five images, and for
        images of several sizes.
        """
        import torch

        loaded, pictures = self._loaded, pictured(question)
        if len({picture.size for picture in pictures.get("video", ())}) > 1:
            raise ValueError("the question has images of several sizes, and SAMA's code takes one size together")
        text = " ".join(words(question).split("\n"))
        # A question in words alone was trained with a place for the one token that is left of no picture, which the
        # code counts on and does not write.
        forward_args = {**pictures, "text": text if pictures else f"{IMAGE}\n{text}", "max_frames": self._max_frames}
        loaded.said.clear()
        with torch.inference_mode(), foreign(loaded.device), at_most(loaded.model, question.max_new_tokens):
            answer = loaded.model.predict_forward(tokenizer=loaded.tokenizer, **forward_args)
        loaded.check_seen()
        return without_special_tokens(answer["prediction"], loaded.tokenizer)

    def close(self) -> None:
        """Let go of the video."""
        if self._once is not None:
            self._once.end()
        self._once, self._pictures = None, []

    def notes(self) -> Sequence[str]:
        """The number of regions that the model could not see, where there were any."""
        reason = "regions are on none of the frames that SAMA looks at closely, or too small there: empty for it"
        return [f"{self._unseen} {reason}"] if self._unseen else []

    @contextmanager
    def _chance(self, question: Question) -> Iterator[None]:
        """The model's code draws frames with Python's `random`: the same ones each time; nobody else's draws change."""
        before = random.getstate()
        random.seed(sha256(f"{self._seed} {question.key}".encode()).digest())
        try:
            yield
        finally:
            random.setstate(before)
