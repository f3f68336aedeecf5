"""Questions, answers and videos as what a message holds: JSON's types, and tracks as bytes.

A track is one block: the COCO strings of its frames, each ended by a line feed (which is no character of theirs), empty
where there is no mask. All masks of a track have the size that is told beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import asdict
from typing import Any, cast

import numpy as np

from sama_bench.run.predictions import StoredPrediction
from sama_bench.types import RLE, Cue, Key, PlainQuestion, Prediction, Question, Region, Track, Turn, Usage, Video, cue
from sama_bench.worker.framing import Block, Garbled, Message

TEXTS = ("error", "traceback", "raw", "unread")


def pack_track(track: Track) -> bytes:
    """A track as one block."""
    return b"".join(b"\n" if mask is None else mask["counts"].encode() + b"\n" for mask in track)


def unpack_track(block: Block, size: tuple[int, int], frames: int) -> list[RLE | None]:
    """A track of a block; its masks are not checked. Raises Garbled unless it has so many `frames`."""
    lines = bytes(block).split(b"\n", frames + 1)
    if len(lines) != frames + 1 or lines.pop():
        raise Garbled("it sent a track of another length")
    return [RLE(size=list(size), counts=line.decode("latin-1")) if line else None for line in lines]


def pack_video(video: Video, *, at_hand: bool = False) -> dict[str, Any]:
    """All of a video but its frames, which are asked for one by one; `at_hand` where the worker reads the files."""
    frames = [str(path) for path in video.frames]
    about: dict[str, Any] = {"id": video.id, "source": video.source, "size": list(video.size), "frames": frames}
    return {**about, "at_hand": True} if at_hand else about


def pack_question(question: Question) -> tuple[dict[str, Any], list[Block]]:
    """A question about the open video."""
    regions, blocks = _pack_regions(question.regions)
    turns = []
    for turn in question.history:
        packed, own_blocks = _pack_turn(turn, question.video)
        turns.append(packed)
        blocks += own_blocks
    body = {
        "key": question.key,
        "text": question.text,
        "regions": regions,
        "history": turns,
        "expects": question.expects,
    }
    return body, blocks


def _pack_regions(regions: Sequence[Region]) -> tuple[list[list[int]], list[Block]]:
    return [[len(region), *region.size] for region in regions], [pack_track(region.track) for region in regions]


def _pack_turn(turn: Turn, video: Video) -> tuple[list[object], list[Block]]:
    """An earlier turn; the tracks of its answer have the video's length and size."""
    tracks = turn.tracks
    shapes, blocks = _pack_regions([*turn.regions, *(Region(track, video.size) for track in tracks or ())])
    count = len(turn.regions)
    shown_again = None if tracks is None else shapes[count:]
    return [turn.question, turn.answer, shapes[:count], shown_again, turn.source], blocks


def unpack_question(message: Message, video: Video) -> Question:
    """The question of a message, about `video`."""
    body, blocks = message.body, iter(message.blocks)
    regions = _unpack_regions(body["regions"], blocks)
    history = tuple(_unpack_turn(turn, blocks) for turn in body["history"])
    if next(blocks, None) is not None:
        raise Garbled("it sent more tracks than a question has")
    return Question(Key(*body["key"]), video, body["text"], regions, history, body["expects"])


def block_count(regions: Sized, turns: Iterable[tuple[object, object, Sized, Sized | None, object]]) -> int:
    """The number of blocks that belong to a question of `pack_question`, with its regions and history."""
    return len(regions) + sum(len(shown) + len(tracks or ()) for _, _, shown, tracks, _ in turns)


def _unpack_regions(shapes: Sequence[Sequence[int]], blocks: Iterator[Block]) -> tuple[Region, ...]:
    regions = []
    for frames, height, width in shapes:
        block = next(blocks, None)
        if block is None:
            raise Garbled("it sent fewer tracks than a question has")
        regions.append(Region(unpack_track(block, (height, width), frames), (height, width)))
    return tuple(regions)


def _unpack_turn(turn: Sequence[Any], blocks: Iterator[Block]) -> Turn:
    question, answer, shapes, track_shapes, source = turn
    regions = _unpack_regions(shapes, blocks)
    tracks = None if track_shapes is None else tuple(region.track for region in _unpack_regions(track_shapes, blocks))
    return Turn(question, answer, regions, tracks, source)


def pack_plain(question: PlainQuestion) -> tuple[dict[str, Any], list[Block]]:
    """A question in words, with all of its frames."""
    shapes = [frame.shape for frame in question.frames]
    body = {"text": question.text, "shapes": shapes, "video": question.video, "length": question.max_new_tokens}
    return body, [np.ascontiguousarray(frame).reshape(-1).data for frame in question.frames]


def unpack_plain(message: Message) -> PlainQuestion:
    """The question in words of a message."""
    body = message.body
    pairs = zip(message.blocks, body["shapes"], strict=True)
    frames = tuple(np.frombuffer(block, np.uint8).reshape(shape) for block, shape in pairs)
    return PlainQuestion(body["text"], frames, body["video"], body["length"])


def pack_prediction(answer: StoredPrediction) -> tuple[dict[str, Any], list[Block]]:
    """A validated answer: its tracks are RLE of the video's length and size."""
    body = {name: getattr(answer, name) for name in ("text", "seconds", "boxes", *TEXTS)}
    if answer.usage is not None:
        body["usage"] = asdict(answer.usage)
    return body, [pack_track(track) for track in answer.tracks]


def unpack_prediction(message: Message, video: Video) -> Prediction:
    """The answer of a message, for the runner to check as it does any other; raises Garbled where it is none."""
    body = message.body
    text, seconds = body.get("text"), body.get("seconds")
    rest = {name: body.get(name) for name in TEXTS}
    if not isinstance(text, str) or not all(value is None or isinstance(value, str) for value in rest.values()):
        raise Garbled("it sent an answer whose text is none")
    if seconds is not None and type(seconds) not in {int, float}:
        raise Garbled("it sent an answer whose seconds are no number")
    tracks = [unpack_track(block, video.size, len(video)) for block in message.blocks]
    boxes, usage = _boxes(body.get("boxes")), _usage(body.get("usage"))
    return Prediction(text, tracks, seconds, boxes=boxes, usage=usage, **cast("dict[str, Any]", rest))


def _usage(content: object) -> Usage | None:
    if content is None:
        return None
    try:
        return Usage(**cast("dict[str, Any]", content))
    except TypeError as problem:
        raise Garbled("it sent a usage of another form") from problem


def _boxes(content: object) -> list[list[Cue]] | None:
    if content is None:
        return None
    try:
        return [[cue(numbers) for numbers in some] for some in cast("Sequence[Any]", content)]
    except TypeError as problem:
        raise Garbled("it sent boxes of another form") from problem
