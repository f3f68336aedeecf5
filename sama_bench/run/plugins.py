"""Classes that entry points of a group name, ours and those of strangers alike: found, imported, checked."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

from sama_bench.adapter import Need
from sama_bench.errors import MissingExtra, UserError
from sama_bench.run.arguments import TRUST, arguments, type_of_others
from sama_bench.run.value_types import Unfit, shown
from sama_bench.suggestions import nearest

Base = TypeVar("Base")


@dataclass(frozen=True)
class Group(Generic[Base]):
    """The entry points of the group `name`; each is to name a subclass of `base` that defines `method`.

    `what` is what people call one ("adapter"). `prefix` is what stands before its arguments in `--model-arg`.
    """

    name: str
    what: str
    base: type[Base]
    method: str
    hint: str = ""
    prefix: str = ""

    def candidates(self) -> dict[str, list[EntryPoint]]:
        """Collect the entry points by name, sorted; a name has more than one where distributions clash.

        Nothing is imported. Never raises.
        """
        by_name: dict[str, list[EntryPoint]] = {}
        for entry in entry_points(group=self.name):
            by_name.setdefault(entry.name, []).append(entry)
        return dict(sorted(by_name.items()))

    def find(self, name: str, known: Mapping[str, Sequence[EntryPoint]] | None = None) -> type[Base]:
        """Import the class `name`; others, broken or not, do not matter. `known` are the candidates, if not all.

        Raises UserError where there is none of that name, where two distributions claim it, and where the
        distribution's module does not load or gives something else.
        """
        known = self.candidates() if known is None else known
        entries = known.get(name, [])
        if not entries:
            there_are = f"there are {', '.join(known)}" if known else "none is installed: install sama-bench again"
            raise UserError(f"there is no {self.what} {name!r}{nearest(name, list(known))}; {there_are}{self.hint}")
        if len(entries) > 1:
            raise UserError(self.clash(name, entries))
        return self.load(entries[0])

    def load(self, entry: EntryPoint) -> type[Base]:
        """Import the class that `entry` names; raises UserError naming the distribution and the reason."""
        entry_text = f"{self.what} {entry.name} of {origin(entry)}"
        try:
            kind = entry.load()
        except Exception as problem:
            reason = f"{type(problem).__name__}: {problem}"
            raise UserError(f"{entry_text} does not load ({entry.value}): {reason}") from problem
        if not (isinstance(kind, type) and issubclass(kind, self.base)):
            expected = f"a class derived from {self.base.__module__}.{self.base.__name__}"
            raise UserError(f"{entry_text}: {entry.value} is not {expected}")
        if inspect.isabstract(kind):
            raise UserError(f"{entry_text}: {entry.value} does not define {self.method}()")
        return kind

    def clash(self, name: str, entries: Sequence[EntryPoint]) -> str:
        """Say who claims a name that more than one distribution does."""
        owners = " and ".join(sorted(f"{origin(entry)} ({entry.value})" for entry in entries))
        return f"{self.what} {name} is claimed by {owners}: uninstall one of them"

    def read(self, name: str, kind: type[Base], args: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
        """The arguments as the constructor's annotations want them, and what is wrong; [] where all is right.

        Told of are all that are unknown, missing, or of another type.
        """
        accepted = {argument.name: argument for argument in arguments(kind)}
        others = type_of_others(kind)
        takes = f"it takes {', '.join(f'{self.prefix}{argument}' for argument in accepted.values()) or 'none'}"
        values: dict[str, object] = {}
        problems: list[str] = []
        for key, value in args.items():
            value_type = accepted[key].type if key in accepted else others if key != TRUST else None
            if value_type is None:
                problems.append(f"{self._no_argument(name, key, list(accepted))}; {takes}")
                continue
            try:
                values[key] = value_type.read(value)
            except Unfit as expected:
                problems.append(f"--model-arg {self.prefix}{key}={value}: expected {expected}")
        problems += [
            f"{self.what} {name} must be given the model argument {self.prefix + key!r}: "
            f"--model-arg {self.prefix}{key}=…; {takes}"
            for key, argument in accepted.items()
            if argument.required and key not in args
        ]
        return values, problems

    def _no_argument(self, name: str, key: str, names: Sequence[str]) -> str:
        message = f"{self.what} {name} has no model argument {self.prefix + key!r}"
        if key == TRUST:
            return f"{message} (the command has a flag for it: --trust-remote-code)"
        return f"{message}{nearest(key, names, self.prefix)}"

    def make(self, name: str, kind: type[Base], args: Mapping[str, object]) -> Base:
        """Make the object; a ValueError of the constructor becomes a UserError that names what was given."""
        try:
            return kind(**args)
        except ValueError as problem:
            arguments_text = (
                " ".join(f"{self.prefix}{key}={shown(value)}" for key, value in args.items()) or "no arguments"
            )
            raise UserError(f"{self.what} {name} refuses {arguments_text}: {problem}") from problem


def check_needs(what: str, needs: Iterable[Need]) -> None:
    """Raise MissingExtra, with the pip line, where something that is needed is not installed."""
    unmet = list(dict.fromkeys(need for need in needs if not need.met))
    if unmet:
        raise MissingExtra(what, dict.fromkeys(need.module for need in unmet), *(need.pip for need in unmet))


def origin(entry: EntryPoint) -> str:
    """Name the distribution that an entry point belongs to, as "name version"."""
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unnamed distribution"
