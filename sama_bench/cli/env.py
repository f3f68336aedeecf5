"""`sama-bench env`: the pins with which an adapter's interpreter installs today, and the environment itself."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from sama_bench.cli.environment_checks import cannot_compile, interpreter, too_little_room
from sama_bench.errors import UserError
from sama_bench.files.json_files import as_json
from sama_bench.files.json_shapes import short
from sama_bench.installation import package_source
from sama_bench.json_option import json_option, put

FILE = "environments.yaml"


@dataclass(frozen=True)
class Environment:
    """What an adapter needs beside this package.

    `python` is the version of the interpreter, `light` what a worker of ours needs, `packages` the pins of the model.
    `after` are commands that need CUDA or a compiler, and are left to the user; what they build is built against the
    CUDA of this major version. `gigabytes` is what it took on a disk. `tried` says what was tried, and when.
    """

    name: str
    python: str
    light: tuple[str, ...]
    packages: tuple[str, ...]
    clone: str = ""
    after: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tried: str = "not tried"
    cuda: str = ""
    gigabytes: float = 0

    @property
    def everything(self) -> list[str]:
        """All that pip is given: what a model pins stands for what a worker wants without a pin."""
        pinned = {_package(spec) for spec in self.packages}
        return [*(spec for spec in self.light if _package(spec) not in pinned), *self.packages]

    def lines(self, folder: Path) -> list[str]:
        """The commands that make it in `folder`."""
        pip = folder / "bin" / "pip"
        quoted = " ".join(
            f"'{spec}'" if set("<>= ") & set(spec) and "==" not in spec else spec for spec in self.everything
        )
        return [
            *([f"git clone {self.clone}"] if self.clone else []),
            f"python{self.python} -m venv {folder}",
            f"{pip} install {quoted}",
            f"{pip} install --no-deps {shlex.quote(package_source())}",
            *(command.replace("pip ", f"{pip} ", 1) for command in self.after),
        ]


@click.command(
    "env",
    short_help="Print the pins with which an adapter installs today, or make its environment.",
    epilog="Example: sama-bench env videorefer --make envs/videorefer",
)
@click.argument("name", required=False)
@click.option("--make", "folder", type=click.Path(path_type=Path), help="Make the environment in this new folder.")
@json_option("it")
def env(name: str | None, folder: Path | None, json_path: str | None) -> None:
    """Print the commands that make an interpreter for the adapter NAME; without NAME, list those that are known.

    With --make it is made: a virtual environment with the pins, and this package without its dependencies. What needs
    CUDA or a compiler is printed, and left to you.
    """
    known = environments()
    if name is None:
        rows = {key: one.tried for key, one in known.items()}
        if not put(json_path, as_json(rows)):
            click.echo("\n".join(f"{key:14} {tried}" for key, tried in rows.items()))
        return
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f", did you mean {near[0]}?" if near else ""
        raise UserError(f"there is no environment for {name!r}{hint}; there are {', '.join(known)}")
    wanted = known[name]
    if folder is not None:
        make(wanted, folder)
        return
    lines = wanted.lines(Path("envs") / name)
    if put(json_path, as_json({**vars(wanted), "packages": wanted.everything, "commands": lines})):
        return
    size = [f"takes {wanted.gigabytes} GB"] if wanted.gigabytes else []
    comments = [f"# {text}" for text in (*wanted.notes, *size, f"tried: {wanted.tried}")]
    click.echo("\n".join([*comments, *lines]))


def environments() -> dict[str, Environment]:
    """The environments that are known, by name."""
    from sama_bench.files.yaml_files import parse_yaml

    content = parse_yaml(files("sama_bench.tasks").joinpath(FILE).read_bytes())
    assert isinstance(content, dict), "the package's own file"
    light = tuple(content["light"])
    return {name: _environment(name, light, fields) for name, fields in content["environments"].items()}


def _environment(name: str, light: tuple[str, ...], fields: Mapping[str, Any]) -> Environment:
    lists: dict[str, Any] = {key: tuple(fields.get(key, ())) for key in ("packages", "after", "notes")}
    more = {key: fields[key] for key in ("clone", "tried", "cuda", "gigabytes") if key in fields}
    return Environment(name, fields["python"], light, **lists, **more)


def make(wanted: Environment, folder: Path) -> None:
    """Make the environment in a new folder. Raises UserError with all that is in its way, or where pip fails.

    What is left to do and cannot be done on this machine is told first: installing takes minutes.
    """
    python = _checked(wanted, folder)
    if wanted.cuda and (reason := cannot_compile(wanted.cuda)):
        click.echo(f"{wanted.name} will lack what has to be compiled: {reason}: {'; '.join(wanted.after)}", err=True)
    size = f" and {wanted.gigabytes:.0f} GB" if wanted.gigabytes else ""
    click.echo(f"installing {len(wanted.everything)} packages into {folder}: it takes minutes{size}", err=True)
    _run([python, "-m", "venv", str(folder)])
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q"]
    _run([*pip, *wanted.everything])
    _run([*pip, "--no-deps", package_source()])
    left = [*([f"git clone {wanted.clone}"] if wanted.clone else []), *wanted.lines(folder)[-len(wanted.after) :]]
    click.echo(f"made {folder}; --python {folder / 'bin' / 'python'}")
    for line in left if wanted.after else left[:1] if wanted.clone else []:
        click.echo(f"left to do: {line}")


def _checked(wanted: Environment, folder: Path) -> str:
    """The interpreter to make it with. Raises UserError with all that is in the way."""
    python, problems = interpreter(wanted.python), []
    if folder.exists() and any(folder.iterdir() if folder.is_dir() else [folder]):
        problems.append(f"{folder}: is there already; expected a new folder")
    if not python:
        problems.append(
            f"there is no python{wanted.python} that makes environments (on the PATH, or of pyenv), which "
            f"{wanted.name} needs: apt install python{wanted.python}-venv, or uv python install {wanted.python}"
        )
    if problem := too_little_room(folder, wanted.gigabytes):
        problems.append(f"{problem} for {wanted.name}")
    if problems:
        raise UserError(problems)
    return python


def _run(command: list[str]) -> None:
    done = subprocess.run(command, stdout=sys.stderr, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()[-1:]
        raise UserError(f"{' '.join(command[:5])} … failed: {short(' '.join(lines))}")


def _package(spec: str) -> str:
    """The name of a requirement without its versions."""
    for sign in "<>=![; ":
        spec = spec.partition(sign)[0]
    return spec.lower().replace("_", "-")
