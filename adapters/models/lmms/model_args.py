"""What a class of lmms-eval is made with, out of our model arguments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sama_bench.errors import UserError

KEY = "api_key"


def given(args: Mapping[str, str], ours: Collection[str]) -> dict[str, Any]:
    """The arguments as lmms-eval reads its --model_args: numbers and truth values are such, commas part arguments.

    A comma that is followed by no NAME= belongs to the value. Raises UserError with all names that are given twice,
    those of `ours` that stand behind a comma (they are not for lmms-eval), and a key, as arguments are written down.
    """
    found: dict[str, Any] = {}
    problems = []
    for name, value in args.items():
        for one, what in _parted(name, value).items():
            if one == KEY:
                problems.append(f"--model-arg {KEY}: would stand in the run's manifest; leave it to the environment")
            elif one in ours:
                problems.append(
                    f"--model-arg {name}={value}: {one} is not lmms-eval's, give it by itself: --model-arg {one}=…"
                )
            elif one in found:
                problems.append(f"--model-arg {one}: given twice")
            found[one] = what
    if problems:
        raise UserError(problems)
    return found


def _parted(name: str, value: str) -> dict[str, Any]:
    from lmms_eval.utils import handle_arg_string, simple_parse_args_string

    try:
        parted: dict[str, Any] = simple_parse_args_string(f"{name}={value}")
    except ValueError:
        return {name: handle_arg_string(value)}
    return parted
