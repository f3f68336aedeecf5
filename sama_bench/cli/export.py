"""`sama-bench export`: the answers of a run as JSON lines."""

from __future__ import annotations

from pathlib import Path

import click

from sama_bench.errors import UserError
from sama_bench.files.json_files import encoded


@click.command(
    short_help="Write the answers of a run as JSON lines.",
    epilog="Example: sama-bench export runs/motion-demo --out motion.jsonl",
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The file to write.  [default: standard output]")
def export(run: Path, out: Path | None) -> None:
    """Write the answers of RUN as JSON lines, in the order of the benchmark.

    The form is that of `sama-bench score --predictions`, which gives the same scores for it: task, question_id, text
    and tracks, and beside them video and seconds; a question that ended in an error has error in the place of text.
    Where the model gave boxes, they are there too (frame, x0, y0, x1, y1); where a text was read out of what it
    said, raw is that, and unread what could not be read; usage is what its prompt took.
    """
    from sama_bench.api.runs import load_run
    from sama_bench.files.atomic import replacing

    lines = load_run(run).lines()
    if out is None:
        for line in lines:
            click.echo(encoded(f"{line}\n"), nl=False)  # UTF-8, whatever the terminal has
        return
    try:
        with replacing(out) as file:
            for line in lines:
                file.write(encoded(f"{line}\n"))
    except OSError as problem:
        raise UserError(f"{out}: cannot be written ({problem.strerror or problem})") from problem
