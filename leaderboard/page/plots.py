"""The page's plots: SVG files that are read on dark paper and on light."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sama_bench.benchmark.installed import is_task, load_task
from sama_bench.leaderboard.board import Board, Row
from sama_bench.leaderboard.page import curves
from sama_bench.leaderboard.page.question_data import ReadRun

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, in mid tones that stand out from white and from black; markers tell apart what they do not.
COLOURS = ("#3b82f6", "#e8590c", "#2b9a66", "#c2409f", "#b8860b", "#0891b2", "#8e4ec6", "#d6404a", "#6b8e23", "#78716c")
MARKERS = "osD^vPX*<>"
# Written into the file as colours, then put in place of them: a style sheet in the file knows dark and light.
INK, LINE = "#010203", "#040506"
THEME = (
    "<style>:root{--ink:#30363d;--line:#d5dae0}"
    "@media(prefers-color-scheme:dark){:root{--ink:#d3d9e0;--line:#3a424c}}</style>"
)
STYLE: dict[Any, Any] = {
    "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 8.5, "svg.fonttype": "none",
    "svg.hashsalt": "sama-bench", "text.parse_math": False, "text.color": INK, "axes.edgecolor": LINE,
    "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "grid.color": LINE, "axes.grid": True,
    "grid.linewidth": 0.7, "axes.axisbelow": True, "axes.spines.top": False, "axes.spines.right": False,
    "legend.frameon": False, "lines.linewidth": 1.8, "lines.markersize": 5, "axes.titlesize": 9,
}  # fmt: skip
PARTS = {"size": "object size", "length": "video length", "objects": "number of objects"}
NAME = 34
SIZE = (5.2, 3.2)  # inches


def write(runs: Sequence[ReadRun], boards: Sequence[Board], folder: Path, prefix: str = "") -> list[dict[str, object]]:
    """Write the plots that these runs give into `folder`; file name, title, what is to be seen, and tasks, for each.

    The files' names begin with `prefix`.
    """
    plots: list[dict[str, object]] = []
    ranked = [run for run in runs if not run.sees_truth] or runs
    for plot in _all(ranked, [_ranked(board) for board in boards if _is_main(board)]):
        file = f"{prefix}{plot.name}.svg"
        (folder / file).write_text(_svg(plot.figure), encoding="utf-8")
        plots.append({"file": file, "title": plot.title, "told": plot.description, "tasks": plot.tasks})
    return plots


def _is_main(board: Board) -> bool:
    plotted = any(column.plotted for column in board.columns)  # none where the truth of a task is not there
    return (
        plotted
        and bool(board.rows)
        and is_task(board.task)
        and board.protocol == load_task(board.task).main_protocol.name
    )


def _ranked(board: Board) -> Board:
    """The board without the rows of who is shown the truth, which would press all others together."""
    return replace(board, rows=tuple(row for row in board.rows if not row.sees_truth) or board.rows)


class Plot(NamedTuple):
    """A plot with its file's name, without ending; `tasks` are those that it is about."""

    name: str
    title: str
    description: str
    tasks: list[str]
    figure: Figure


def _all(runs: Sequence[ReadRun], boards: Sequence[Board]) -> Iterator[Plot]:
    with _style():
        for number, board in enumerate(boards):
            description = (
                "Each dot is a mean over videos in percent, each bar its 95 % interval. The table has the numbers."
            )
            yield Plot(f"scores-{number}", f"Scores: {board.title}", description, [board.task], _scores(board))
        curves_by_run = [(run, values) for run in runs if (values := curves.thresholds(run))]
        grounding = [run for run, _ in curves_by_run]
        grounded = list(dict.fromkeys(task for run in grounding for task in curves.grounded_tasks(run)))
        if not curves_by_run:
            return
        description = (
            "J&F in percent where only pairs of tracks count whose IoU reaches the threshold; at 0 it is the table's."
        )
        yield Plot("thresholds", "J&F against IoU threshold", description, grounded, _thresholds(curves_by_run))
        for dimension, part_name in PARTS.items():
            bars = "; bars are 95 % intervals" if len(grounding) <= curves.BARS else ""
            yield Plot(
                dimension,
                f"J&F against {part_name}",
                f"Means over videos in percent{bars}.",
                grounded,
                _parts(grounding, dimension),
            )
        both_scored = (board for board in boards if any({"J&F", "METEOR"} <= row.values.keys() for row in board.rows))
        for number, board in enumerate(both_scored):
            description = "Masks to the right, words to the top; bars are 95 % intervals."
            figure = _words_masks(board)
            yield Plot(f"words-masks-{number}", "Text score against mask score", description, [board.task], figure)


def _scores(board: Board) -> Figure:
    metrics = [metric for metric in board.columns if metric.plotted]
    names = [_short(row.model) for row in board.rows]
    figure, axes = _figure(10, 0.7 + 0.28 * len(names), len(metrics))
    for axis, metric in zip(axes, metrics, strict=True):
        for place, row in enumerate(board.rows):
            if metric.name in row.values:
                value, interval = 100 * row.values[metric.name], _ends(row, metric.name)
                _dot(axis, (value, place), place, across=interval)
        axis.set_title(metric.label)
        axis.set_ylim(len(names) - 0.5, -0.5)
        axis.set_yticks(range(len(names)), names if axis is axes[0] else [""] * len(names))
        axis.grid(axis="y", visible=False)
        axis.set_xlim(left=0)
    return figure


def _thresholds(curves_by_run: Sequence[tuple[ReadRun, Sequence[float]]]) -> Figure:
    figure, (axis,) = _figure(*SIZE)
    for number, (run, values) in enumerate(curves_by_run):
        percent = [100 * value for value in values]
        axis.plot(curves.THRESHOLDS, percent, label=_short(run.model), markevery=5, clip_on=False, **_look(number))
    axis.set(xlabel="IoU threshold", ylabel="J&F", xlim=(0, 1))
    return _with_legend(figure, axis, len(curves_by_run))


def _parts(runs: Sequence[ReadRun], dimension: str) -> Figure:
    figure, (axis,) = _figure(*SIZE)
    parts_by_run = [curves.by_part(run, dimension, intervals=len(runs) <= curves.BARS) for run in runs]
    labels = curves.labels(dimension, parts_by_run)
    for number, (run, parts) in enumerate(zip(runs, parts_by_run, strict=True)):
        shift = (number - (len(runs) - 1) / 2) * min(0.12, 0.6 / len(runs))
        points = [(labels.index(label) + shift, *parts[label]) for label in labels if label in parts]
        line = [x for x, *_ in points], [100 * y for _, y, _ in points]
        axis.plot(*line, label=_short(run.model), clip_on=False, **_look(number))
        for x, _, interval in points:
            if interval is not None:
                axis.plot([x, x], [100 * end for end in interval], color=_look(number)["color"], linewidth=1.1)
    axis.set_xticks(range(len(labels)), [label.replace(">=", "≥") for label in labels])
    axis.set(ylabel="J&F")
    axis.grid(axis="x", visible=False)
    return _with_legend(figure, axis, len(runs))


def _words_masks(board: Board) -> Figure:
    figure, (axis,) = _figure(*SIZE)
    for number, row in enumerate(board.rows):
        if {"J&F", "METEOR"} <= row.values.keys():
            at = 100 * row.values["J&F"], 100 * row.values["METEOR"]
            _dot(axis, at, number, _ends(row, "J&F"), _ends(row, "METEOR"), label=_short(row.model))
    axis.set(xlabel="J&F", ylabel="METEOR")
    return _with_legend(figure, axis, len(board.rows))


def _dot(
    axis: Axes,
    at: tuple[float, float],
    number: int,
    across: tuple[float, float] | None = None,
    up: tuple[float, float] | None = None,
    label: str = "",
) -> None:
    """A run's mark, with its intervals where there are any."""
    look = _look(number)
    if across is not None:
        axis.plot(across, (at[1], at[1]), color=look["color"])
    if up is not None:
        axis.plot((at[0], at[0]), up, color=look["color"])
    axis.plot(*at, linestyle="", label=label, clip_on=False, zorder=3, **look)


def _look(number: int) -> dict[str, Any]:
    """Colour and marker of a run; a hundred of them are not alike."""
    marker = MARKERS[(number + number // len(COLOURS)) % len(MARKERS)]
    return {"color": COLOURS[number % len(COLOURS)], "marker": marker}


def _ends(row: Row, metric: str) -> tuple[float, float] | None:
    ends = row.intervals.get(metric)
    return None if ends is None else (100 * ends[0], 100 * ends[1])


def _short(model: str) -> str:
    return model if len(model) <= NAME else f"{model[: NAME - 1]}…"


def _figure(width: float, height: float, columns: int = 1) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, list(figure.subplots(1, max(1, columns), squeeze=False)[0])


def _with_legend(figure: Figure, axis: Axes, count: int) -> Figure:
    axis.set_ylim(bottom=0)
    if count:
        figure.legend(loc="outside lower left", ncols=min(count, 3))
    if count > 6:
        figure.set_figheight(figure.get_figheight() + 0.2 * (count // 3 - 1))
    return figure


@contextmanager
def _style() -> Iterator[None]:
    import matplotlib as mpl

    with mpl.rc_context(STYLE), warnings.catch_warnings():
        # A name may be in letters that matplotlib's font lacks: it only measures with it, the browser draws.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def _svg(figure: Figure) -> str:
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    text = file.getvalue().replace(INK, "var(--ink)").replace(LINE, "var(--line)")
    head, svg, remainder = text.partition("<svg ")
    attributes, end, remainder = remainder.partition(">")
    return f"{head}{svg}{attributes}{end}{THEME}{remainder}"
