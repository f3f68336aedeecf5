"""To what sizes a model's processor brought the frames: Qwen2.5-VL writes boxes in pixels of those."""

from __future__ import annotations

from typing import Any, TypeAlias

from sama_bench.prompting import Prompt

Size: TypeAlias = tuple[int, int]


class Sizes:
    """Listens to what the model of an lmms-eval class is given: the grids of patches of frames and videos."""

    def __init__(self, theirs: Any) -> None:  # noqa: ANN401 - an object of lmms-eval's
        self._waiting: list[Prompt] = []
        self._shown: set[int] = set()
        self._found: dict[int, tuple[Size, ...]] = {}
        model = getattr(theirs, "model", None)
        patch = getattr(getattr(getattr(model, "config", None), "vision_config", None), "patch_size", None)
        self._patch = patch if isinstance(patch, int) else 0
        if self._patch and hasattr(model, "generate"):
            self._listen(model)

    def begin(self) -> None:
        """Forget what was seen."""
        self._waiting, self._shown, self._found = [], set(), {}

    def shown(self, prompt: Prompt) -> None:
        """Note that the model takes the frames of `prompt`; what it generates next is for all that it took."""
        self._waiting.append(prompt)
        self._shown.add(id(prompt))

    def seen(self, prompt: Prompt) -> bool:
        """Whether the model took the frames of `prompt`."""
        return id(prompt) in self._shown

    def of(self, prompt: Prompt) -> tuple[Size, ...] | None:
        """The (height, width) of each frame of `prompt` as the model saw it; None where nothing told."""
        return self._found.get(id(prompt))

    def _listen(self, model: Any) -> None:  # noqa: ANN401 - of transformers
        generate = model.generate

        def heard(*args: Any, **inputs: Any) -> Any:  # noqa: ANN401 - as generate
            self._note(inputs.get("image_grid_thw"), inputs.get("video_grid_thw"))
            return generate(*args, **inputs)

        model.generate = heard

    def _note(self, images: Any, videos: Any) -> None:  # noqa: ANN401 - tensors (pictures, 3), or None
        asked, self._waiting = self._waiting, []
        sizes = [(rows * self._patch, columns * self._patch) for _, rows, columns in _rows(images)]
        if len(sizes) == sum(len(prompt.frames) for prompt in asked):
            left = iter(sizes)
            self._found |= {id(prompt): tuple(next(left) for _ in prompt.frames) for prompt in asked}
            return
        sizes = [(rows * self._patch, columns * self._patch) for _, rows, columns in _rows(videos)]
        if len(sizes) == len(asked):
            self._found |= {id(prompt): (size,) * len(prompt.frames) for prompt, size in zip(asked, sizes, strict=True)}


def _rows(grids: Any) -> list[list[int]]:  # noqa: ANN401 - as above
    """(frames, rows, columns) of patches of each picture."""
    return [] if grids is None else [list(map(int, row)) for row in grids.tolist()]
