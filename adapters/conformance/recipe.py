"""What a recipe does: a tiny random model of the real class, asked by the adapter and by its authors' own script."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeAlias, TypeVar

from sama_bench.adapter import Adapter
from sama_bench.adapters.shared.checkout import Checkout
from sama_bench.errors import UserError
from sama_bench.types import Question

Loaded: TypeAlias = Any
"""An object of the model's own code, or what it computed."""
Arguments: TypeAlias = Mapping[str, Loaded]
"""What a call was given: by name, or as `argument 0` and so on."""
SeenT = TypeVar("SeenT")


@dataclass(frozen=True)
class Finding:
    """One question: what was compared (`tensors` of them), and each difference in a line; [] where all is equal."""

    question: str
    tensors: int
    differences: tuple[str, ...]


class Recipe(ABC):
    """How one adapter is held against its model's code."""

    adapter: ClassVar[str]
    """The adapter's name."""
    commit: ClassVar[str]
    """The commit of the repository at which it was confirmed."""
    script: ClassVar[str]
    """The authors' scripts that build the other side."""
    environment: ClassVar[str] = ""
    """The environment whose interpreter runs that side, where the adapter's own cannot."""
    python: Path | None = None
    """That interpreter, where there is one."""

    @abstractmethod
    def findings(self, repo: Path, folder: Path) -> Iterator[Finding]:
        """Make the tiny model in `folder`, ask it both ways, and tell what differs, question by question.

        Raises UserError where the checkout, or what its code imports, is not there.
        """


class Reached(BaseException):
    """Ends a call when the tensors have reached the model; no script's `except Exception` takes it for an error."""


def begin(repository: Checkout, repo: Path) -> None:
    """Let the checkout's code be imported, and random weights be the same each time. Raises UserError as it is none."""
    if problems := repository.problems(repo):
        raise UserError(problems)
    repository.add_to_path(repo)
    import torch

    torch.manual_seed(0)


def asked(adapter: Adapter, question: Question, seeing: AbstractContextManager[SeenT]) -> SeenT:
    """What `seeing` notes while the adapter, with the question's video open, answers."""
    adapter.open(question.video)
    with seeing as seen:
        adapter.predict(question)
    adapter.close()
    return seen


@contextmanager
def generate_seen(model: Loaded, tokens: int | None = None, method: str = "generate") -> Iterator[list[Arguments]]:
    """While the context is open, what each call of the model's `method` is given is noted.

    With `tokens` it is then really called, for so many; else the call ends with Reached.
    """
    seen: list[Arguments] = []
    put_before = vars(model).get(method)
    real: Callable[..., Loaded] = getattr(model, method)

    def noted(*args: Loaded, **more: Loaded) -> Loaded:
        seen.append(_copied({**{f"argument {place}": value for place, value in enumerate(args)}, **more}))
        if tokens is None:
            raise Reached
        return real(*args, **{**more, "max_new_tokens": tokens})

    object.__setattr__(model, method, noted)
    try:
        yield seen
    finally:
        object.__delattr__(model, method)
        if put_before is not None:
            object.__setattr__(model, method, put_before)


def compared(question: str, ours: Mapping[str, Loaded], theirs: Mapping[str, Loaded]) -> Finding:
    """Compare all that reached `generate`: tensors to the last bit, all else as it is written."""
    leaves, other = dict(_leaves("", ours)), dict(_leaves("", theirs))
    differences = [f"{name}: only {'ours' if name in leaves else 'theirs'}" for name in sorted({*leaves} ^ {*other})]
    both = sorted({*leaves} & {*other})
    differences += [
        f"{name}: {_told(leaves[name], other[name])}" for name in both if not _same(leaves[name], other[name])
    ]
    return Finding(question, sum(hasattr(leaves[name], "shape") for name in both), tuple(differences))


def _copied(value: Loaded) -> Loaded:
    """The value, tensors copied: a model changes what it is given."""
    if isinstance(value, Mapping):
        return {key: _copied(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_copied(part) for part in value]
    return value.detach().clone() if hasattr(value, "detach") else value


def _leaves(name: str, value: Loaded) -> Iterator[tuple[str, Loaded]]:
    """The values within nested ones, by name; objects of the model's code (stopping criteria) are left out."""
    if isinstance(value, (Mapping, list, tuple)):
        pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, part in pairs:
            yield from _leaves(f"{name}.{key}" if name else str(key), part)
    elif hasattr(value, "shape") or isinstance(value, (bool, int, float, str, type(None))):
        yield name, value


def _same(one: Loaded, other: Loaded) -> bool:
    if not hasattr(one, "shape") or not hasattr(other, "shape"):
        return type(one) is type(other) and bool(one == other)
    import numpy as np

    left, right = np.asarray(one), np.asarray(other)
    return left.dtype == right.dtype and np.array_equal(left, right)


def _told(one: Loaded, other: Loaded) -> str:
    if hasattr(one, "shape") and hasattr(other, "shape"):
        return f"{one.dtype} {tuple(one.shape)}, theirs {other.dtype} {tuple(other.shape)}, or other values"
    return f"{one!r:.60}, theirs {other!r:.60}"
