"""Small HTML tables of objects for notebooks. Every text is escaped, also what a model said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

RIGHT = "text-align:right"
LEFT = "text-align:left"


def table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], title: str = "", below: Iterable[str] = (), left: int = 1
) -> str:
    """A table with a title above and lines below it, as HTML; the first `left` columns are aligned left."""
    aligned = [LEFT if place < left else RIGHT for place in range(len(headings))]
    head = "".join(_cell("th", *cell) for cell in zip(headings, aligned, strict=True))
    body = "".join(f"<tr>{''.join(_cell('td', *cell) for cell in zip(row, aligned, strict=True))}</tr>" for row in rows)
    above = f"<p><strong>{escape(title)}</strong></p>" if title else ""
    return f"<div>{above}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{lines(below)}</div>"


def lines(texts: Iterable[str]) -> str:
    """Small lines of text, as HTML."""
    return "".join(f"<div><small>{escape(text)}</small></div>" for text in texts)


def _cell(tag: str, text: str, aligned: str) -> str:
    return f'<{tag} style="{aligned}">{escape(text)}</{tag}>'
