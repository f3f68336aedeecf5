"""Differences between boards of the same task and protocol: the parts of their signatures that differ."""

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
    by_part = differences(board, boards).items()
    return "; ".join(
        f"{name} {own_value} (there {', '.join(other_values)})" for name, (own_value, other_values) in by_part
    )


def differences(board: Board, boards: Sequence[Board]) -> dict[str, tuple[str, list[str]]]:
    """Part of the signature to its value on this board and the other values on the others of its kind."""
    own_parts = signature_parts(board.signature)
    others = [signature_parts(other.signature) for other in _others(board, boards)]
    names = dict.fromkeys([*own_parts, *(name for parts in others for name in parts)])
    values_there = {name: dict.fromkeys(parts.get(name, "absent") for parts in others) for name in names}
    values_here = {name: own_parts.get(name, "absent") for name in names}
    return {
        name: (values_here[name], different)
        for name in names
        if (different := [value for value in values_there[name] if value != values_here[name]])
    }


def _others(board: Board, boards: Sequence[Board]) -> list[Board]:
    """The measured boards of the same kind: what others reported has no signature that could differ."""
    if not board.rows:
        return []
    kind = board.task, board.protocol
    return [other for other in boards if other.rows and other is not board and (other.task, other.protocol) == kind]


def signature_parts(signature: str) -> dict[str, str]:
    """A signature's line as part to value."""
    pairs = (part.partition(":") for part in signature.split("|"))
    return {name: value for name, _, value in pairs}
