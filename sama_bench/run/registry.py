"""Which adapters and grounders there are, ours and those of plug-ins alike, and how one is made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from importlib.metadata import EntryPoint

from sama_bench.adapter import Adapter, Cues, ModelFamily
from sama_bench.errors import UserError, each
from sama_bench.grounder import Grounder
from sama_bench.run.arguments import TRUST, Argument, arguments, takes
from sama_bench.run.grounded_adapter import Grounding, grounded, listed
from sama_bench.run.plugins import Group, check_needs, origin

__all__ = ["Argument", "adapter_class", "adapters", "arguments", "candidates", "make_adapter", "origin"]

ADAPTERS: Group[Adapter] = Group(
    "sama_bench.adapters",
    "adapter",
    Adapter,  # type: ignore[type-abstract]  # nothing is made of the base
    "predict",
    hint=" (see: sama-bench models)",
)
GROUNDERS: Group[Grounder] = Group(
    "sama_bench.grounders",
    "grounder",
    Grounder,  # type: ignore[type-abstract]
    "tracks",
    prefix="grounder_",
)
GROUNDER = "grounder"
DEFAULT_GROUNDER = "box"


def candidates() -> dict[str, list[EntryPoint]]:
    """Collect the entry points of adapters by name, as `Group.candidates` does."""
    return ADAPTERS.candidates()


def adapters() -> dict[str, EntryPoint]:
    """Find the entry point of each adapter, sorted by name; nothing is imported.

    Raises UserError, a line for each name that two distributions claim.
    """
    by_name = candidates()
    if clashes := [ADAPTERS.clash(name, entries) for name, entries in by_name.items() if len(entries) > 1]:
        raise UserError(clashes)
    return {name: entries[0] for name, entries in by_name.items()}


def adapter_class(name: str) -> type[Adapter]:
    """Import the class of the adapter `name`; `lmms:dummy` is what the class of `lmms` makes `of` dummy.

    Raises UserError as `Group.find` does, where the adapter is a single model, and as its `of` does.
    """
    called, model = _split_name(name)
    kind = ADAPTERS.find(called, candidates())
    if model is None:
        return kind
    if not issubclass(kind, ModelFamily):
        raise UserError(f"adapter {called} is one model, expected nothing behind its name: --model {called}")
    return kind.of(model)


def entries(name: str) -> list[EntryPoint]:
    """The entry points that claim the adapter `name`, or what stands before the colon in it; [] where none does."""
    return candidates().get(_split_name(name)[0], [])


def _split_name(name: str) -> tuple[str, str | None]:
    """What `name` calls: an adapter, and the one of its models that stands behind a colon."""
    called, colon, model = name.partition(":")
    return (called, model) if colon and name not in candidates() else (name, None)


def make_adapter(name: str, args: Mapping[str, object], *, trust: bool = False, budget: str | None = None) -> Adapter:
    """Make the adapter `name` with the model arguments `args`.

    Where its class can give boxes, `grounder` among the arguments names what makes tracks of them, and `grounder_X` is
    the grounder's argument X. `trust` lets an adapter run a checkpoint's own code that would else refuse to; `budget`
    is what may be spent, for one that counts it. Raises UserError as `adapter_class` does, for every argument that
    is unknown, missing or (ValueError of the constructor) refused; MissingExtra where something that is needed is
    not installed.
    """
    kind = adapter_class(name)
    all_args = dict(args) if budget is None else {**args, "budget": _budget(name, kind, args, budget)}
    trusted: dict[str, object] = {TRUST: True} if trust and takes(kind, TRUST) else {}
    if not kind.can.boxes:
        values, problems = ADAPTERS.read(name, kind, all_args)
        _check(problems)
        if not kind.tells_needs:
            check_needs(f"adapter {name}", kind.needs)
        return ADAPTERS.make(name, kind, {**values, **trusted})
    return _with_grounder(name, kind, all_args, trusted)


def _check(problems: list[str]) -> None:
    if problems:
        raise UserError(problems)


def _budget(name: str, kind: type[Adapter], args: Mapping[str, object], budget: str) -> str:
    if not takes(kind, "budget"):
        raise UserError(f"adapter {name} spends nothing that is counted: leave out --budget {budget}")
    if str(args.get("budget", budget)) != budget:
        raise UserError(f"the budget is given twice, as {args['budget']} (--model-arg) and {budget} (--budget)")
    return budget


def _with_grounder(
    name: str, kind: type[Adapter], args: Mapping[str, object], trusted: Mapping[str, object]
) -> Adapter:
    prefix = GROUNDERS.prefix
    adapter_args = {key: value for key, value in args.items() if key != GROUNDER and not key.startswith(prefix)}
    called, grounder_args = _grounder_args({key: args[key] for key in args if key not in adapter_args})
    values, problems = ADAPTERS.read(name, kind, adapter_args)
    try:
        grounder = GROUNDERS.find(called)
    except UserError as problem:
        raise UserError([*problems, *problem.problems]) from problem
    grounder_values, grounder_problems = GROUNDERS.read(called, grounder, grounder_args)
    _check(problems + grounder_problems)
    check_needs(f"adapter {name} with grounder {called}", (*kind.needs, *grounder.needs))
    # the grounder first: what it refuses is told with what the adapter does, and not by a run that waited for both
    makers: tuple[Callable[[], Grounder | Adapter], ...] = (
        lambda: GROUNDERS.make(called, grounder, grounder_values),
        lambda: ADAPTERS.make(name, kind, {**values, **trusted}),
    )
    tracker, adapter = each(lambda make: make(), makers)
    assert isinstance(tracker, Grounder)
    assert isinstance(adapter, Adapter)
    if adapter.can.boxes:
        return ground(adapter, tracker, called)
    if len(adapter_args) < len(args):
        raise UserError(f"adapter {name} gives no boxes with these arguments: leave out {GROUNDER}={called}")
    return adapter


def ground(adapter: Adapter, grounder: Grounder, called: str) -> Adapter:
    """The adapter with the grounder `called` behind it; raises UserError where that takes nothing of what it gives."""
    check_takes(adapter.gives, grounder, called)
    return grounded(adapter, grounder, called)


def check_takes(gives: Collection[Cues], grounder: Grounder, called: str) -> None:
    """Raise UserError where answers that hold `gives` are nothing that the grounder makes tracks of."""
    if grounder.takes & set(gives):
        return
    takers = [name for name in sorted(GROUNDERS.candidates()) if _takes(name) & set(gives)]
    raise UserError(
        f"the answers hold {listed(gives)}, and the grounder {called} takes {listed(grounder.takes)}; expected "
        f"{GROUNDER}={' or '.join(takers) or '(none that is installed)'}, or another prompt"
    )


def _takes(name: str) -> frozenset[Cues]:
    try:
        return GROUNDERS.find(name).takes
    except UserError:  # a stranger's that does not load
        return frozenset()


def make_grounding(args: Mapping[str, object]) -> Grounding:
    """Make the grounder that `args` name, as in `make_adapter`, for answers that no adapter of ours gave.

    Raises UserError for every argument that is unknown, missing or refused; MissingExtra.
    """
    called, grounder_args = _grounder_args(args)
    kind = GROUNDERS.find(called)
    values, problems = GROUNDERS.read(called, kind, grounder_args)
    _check(problems)
    check_needs(f"grounder {called}", kind.needs)
    return Grounding(GROUNDERS.make(called, kind, values), called)


def _grounder_args(args: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """The grounder that `grounder=NAME` among the arguments names, and all others, without their prefix."""
    grounder_args = {key.removeprefix(GROUNDERS.prefix): value for key, value in args.items() if key != GROUNDER}
    return str(args.get(GROUNDER, DEFAULT_GROUNDER)), grounder_args
