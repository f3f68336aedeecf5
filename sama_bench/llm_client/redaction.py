"""Servers' words, fit to be shown and kept: without the key, without what acts on a terminal, and short."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from sama_bench.llm_client.address import NO_KEY

BLOT = "[key]"
SHOWN = 200
SHORT_KEY = 8
_word = r"(?<![A-Za-z0-9]){}(?![A-Za-z0-9])"


def without(key: str, text: str) -> str:
    r"""A server's words with the key, which some servers repeat, blotted out, also where its letters are escaped.

    JSON, in a reply or once more in the text of a reply, may write each letter as `\u0041`; URLs and HTML have their
    own ways. A key so short that any word may hold it is only taken for itself where it stands alone.
    """
    return text if key in {"", NO_KEY} else _signs(key).sub(BLOT, text)


def redacted(key: str, text: object, longest: int = SHOWN) -> str:
    """Words of a server on one line, cut: without the key, and without characters that act on a terminal.

    '' where it is no text.
    """
    if not isinstance(text, str):
        return ""
    return " ".join("".join(map(_harmless, without(key, text[: 100 * longest]))).split())[:longest]


def _harmless(character: str) -> str:
    return " " if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} else character


@lru_cache
def _signs(key: str) -> re.Pattern[str]:
    """The key with each letter in all the ways in which it may be escaped."""
    letters = "".join(map(_letter, key))
    return re.compile(letters if len(key) >= SHORT_KEY else _word.format(letters), re.IGNORECASE)


def _letter(letter: str) -> str:
    code = f"{ord(letter):02x}"
    in_json = rf"\\{{0,8}}{re.escape(letter)}|\\{{1,8}}u00{code}|\\{{1,8}}x{code}"
    return rf"(?:{in_json}|%{code}|&\#0*{ord(letter)};|&\#x0*{code};)"
