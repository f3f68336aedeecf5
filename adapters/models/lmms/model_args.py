"""The arguments of a class of lmms-eval, out of our model arguments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sama_bench.errors import UserError

KEY = "api_key"


def parse(args: Mapping[str, str], our_names: Collection[str]) -> dict[str, Any]:
    """The arguments as lmms-eval reads its --model_args: numbers and truth values are such, commas part arguments.

    A comma that is followed by no NAME= belongs to the value. Raises UserError with all names that are given twice,
    those of `our_names` that stand behind a comma (they are not for lmms-eval), and a key, as arguments are kept.
    """
    parsed: dict[str, Any] = {}
    problems = []
    for name, value in args.items():
        for argument, argument_value in _parted(name, value).items():
            if argument == KEY:
                problems.append(f"--model-arg {KEY}: would stand in the run's manifest; leave it to the environment")
            elif argument in our_names:
                problems.append(
                    f"--model-arg {name}={value}: {argument} is not lmms-eval's, "
                    f"give it by itself: --model-arg {argument}=…"
                )
            elif argument in parsed:
                problems.append(f"--model-arg {argument}: given twice")
            parsed[argument] = argument_value
    if problems:
        raise UserError(problems)
    return parsed


def _parted(name: str, value: str) -> dict[str, Any]:
    from lmms_eval.utils import handle_arg_string, simple_parse_args_string

    try:
        parted: dict[str, Any] = simple_parse_args_string(f"{name}={value}")
    except ValueError:
        return {name: handle_arg_string(value)}
    return parted
