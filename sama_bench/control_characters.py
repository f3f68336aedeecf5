"""A stranger's text without anything that a terminal would obey."""

from __future__ import annotations

import re

# Control characters but for line breaks and tabs, what turns lines about, and what is nothing to see. Joiners within
# words and emoji stay.
OBEYED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)


def escape_controls(text: str) -> str:
    """The text with each such character written as its code: `<U+001B>`."""
    return text if text.isascii() and text.isprintable() else OBEYED.sub(_code, text)


def _code(match: re.Match[str]) -> str:
    return f"<U+{ord(match[0]):04X}>"
