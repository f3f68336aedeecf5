"""`sama-bench models`: which adapters there are, what each can do, and what it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import click

from sama_bench.errors import UserError
from sama_bench.files import json_files
from sama_bench.installation import pip_line
from sama_bench.json_option import json_option, put

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from rich.table import Table
    from rich.text import Text

    from sama_bench.adapter import Adapter
    from sama_bench.run.arguments import Argument

ABILITIES = ("regions", "masks", "boxes", "text", "history", "truth", "plain")
# What no model is the worse for lacking: boxes are one way to masks, and the truth is for baselines.
EXTRAS = ("boxes", "truth", "plain")


@dataclass(frozen=True)
class ModelRow:
    """One adapter as listed. `can` is empty and `problem` says why where it does not load; of history it says how much.

    `typed_arguments` have name, type, required, default and about ('' where nothing is said).
    """

    name: str
    distribution: str
    summary: str = ""
    can: dict[str, bool | str] = field(default_factory=dict)
    needs: list[dict[str, str | bool]] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)
    typed_arguments: list[dict[str, str | bool]] = field(default_factory=list)
    problem: str | None = None


@click.command(epilog="Example: sama-bench models chat")
@click.argument("name", required=False)
@json_option("them")
def models(name: str | None, json_path: str | None) -> None:
    """List the adapters: what each can do, what it needs, which arguments it takes.

    With NAME only that one, with the type, the default and the meaning of each of its arguments.
    """
    if name is None and json_path is not None:
        _check_no_model(json_path)
    rows = model_rows() if name is None else [_row_of(name)]
    if put(json_path, json_files.as_json([asdict(row) for row in rows], indent=2)):
        return
    from sama_bench.console import Console
    from sama_bench.tables import print_table

    console = Console()
    print_table(_table(rows), console)
    for row in rows:
        lines = _description(row) if name is None else _full_description(row)
        console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)


def _check_no_model(json_path: str) -> None:
    """Raise UserError where --json is followed by a model: all would be written to a file of that name."""
    from sama_bench.run.registry import candidates

    if json_path in candidates():
        raise UserError(f"--json {json_path}: this is a model; for its JSON: sama-bench models {json_path} --json")


def model_rows() -> list[ModelRow]:
    """Describe every adapter that an entry point names, broken ones too, sorted by name."""
    from sama_bench.run.registry import candidates

    return [_row(name, entries) for name, entries in candidates().items()]


def _row_of(name: str) -> ModelRow:
    """Describe one adapter, `lmms:dummy` too; raises UserError where there is none of that name, or it is broken."""
    from sama_bench.run.registry import adapter_class, entries, origin

    kind = adapter_class(name)
    return _adapter_row(name, " and ".join(sorted({origin(entry) for entry in entries(name)})), kind)


def _row(name: str, entries: Sequence[EntryPoint]) -> ModelRow:
    from sama_bench.adapter import ModelFamily
    from sama_bench.run.registry import ADAPTERS, origin

    owners = " and ".join(sorted({origin(entry) for entry in entries}))
    try:
        kind = ADAPTERS.find(name, {name: entries})
        return _adapter_row(f"{name}:NAME" if issubclass(kind, ModelFamily) else name, owners, kind)
    except UserError as problem:
        return ModelRow(name, owners, problem=" ".join(problem.lines()))


def _adapter_row(name: str, owners: str, kind: type[Adapter]) -> ModelRow:
    from sama_bench.run.arguments import arguments

    accepted = arguments(kind)
    return ModelRow(
        name,
        owners,
        summary=kind.summary,
        can={
            ability: able for ability, able in kind.can.to_json().items() if ability in (*ABILITIES, "describes_only")
        },
        needs=[{"module": need.module, "pip": need.pip, "installed": need.met} for need in kind.needs],
        arguments=[str(argument) for argument in accepted],
        typed_arguments=[_typed(argument) for argument in accepted],
    )


def _table(rows: Sequence[ModelRow]) -> Table:
    """A line for each model, narrow enough for any terminal: the long things follow below it."""
    from sama_bench.tables import Column, Look, layout

    cells = []
    for row in rows:
        can = [_named(ability, able) for ability, able in row.can.items() if able]
        cannot = [ability for ability, able in row.can.items() if not able and ability not in EXTRAS]
        cells.append((row.name, ", ".join(can), ", ".join(cannot), _needs(row)))
    return layout([Column("model", whole=True), "can", "cannot", "needs"], cells, Look.BOXED)


def _named(ability: str, able: bool | str) -> str:
    words = ability.replace("describes_only", "only describes")
    return words if able is True else f"{words} ({able})"


def _needs(row: ModelRow) -> Text:
    from rich.text import Text

    if row.problem:
        return Text("does not load, see below", style="red")
    missing = [str(need["module"]) for need in row.needs if not need["installed"]]
    if missing:
        return Text(f"missing: {', '.join(missing)}")
    return Text("nothing" if not row.needs else "all installed")


def _description(row: ModelRow) -> list[str]:
    """What there is to say about a model, its name and summary first."""
    if row.problem:
        return [row.problem]
    lines = [f"{row.name}: {row.summary}"]
    if row.arguments:
        lines.append(f"    arguments: {', '.join(row.arguments)}")
    if row.can.get("boxes"):
        lines.append(f"    its boxes become masks: grounder={', '.join(_grounders())}")
    missing = dict.fromkeys(str(need["pip"]) for need in row.needs if not need["installed"])
    if missing:
        lines.append(f"    missing: {pip_line(*missing)}")
    return lines


def _full_description(row: ModelRow) -> list[str]:
    """What there is to say about a model, with a line for each argument, those of grounders too."""
    lines = [line for line in _description(row) if not line.startswith("    arguments: ")]
    lines += _argument_lines(row.typed_arguments)
    if row.can.get("boxes"):
        for name, argument_rows in _grounder_arguments().items():
            lines += [f"with grounder={name}", *_argument_lines(argument_rows)] if argument_rows else []
    return lines


def _argument_lines(rows: Sequence[Mapping[str, str | bool]]) -> list[str]:
    """A line for each argument: NAME=DEFAULT, its type, and what it is, under one another."""
    starts = [f"{row['name']} (needed)" if row["required"] else f"{row['name']}={row['default']}" for row in rows]
    first, second = (max(map(len, texts), default=0) for texts in (starts, [str(row["type"]) for row in rows]))
    return [
        f"    {start:{first}}  {row['type']:{second}}  {row['about']}".rstrip()
        for start, row in zip(starts, rows, strict=True)
    ]


def _typed(argument: Argument, prefix: str = "") -> dict[str, str | bool]:
    return {
        "name": prefix + argument.name,
        "type": argument.type.name,
        "required": argument.required,
        "default": argument.shown_default,
        "about": argument.about,
    }


def _grounder_arguments() -> dict[str, list[dict[str, str | bool]]]:
    """The arguments of each grounder that loads, by its name."""
    from sama_bench.run.arguments import arguments
    from sama_bench.run.registry import GROUNDERS

    grounder_arguments: dict[str, list[dict[str, str | bool]]] = {}
    for name in _grounders():
        with suppress(UserError):
            grounder_arguments[name] = [
                _typed(argument, GROUNDERS.prefix) for argument in arguments(GROUNDERS.find(name))
            ]
    return grounder_arguments


def _grounders() -> list[str]:
    from sama_bench.run.registry import GROUNDERS

    return list(GROUNDERS.candidates())
