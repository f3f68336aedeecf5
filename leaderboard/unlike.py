"""What parts two boards of the same task and protocol: the parts of their signatures that differ."""

from __future__ import annotations

from collections.abc import Sequence

from sama_bench.leaderboard.board import Board


def unlike(board: Board, boards: Sequence[Board]) -> str:
    """A line that says in what a board was made otherwise than the others of its kind; '' where there are none."""
    if not (parts := differing(board, boards)):
        return ""
    count = len(_others(board, boards))
    tables = "the other table" if count == 1 else f"the other {count} tables"
    return f"Not comparable with {tables} of this task and protocol: {parts}"


def differing(board: Board, boards: Sequence[Board]) -> str:
    """Each part of the signature that is not the same everywhere, here and there: `phrases minilm (there words)`."""
    found = differences(board, boards).items()
    return "; ".join(f"{name} {here} (there {', '.join(there)})" for name, (here, there) in found)


def differences(board: Board, boards: Sequence[Board]) -> dict[str, tuple[str, list[str]]]:
    """Part of the signature to its value on this board and the other values on the others of its kind."""
    mine = _parts(board.signature)
    others = [_parts(one.signature) for one in _others(board, boards)]
    names = dict.fromkeys([*mine, *(name for one in others for name in one)])
    there = {name: dict.fromkeys(one.get(name, "absent") for one in others) for name in names}
    here = {name: mine.get(name, "absent") for name in names}
    return {name: (here[name], found) for name in names if (found := [one for one in there[name] if one != here[name]])}


def _others(board: Board, boards: Sequence[Board]) -> list[Board]:
    """The measured boards of the same kind: what others reported has no signature that could differ."""
    if not board.rows:
        return []
    kind = board.task, board.protocol
    return [one for one in boards if one.rows and one is not board and (one.task, one.protocol) == kind]


def _parts(signature: str) -> dict[str, str]:
    found = (part.partition(":") for part in signature.split("|"))
    return {name: value for name, _, value in found}
