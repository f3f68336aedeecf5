"""`sama-bench judge`: let a language model judge the answers of a run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sama_bench.cli.default_command import DefaultGroup
from sama_bench.cli.judge_messages import echo_error, exit_status
from sama_bench.errors import telling_what_is_kept
from sama_bench.files.json_files import as_json
from sama_bench.json_option import check_writable, json_option, put
from sama_bench.judge import DEFAULT_CONCURRENCY, DEFAULT_TEMPLATE

if TYPE_CHECKING:
    from sama_bench.judge.judge_config import JudgeConfig
    from sama_bench.llm_client import Server
    from sama_bench.run.store import Store


@click.group(
    cls=DefaultGroup,
    context_settings={"ignore_unknown_options": True},
    short_help="Let a language model judge the answers of a run.",
    epilog="Example: sama-bench judge runs/mine --judge gpt-4.1-mini --dry-run",
)
def judge() -> None:
    """Let a language model judge the answers of a run."""


@click.command("RUN")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--judge", "model", required=True, metavar="MODEL", help="Who judges, as the server calls it.")
@click.option("--base-url", metavar="URL", help="An OpenAI-compatible server.  [default: $OPENAI_BASE_URL, or OpenAI]")
@click.option(
    "--template",
    default=DEFAULT_TEMPLATE,
    show_default=True,
    metavar="NAME|FILE",
    help="What it is asked: dialogue, clair …",
)
@click.option(
    "--samples", type=click.IntRange(1), default=1, show_default=True, metavar="K", help="Verdicts on each question."
)
@click.option(
    "--temperature",
    type=click.FloatRange(0),
    metavar="T",
    help="How freely it chooses words.  [default: the template's, else 0; 1 with several samples]",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1),
    default=DEFAULT_CONCURRENCY,
    show_default=True,
    metavar="N",
    help="Requests at a time, at most.",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N answers of each task.")
@click.option("--budget", type=click.FloatRange(0, min_open=True), metavar="USD", help="What may be spent; then stop.")
@click.option("--prices", type=click.Path(path_type=Path), metavar="FILE", help="What tokens cost, in place of ours.")
@click.option("--batch", is_flag=True, help="Ask by OpenAI's Batch API: within a day, at half the price.")
@click.option("--dry-run", is_flag=True, help="Only count what would be asked, and what that costs.")
@json_option("the verdicts")
@click.pass_context
def judge_run(ctx: click.Context, /, run: Path, json_path: str | None, dry_run: bool, **options: Any) -> None:  # noqa: ANN401 - click's
    """Let a model judge the answers of RUN against the references, and keep its verdicts in the run.

    What has a verdict is not asked again: stopped or killed, the same command goes on. sama-bench score then shows the
    verdicts of template dialogue in the column Judge, those of clair in CLAIR. The key is taken from $OPENAI_API_KEY.

    Exit status: 1 where the server failed for some answers; give the command again to ask for them.
    """
    from sama_bench.judge.judge_config import JudgeConfig
    from sama_bench.judge.judge_run import Judge, open_batch_server, open_server
    from sama_bench.judge.template import Template
    from sama_bench.run.store import Store

    check_writable(json_path)
    template = Template.load(options["template"])
    judging = JudgeConfig.of(options["model"], template, options["samples"], options["temperature"])
    with Store.open(run, write=not dry_run) as store:
        if dry_run:
            _print_estimate(judging, store, options["limit"], options["prices"], json_path, batch=options["batch"])
            return
        paid = options["budget"], options["prices"]
        if options["batch"]:
            server: Server = open_batch_server(echo_error, run, options["base_url"], *paid)
        else:
            server = open_server(echo_error, options["base_url"], options["concurrency"], *paid)
        try:
            with telling_what_is_kept(lambda: _kept(judging, store)):
                done = Judge(judging, server).on(store, store.open_benchmark(), options["limit"])
        finally:
            _show(judging, store, json_path)
            echo_error("\n".join(server.bill.lines()))
    ctx.exit(exit_status(done))


judge.default = judge_run


@judge.command(
    short_help="Say how far two judges, or a judge and people, agree.",
    epilog="Example: sama-bench judge agreement runs/mine people.csv --json agreement.json",
)
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option(
    "--column", type=click.Choice(["Judge", "CLAIR", "Human"]), help="Whose verdicts.  [default: the last judge's]"
)
@json_option("the agreement")
def agreement(a: Path, b: Path, column: str | None, json_path: str | None) -> None:
    """Say how far A and B agree, question by question.

    Each is a judged run, or a file with scores of people: CSV with the columns task, question_id, score (0 to 1) and,
    for the intervals, video; or the same as JSON lines.
    """
    from sama_bench.console import Console
    from sama_bench.errors import each
    from sama_bench.judge.agreement import agreement as agree
    from sama_bench.judge.ratings import load
    from sama_bench.judge.table import print_agreement

    check_writable(json_path)
    agreement_scores = agree(*each(lambda path: load(path, column or ""), (a, b)))
    if not put(json_path, as_json(agreement_scores.to_json())):
        print_agreement(agreement_scores, Console())


def _kept(judging: JudgeConfig, store: Store) -> str:
    judged = store.judged_by().get(judging.key)
    verdicts = 0 if judged is None else len(judged.verdicts)
    return f"the verdicts on {verdicts} answers are kept in {store.path}; give the same command again to go on"


def _show(judging: JudgeConfig, store: Store, json_path: str | None) -> None:
    from sama_bench.console import Console
    from sama_bench.judge.table import print_judged

    judged = store.judged_by().get(judging.key)
    if judged is None or not judged.verdicts:
        return
    if put(json_path, as_json(judged.to_json())):
        return
    print_judged(judged, sorted(store.all_keys() - store.errors().keys()), Console())
    click.echo(f"to see it in the table: sama-bench score {store.path}")


def _print_estimate(
    judging: JudgeConfig, store: Store, limit: int | None, prices: Path | None, json_path: str | None, *, batch: bool
) -> None:
    from sama_bench.console import Console
    from sama_bench.judge.judge_run import estimate_cost, without_verdict
    from sama_bench.judge.table import print_estimate

    todo = without_verdict(judging, store, store.open_benchmark(), limit)
    counted, usd = estimate_cost(judging, todo, prices, batch=batch)
    if not put(json_path, as_json({"judge": judging.to_json(), "usd": usd, **asdict(counted)})):
        print_estimate(counted, judging, usd, Console())


def _register() -> None:
    from sama_bench.cli.judge_probe import probe
    from sama_bench.cli.judge_ratings import ratings
    from sama_bench.cli.judge_verdicts import drop_verdicts, list_verdicts

    for command in (probe, list_verdicts, drop_verdicts, ratings):
        judge.add_command(command)


_register()
