"""`sama-bench judge probe`: what a judge notices, and what it falls for."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sama_bench.cli.judge_messages import echo_error
from sama_bench.files.json_files import as_json
from sama_bench.json_option import check_writable, json_option, put

if TYPE_CHECKING:
    from sama_bench.judge.attempts import Sample
    from sama_bench.judge.judge_config import JudgeConfig
    from sama_bench.judge.probe import Rate


@click.command(
    short_help="Measure what a judge notices, and what it falls for.",
    epilog="Example: sama-bench judge probe --judge gpt-4.1-mini --dry-run",
)
@click.option("--judge", "model", required=True, metavar="MODEL", help="Who judges, as the server calls it.")
@click.option("--base-url", metavar="URL", help="An OpenAI-compatible server.  [default: $OPENAI_BASE_URL, or OpenAI]")
@click.option("--template", default="dialogue", show_default=True, metavar="NAME|FILE", help="What it is asked.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N questions of the demo.")
@click.option("--budget", type=click.FloatRange(0, min_open=True), metavar="USD", help="What may be spent; then stop.")
@click.option("--prices", type=click.Path(path_type=Path), metavar="FILE", help="What tokens cost, in place of ours.")
@click.option("--dry-run", is_flag=True, help="Only count what would be asked, and what that costs.")
@json_option("the rates")
@click.pass_context
def probe(ctx: click.Context, /, limit: int | None, json_path: str | None, *, dry_run: bool, **options: Any) -> None:  # noqa: ANN401 - click's
    """Measure on the demo's own texts what a judge notices, and what it falls for.

    Does it catch a swapped object, a wrong colour, a reversed direction, an invented object; does it give more for
    length, for markdown, or because the answer tells it to. The key is taken from $OPENAI_API_KEY.

    Exit status: 1 where some pairs have no score.
    """
    from sama_bench.benchmark import open_benchmark
    from sama_bench.judge.judge_config import JudgeConfig
    from sama_bench.judge.judge_run import open_server
    from sama_bench.judge.probe import pairs, rates, references, samples, scores
    from sama_bench.judge.template import Template

    check_writable(json_path)
    judging = JudgeConfig.of(options["model"], Template.load(options["template"]))
    probe_pairs = list(pairs(references(open_benchmark("demo"), limit)))
    if dry_run:
        _print_estimate(judging, samples(probe_pairs), options["prices"], json_path)
        return
    paid = {"budget": options["budget"], "prices": options["prices"]}
    server = open_server(echo_error, options["base_url"], **paid)
    try:
        rates_by_attack = rates(probe_pairs, scores(judging, server, samples(probe_pairs)))
    finally:
        echo_error("\n".join(server.bill.lines()))
    _show(judging, rates_by_attack, json_path)
    ctx.exit(int(any(rate.unscored for rate in rates_by_attack)))


def _print_estimate(judging: JudgeConfig, todo: list[Sample], prices: Path | None, json_path: str | None) -> None:
    from sama_bench.console import Console
    from sama_bench.judge.judge_run import estimate_cost
    from sama_bench.judge.table import print_estimate

    counted, usd = estimate_cost(judging, todo, prices)
    if not put(json_path, as_json({"judge": judging.to_json(), "usd": usd, **asdict(counted)})):
        print_estimate(counted, judging, usd, Console())


def _show(judging: JudgeConfig, rates_by_attack: list[Rate], json_path: str | None) -> None:
    from sama_bench.console import Console
    from sama_bench.judge.probe_table import print_rates

    report = {"judge": judging.to_json(), "rates": [rate.to_json() for rate in rates_by_attack]}
    if not put(json_path, as_json(report)):
        print_rates(judging, rates_by_attack, Console())
