"""Numbers that a judge writes, on the scale of a template: those that are beyond doubt, and no others.

A number counts where nothing behind it can turn it into another: `85`, `85/100`, `85 out of 100`, `85 points.`; not
`8/10` or `8 of ten` where 100 is highest, `72,5`, `8.5e1`, `7 to 8`, `0x50`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

LONGEST = 80  # characters of a text that is to be a number
TAIL = 240  # characters looked at behind a number in prose
_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twenty": 20, "fifty": 50, "hundred": 100, "thousand": 1000,
}  # fmt: skip
_wide = str.maketrans("０１２３４５６７８９：／％．，（）", "0123456789:/%.,()")

_number = r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?"
_highest_is = rf"(?P<{{}}>[0-9]{{{{1,9}}}}(?:\.0{{{{1,6}}}})?|(?:(?:a|one)\s)?(?:{'|'.join(_WORDS)})\b)"
_a, _b, _c, _d = map(_highest_is.format, "abcd")
_lowest = r"(?:[01]|zero|one)\s{0,2}(?:-|–|—|to|through|and|\.\.)\s{0,2}"
_unit = r"\s{0,3}(?:points?|pts?\.?|marks?)\b"
# Ways to say of how many: `%`, `/100`, `(out of 100)`, `on a scale of 0 to 100`, `on the 0-100 scale`, `(0-100)`.
_of = (
    r"\s{0,3}(?:(?P<percent>%|per\s?cent\b)"
    r"|[(\[]?\s{0,2}(?:/|out\s{1,3}of|of)\s{0,3}(?:a\s)?(?:(?:possible|total|maximum|max)\s)?(?:of\s)?"
    rf"{_a}(?:\s?(?:points|pts|marks|stars))?(?:\s{{0,2}}[)\]])?"
    rf"|[(\[]?(?:on\s|in\s)?(?:an?\s|the\s)?(?:scale|range)[:\s]\s?(?:of\s|from\s)?(?:{_lowest})?{_b}[)\]]?"
    rf"|[(\[]?(?:on\s)?(?:an?\s|the\s)?(?:{_lowest})?{_c}(?:[\s-]points?)?\sscale[)\]]?"
    rf"|[(\[]{_lowest}{_d}[)\]])"
)
_whole = re.compile(rf"({_number})(?:{_unit})?(?:{_of})?(?:{_unit})?\s{{0,3}}\.?", re.IGNORECASE)
_closers = r"[*_`\"']{0,4}"
_tail = re.compile(
    rf"{_closers}(?:{_unit}|\s{{0,3}}stars(?=\s{{1,3}}(?:out|of)\b))?{_closers}(?:{_of})?{_closers}(?:{_unit})?{_closers}",
    re.IGNORECASE,
)
_to = re.compile(rf"\s{{0,2}}(?:-|–|—|to\b|through\b|and\b|\.\.)\s{{0,2}}{_a}", re.IGNORECASE)
_quantities = rf"[0-9%]|\b(?:{'|'.join(_WORDS)}|max|maximum|out|scale|percent)\b"
# What may stand behind a number without a doubt about it.
_stop = re.compile(
    r"\s{0,8}\Z"
    r"|[ \t]{0,8}[\r\n]"
    r"|[.!][)\]\"'*_`]{0,4}(?:\s|\Z)"
    r"|\s{0,3}[,;:|\]})\"'*_`<\\](?!\s{0,3}[0-9.])"
    r"|\s{1,3}(?:-|–|—)\s{1,3}(?![0-9.~])"
    rf"|\s{{1,3}}\((?:(?!{_quantities})[^()]){{1,200}}\)"
    r"|\s{1,3}(?:because|since)\b"
    r"|\s{1,3}(?:as|for|due|given|but|while|though|although|where|which|with|when|reflecting|meaning|"
    r"indicating|here|overall)\b(?!\s{0,3}[0-9])",
    re.IGNORECASE,
)
_scales = re.compile(
    rf"\b(?:scale|range)\b[:\s]{{1,3}}(?:is\s)?(?:of\s|from\s|between\s)?(?:{_lowest})?{_a}"
    rf"|\b{_b}[\s-]{{1,2}}points?\s(?:scale|range)\b"
    rf"|\b{_lowest}{_c}\s{{0,2}}(?:points?\s)?(?:scale|range)\b",
    re.IGNORECASE,
)
# Names beside a score that say of how many it is.
_of_how_many = re.compile(
    r"max|out.?of|scale|range|denominator|highest|limit|possible|unit|percent|upper|\b(?:full|total|of|base|per|top)\b"
)
_harmless = {"id", "index", "confidence", "sample", "seed", "number", "question_id", "version"}


class Doubt(ValueError):
    """A number that may mean several things, or none of this scale; the message says which and why."""


def levelled(text: str) -> str:
    """The text with plain digits and signs in place of those of full width."""
    return text if text.isascii() else text.translate(_wide)


def of_number(name: str, value: float, most: float, *, fraction: bool, sure: bool = False) -> float:
    """A number as a score. Raises Doubt.

    `fraction` is whether it was written with a point, `sure` whether its scale was written, too.
    """
    if not 0 <= value <= most:
        raise Doubt(f"{name} is out of range, expected 0 to {most:g}")
    if not sure and most > 1 and (0 < value < 1 or (value == 1 and fraction and most >= 100)):
        raise Doubt(f"{name} is below 1, or 1.0: of 1, or of {most:g}?")
    return float(value)


def of_text(name: str, text: str, most: float) -> float:
    """The score that a text is, all of it: `85`, `85/100`, `85 points`. Raises Doubt."""
    match = _match(text)
    if match is None:
        raise Doubt(f"{name} is no number")
    return _of_match(name, match[1], match, most)


def in_prose(name: str, text: str, highest: float, *, cut: bool) -> set[float]:
    """The scores that a text states behind the name (`Score: 85/100`, `a score of 85 because …`); {} where none.

    JSON that was cut off is read in this way, too: where the text is `cut`, a number on which it ends may lack digits,
    and does not count. Raises Doubt where such a number may mean something else.
    """
    text = levelled(text)
    labelled = (_labelled(name, text, match, highest, cut=cut) for match in _label(name).finditer(text))
    return {value for value in labelled if value is not None}


def check_scales(text: str, known: Collection[float]) -> None:
    """Raise Doubt where prose speaks of a scale that is none of the `known` highest values: `a ten-point scale`."""
    for match in _scales.finditer(levelled(text)):
        if _highest(match) not in known:
            raise Doubt(f"the reply speaks of another scale: {match[0][:40]}")


def check_beside(stated: Mapping[str, Any], names: Collection[str], most: float, *, alone: bool) -> None:
    """Raise Doubt where an object has beside its scores what makes them another scale's: `"out_of": 10`.

    `names` are those of the scores. `alone` is whether it states one score: any larger number beside it may then be
    the highest value.
    """
    for name, value in stated.items():
        if name in names or value is None or isinstance(value, dict):
            continue
        if _of_how_many.search(name):
            check_of_how_many(name, value, most)
        elif alone and name not in _harmless:
            _check_larger(stated, names, name, value, most)


def check_of_how_many(name: str, value: object, most: float) -> None:
    """Raise Doubt where the value of a name such as `max` is not that of the scale."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)[:1000]
    numbers = _numbers(text)
    percent = most == 100 and re.fullmatch(r"\W*(%|per\s?cent|percentage)\W*", text, re.IGNORECASE)
    if not percent and (not numbers or max(numbers) != most):
        raise Doubt(f"the reply's {name} is of another scale than 0 to {most:g}")


def labels_of_how_many(text: str) -> Iterator[tuple[str, str]]:
    """Names such as `max` with their values in JSON that was cut off."""
    for match in re.finditer(r"[\"'](\w[\w /-]{0,40})[\"']\s{0,3}:\s{0,3}[\"']?([^\"',{}\[\]\s]{1,40})", text):
        if _of_how_many.search(match[1].lower()):
            yield match[1].lower(), match[2]


def _check_larger(stated: Mapping[str, Any], names: Collection[str], name: str, value: object, most: float) -> None:
    number = _plain_number(value)
    scores = (_plain_number(stated.get(score)) for score in {*names, "score", "value"} - {name})
    if number is not None and number != most and any(score is not None and number >= score for score in scores):
        raise Doubt(f"the reply has {name[:40]} beside the score: is it of {number:g}, or of {most:g}?")


def _match(text: str) -> re.Match[str] | None:
    text = levelled(text.strip())
    return _whole.fullmatch(text) if len(text) <= LONGEST else None


def _plain_number(value: object) -> float | None:
    if isinstance(value, str):
        match = _match(value)
        return None if match is None else float(match[1])
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _label(name: str) -> re.Pattern[str]:
    return re.compile(
        rf"\b{re.escape(name)}\b[\s*_`\"']{{0,4}}(?P<beside>\([^()\n]{{1,40}}\)[\s*_`\"']{{0,4}})?"
        rf"(?:[:=]|\bis\b|\bof\b)[\s*_`\"']{{0,8}}(?P<number>{_number})",
        re.IGNORECASE,
    )


def _labelled(name: str, text: str, match: re.Match[str], highest: float, *, cut: bool) -> float | None:
    """The score at one label; None where the number is only the end of a scale, or the text ends on it."""
    if cut and match.end() == len(text):
        return None
    tail = text[match.end() : match.end() + TAIL]
    scale_end = _to.match(tail)
    if scale_end is not None and float(match["number"]) in {0, 1} and _highest(scale_end) == highest:
        return None
    if match["beside"] and _numbers(match["beside"]):
        check_of_how_many(name, match["beside"], highest)
    scale = _tail.match(tail)
    assert scale is not None  # all of it is optional
    value = _of_match(name, match["number"], scale, highest)
    restated = re.search(
        rf"\b{re.escape(match['number'])}\s{{0,2}}(?:/|out of)\s{{0,2}}([0-9]{{1,9}})", tail.partition("\n")[0]
    )
    if not _stop.match(tail, scale.end()) or (restated is not None and float(restated[1]) != highest):
        raise Doubt(f"{name} may be another number than {match['number']}")
    return value


def _of_match(name: str, number: str, scale: re.Match[str], most: float) -> float:
    highest = _highest(scale)
    if (scale["percent"] is not None and most != 100) or (highest is not None and highest != most):
        raise Doubt(f"{name} is of another scale than 0 to {most:g}")
    sure = highest is not None or scale["percent"] is not None
    return of_number(name, float(number), most, fraction="." in number, sure=sure)


def _highest(match: re.Match[str]) -> float | None:
    """Of how many a match says that it is; None where it says nothing."""
    groups = match.groupdict()
    return next((_value(groups[name]) for name in "abcd" if groups.get(name)), None)


def _numbers(text: str) -> list[float]:
    words = rf"[0-9]+(?:\.[0-9]+)?|\b(?:{'|'.join(_WORDS)})\b"
    return [_value(number) for number in re.findall(words, levelled(text), re.IGNORECASE)]


def _value(words: str) -> float:
    word = words.lower().split()[-1]
    return float(_WORDS[word]) if word in _WORDS else float(word)
