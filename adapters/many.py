"""Adapters that stand for many models."""

from __future__ import annotations

from abc import ABC, abstractmethod

from sama_bench.adapters.base import Adapter


class Many(ABC):
    """What an adapter also derives from where `--model NAME:MODEL` calls one of the models that it stands for."""

    @classmethod
    @abstractmethod
    def of(cls, name: str) -> type[Adapter]:
        """The adapter that is the model `name` alone; raises UserError where there is none."""
