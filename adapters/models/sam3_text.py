"""The adapter `sam3-text`: SAM 3 is given an expression as it is, as a floor for what understands it."""

from __future__ import annotations

from collections.abc import Sequence

from sama_bench.adapter import Abilities, Adapter
from sama_bench.adapters.shared.checkpoint import Dtype
from sama_bench.adapters.shared.concepts import NEEDS, Concepts, Objects
from sama_bench.types import Prediction, Question, Video


class Sam3Text(Adapter):
    """Segments what an expression names, with transformers' Sam3VideoModel.

    SAM 3 was taught noun phrases: relations and motion are beyond it. It sees the words of the data, without any
    template around them, and answers in no words.

    Args:
        checkpoint: SAM 3's id on the hub, or its folder.
        objects: What of all that an expression names is its track: their union, or the best alone by its mean score.
        device: What it runs on: cpu, cuda, cuda:1, mps; auto takes CUDA where there is one.
        dtype: The type of its numbers; auto takes bfloat16 on CUDA, float32 elsewhere.
    """

    summary = "SAM 3 of transformers, given an expression as it is; such as checkpoint=facebook/sam3"
    can = Abilities(regions=False, text=False)
    needs = NEEDS

    def __init__(
        self, checkpoint: str, *, objects: Objects = "union", device: str = "auto", dtype: Dtype = "auto"
    ) -> None:
        self._concepts = Concepts(checkpoint, device, dtype, objects)
        self.asking = {**self._concepts.asking, "words": "bare"}

    def open(self, video: Video) -> None:
        """Begin a video; its frames are encoded when the first expression comes, and then kept."""
        self._concepts.open(video)

    def predict(self, question: Question) -> Prediction:
        """The track of what the expression names; without a mask where nothing is.

        Raises ValueError for a question that asks for words.
        """
        if question.expects != "track":
            raise ValueError("SAM 3 by text finds what an expression names; this question asks for words")
        words = question.text if question.expression is None else question.expression.words
        (track,) = self._concepts.tracks(question.video, [words.strip().rstrip(".")])
        return Prediction("[SEG]", [track]) if any(mask is not None for mask in track) else Prediction("")

    def close(self) -> None:
        """Let go of the video."""
        self._concepts.close()

    def notes(self) -> Sequence[str]:
        """The number of expressions that were cut, where any was."""
        return self._concepts.notes()
