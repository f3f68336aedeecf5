"""`sama-bench conformance`: an adapter against the real code of its model, with a tiny random model of its class."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

import click

from sama_bench.errors import UserError
from sama_bench.files.json_files import as_json
from sama_bench.files.temporary import temporary
from sama_bench.json_option import json_option, put
from sama_bench.run import model_output

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
    environment: str
    python: Path | None

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
    this process: call it with the interpreter that the adapter needs. Where that cannot run the model's own code
    (sa2va, sa2va-i), name one that does: --model-arg python=envs/sa2va-released/bin/python. The status is 1 where
    anything differs.
    """
    recipe = _recipe(name)
    repo, recipe.python = _places(model_args, recipe.environment)
    with temporary() as folder, model_output.on_stderr():
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


def _places(model_args: tuple[str, ...], environment: str) -> tuple[Path, Path | None]:
    """The checkout, and the other interpreter where the recipe needs one, of this environment."""
    args = dict(text.partition("=")[::2] for text in model_args)
    known = ("repo", "python") if environment else ("repo",)
    problems = [f"--model-arg {key}=…: expected {' and '.join(known)} alone" for key in args if key not in known]
    if not args.get("repo"):
        problems.append("the checkout of the model's code is needed: --model-arg repo=FOLDER")
    elif not Path(args["repo"]).expanduser().is_dir():
        problems.append(f"repo={args['repo']}: is no folder; expected the checkout of the model's code")
    python = Path(args.get("python", "")).expanduser()
    if environment and not args.get("python"):
        problems.append(
            f"an interpreter that runs the model's code is needed: --model-arg python=envs/{environment}/bin/python "
            f"(sama-bench env {environment} --make envs/{environment})"
        )
    elif environment and not python.is_file():
        problems.append(f"python={python}: is no file; expected an interpreter")
    if problems:
        raise UserError(problems)
    return Path(args["repo"]).expanduser().resolve(), python.absolute() if environment else None


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
