"""Measures of a rendered scene, and a check of its dialogue's claims against them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sama_bench.demo.scene import Shot
from sama_bench.demo.script import Scene

_MOVED = 25.0
_STILL = 14.0
_HIDDEN = 0.1


@dataclass(frozen=True, eq=False)
class Facts:
    """One actor as the picture shows it.

    `area` (T,) counts its visible pixels, `centre` (T, 2) is their mean x, y (NaN where none), `edges` (T, 4)
    tells whether it touches the left, right, top and bottom edge.
    """

    area: NDArray[np.int64]
    centre: NDArray[np.float64]
    edges: NDArray[np.bool_]

    @property
    def seen(self) -> list[int]:
        """The frames in which it is visible, in order."""
        return [int(frame) for frame in np.flatnonzero(self.area)]

    @property
    def travelled(self) -> tuple[float, float]:
        """The way of its centre in x and y from its first to its last visible frame."""
        x, y = self.centre[self.seen[-1]] - self.centre[self.seen[0]]
        return float(x), float(y)

    @property
    def speed(self) -> float:
        """The way of its centre in a frame on average."""
        return float(np.hypot(*self.travelled)) / max(self.seen[-1] - self.seen[0], 1)

    @property
    def way(self) -> str:
        """The direction of its movement in the picture as words, such as "to the left"."""
        x, y = self.travelled
        if abs(x) >= abs(y):
            return "to the left" if x < 0 else "to the right"
        return "upwards" if y < 0 else "downwards"

    @property
    def entry(self) -> str:
        """The edge where it comes in: "left", "right", "top" or "bottom"; "" if it is there from the start."""
        return "" if self.area[0] else self._edge(self.seen[0])

    @property
    def exit(self) -> str:
        """The edge where it goes out for good, "" if it is visible at the end or fades behind something."""
        return "" if self.area[-1] else self._edge(self.seen[-1])

    def _edge(self, frame: int) -> str:
        touched = np.flatnonzero(self.edges[frame])
        return ("left", "right", "top", "bottom")[int(touched[0])] if len(touched) else ""


@dataclass(frozen=True, eq=False)
class SceneFacts:
    """All that is measured of a scene: facts by actor name, and (T, A, A) who covers which share of whom."""

    actors: Mapping[str, Facts]
    names: Sequence[str]
    covered: NDArray[np.float64]

    def hidden(self, who: str, by: str) -> NDArray[np.float64]:
        """The share of `who` that `by` hides in each frame, (T,) within 0 to 1."""
        share: NDArray[np.float64] = self.covered[:, self.names.index(who), self.names.index(by)]
        return share


def measure(scene: Scene, shots: Sequence[Shot]) -> SceneFacts:
    """Measure what a rendered scene shows."""
    labels = np.stack([shot.labels for shot in shots])
    actors = {actor.name: _facts(labels == number) for number, actor in enumerate(scene.cast, 1)}
    names = [actor.name for actor in scene.actors]
    return SceneFacts(actors, names, np.stack([shot.covered for shot in shots]))


def _facts(masks: NDArray[np.bool_]) -> Facts:
    rows, columns = masks.sum(axis=2), masks.sum(axis=1)
    area = rows.sum(axis=1)
    with np.errstate(invalid="ignore"):
        x = (columns * np.arange(columns.shape[1])).sum(axis=1) / area
        y = (rows * np.arange(rows.shape[1])).sum(axis=1) / area
    edges = np.stack([columns[:, 0], columns[:, -1], rows[:, 0], rows[:, -1]], axis=1) > 0
    return Facts(area, np.stack([x, y], axis=1), edges)


def holds(claim: str, facts: SceneFacts) -> bool:
    """True if a claim such as "gull leaves left" or "near hides far" is so; KeyError for an unknown verb or name."""
    subject, verb, *arguments = claim.split()
    if verb in _OF_TWO:
        return _OF_TWO[verb](facts, subject, arguments[0])
    return _OF_ONE[verb](facts.actors[subject], *arguments)


def _vanishes(actor: Facts) -> bool:
    return len(actor.seen) < actor.seen[-1] - actor.seen[0] + 1


def _stays(actor: Facts) -> bool:
    away = np.abs(actor.centre[actor.seen] - actor.centre[actor.seen[0]])
    return bool(np.median(away, axis=0).max() < _STILL and away[-1].max() < _STILL)


_OF_ONE: Mapping[str, Callable[..., bool]] = {
    "left": lambda actor: actor.travelled[0] < -_MOVED,
    "right": lambda actor: actor.travelled[0] > _MOVED,
    "up": lambda actor: actor.travelled[1] < -_MOVED,
    "down": lambda actor: actor.travelled[1] > _MOVED,
    "stays": _stays,
    "enters": lambda actor, edge: actor.entry == edge,
    "leaves": lambda actor, edge: actor.exit == edge,
    "gone": lambda actor: actor.area[-1] == 0 and not actor.edges[actor.seen[-1]].any(),
    "vanishes": _vanishes,
    "visible": lambda actor: bool(actor.area.all()),
    "grows": lambda actor: actor.area[actor.seen[-1]] > 1.5 * actor.area[actor.seen[0]],
}
_OF_TWO: Mapping[str, Callable[[SceneFacts, str, str], bool]] = {
    "hides": lambda facts, a, b: facts.hidden(b, by=a).max() > _HIDDEN,
    "spares": lambda facts, a, b: facts.hidden(b, by=a).max() < 0.02,
    "larger": lambda facts, a, b: facts.actors[a].area.max() > 1.2 * facts.actors[b].area.max(),
    "above": lambda facts, a, b: bool(
        np.nanmax(facts.actors[a].centre[:, 1]) < np.nanmin(facts.actors[b].centre[:, 1])
    ),
    "faster": lambda facts, a, b: facts.actors[a].speed > 1.3 * facts.actors[b].speed,
    "overtakes": lambda facts, a, b: _gap(facts, a, b, 0) < 0 < _gap(facts, a, b, -1),
    "trails": lambda facts, a, b: _gap(facts, a, b, -1) < 0,
    "earlier": lambda facts, a, b: facts.actors[a].seen[0] < facts.actors[b].seen[0],
    "outlasts": lambda facts, a, b: facts.actors[a].seen[-1] > facts.actors[b].seen[-1],
}


def _gap(facts: SceneFacts, a: str, b: str, frame: int) -> float:
    return float(facts.actors[a].centre[frame, 0] - facts.actors[b].centre[frame, 0])
