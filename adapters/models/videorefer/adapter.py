"""The adapter `videorefer`: masks in, text out, from a checkout of its repository."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from sama_bench.adapter import Abilities, Adapter, Need
from sama_bench.adapters.models.videorefer.v1 import First
from sama_bench.adapters.models.videorefer.v2 import Second, check_rate
from sama_bench.adapters.shared.checkpoint import Dtype, config_of
from sama_bench.adapters.shared.first_visible import Seen, first_seen, with_names
from sama_bench.adapters.shared.preflight import look
from sama_bench.errors import UserError
from sama_bench.metrics.grounding_marks import plain
from sama_bench.prompting.grounding_request import without_request
from sama_bench.types import Prediction, Question, Video

GENERATIONS: dict[str, type[First | Second]] = {"1": First, "2": Second}


class VideoRefer(Adapter):
    """Asks VideoRefer-7B (generation 1) or VideoRefer-VideoLLaMA3 (generation 2), each as its own scripts do.

    A region is given as its mask on the first frame that shows it. The second generation sees `fps` frames a second, as
    its loader counts them: 4 for descriptions and 1 for questions where no number is given. No generation answers with
    masks; so the benchmark's request for them is left out of the questions, and the cells that need masks stay empty.
    The first takes earlier turns as messages; the code of the second makes every message the user's, so it takes none.

    Args:
        checkpoint: The model's id on the hub, or its folder.
        repo: The checkout of the model's code.
        generation: Which of the two the checkpoint is; auto goes by its config and name.
        fps: Frames a second that the second generation sees; by default 4 for descriptions, 1 for questions.
        device: What it runs on: cpu, cuda, cuda:1, mps; auto takes CUDA where there is one.
        dtype: The type of its numbers; auto takes bfloat16 (generation 1: float16) on CUDA, float32 elsewhere.
    """

    summary = "VideoRefer, both generations, from a checkout; takes masks, answers with text"
    can = Abilities(masks=False, history="regions")
    tells_needs = True
    needs = (Need("torch", "torch"), Need("transformers", "transformers"))

    def __init__(
        self,
        checkpoint: str,
        *,
        repo: Path | None = None,
        generation: Literal["auto", "1", "2"] = "auto",
        fps: float | None = None,
        device: str = "auto",
        dtype: Dtype = "auto",
    ) -> None:
        check_rate(fps)
        known_kind = GENERATIONS[generation] if generation != "auto" else _told(checkpoint)
        kind = known_kind or First
        others = kind.repository.problems(repo) if known_kind or repo is None else []
        if known_kind is None:
            others.append(
                f"checkpoint {checkpoint}: does not tell whether it is VideoRefer-7B (--model-arg generation=1) or "
                "VideoRefer-VideoLLaMA3 (generation=2)"
            )
        else:
            others += kind.problems(device, dtype)
            if fps is not None and kind is First:
                others.append(f"fps={fps:g}: generation 1 sees 8 frames of any video; leave it out")
        parts = kind.tower_problems if known_kind else None
        ready = look(self.needs, checkpoint, device, kind.dtype or dtype, others=others, parts=parts)
        assert repo is not None, "look() tells that it is missing"
        kind.repository.add_to_path(repo)
        self._model = kind(ready, fps)
        self.can = replace(VideoRefer.can, history=kind.history)
        self.asking = {"request": "left out", "generation": kind.number, **self._model.asking}

    def open(self, video: Video) -> None:
        """Prepare the frames that the language model sees of the video."""
        self._model.open(video)

    def predict(self, question: Question) -> Prediction:
        """Answer greedily, in words alone. Raises what the model's code raises."""
        texts: list[str] = []
        visible_regions: list[Seen] = []
        earlier = [(turn.question, turn.regions, plain(turn.answer)) for turn in question.history]
        for text, shown, answer in [*earlier, (question.text, question.regions, None)]:
            regions = first_seen(shown)
            names = [self._model.region if region else None for region in regions]
            texts += [with_names(without_request(text), names), *([] if answer is None else [answer])]
            visible_regions += [region for region in regions if region]
        return Prediction(self._model.answer(question.video, texts, visible_regions, question.key.task))

    def notes(self) -> Sequence[str]:
        """What was changed of masks that the model could not see, where any was."""
        return self._model.notes()

    def close(self) -> None:
        """Let go of the video."""
        self._model.close()


def _told(checkpoint: str) -> type[First | Second] | None:
    """The generation that a folder's config.json tells, or else the checkpoint's name; None where neither does."""
    folder = Path(checkpoint).expanduser()
    try:
        names = [str(config_of(folder).get("model_type", ""))]
    except UserError:  # whoever looks for weights tells what is wrong with it
        names = []
    for name in (*names, folder.name.lower()):
        # The name of the second generation begins as the first's does.
        for kind in (Second, First):
            if kind.model_type in name:
                return kind
    return None
