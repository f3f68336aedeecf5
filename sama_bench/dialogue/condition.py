"""The condition of a dialogue: which earlier turns are shown before a question, and how much of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from sama_bench.adapter import Abilities
from sama_bench.errors import UserError

History: TypeAlias = Literal["none", "true", "own"]
HISTORIES: tuple[History, ...] = get_args(History)
WINDOW: Final = 3
"""So many earlier turns are shown where nothing else is said: SAMA was trained with three before the fourth."""
ALL: Final = "all"


@dataclass(frozen=True)
class Condition:
    """Whose answers stand in the history, of how many earlier rounds (`window`, None for all), in which order.

    With a `seed` the rounds of each video are shuffled, the same way each time. With `masks_back` the masks of earlier
    answers are shown, too.
    """

    history: History = "none"
    window: int | None = WINDOW
    seed: int | None = None
    masks_back: bool = False

    @classmethod
    def of(
        cls, history: str = "none", window: int | str | None = None, seed: int | None = None, masks_back: bool = False
    ) -> Condition:
        """The condition that options name; `window` None means three. Raises UserError with all that is wrong."""
        if problems := list(_problems(history, window, seed, masks_back)):
            raise UserError(problems)
        kind = next(name for name in HISTORIES if name == history)
        width = WINDOW if window is None else None if window == ALL else int(window)
        return cls(kind, width, seed, masks_back)

    @property
    def alone(self) -> bool:
        """Whether every question is asked without any other."""
        return self.history == "none"

    @property
    def label(self) -> str:
        """The condition in a few words, such as "own window=3 seed=7 masks"; equal conditions have equal ones."""
        if self.alone:
            return "none"
        seed = [] if self.seed is None else [f"seed={self.seed}"]
        return " ".join([self.history, f"window={self.window or ALL}", *seed, *(["masks"] if self.masks_back else [])])

    @property
    def folder(self) -> str:
        """The label as a part of a folder's name; what is usual is left out."""
        usual = self.label.replace(f" window={WINDOW}", "")
        return usual.replace("=", "").replace(" ", "-")

    @classmethod
    def read(cls, label: str | None) -> Condition:
        """The condition of a label, None being none; raises UserError where it is no label."""
        history, *parts = (label or "none").split(" ")
        values = dict(part.partition("=")[::2] for part in parts)
        seed = values.get("seed")
        try:
            condition = cls.of(history, values.get("window"), None if seed is None else int(seed), "masks" in values)
        except (UserError, ValueError):
            condition = None
        if condition is None or condition.label != (label or "none"):
            raise UserError(f"{label!r} is no history of a dialogue (such as: own window=3)")
        return condition

    def check(self, can: Abilities, model: str) -> None:
        """Raise UserError where a model cannot be asked under this condition, with what it can."""
        needs: Literal["masks", "text"] = "masks" if self.masks_back else "text"
        if self.alone or can.takes(needs):
            return
        if can.takes("text"):
            raise UserError(f"--masks-back: {model} takes no masks of earlier turns, only {can.history}; leave it out")
        raise UserError(f"--history {self.history}: {model} takes no earlier turns; it can do --history none alone")


ALONE: Final = Condition()


def _problems(history: str, window: int | str | None, seed: int | None, masks_back: bool) -> Iterator[str]:
    if history not in HISTORIES:
        yield f"--history {history}: expected {', '.join(HISTORIES[:-1])} or {HISTORIES[-1]}"
    if window is not None and window != ALL and not _is_count(window):
        yield f"--window {window}: expected a whole number from 1 on, or {ALL}"
    if history == "none":
        named = {"--window": window is not None, "--history-seed": seed is not None, "--masks-back": masks_back}
        needless = [name for name, used in named.items() if used]
        if needless:
            yield f"{', '.join(needless)}: goes with --history true or own; without a history leave it out"


def _is_count(window: int | str) -> bool:
    if isinstance(window, bool):
        return False
    text = str(window)
    return text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0
