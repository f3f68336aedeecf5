"""The model that lmms-eval asks: one of its own, or one of our adapters as such a model."""

from __future__ import annotations

from typing import Any

from sama_bench.adapter import Adapter
from sama_bench.lmms.plain_support import THEIRS

OURS = "sama_bench"


def name_in_tasks(model: str) -> str:
    """The name that tasks look for where they have a wording for single models."""
    return model.removeprefix(THEIRS) if model.startswith(THEIRS) else OURS


def as_lmms_model(adapter: Adapter) -> Any:  # noqa: ANN401 - of lmms-eval's
    """An object that lmms-eval's evaluator takes as a model: the one that the adapter asks, or one that asks it."""
    asked_adapter = getattr(adapter, "adapter", adapter)  # a grounder may stand before it, which has nothing to do here
    own_model = getattr(asked_adapter, "lmms_eval_model", None)
    if own_model is not None:
        return own_model
    from sama_bench.lmms.model import SamaBench

    return SamaBench.around(adapter)
