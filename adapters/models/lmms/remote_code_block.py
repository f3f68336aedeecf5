"""Code that a checkpoint brings, stopped: many of lmms-eval's classes run it without being asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from sama_bench.adapters.shared.third_party_code import TRUST
from sama_bench.errors import UserError


@contextmanager
def no_code_of_checkpoints() -> Iterator[None]:
    """While the context is open, transformers runs no code out of a checkpoint: it raises UserError where it would."""
    from transformers import dynamic_module_utils

    code: Any = dynamic_module_utils
    original = code.get_class_in_module

    def refused(name: str, *_: Any, **__: Any) -> NoReturn:  # noqa: ANN401 - as transformers'
        raise UserError(f"the checkpoint {TRUST} (it is about {name})")

    code.get_class_in_module = refused
    try:
        yield
    finally:
        code.get_class_in_module = original
