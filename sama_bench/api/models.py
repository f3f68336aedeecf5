"""The models to ask: an installed adapter by its name, an adapter that was made already, or a plain function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, get_args

from sama_bench.adapter import Abilities, Adapter, Cues
from sama_bench.errors import UserError
from sama_bench.run.registry import DEFAULT_GROUNDER, GROUNDER, adapters, ground, make_grounding
from sama_bench.types import Prediction, Question
from sama_bench.worker.adapter_spec import AdapterSpec

if TYPE_CHECKING:
    from sama_bench.worker.ray_workers import RayCluster

Answering: TypeAlias = Callable[[Question], "Prediction | str"]
Model: TypeAlias = str | Adapter | Answering
Argument: TypeAlias = str | int | float | Path | Sequence[str | int | float] | None


class FunctionAdapter(Adapter):
    """A function as a model: it takes a question and gives a Prediction, or the text of one.

    `boxes` is whether its predictions hold boxes for a grounder to make tracks of.
    """

    def __init__(self, function: Answering, *, boxes: bool = False) -> None:
        self._function = function
        self.can = Abilities(boxes=boxes)
        self.gives = frozenset(get_args(Cues))  # whichever of them the function gives

    def predict(self, question: Question) -> Prediction:
        """The function's answer to the question."""
        answer = self._function(question)
        return Prediction(answer) if isinstance(answer, str) else answer


@dataclass
class ReadyAdapter(AdapterSpec):
    """An adapter that was made already, under a name that it is given here."""

    adapter: Adapter | None = None

    def check(self) -> None:
        """Raise UserError where an installed adapter has the name: the two would share a run."""
        if self.name in adapters():
            raise UserError(f"{self.name!r} is the name of an installed adapter: give this model another, name=…")

    def make(self, log: Path) -> Adapter:  # noqa: ARG002 - it runs here, and logs nothing
        """Return the adapter."""
        assert self.adapter is not None
        self.made = self.adapter
        return self.adapter

    @property
    def free(self) -> frozenset[str]:
        """The arguments that the adapter calls free."""
        assert self.adapter is not None
        return self.adapter.free

    @property
    def elsewhere(self) -> bool:
        """Never: it was made in this process."""
        return False


@dataclass(frozen=True)
class Making:
    """The options for making a named adapter, as `AdapterSpec` takes them."""

    trust_remote_code: bool = False
    budget: float | str | None = None
    python: str | Path | None = None
    timeout: float | None = None
    workers: int | None = None
    devices: str | Sequence[str] | None = None
    ray: str | None = None
    gpus_per_worker: float | None = None


def called(model: Model, name: str | None, args: Mapping[str, Argument], making: Making) -> AdapterSpec:
    """The model as the run takes it; raises UserError where it is none, and for options that do not go with it."""
    if isinstance(model, str):
        if name is not None:
            raise UserError(f"name={name!r} goes with an adapter or a function; {model!r} has its name")
        budget = None if making.budget is None else str(making.budget)
        python = None if making.python is None else Path(making.python)
        devices = _devices(making.devices)
        workers = making.workers if making.workers is not None or not devices else len(devices)
        made_by = (making.trust_remote_code, budget, python, making.timeout, workers, devices, _cluster(making))
        return AdapterSpec(model, dict(args), *made_by)
    if unfit := [option for option, value in vars(making).items() if value]:
        raise UserError(f"{', '.join(unfit)}: only for a model that is named; this one is made already")
    if isinstance(model, type):
        raise UserError(f"model is the class {model.__name__}, expected an object of it: {model.__name__}()")
    if isinstance(model, Adapter):
        return ReadyAdapter(name or type(model).__name__, dict(args), adapter=_with_grounder(model, args))
    if callable(model):
        adapter = FunctionAdapter(model, boxes=GROUNDER in args)
        return ReadyAdapter(name or _function_name(model), dict(args), adapter=_with_grounder(adapter, args))
    raise UserError(f"model is {type(model).__name__}, expected a name, an Adapter, or a function of a question")


def _with_grounder(adapter: Adapter, args: Mapping[str, Argument]) -> Adapter:
    """The adapter, with what makes tracks of its boxes where it gives boxes: `args` name it, as for other adapters."""
    if not adapter.can.boxes:
        return adapter
    grounding = make_grounding({key: value for key, value in args.items() if key.startswith(GROUNDER)})
    return ground(adapter, grounding.grounder, str(args.get(GROUNDER, DEFAULT_GROUNDER)))


def _devices(devices: str | Sequence[str] | None) -> Sequence[str]:
    """The devices by their names, () where none are named; raises UserError as `devices_of` does."""
    if not devices:
        return ()
    from sama_bench.worker.devices import devices_of

    return devices_of(devices if isinstance(devices, str) else ",".join(devices))


def _cluster(making: Making) -> RayCluster | None:
    """The Ray cluster to run on, None where none is named."""
    if making.ray is None:
        if making.gpus_per_worker is not None:
            raise UserError("--gpus-per-worker goes with --ray; workers on this machine are given GPUs by --devices")
        return None
    from sama_bench.worker.ray_workers import RayCluster

    return RayCluster(making.ray, making.gpus_per_worker)


def _function_name(function: Answering) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    return "function" if name == "<lambda>" else str(name)
