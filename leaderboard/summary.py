"""What a report shows first: a table for each benchmark, its headline metrics, the runs ranked; odd runs in a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sama_bench.benchmark.installed import installed, load_task
from sama_bench.errors import UserError
from sama_bench.leaderboard.board import Board, Row
from sama_bench.leaderboard.columns import plain_name
from sama_bench.leaderboard.general import TASK as GENERAL
from sama_bench.leaderboard.rank import NOWHERE, Standing, as_written, column, is_ranked
from sama_bench.metric import Metric, shown_first
from sama_bench.suggestions import nearest

FEW = 0.25  # of the questions of the largest selection: a run of fewer is no rival of the others
BROKEN = 0.5  # of a run's questions without an answer

Wanted = Callable[[Board, Metric], bool]


@dataclass(frozen=True)
class SummaryColumn:
    """A metric of one board; `part` says of which task and, where that is not clear, of which protocol."""

    board: Board
    metric: Metric
    part: str = ""


@dataclass(frozen=True)
class SummaryRow:
    """A run with its rows on the boards of a table."""

    run: str
    places: tuple[tuple[Board, Row], ...]

    @property
    def any_row(self) -> Row:
        """One of its rows: its name and its kind are the same on all boards."""
        return self.places[0][1]

    def on(self, board: Board) -> Row | None:
        """Its row on a board; None where it was not asked that task."""
        return next((row for known, row in self.places if known is board), None)

    def value(self, column: SummaryColumn) -> float | None:
        """Its value in a column, a fraction; None where it has none."""
        row = self.on(column.board)
        return None if row is None else row.values.get(column.metric.name)


@dataclass(frozen=True)
class Summary:
    """One table: `rows` as they are shown, `folded` lines on runs that are not in it.

    `ranks` has the place of each row by the first column, None for one that is not ranked.
    """

    title: str
    columns: tuple[SummaryColumn, ...]
    rows: tuple[SummaryRow, ...]
    ranks: tuple[int | None, ...] = ()
    folded: tuple[str, ...] = ()
    boards: tuple[Board, ...] = ()
    standings: dict[tuple[int, int], Standing] = field(default_factory=dict, compare=False)

    def standing(self, row: int, column: int) -> Standing:
        """The standing of a row in a column, both by their numbers, among the rows of the table."""
        return self.standings.get((row, column), NOWHERE)


def headline(board: Board, metric: Metric) -> bool:
    """Whether a metric is shown first: a headline one of the task's main protocol, or what a judge said."""
    if board.task == GENERAL:
        return True
    if board.protocol != load_task(board.task).main_protocol.name:
        return False
    return metric in shown_first(board.columns)


def named_metrics(names: Sequence[str], boards: Sequence[Board]) -> Wanted:
    """Whether a metric is one of those `names`: its name or label, or PROTOCOL.NAME; letters of any case.

    Without a protocol the main one's counts, where that has the metric. Raises UserError with the nearest names for
    what no board has.
    """
    known = dict.fromkeys(name for board in boards for metric in board.columns for name in _names(board, metric))
    lowered = {name.lower() for name in known}
    problems = [
        f"--metric {name}: no run here has such a metric{nearest(name, list(known))}"
        for name in names
        if name.lower() not in lowered
    ]
    if problems:
        raise UserError(problems)
    chosen = {name.lower() for name in names}
    in_main = {
        (board.task, plain_name(metric))
        for board in boards
        if board.task != GENERAL and board.protocol == load_task(board.task).main_protocol.name
        for metric in board.columns
    }

    def wanted(board: Board, metric: Metric) -> bool:
        with_protocol = {name.lower() for name in _names(board, metric) if name.startswith(f"{board.protocol}.")}
        if with_protocol & chosen:
            return True
        main = board.task == GENERAL or board.protocol == load_task(board.task).main_protocol.name
        if not main and (board.task, plain_name(metric)) in in_main:
            return False
        return any(name.lower() in chosen for name in _names(board, metric))

    return wanted


def _names(board: Board, metric: Metric) -> list[str]:
    names = dict.fromkeys([plain_name(metric), metric.name, metric.label])
    return [*names, *(f"{board.protocol}.{name}" for name in names)]


def summaries(boards: Sequence[Board], wanted: Wanted = headline) -> list[Summary]:
    """The tables of a report: one for each benchmark, more only where numbers were not made in the same way.

    A run that was asked few of the questions, or answered few, is folded to a line, as long as another remains.
    """
    by_benchmark: dict[str, list[Board]] = {}
    for board in boards:
        by_benchmark.setdefault(_benchmark(board), []).append(board)
    return [summary for title, members in by_benchmark.items() for summary in _of_benchmark(title, members, wanted)]


def _benchmark(board: Board) -> str:
    if board.task == GENERAL:
        return board.title
    owners = (
        definition
        for definition in installed().benchmarks.values()
        if any(task.key == board.task for task in definition.tasks)
    )
    owner = next(owners, None)
    return board.title if owner is None else owner.name


def of_board(board: Board) -> Summary:
    """One board with all of its columns and rows as a table."""
    columns = tuple(SummaryColumn(board, metric) for metric in board.columns)
    ranked = sorted(_rows([board]), key=lambda row: _order(row, columns))
    table = Summary(board.title, columns, tuple(ranked), boards=(board,))
    if not columns:
        return replace(table, ranks=(None,) * len(ranked))
    return replace(table, ranks=_ranks(ranked, columns[0]), standings=_standings(ranked, columns))


def _of_benchmark(title: str, boards: Sequence[Board], wanted: Wanted) -> list[Summary]:
    largest = Counter[str]()
    for board in boards:
        largest[board.task] = max(largest[board.task], board.questions)
    few = _runs_of_few_questions(boards, largest)
    tiny = [board for board in boards if board.rows and all(row.run in few for row in board.rows)]
    groups = _grouped([board for board in boards if board not in tiny])
    tables = [table for group in groups if (table := _table(title, group, wanted)) is not None]
    if not tables:
        return []
    shown = {row.run for table in tables for row in table.rows}
    lines: dict[str, list[str]] = {}
    for board in tiny:
        for row in board.rows:
            if row.run not in shown:
                counts = f"{board.questions} of {largest[board.task]} questions of {load_task(board.task).alias}"
                lines.setdefault(f"{row.model} ({row.run})", []).append(counts)
    folded = [f"{name}: {', '.join(dict.fromkeys(counts))}" for name, counts in lines.items()]
    return [*tables[:-1], replace(tables[-1], folded=(*tables[-1].folded, *folded))]


def _runs_of_few_questions(boards: Sequence[Board], largest: Mapping[str, int]) -> set[str]:
    """The runs that were asked few of the questions that the largest selections of their tasks have together."""
    asked: dict[str, dict[str, int]] = {}
    for board in boards:
        for row in board.rows:
            asked.setdefault(row.run, {})[board.task] = board.questions
    return {
        run for run, by_task in asked.items() if sum(by_task.values()) < FEW * sum(largest[task] for task in by_task)
    }


def _grouped(boards: Sequence[Board]) -> list[list[Board]]:
    """Boards that one table can hold: none twice of one task and protocol; those of the same runs together."""
    groups: list[list[Board]] = []
    for board in boards:
        runs = {row.run for row in board.rows}
        free = [
            group
            for group in groups
            if all((known.task, known.protocol) != (board.task, board.protocol) for known in group)
        ]
        shared = [len(runs & {row.run for known in group for row in known.rows}) for group in free]
        most = max(shared, default=0)
        if free and (most or not runs):
            free[shared.index(most)].append(board)
        else:
            groups.append([board])
    return groups


def _table(title: str, boards: Sequence[Board], wanted: Wanted) -> Summary | None:
    columns = _columns(boards, wanted)
    if not columns:
        return None
    used = [board for board in boards if any(column.board is board for column in columns)]
    rows = _rows(used)
    broken = [line for row in rows if (line := _broken(row))]
    whole = [row for row in rows if not _broken(row)]
    if not any(row.run for row in whole):
        broken, whole = [], rows
    whole = [row for row in whole if any(row.value(column) is not None for column in columns)] or whole
    ranked = sorted(whole, key=lambda row: _order(row, columns))
    table = Summary(_title(title, used), columns, tuple(ranked), folded=tuple(broken), boards=tuple(used))
    return replace(table, ranks=_ranks(ranked, columns[0]), standings=_standings(ranked, columns))


def _columns(boards: Sequence[Board], wanted: Wanted) -> tuple[SummaryColumn, ...]:
    chosen = [(board, metric) for board in boards for metric in board.columns if wanted(board, metric)]
    tasks = dict.fromkeys(board.task for board, _ in chosen)
    protocols = dict.fromkeys(board.protocol for board, _ in chosen)
    return tuple(
        SummaryColumn(
            board,
            metric,
            " ".join(
                [*([_short_alias(board, tasks)] if len(tasks) > 1 else []), *([board.protocol] * (len(protocols) > 1))]
            ),
        )
        for board, metric in chosen
    )


def _short_alias(board: Board, tasks: Iterable[str]) -> str:
    """What parts the task's alias from the others', such as G of SAMA-Bench-G and SAMA-Bench-C."""
    aliases = [load_task(task).alias for task in tasks]
    alias = load_task(board.task).alias
    common = 0
    while all(other[: common + 1] == alias[: common + 1] for other in aliases) and common < len(alias):
        common += 1
    while common and alias[common - 1].isalnum():
        common -= 1
    return alias[common:] or alias


def _rows(boards: Sequence[Board]) -> list[SummaryRow]:
    places: dict[object, list[tuple[Board, Row]]] = {}
    for board in boards:
        for row in board.all_rows:
            places.setdefault((row.run, row.model, row.source), []).append((board, row))
    return [SummaryRow(rows[0][1].run, tuple(rows)) for rows in places.values()]


def _broken(row: SummaryRow) -> str:
    """A line on a run most of whose questions have no answer; '' for any other."""
    if not row.run:
        return ""
    by_task = {board.task: (board.questions, board_row.counts) for board, board_row in row.places}
    questions = sum(count for count, _ in by_task.values())
    errors = sum(counts.get("errors", 0) for _, counts in by_task.values())
    unanswered = errors + sum(counts.get("missing", 0) for _, counts in by_task.values())
    if not questions or unanswered <= BROKEN * questions:
        return ""
    cure = f"sama-bench errors {row.run}" if errors else f"sama-bench status {row.run}"
    return f"{row.any_row.model}: {unanswered} of {questions} questions have no answer: {cure}"


def _order(row: SummaryRow, columns: Sequence[SummaryColumn]) -> tuple[object, ...]:
    """Ranked runs first, the best by the first column on top; then those that see the truth, then others' numbers."""
    first = row.any_row
    kind = 2 if first.source is not None else 1 if first.sees_truth else 0
    values = []
    for entry in columns:
        value = row.value(entry)
        signed = 0.0 if value is None else -value if entry.metric.higher_is_better else value
        values.append((value is None, signed))
    return (kind, *values)


def _ranks(rows: Sequence[SummaryRow], first: SummaryColumn) -> tuple[int | None, ...]:
    """The place of each row by the first column; rows alike as written share one."""
    texts = [
        as_written(value) if (value := row.value(first)) is not None and is_ranked(row.any_row) else None
        for row in rows
    ]
    return tuple(None if text is None else texts.index(text) + 1 for text in texts)


def _standings(rows: Sequence[SummaryRow], columns: Sequence[SummaryColumn]) -> dict[tuple[int, int], Standing]:
    standings = {}
    for number, entry in enumerate(columns):
        there = [(place, known) for place, row in enumerate(rows) if (known := row.on(entry.board)) is not None]
        for (place, _), standing in zip(there, column([row for _, row in there], entry.metric), strict=True):
            standings[place, number] = standing
    return standings


def _title(name: str, boards: Sequence[Board]) -> str:
    if any(board.task == GENERAL for board in boards):
        return f"{name} ({boards[0].scope})"
    scopes = []
    for task in dict.fromkeys(board.task for board in boards):
        questions = max(board.questions for board in boards if board.task == task)
        scopes.append(f"{load_task(task).alias} {questions} questions" if questions else load_task(task).alias)
    protocols = " and ".join(dict.fromkeys(board.protocol for board in boards))
    videos = max(board.videos for board in boards)
    return f"{', '.join(scopes)} of {videos} videos; {protocols} protocol, percent"
