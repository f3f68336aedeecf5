"""`sama-bench conformance`: an adapter against the real code of its model, with a tiny random model of its class."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

import click

from sama_bench.errors import UserError
from sama_bench.files.json_files import as_json
from sama_bench.files.temporary import temporary
from sama_bench.json_option import json_option, put

GROUP = "sama_bench.conformance"


class Finding(Protocol):
    """One question: how many tensors were compared, and each difference in a line."""

    question: str
    tensors: int
    differences: tuple[str, ...]


class Recipe(Protocol):
    """What an entry point of the group makes: see `adapters/conformance/recipe.py`."""

    adapter: str
    commit: str
    script: str

    def findings(self, repo: Path, folder: Path) -> Iterator[Finding]:
        """Ask the model both ways, question by question."""


@click.command(
    "conformance",
    short_help="Hold an adapter against its model's own code, without weights.",
    epilog="Example: sama-bench conformance pixelrefer --model-arg repo=PixelRefer",
)
@click.argument("name")
@click.option(
    "--model-arg", "model_args", multiple=True, metavar="repo=FOLDER", help="The checkout of the model's code."
)
@json_option("the findings")
def conformance(name: str, model_args: tuple[str, ...], json_path: str | None) -> None:
    """Make a tiny random model of the real class of the adapter NAME, and ask it two ways.

    The adapter asks it about the demo, end to end; the authors' own evaluation script builds the same questions. What
    reaches the model's `generate` is compared, tensors to the last bit. It runs the code of your checkout on a CPU, in
    this process: call it with the interpreter that the adapter needs. The status is 1 where anything differs.
    """
    recipe = _recipe(name)
    repo = _repo(model_args)
    with temporary() as folder, redirect_stdout(sys.stderr):  # the models' code prints
        findings = list(recipe.findings(repo, folder))
    if not put(json_path, as_json(_content(recipe, findings))):
        click.echo(_table(recipe, findings))
    if not findings or any(finding.differences for finding in findings):
        raise SystemExit(1)


def _recipe(name: str) -> Recipe:
    known = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in known:
        raise UserError(f"there is no conformance recipe for {name!r}; there are some for {', '.join(sorted(known))}")
    kind: type[Recipe] = known[name].load()
    return kind()


def _repo(model_args: tuple[str, ...]) -> Path:
    args = dict(text.partition("=")[::2] for text in model_args)
    if unknown := [key for key in args if key != "repo"]:
        raise UserError([f"--model-arg {key}=…: expected repo=FOLDER alone" for key in unknown])
    if not args.get("repo"):
        raise UserError("the checkout of the model's code is needed: --model-arg repo=FOLDER")
    repo = Path(args["repo"]).expanduser()
    if not repo.is_dir():
        raise UserError(f"repo={repo}: is no folder; expected the checkout of the model's code")
    return repo.resolve()


def _content(recipe: Recipe, findings: list[Finding]) -> dict[str, object]:
    return {
        "adapter": recipe.adapter, "confirmed_at": recipe.commit, "script": recipe.script,
        "questions": [
            {"question": one.question, "tensors": one.tensors, "differences": list(one.differences)} for one in findings
        ],
    }  # fmt: skip


def _table(recipe: Recipe, findings: list[Finding]) -> str:
    lines = [f"{recipe.adapter} against {recipe.script} (confirmed at {recipe.commit})"]
    for one in findings:
        state = "differs" if one.differences else f"equal, {one.tensors} tensors"
        lines += [f"  {one.question}: {state}", *(f"    {difference}" for difference in one.differences)]
    wrong = sum(bool(one.differences) for one in findings)
    lines.append(f"{len(findings)} questions, {wrong} differ" if findings else "no question was compared")
    return "\n".join(lines)
