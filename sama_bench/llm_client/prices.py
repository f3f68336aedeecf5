"""Prices of tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.files.yaml_files import parse_yaml, read_yaml

FILE = "prices.yaml"
MILLION = 1e6
LARGEST = 1 << 20
_date = re.compile(r"-20\d\d-?\d\d-?\d\d$")


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens, read and written."""

    tokens_in: float
    tokens_out: float

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """The cost of so many tokens, in US dollars."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / MILLION


@dataclass(frozen=True)
class Prices:
    """Prices by the name of a model, or a pattern of names; the first that fits decides."""

    table: Mapping[str, Price]

    @classmethod
    def load(cls, path: Path | None = None) -> Prices:
        """Read the user's own file, or the one that comes with the package.

        Raises UserError with all that is not right in it.
        """
        if path is not None:
            return cls(_table(str(path), read_yaml(path, LARGEST)))
        return cls(_table(f"tasks/{FILE}", parse_yaml(files("sama_bench.tasks").joinpath(FILE).read_bytes())))

    def of(self, model: str) -> Price | None:
        """The price of a model, also of one whose name ends in a date; None where it is not known."""
        plain = _date.sub("", model)
        return next((price for sign, price in self.table.items() if fnmatchcase(model, sign) or plain == sign), None)


def _table(source: str, content: object) -> dict[str, Price]:
    models = content.get("models") if isinstance(content, dict) else None
    if not isinstance(models, dict):
        raise UserError(
            f"{source}: expected `models:` with a line `NAME: {{in: USD, out: USD}}` for each, per million tokens"
        )
    problems = [
        f"{source}: {str(name)[:80]!r}: expected {{in: USD, out: USD}}, 0 or more"
        for name, price in models.items()
        if not _right(price)
    ]
    if problems:
        raise UserError(problems)
    return {str(name): Price(float(price["in"]), float(price["out"])) for name, price in models.items()}


def _right(price: object) -> bool:
    return isinstance(price, dict) and set(price) == {"in", "out"} and all(_is_price(value) for value in price.values())


def _is_price(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < MILLION
