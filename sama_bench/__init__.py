"""sama-bench: the evaluation harness for referential grounded video chat."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sama_bench.adapter import Abilities, Adapter, BatchAdapter
    from sama_bench.api.benchmarks import load_benchmark
    from sama_bench.api.comparisons import Comparison, compare
    from sama_bench.api.evaluation import evaluate
    from sama_bench.api.gates import Gate, gate
    from sama_bench.api.pictures import picture
    from sama_bench.api.runs import Run, load_run
    from sama_bench.api.scores import Scores
    from sama_bench.api.scoring import score
    from sama_bench.benchmark import Benchmark
    from sama_bench.errors import UserError
    from sama_bench.types import Absence, Box, Key, Point, Prediction, Question, Region, Truth, Video

__all__ = [
    "Abilities",
    "Absence",
    "Adapter",
    "BatchAdapter",
    "Benchmark",
    "Box",
    "Comparison",
    "Gate",
    "Key",
    "Point",
    "Prediction",
    "Question",
    "Region",
    "Run",
    "Scores",
    "Truth",
    "UserError",
    "Video",
    "compare",
    "evaluate",
    "gate",
    "load_benchmark",
    "load_run",
    "picture",
    "score",
]

__version__ = "0.1.0"

# Where each name of the front door comes from; it is imported when it is first used, as most need NumPy and more.
FRONT_DOOR = {
    "Abilities": "adapter",
    "Adapter": "adapter",
    "BatchAdapter": "adapter",
    "Benchmark": "benchmark",
    "Absence": "types",
    "Box": "types",
    "Point": "types",
    "Comparison": "api.comparisons",
    "Gate": "api.gates",
    "Key": "types",
    "Prediction": "types",
    "Question": "types",
    "Region": "types",
    "Run": "api.runs",
    "Scores": "api.scores",
    "Truth": "types",
    "UserError": "errors",
    "Video": "types",
    "compare": "api.comparisons",
    "evaluate": "api.evaluation",
    "gate": "api.gates",
    "load_benchmark": "api.benchmarks",
    "load_run": "api.runs",
    "picture": "api.pictures",
    "score": "api.scoring",
}
ROOMS = ("gate", "picture", "score")  # packages that are called like the functions of their names


def __getattr__(name: str) -> object:
    if name in ROOMS:
        return import_module(f"{__name__}.{name}")
    if name in FRONT_DOOR:
        value = globals()[name] = function(name)
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *FRONT_DOOR})


def function(name: str) -> Callable[..., Any]:
    """A function, or class, of the front door by its name."""
    member: Callable[..., Any] = getattr(import_module(f"{__name__}.{FRONT_DOOR[name]}"), name)
    return member
