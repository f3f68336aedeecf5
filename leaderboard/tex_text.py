"""Any text as LaTeX that pdfLaTeX sets, in ASCII."""

from __future__ import annotations

import re
import unicodedata

LONG = 12  # characters; a word that is longer may be broken behind one of ENDS
PIECE = 8  # a long run without one may be broken as well, but only where there is no other way
ENDS = "/=,;:._+|&)-"

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\texttt{\char34}", "`": r"\`{}",
    # Behind \\ these two would be its arguments.
    "[": "{[}", "*": "{*}",
    "–": "--", "—": "---", "…": r"\dots{}", "‘": "{`}", "’": "{'}", "“": "{``}", "”": "{''}",
    "†": r"$\dagger$", "‡": r"$\ddagger$", "§": r"$\mathsection$",  # not the text ones, which may be bitmaps
    "↑": r"$\uparrow$", "↓": r"$\downarrow$", "→": r"$\rightarrow$", "←": r"$\leftarrow$",
    "≈": r"$\approx$", "≤": r"$\leq$", "≥": r"$\geq$", "±": r"$\pm$", "×": r"$\times$", "·": r"$\cdot$",
    "µ": r"$\mu$", "α": r"$\alpha$", "β": r"$\beta$", "γ": r"$\gamma$", "δ": r"$\delta$", "λ": r"$\lambda$",
    "μ": r"$\mu$", "π": r"$\pi$", "σ": r"$\sigma$", "φ": r"$\phi$", "ω": r"$\omega$",
    "ß": r"\ss{}", "ø": r"\o{}", "Ø": r"\O{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}",
    "ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}",
}  # fmt: skip
ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0327": "c",
}  # fmt: skip


def escaped(text: str) -> str:
    """The text on one line, every character as itself; what pdfLaTeX cannot set stands as `U+4E2D`.

    Long words may be broken: behind punctuation, beside codes, and between letters where nothing else helps.
    """
    return " ".join(map(_word, text.split()))


def has_codes(text: str) -> bool:
    """Whether `escaped` writes a character of the text as its code."""
    return any(_set(character) is None for character in unicodedata.normalize("NFC", text) if not character.isspace())


def _word(word: str) -> str:
    word = unicodedata.normalize("NFC", word)
    pieces, breaks = [], _breaks(word)
    for place, character in enumerate(word):
        # Two of these would become a dash or a quotation mark.
        joined = character in "-'," and word[place - 1 : place] == character
        pieces.append(("{}" if joined else "") + (_set(character) or _code(character)) + breaks.get(place, ""))
    return "".join(pieces)


def _breaks(word: str) -> dict[int, str]:
    """The places behind which the word may be broken, and how."""
    runs = [run for run in re.finditer(f"[^{ENDS}]+", word) if len(run[0]) > LONG]
    within = [place for run in runs for place in range(run.start() + PIECE - 1, run.end() - 1, PIECE)]
    ends = [place for place, character in enumerate(word) if len(word) > LONG and character in ENDS]
    codes = [place for place in range(len(word)) if has_codes(word[place : place + 2])]
    breaks = dict.fromkeys(within, r"\penalty500{}") | dict.fromkeys([*ends, *codes], r"\allowbreak{}")
    return {place: command for place, command in breaks.items() if place < len(word) - 1}


def _code(character: str) -> str:
    return rf"\texttt{{U+{ord(character):04X}}}"


def _set(character: str) -> str | None:
    """A character as LaTeX; None where there is no way that works in every document."""
    if character in SPECIAL:
        return SPECIAL[character]
    if character.isascii():
        return character if character.isprintable() else None
    decomposed = unicodedata.normalize("NFD", character)
    letter, accent = decomposed[0], decomposed[1:]
    if accent not in ACCENTS or not (letter.isascii() and letter.isalpha()):
        return None
    return rf"\{ACCENTS[accent]}{{{letter}}}"
