"""English sentences for what the baselines measure; the same measures always give the same words."""

from __future__ import annotations

from collections.abc import Sequence

from sama_bench.adapters.baselines.observation import Observation

NO_REGION = "No region was given, and this model can follow only what it is shown."
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def numbered(nouns: Sequence[str]) -> list[str]:
    """Turn noun phrases without article into "The …"; equal ones are told apart as first, second, and so on."""
    seen: dict[str, int] = {}
    names = []
    for noun in nouns:
        position = seen[noun] = seen.get(noun, 0) + 1
        names.append(f"The {_ordinal(position)} {noun}" if nouns.count(noun) > 1 else f"The {noun}")
    return names


def noun(seen: Observation) -> str:
    """Name a referent without article: "large red object"."""
    return " ".join(part for part in (_size(seen), seen.colour, "object") if part)


def predicate(seen: Observation) -> str:
    """Say what a referent does, without subject and full stop: "moves to the left and leaves the picture"."""
    if seen.share == 0:
        return "is not to be seen at any time"
    stands_still = not (seen.dx or seen.dy)
    deeds = [] if stands_still and seen.growth else [_movement(seen)]
    if seen.growth:
        deeds.append("comes closer to the camera" if seen.growth > 0 else "moves away from the camera")
    if seen.leaves:
        deeds.append(f"leaves the picture {_edge(seen.leaves)}")
    elif seen.lost:
        deeds.append("is lost from view")
    return _listed(deeds)


def grounded(observations: Sequence[Observation]) -> str:
    """Answer a question about regions: a sentence, a phrase and a [SEG] for each, in order; '' for none."""
    names = numbered([noun(seen) for seen in observations])
    pairs = zip(names, observations, strict=True)
    return " ".join(f"<p>{name}</p> [SEG] {predicate(seen)}." for name, seen in pairs)


def described(seen: Observation) -> str:
    """Describe one region in up to three sentences, without marks."""
    if seen.share == 0:
        return "The object is not to be seen at any time."
    name = noun(seen)
    article = "An" if name[0] in "aeiou" else "A"
    return (
        f"{article} {name} {_place(seen)}. It {predicate(seen)}. "
        f"It covers {_percent(seen.share)} of the picture when it is first seen."
    )


def _ordinal(position: int) -> str:
    return ORDINALS[position - 1] if position <= len(ORDINALS) else f"{position}th"


def _size(seen: Observation) -> str:
    if seen.share == 0:
        return ""
    return "large" if seen.share > 0.12 else "small" if seen.share < 0.02 else ""


def _percent(share: float) -> str:
    return "less than 1 %" if share < 0.01 else f"about {round(100 * share)} %"


def _place(seen: Observation) -> str:
    across = "on the left" if seen.x < 1 / 3 else "on the right" if seen.x > 2 / 3 else "in the middle"
    return f"{across} of the picture"


def _movement(seen: Observation) -> str:
    across = ("left", "right")[seen.dx > 0]
    if seen.dx and seen.dy:
        return f"moves to the {('upper', 'lower')[seen.dy > 0]} {across}"
    if seen.dx:
        return f"moves to the {across}"
    if seen.dy:
        return f"moves {('up', 'down')[seen.dy > 0]}"
    return "moves about, but ends near where it began" if seen.wanders else "stays in place"


def _edge(edge: str) -> str:
    return f"at the {edge}" if edge in {"top", "bottom"} else f"on the {edge}"


def _listed(deeds: Sequence[str]) -> str:
    return deeds[0] if len(deeds) == 1 else f"{', '.join(deeds[:-1])} and {deeds[-1]}"
