"""`sama-bench leaderboard`: runs as files to hand in, a leaderboard of plain files, and its site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.json_option import json_option, put

if TYPE_CHECKING:
    from sama_bench.leaderboard.submission.pack import Packed


@click.group(
    short_help="Hand in a run, keep a leaderboard, render its site.",
    epilog="Example: sama-bench leaderboard pack runs/motion-demo --out motion.zip",
)
def leaderboard() -> None:
    """Hand in a run as one file, keep a leaderboard of such files, and render it as a site."""


@leaderboard.command(epilog="Example: sama-bench leaderboard pack runs/mine --name 'Mine, 7B' --out mine.zip")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The file to write.  [default: RUN's name with .zip]")
@click.option(
    "--name",
    default="",
    help="What tables show.  [default: the run's --name, else the model with its published arguments]",
)
@click.option("--link", default="", metavar="URL", help="Where to read about the model.")
def pack(run: Path, out: Path | None, name: str, link: str) -> None:
    """Pack the answers of RUN, and what may be published of its manifest, into one file.

    It holds no truth, no frames and no scores. Of errors only the kind is kept; arguments that may be paths, addresses
    or keys are kept back. What is published is printed: look at it before you hand the file in.
    """
    from sama_bench.leaderboard.submission.pack import pack as packed

    _tell(packed(run, out or Path(f"{run.resolve().name}.zip"), name, link))


@leaderboard.command(epilog="Example: sama-bench leaderboard add mine.zip --bench data/sama_bench --to leaderboard")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--bench", required=True, help="Name of the benchmark, its folder, or NAME:FOLDER.")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("leaderboard"),
    show_default=True,
    help="Folder of the leaderboard; leaderboard.yaml in it says how all entries are scored.",
)
@click.option("--replace", is_flag=True, help="Take the place of the entry of that name.")
@click.option("--all", "show_all", is_flag=True, help="Print all metrics of all protocols, and what each lacks.")
@json_option("the entry")
def add(file: Path, bench: str, folder: Path, replace: bool, show_all: bool, json_path: str | None) -> None:
    """Check the packed FILE, score its answers here, and add them to a leaderboard.

    The file is not trusted: all of it is checked before anything is done, and whatever scores its maker had are not
    looked at. Where something is not right, the leaderboard stays as it is.
    """
    from sama_bench.leaderboard.submission.add import add as added
    from sama_bench.run.bar import Bar
    from sama_bench.score.scores_shown import show_scores

    with Bar("scoring") as bar:
        added_entry = added(file, bench, folder, replace=replace, progress=bar)
    if put(json_path, added_entry.entry.dumps()):
        return
    show_scores(added_entry.entry.scores, show_all=show_all)
    click.echo(f"entry: {added_entry.path}")


@leaderboard.command(epilog="Example: sama-bench leaderboard build leaderboard --out site")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the site.")
@click.option(
    "--bench",
    help="Name of the benchmark, its folder, or NAME:FOLDER: score all again, and show questions with frames.",
)
def build(folder: Path, out: Path, bench: str | None) -> None:
    """Render the leaderboard in DIR as a site of plain files: open index.html, or put all of it on any web server.

    Numbers that others reported are taken from DIR/reported.yaml where there is one. Entries that another version of
    sama-bench scored stand in tables of their own, and are named.
    """
    from sama_bench.leaderboard.submission.build import build as built

    site = built(folder, out, bench)
    for line in site.again:
        click.echo(line, err=True)
    click.echo("\n".join(str(file) for file in site.files))


def _tell(packed: Packed) -> None:
    card = packed.card
    click.echo(f"name: {card.name}")
    click.echo(f"link: {card.link or 'none'}")
    for title, values in (("argument", card.model_args), ("asked", card.asking), ("version", card.versions)):
        for name, value in values.items():
            click.echo(f"{title} {name}: {'kept back' if value is None else value}")
    click.echo(f"packed: {packed.path} ({packed.path.stat().st_size / 1e6:.1f} MB)")
