"""Texts as the benchmark's: descriptions of what is seen, of 10 to 120 words, and what a model makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random


def _split(text: str, separator: str = " ") -> list[str]:
    return text.split(separator)


COLOURS = _split("brown black white grey red blue green yellow orange dark pale spotted striped golden silver")
LOOKS = _split("small large young old tall slender fluffy sturdy shiny wooden rusty wet sleepy playful curious elderly")
THINGS = _split(
    "dog cat horse man woman child cyclist rider elephant giraffe zebra bear panda parrot duck rabbit monkey "
    "sheep cow tiger lizard turtle fish bird car truck bus train boat airplane motorcycle bicycle skateboard "
    "surfboard ball umbrella backpack suitcase guitar cup bottle bowl chair bench ladder toy kite camera "
    "person girl boy"
)
VERBS = _split(
    "walks runs turns jumps sits stands climbs swims lies moves looks leans eats plays rolls slides stops "
    "waits drifts crawls follows watches chases carries holds lifts pushes passes approaches"
)
HOWS = _split("slowly quickly calmly suddenly carefully steadily gently briefly eagerly quietly smoothly then again")
PLACES = _split(
    "on the green grass|across the wide road|near the wooden fence|in the shallow water|beside the parked "
    "car|towards the camera|behind the tall tree|along the sandy beach|in the middle of the room|over the "
    "snowy hill|to the left side of the frame|to the right of the scene|under the bright sun|next to the "
    "white wall|through the narrow gate|in front of a large crowd|on top of the table|at the edge of the "
    "river",
    "|",
)
LINKS = _split(
    "while|and then|before it|as it|until it|because it|after which it|and",
    "|",
)
OPENERS = _split(
    "At the beginning of the video,|Throughout the clip,|In the next few frames,|Towards the "
    "end,|Meanwhile,|After a short pause,|In the background,|As the scene continues,",
    "|",
)
SYNONYMS = {
    "walks": "strolls", "runs": "sprints", "small": "little", "large": "big", "man": "person", "woman": "lady",
    "quickly": "rapidly", "child": "kid", "car": "vehicle", "looks": "gazes", "stops": "halts", "road": "street",
    "grass": "lawn", "calmly": "quietly", "holds": "grasps", "near": "by", "bright": "shining", "boat": "ship",
}  # fmt: skip


def phrase(rng: Random) -> str:
    """A noun phrase, as stands between <p> and </p>."""
    return f"the {rng.choice(LOOKS)} {rng.choice(COLOURS)} {rng.choice(THINGS)}"


def question(rng: Random) -> str:
    """What is asked of one referent."""
    return f"What does <mask> do {rng.choice(PLACES)}, and what is it that {rng.choice(VERBS)} there?"


def text(rng: Random, phrases: Sequence[str], words: int, *, marked: bool) -> str:
    """About `words` words that speak of each phrase, the first time marked with <p> </p> [SEG] where `marked`."""
    sentences: list[str] = []
    for number, name in enumerate(phrases):
        sentences.append(_sentence(rng, f"<p> {name} </p> [SEG]" if marked else name, number))
    while sum(len(one.split()) for one in sentences) < words:
        sentences.append(_sentence(rng, rng.choice(phrases) if phrases else phrase(rng), len(sentences)))
    return " ".join(sentences)


def answered(rng: Random, reference: str) -> str:
    """What a model might say for the reference: words dropped and changed, sentences left out, marks kept."""
    kept = [one for one in reference.split(". ") if "[SEG]" in one or rng.random() < 0.7] or [reference]
    words = [_changed(rng, word) for word in ". ".join(kept).split()]
    said = " ".join(word for word in words if word)
    extra = _sentence(rng, phrase(rng), 1) if rng.random() < 0.5 else ""
    return f"{said} {extra}".strip()


def _sentence(rng: Random, subject: str, number: int) -> str:
    opener = f"{rng.choice(OPENERS)} " if number % 3 == 1 else ""
    rest = f"{rng.choice(VERBS)} {rng.choice(HOWS)} {rng.choice(PLACES)}"
    if rng.random() < 0.5:
        rest += f" {rng.choice(LINKS)} {rng.choice(VERBS)} {rng.choice(PLACES)}"
    return f"{opener}{subject} {rest}."


def _changed(rng: Random, word: str) -> str:
    if word in {"<p>", "</p>", "[SEG]"}:
        return word
    draw = rng.random()
    if draw < 0.05:
        return ""
    if draw < 0.17:
        return rng.choice(THINGS if word in THINGS else COLOURS if word in COLOURS else LOOKS)
    return SYNONYMS.get(word, word) if draw < 0.6 else word
