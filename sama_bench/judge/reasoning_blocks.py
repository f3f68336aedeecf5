"""Removal of a model's thoughts from a reply: a draft in a thought is no verdict.

Models mark thoughts in many ways: tags (`<think> … </think>`), of which DeepSeek's template leaves out the first;
Mistral's brackets; the channels of gpt-oss. A thought that does not end was cut off, and there is no answer.
"""

from __future__ import annotations

import json
import re

_tag = re.compile(
    r"<(/?)(?:\w{1,12}:)?(?:think|thinking|thoughts?|reasoning|reflection|scratchpad|analysis)(?:\s[^<>]{0,80})?>"
    r"|\[(/?)think(?:ing)?\]"
    r"|◁(/?)think▷"
    r"|<\|(?:begin|start|(end))_?(?:of_?)?(?:think|thinking|thought)\|>",
    re.IGNORECASE,
)
_channel = re.compile(r"<\|channel\|>\s*(\w+)[^<]{0,80}(?:<\|constrain\|>[^<]{0,80})?<\|message\|>")
_channel_ends = re.compile(r"<\|(?:end|return|start|call|channel)\|>")
# The same channels where the server has taken the marks between them out.
_bare = re.compile(r"\s*analysis(?=[A-Z])")
_bare_answer = "assistantfinal"
OBJECTS_TRIED = 64
_decoder = json.JSONDecoder()


class Unfinished(ValueError):
    """The reply ends inside of a thought, or has nothing but thoughts' marks that do not fit together."""


def without_thoughts(reply: str) -> str:
    """The reply outside of its thoughts; all before an end without a beginning is thought. Raises Unfinished."""
    return _outside_of_tags(_final(reply))


def _final(reply: str) -> str:
    """The text in the channel `final` of gpt-oss; the whole reply where there are no channels."""
    channels = list(_channel.finditer(reply))
    if channels:
        if channels[-1][1].lower() != "final":
            raise Unfinished("the reply ends inside of a thought")
        return _channel_ends.split(reply[channels[-1].end() :], maxsplit=1)[0]
    if "<|channel|>" in reply:
        raise Unfinished("the reply ends inside of a thought")
    if _bare.match(reply):
        _, answer, final = reply.rpartition(_bare_answer)
        if not answer:
            raise Unfinished("the reply ends inside of a thought")
        return final
    return reply


def _outside_of_tags(text: str) -> str:
    pieces: list[str] = []
    depth = at = 0
    objects = _Objects(text)
    for tag in _tag.finditer(text):
        if depth == 0 and objects.hold(at, tag.start()):
            continue  # a quote in the answer's own JSON
        if any(tag.groups()):
            pieces = pieces if depth else []
            depth = max(0, depth - 1)
        else:
            if depth == 0:
                pieces.append(text[at : tag.start()])
            depth += 1
        at = tag.end()
    if depth:
        raise Unfinished("the reply ends inside of a thought")
    return "\n".join([*pieces, text[at:]])


class _Objects:
    """The JSON objects of a text; of what begins like one, so many are tried that time stays linear."""

    def __init__(self, text: str) -> None:
        self._text, self._end, self._left = text, -1, OBJECTS_TRIED

    def hold(self, begin: int, place: int) -> bool:
        """True if an object that begins behind `begin` holds the place; to be asked of places that go up."""
        if place < self._end:
            return True
        begin = max(begin, self._end)
        while self._left and (begin := self._text.find("{", begin, place)) >= 0:
            self._left -= 1
            try:
                _, self._end = _decoder.raw_decode(self._text, begin)
            except (ValueError, RecursionError):
                begin += 1
                continue
            if place < self._end:
                return True
            begin = self._end
        return False
