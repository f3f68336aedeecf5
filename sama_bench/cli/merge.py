"""`sama-bench merge`: the runs of shards, put together."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from sama_bench.errors import UserError


@click.command(
    short_help="Put the runs of shards together.",
    epilog="Example: sama-bench merge runs/motion-demo-shard* --out runs/motion-demo",
)
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the whole run, which is made.")
@click.option(
    "--bench", metavar="BENCH", help="Where the benchmark is, if it was moved.  [default: where the first run found it]"
)
@click.pass_context
def merge(ctx: click.Context, /, runs: tuple[Path, ...], out: Path, bench: str | None) -> None:
    """Put runs of shards (sama-bench run --shard) together into one, as if it had never been divided, and score it.

    Runs with other settings, and answers to one question in two runs, are refused. Questions without an answer are
    reported, the exit status is then 1; sama-bench run --out RUN asks them.
    """
    from sama_bench.api.runs import load_run
    from sama_bench.run.merge import merge as merged
    from sama_bench.score.scores_shown import show_scores

    merge_result = merged(runs, out, bench)
    run = load_run(out)
    run_settings = run.manifest.asked
    if merge_result.answers:
        phrases, model = run_settings.get("phrases"), run_settings.get("phrase_model")
        scores = run.score(bench, phrases=phrases, phrase_model=model, tell=partial(click.echo, err=True))
        show_scores(scores.kept, show_all=False, run=out)
    click.echo(f"run: {out}\nanswers: {merge_result.answers}")
    if merge_result.missing:
        for line in UserError(merge_result.gaps()).lines():
            click.echo(f"warning: {line}", err=True)
        missing = sum(map(len, merge_result.missing.values()))
        click.echo(
            f"{missing} questions have no answer; merge the missing shards, too, or ask them with: "
            f"sama-bench run … --out {out} (without --shard)",
            err=True,
        )
        ctx.exit(1)
