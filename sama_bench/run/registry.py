"""Which adapters there are: the entry points of the group `sama_bench.adapters`, ours and those of plug-ins alike."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points

from sama_bench.adapters.base import Adapter
from sama_bench.errors import MissingExtra, UserError

GROUP = "sama_bench.adapters"


@dataclass(frozen=True)
class Argument:
    """A model argument: its name, and what it is where the user gives none (None where it must be given)."""

    name: str
    default: str | None

    def __str__(self) -> str:
        return self.name if self.default is None else f"{self.name}={self.default}"


def candidates() -> dict[str, list[EntryPoint]]:
    """Collect the entry points by adapter name, sorted; a name has more than one where distributions clash.

    Nothing is imported. Never raises.
    """
    found: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group=GROUP):
        found.setdefault(entry.name, []).append(entry)
    return dict(sorted(found.items()))


def adapters() -> dict[str, EntryPoint]:
    """Find the entry point of each adapter, sorted by name; nothing is imported.

    Raises UserError, a line for each name that two distributions claim.
    """
    found = candidates()
    if clashes := [_clash(name, entries) for name, entries in found.items() if len(entries) > 1]:
        raise UserError(clashes)
    return {name: entries[0] for name, entries in found.items()}


def adapter_class(name: str) -> type[Adapter]:
    """Import the class of the adapter `name`; other adapters, broken or not, do not matter.

    Raises UserError where there is no such adapter, where two distributions claim the name, and where the
    distribution's module does not load or gives something that is no `Adapter`.
    """
    entries = candidates().get(name, [])
    if not entries:
        raise UserError(_unknown(name))
    if len(entries) > 1:
        raise UserError(_clash(name, entries))
    return load(entries[0])


def make_adapter(name: str, args: Mapping[str, str]) -> Adapter:
    """Make the adapter `name` with the model arguments `args`.

    Raises UserError as `adapter_class` does, for every argument that is unknown, missing or (ValueError of the
    constructor) refused; MissingExtra where something that the adapter needs is not installed.
    """
    kind = adapter_class(name)
    if problems := _argument_problems(name, kind, args):
        raise UserError(problems)
    check_needs(name, kind)
    try:
        return kind(**args)
    except ValueError as problem:
        given = " ".join(f"{key}={value}" for key, value in args.items()) or "no arguments"
        raise UserError(f"adapter {name} refuses {given}: {problem}") from problem


def load(entry: EntryPoint) -> type[Adapter]:
    """Import the adapter class that `entry` names; raises UserError naming the distribution and the reason."""
    try:
        kind = entry.load()
    except Exception as problem:
        reason = f"{type(problem).__name__}: {problem}"
        raise UserError(f"adapter {entry.name} of {origin(entry)} does not load ({entry.value}): {reason}") from problem
    if not (isinstance(kind, type) and issubclass(kind, Adapter)):
        wanted = "a class derived from sama_bench.adapters.base.Adapter"
        raise UserError(f"adapter {entry.name} of {origin(entry)}: {entry.value} is not {wanted}")
    if inspect.isabstract(kind):
        raise UserError(f"adapter {entry.name} of {origin(entry)}: {entry.value} does not define predict()")
    return kind


def origin(entry: EntryPoint) -> str:
    """Name the distribution that an entry point belongs to, as "name version"."""
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unnamed distribution"


def arguments(kind: type[Adapter]) -> list[Argument]:
    """List the model arguments that an adapter accepts, in the constructor's order; [] where it takes none."""
    return [
        Argument(one.name, None if one.default is one.empty else str(one.default))
        for one in inspect.signature(kind).parameters.values()
        if one.kind in {one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY}
    ]


def check_needs(name: str, kind: type[Adapter]) -> None:
    """Raise MissingExtra, with the pip line, where something that the adapter needs is not installed."""
    unmet = [need for need in kind.needs if not need.met]
    if unmet:
        pip = "' '".join(dict.fromkeys(need.pip for need in unmet))
        raise MissingExtra(f"adapter {name}", [need.module for need in unmet], pip)


def _argument_problems(name: str, kind: type[Adapter], args: Mapping[str, str]) -> list[str]:
    accepted = arguments(kind)
    names = [one.name for one in accepted]
    takes_any = any(one.kind is one.VAR_KEYWORD for one in inspect.signature(kind).parameters.values())
    unknown = [] if takes_any else [key for key in args if key not in names]
    missing = [one.name for one in accepted if one.default is None and one.name not in args]
    takes = f"it takes {', '.join(map(str, accepted))}" if accepted else "it takes none"
    return [f"adapter {name} has no model argument {key!r}{_nearest(key, names)}; {takes}" for key in unknown] + [
        f"adapter {name} must be given the model argument {key!r}: --model-arg {key}=…; {takes}" for key in missing
    ]


def _unknown(name: str) -> str:
    known = list(candidates())
    there_are = f"there are {', '.join(known)}" if known else "none is installed: pip install sama-bench"
    return f"there is no adapter {name!r}{_nearest(name, known)}; {there_are} (see: sama-bench models)"


def _nearest(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known)
    return f", did you mean {' or '.join(near)}?" if near else ""


def _clash(name: str, entries: Sequence[EntryPoint]) -> str:
    owners = " and ".join(sorted(f"{origin(entry)} ({entry.value})" for entry in entries))
    return f"adapter {name} is claimed by {owners}: uninstall one of them"
