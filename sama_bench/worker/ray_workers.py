"""A model in actors of a Ray cluster: a process on one of its nodes each, with the GPUs that Ray gives it."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sama_bench import __version__
from sama_bench.errors import MissingExtra, UserError
from sama_bench.run import model_output
from sama_bench.run.arguments import portable
from sama_bench.run.dispatch import Lost, Slot, Workers
from sama_bench.run.predictions import StoredPrediction
from sama_bench.types import Key, Question, Video
from sama_bench.worker.ray_host import THREADS, Answer, Died, Failed, Host, HostSpec, ModelFacts, Warned
from sama_bench.worker.remote_errors import rebuild, user_error

LOCAL = "local"
EXTRA = "sama-bench[ray]"
BEGINS = 10
"""So often an actor is started that is lost before the model is made."""
TOLD_SECONDS = 10.0
"""After so long it is told that a worker waits for a place in the cluster."""
FIRST_SECONDS = 600.0
"""So long the first worker waits for a place: a cluster that grows by itself takes minutes to have another node."""
CONNECT_SECONDS = 10.0
END_SECONDS = 15.0
NOTES_SECONDS = 30.0
SAME = ("can", "asking", "wording", "forced")


def ray_workers(
    name: str,
    args: Mapping[str, object],
    python: Path | None,
    log: Path,
    timeout: float,
    trust: bool,
    cluster: RayCluster,
    count: int | None = None,
) -> Workers:
    """The adapter `name` in `count` actors of a cluster, of which one is started. None: one for each GPU, or node.

    Raises MissingExtra where Ray is not installed, UserError where the cluster is not reached, has no place for the
    first worker, or the model cannot be made there.
    """
    cluster.join()
    try:
        spec = HostSpec(
            name,
            portable(args),
            python,
            log.absolute(),
            timeout,
            trust,
            cluster.gpus_per_worker,
            os.environ.get(THREADS),
        )
        first_of_all = _FirstWorker()
        slots = [Slot(str(n + 1)) for n in range(count or cluster.places)]

        def make(slot: Slot) -> RayWorker:
            log = spec.log if slot.name == "1" else spec.log.with_stem(f"{spec.log.stem}-{slot.name}")
            return RayWorker(slot, replace(spec, log=log), cluster, first_of_all)

        first = make(slots[0])
        slots[0].worker = first
        first.begin()
    except BaseException:
        cluster.leave()
        raise
    model = first_of_all.made
    assert model is not None
    model_facts = (model.can, model.asking, model.free, model.versions, model.at_once, model.wording, model.forced)
    return RayWorkers(slots, make, *model_facts, cluster=cluster)


@dataclass
class RayWorkers(Workers):
    """Workers of a cluster, which is left when they have ended."""

    cluster: RayCluster = field(default_factory=lambda: RayCluster(LOCAL))

    @property
    def devices(self) -> list[str] | None:
        """None: which GPU a worker has is Ray's to say, and changes when a node is lost."""
        return None

    def end(self) -> None:
        """End all workers, and leave the cluster."""
        super().end()
        self.cluster.leave()


@dataclass
class RayCluster:
    """A Ray cluster by its address, or one on this machine for as long as it is needed.

    `gpus` are those that each worker gets; None: one where the cluster has any, else none.
    """

    address: str
    gpus: float | None = None
    _joined: bool = field(default=False, init=False)

    def check(self) -> None:
        """Raise UserError for an address or a number of GPUs that is none, MissingExtra where Ray is not installed."""
        if self.address.startswith("ray://"):
            raise UserError(
                f"--ray {self.address}: answers do not come through a Ray client as they are made; run sama-bench on a "
                "node of the cluster (ray job submit) with --ray auto"
            )
        if not self.address.strip() or "://" in self.address:
            raise UserError(f"--ray {self.address!r}: expected local, auto, or HOST:PORT")
        if self.gpus is not None and not (0 <= self.gpus < 1 or self.gpus == int(self.gpus)):
            raise UserError(f"--gpus-per-worker {self.gpus:g}: expected a whole number, or a part of one GPU")
        if find_spec("ray") is None:
            raise MissingExtra("--ray", ["ray"], EXTRA)

    def join(self) -> None:
        """Connect to the cluster; one that this process is connected to already is used as it is."""
        self.check()
        import ray

        if ray.is_initialized():
            return
        try:
            self._try()
            ray.init(
                self.address,
                log_to_driver=False,
                logging_level=logging.ERROR,
                include_dashboard=False if self._is_local else None,
            )
        except (ValueError, RuntimeError, OSError, OverflowError) as problem:
            why = " ".join(str(problem).split())[:300]
            raise UserError(
                f"--ray {self.address}: no Ray cluster is reached there from this machine ({why}); expected local, "
                "auto, or HOST:PORT of a cluster that this machine is a node of (ray start --address=HOST:PORT)"
            ) from problem
        self._joined = True
        if self._is_local and self.gpus_per_worker > self._resources.get("GPU", 0):
            has = self._resources.get("GPU", 0)
            self.leave()
            raise UserError(f"--gpus-per-worker {self.gpus_per_worker:g}: this machine has {has:g} that Ray sees")

    def _try(self) -> None:
        """Raise OSError where nothing listens at HOST:PORT: Ray itself tries for minutes, and ends the process then."""
        host, _, port = self.address.rpartition(":")
        if host and port.isdecimal():
            socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()

    def leave(self) -> None:
        """Disconnect, where `join` has connected; a cluster that it started ends. May be called again."""
        if self._joined:
            import ray

            self._joined = False
            ray.shutdown()

    @property
    def gpus_per_worker(self) -> float:
        """The GPUs of each worker."""
        return self.gpus if self.gpus is not None else 1.0 if self._resources.get("GPU", 0) else 0.0

    @property
    def places(self) -> int:
        """How many workers there are where nobody says it: one for each GPU, or its share; else one for each node."""
        import ray

        if self.gpus_per_worker:
            return max(1, int(self._resources.get("GPU", 0) / self.gpus_per_worker))
        alive = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]
        return max(1, len(alive))

    @property
    def _is_local(self) -> bool:
        return self.address == LOCAL

    @property
    def _resources(self) -> Mapping[str, float]:
        import ray

        return dict(ray.cluster_resources())


@dataclass
class _FirstWorker:
    """What the worker that began first says of the model: all others have to say the same."""

    made: ModelFacts | None = None
    told_lines: set[str] = field(default_factory=set)

    def differences(self, model: ModelFacts) -> Iterator[str]:
        """What `model` has in other versions; raises UserError where its model is another one."""
        if self.made is None:
            self.made = model
        first = self.made
        if other := [name for name in SAME if getattr(model, name) != getattr(first, name)]:
            raise UserError(
                f"the model says other things of itself on node {model.node} than on {first.node} "
                f"({', '.join(other)}): install the same there"
            )
        for name in sorted(first.versions.keys() | model.versions.keys()):
            version, other_version = first.versions.get(name, "none"), model.versions.get(name, "none")
            line = f"node {model.node} has {name} {other_version}, {first.node} has {version}: answers may differ"
            if version != other_version and line not in self.told_lines:
                self.told_lines.add(line)
                yield line


class RayWorker:
    """An actor with the model, as `sama_bench.run.dispatch.Worker` says. Where its node dies another one is started."""

    def __init__(self, slot: Slot, spec: HostSpec, cluster: RayCluster, first: _FirstWorker) -> None:
        self.warn: Callable[[str], None] = _to_stderr
        self._slot, self._spec, self._cluster, self._first = slot, spec, cluster, first
        self._actor: Any = None
        self._node = "a node"
        self._ended = False
        self._process_alive = False
        self._lost = 0
        self._sent: list[str] = []

    @property
    def alive(self) -> bool:
        """Whether the actor and its process are there, as far as is known."""
        return self._actor is not None and self._process_alive

    def begin(self) -> None:
        """Have an actor placed, and the model made there; waits as long as the cluster has no place for it."""
        deaths: list[str] = []
        while len(deaths) < BEGINS:
            try:
                with self._dying():
                    begun = self._get(self._place().begin.remote())
            except Lost as lost:
                if self._ended:
                    raise
                deaths.append(lost.how)
            else:
                self._take(begun)
                return
        raise UserError(f"--ray: {BEGINS} actors were lost before the model was made; the last: {deaths[-1]}")

    def ask(
        self,
        videos: Sequence[Sequence[Question]],
        answered: Callable[[Key, StoredPrediction], None],
        warn: Callable[[str], None],
    ) -> None:
        """Answer all questions; see `Worker.ask`. Lost with `begin_again` where actor or node died."""
        self.warn = warn
        actor = self._actor
        if actor is None:
            raise Lost("it was ended")
        with self._dying():
            sent = self._frames(actor, [questions[0].video for questions in videos])
            events = actor.ask.options(num_returns="streaming").remote(videos, sent)
            for reference in events:
                self._heard(self._get(reference), answered)
        self._process_alive = True

    def notes(self) -> Sequence[str]:
        """What the model has to say at the end, where its actor lives; how often one died; where frames were sent."""
        import ray

        lines: list[str] = []
        if self._actor is not None and not self._ended:
            with suppress(ray.exceptions.RayError, ray.exceptions.GetTimeoutError):
                lines += ray.get(self._actor.notes.remote(), timeout=NOTES_SECONDS)
        if self._lost:
            times = "once" if self._lost == 1 else f"{self._lost} times"
            lines.append(f"its actor was lost {times}, and started again where there was a place")
        return [*lines, *(f"frames were sent to node {node}, which does not see them" for node in self._sent)]

    def end(self) -> None:
        """Let the actor's process end by itself, and kill what is left of it."""
        import ray

        if self._actor is not None and not self._ended:
            with suppress(ray.exceptions.RayError, ray.exceptions.GetTimeoutError):
                ray.get(self._actor.end.remote(), timeout=END_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the actor now; the guard of its worker process then ends that, with all that it started."""
        self._ended = True
        self._drop()

    def _drop(self) -> None:
        import ray

        actor, self._actor = self._actor, None
        self._process_alive = False
        if actor is not None and ray.is_initialized():
            with suppress(ray.exceptions.RayError, ValueError):
                ray.kill(actor)

    def _place(self) -> Any:  # noqa: ANN401 - an actor's handle
        """An actor that has found its place."""
        import ray

        if self._ended:
            raise Lost("it was ended")
        spec = self._spec
        options = {"num_cpus": 1, "num_gpus": spec.gpus, "max_restarts": 0, "max_task_retries": 0}
        actor_class = ray.remote(**options, scheduling_strategy="SPREAD")(Host)
        self._actor = actor = actor_class.remote(spec)
        placed, waited = actor.node.remote(), 0.0
        while not ray.wait([placed], timeout=TOLD_SECONDS)[0]:
            waited += TOLD_SECONDS
            if waited == TOLD_SECONDS:
                self.warn(f"worker {self._slot.name} waits for {self._needs} in the cluster")
            if self._first.made is None and waited >= FIRST_SECONDS:
                raise UserError(f"--ray {self._cluster.address}: for {waited:g} s there was no {self._needs} free")
        self._node = str(ray.get(placed))
        return actor

    @property
    def _needs(self) -> str:
        gpus = f" and {self._spec.gpus:g} GPU" if self._spec.gpus else ""
        return f"a node with 1 CPU{gpus}"

    def _take(self, begun: ModelFacts | Failed) -> None:
        if isinstance(begun, Failed):
            raise _with_node(rebuild(dict(begun.about)), self._node)
        if begun.package != __version__:
            raise UserError(
                f"node {begun.node} has sama-bench {begun.package}, here is {__version__}: install the same"
            )
        for line in self._first.differences(begun):
            self.warn(line)
        self._process_alive = True

    def _frames(self, actor: Any, videos: Sequence[Video]) -> dict[str, Any] | None:  # noqa: ANN401
        """The frame files of those videos that the node does not see, for it to be sent; None where it sees all."""
        import ray

        lacking = self._get(actor.lacking.remote(videos))
        here = {
            video.id: video for video in videos if video.id in lacking and all(path.is_file() for path in video.frames)
        }
        if not here:
            return None
        if self._node not in self._sent:
            self._sent.append(self._node)
            folder = next(iter(here.values())).frames[0].parent
            self.warn(f"node {self._node} does not see {folder}: frames are sent to it, which is slower")
        return {id_: ray.put([path.read_bytes() for path in video.frames]) for id_, video in here.items()}

    def _heard(self, event: object, answered: Callable[[Key, StoredPrediction], None]) -> None:
        match event:
            case Answer():
                answered(event.key, event.prediction)
            case Warned():
                self.warn(event.line)
            case Died():
                self._process_alive = False
                raise Lost(event.how, event.log, key=event.key, opening=event.opening, together=event.together)
            case Failed():
                raise _with_node(rebuild(dict(event.about)), self._node)

    def _get(self, reference: object) -> Any:  # noqa: ANN401 - whatever the actor's method gives
        import ray

        return ray.get(reference)

    @contextmanager
    def _dying(self) -> Iterator[None]:
        """Raises Lost where the actor, its node or what it sent is gone; it is dropped then."""
        import ray

        try:
            yield
        except ray.exceptions.RayError as problem:
            self._drop()
            if isinstance(problem, ray.exceptions.RayTaskError) or "ModuleNotFoundError" in str(problem):
                raise _cannot_begin(problem, self._node) from problem
            self._lost += not self._ended
            how = f"its actor on node {self._node} was lost: {_short(problem)}"
            raise Lost(how, begin_again=True) from problem


def _short(problem: BaseException) -> str:
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return f"{type(problem).__name__}: {lines[0] if lines else ''}"[:200]


def _cannot_begin(problem: BaseException, node: str) -> UserError:
    """What is told where the code of the actor does not run on a node."""
    lines = [line.strip() for line in str(problem).splitlines() if "Error" in line]
    return UserError(
        f"node {node}: sama-bench does not run there ({(lines or [str(problem)])[-1][:300]}): install sama-bench "
        f"{__version__} on every node, or name it in the job's runtime environment (ray job submit --runtime-env)"
    )


def _with_node(problem: Exception, node: str) -> Exception:
    """The same problem of the user's, each line beginning with the node that it is about."""
    if not isinstance(problem, UserError):
        return problem
    lines = [f"node {node}: {line}" for line in problem.problems]
    return user_error(lines, missing=isinstance(problem, MissingExtra), status=problem.status)


def _to_stderr(line: str) -> None:
    model_output.tell(f"warning: {line}")
