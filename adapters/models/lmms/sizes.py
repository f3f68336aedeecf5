"""To what sizes a model's processor brought the frames: Qwen2.5-VL writes boxes in pixels of those."""

from __future__ import annotations

from typing import Any, TypeAlias

from sama_bench.prompting import Prompt

Size: TypeAlias = tuple[int, int]


class Sizes:
    """Listens to what the model of an lmms-eval class is given: the grids of patches of frames and videos."""

    def __init__(self, lmms_model: Any) -> None:  # noqa: ANN401 - an object of lmms-eval's
        self._waiting: list[Prompt] = []
        self._taken: set[int] = set()
        self._sent: dict[int, tuple[Size, ...]] = {}
        model = getattr(lmms_model, "model", None)
        patch = getattr(getattr(getattr(model, "config", None), "vision_config", None), "patch_size", None)
        self._patch = patch if isinstance(patch, int) else 0
        if self._patch and hasattr(model, "generate"):
            self._listen(model)

    def begin(self) -> None:
        """Forget what was seen."""
        self._waiting, self._taken, self._sent = [], set(), {}

    def mark_taken(self, prompt: Prompt) -> None:
        """Note that the model takes the frames of `prompt`; what it generates next is for all that it took."""
        self._waiting.append(prompt)
        self._taken.add(id(prompt))

    def seen(self, prompt: Prompt) -> bool:
        """True if the model took the frames of `prompt`."""
        return id(prompt) in self._taken

    def of(self, prompt: Prompt) -> tuple[Size, ...] | None:
        """The (height, width) of each frame of `prompt` as the model saw it; None where nothing told."""
        return self._sent.get(id(prompt))

    def _listen(self, model: Any) -> None:  # noqa: ANN401 - of transformers
        generate = model.generate

        def generate_and_note(*args: Any, **inputs: Any) -> Any:  # noqa: ANN401 - as generate
            self._note(inputs.get("image_grid_thw"), inputs.get("video_grid_thw"))
            return generate(*args, **inputs)

        model.generate = generate_and_note

    def _note(self, images: Any, videos: Any) -> None:  # noqa: ANN401 - tensors (pictures, 3), or None
        waiting_prompts, self._waiting = self._waiting, []
        sizes = [(rows * self._patch, columns * self._patch) for _, rows, columns in _rows(images)]
        if len(sizes) == sum(len(prompt.frames) for prompt in waiting_prompts):
            left = iter(sizes)
            self._sent |= {id(prompt): tuple(next(left) for _ in prompt.frames) for prompt in waiting_prompts}
            return
        sizes = [(rows * self._patch, columns * self._patch) for _, rows, columns in _rows(videos)]
        if len(sizes) == len(waiting_prompts):
            self._sent |= {
                id(prompt): (size,) * len(prompt.frames) for prompt, size in zip(waiting_prompts, sizes, strict=True)
            }


def _rows(grids: Any) -> list[list[int]]:  # noqa: ANN401 - as above
    """(frames, rows, columns) of patches of each picture."""
    return [] if grids is None else [list(map(int, row)) for row in grids.tolist()]
