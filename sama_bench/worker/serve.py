"""The worker's side: one adapter, made, opened, asked and closed as the other process says."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from math import isfinite
from pathlib import Path
from typing import Any

from sama_bench.adapter import Adapter, BatchAdapter
from sama_bench.run.batches import answers_in_order
from sama_bench.run.manifest import LIBRARIES
from sama_bench.run.predictions import validate
from sama_bench.run.progress import Silence
from sama_bench.run.registry import adapter_class, entries, make_adapter
from sama_bench.types import Prediction, Question, Video
from sama_bench.worker.framing import Block, Channel, Gone, Message, TooLarge
from sama_bench.worker.missing_packages import lacking
from sama_bench.worker.remote_errors import describe
from sama_bench.worker.remote_video import FedVideo, Feed
from sama_bench.worker.serialization import block_count, pack_prediction, unpack_plain, unpack_question

Reply = tuple[str, dict[str, Any], "list[Block]"]


def serve(channel: Channel) -> None:
    """Answer requests until the other side closes; whatever the adapter raises goes back as an answer."""
    desk = Desk(channel)
    while True:
        message = channel.receive()
        _reply(channel, _answer(desk, message))


def _answer(desk: Desk, message: Message) -> Reply:
    desk.feed.listen(True)
    try:
        return desk.requests[message.kind](message)
    except Gone:
        raise
    except BaseException as problem:  # no signal of a keyboard comes here: whatever it is, the model raised it
        return "failed", describe(lacking(problem) or problem), []
    finally:
        desk.feed.listen(False)


def _reply(channel: Channel, reply: Reply) -> None:
    try:
        channel.send(*reply)
    except TooLarge as problem:
        channel.send("failed", describe(problem))


class Desk:
    """The adapter, once it is made, and the open video."""

    def __init__(self, channel: Channel) -> None:
        self.feed = Feed(channel)
        self.requests: Mapping[str, Callable[[Message], Reply]] = {
            "make": self._make,
            "open": self._open,
            "predict": self._predict,
            "predict_all": self._predict_all,
            "answer": self._reply,
            "close": self._close,
            "notes": self._notes,
        }
        self._channel = channel
        self._adapter: Adapter | None = None
        self._video: FedVideo | None = None

    @property
    def adapter(self) -> Adapter:
        """The adapter that was made."""
        assert self._adapter is not None, "asked before it was made"
        return self._adapter

    def _make(self, message: Message) -> Reply:
        name = message.body["name"]
        self._adapter = adapter = make_adapter(name, message.body["args"], trust=message.body["trust"])
        about = {
            "summary": str(adapter.summary),
            "can": adapter.can.to_json(),
            "free": sorted(map(str, adapter_class(name).free)),
            "asking": _strings(adapter.asking),
            "wording": str(adapter.wording),
            "forced": str(adapter.forced),
            "at_once": max(1, adapter.at_once) if isinstance(adapter, BatchAdapter) else 0,
            "versions": _versions(name),
        }
        return "made", about, []

    def _open(self, message: Message) -> Reply:
        self._video = FedVideo(message.body, None if message.body.get("at_hand") else self.feed)
        self.adapter.open(self._video)
        return "done", {}, []

    def _predict(self, message: Message) -> Reply:
        assert self._video is not None, "asked before a video was open"
        question = unpack_question(message, self._video)
        self._channel.send("begun")
        answer: object = self.adapter.predict(question)
        # Settled here, where arrays of any kind, tensors and stranger things can be looked at: the runner's own code
        # says the same of them as it would in its process, and what is left travels as run lengths.
        return "answer", *pack_prediction(validate(answer, self._video, _seconds(answer)))

    def _predict_all(self, message: Message) -> Reply:
        """Each answer goes back as soon as it is there, under the number of its question."""
        adapter = self.adapter
        assert isinstance(adapter, BatchAdapter), "asked for many answers of an adapter that gives one at a time"
        questions = self._questions(message)
        self._channel.send("begun")
        with closing(answers_in_order(adapter, questions, _Warnings(self._channel))) as answers:
            for number, answer in enumerate(answers):
                body, blocks = pack_prediction(answer)
                self._channel.send("one", {**body, "number": number}, blocks)
        return "done", {}, []

    def _questions(self, message: Message) -> list[Question]:
        """The questions of a message about several videos, whose frames this process reads itself."""
        videos = [_video(about) for about in message.body["videos"]]
        blocks = iter(message.blocks)
        questions = []
        for number, body in message.body["questions"]:
            question_blocks = [next(blocks) for _ in range(block_count(body["regions"], body["history"]))]
            questions.append(unpack_question(Message("predict", body, question_blocks), videos[number]))
        return questions

    def _reply(self, message: Message) -> Reply:
        text: object = self.adapter.answer(unpack_plain(message))
        if not isinstance(text, str):
            raise TypeError(f"answer returned {type(text).__name__}, expected str")
        return "answer", {"text": text}, []

    def _close(self, _: Message) -> Reply:
        try:
            self.adapter.close()
        finally:
            if self._video is not None:
                self._video.release()
            self._video = None
        return "done", {}, []

    def _notes(self, _: Message) -> Reply:
        return "done", {"notes": [str(line) for line in self.adapter.notes()]}, []


def _video(about: Mapping[str, Any]) -> Video:
    """A video whose frames this process reads when they are asked for, and does not keep."""
    height, width = about["size"]
    return Video(about["id"], about["source"], (height, width), tuple(map(Path, about["frames"])))


class _Warnings(Silence):
    """Sends what the runner's code warns of to the asker."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def warn(self, line: str) -> None:
        """Send the line."""
        self._channel.send("warning", {"line": line})


def _strings(asking: object) -> dict[str, str]:
    if not isinstance(asking, Mapping) or not all(isinstance(text, str) for pair in asking.items() for text in pair):
        raise TypeError(f"asking is {asking!r}, expected a mapping of names to strings")
    return dict(asking)


def _versions(adapter: str) -> dict[str, str]:
    """Versions of what decides a prediction, as far as it is loaded here, and of the adapter's distribution."""
    loaded = (name for name in ("numpy", "cv2", *LIBRARIES) if name in sys.modules)
    versions = {name: str(getattr(sys.modules[name], "__version__", "unknown")) for name in loaded}
    owners = (entry.dist for entry in entries(adapter))
    return {
        **versions,
        **{distribution.name: distribution.version for distribution in owners if distribution is not None},
    }


def _seconds(answer: object) -> float | None:
    """What the answer itself says it took, where that is a number."""
    seconds: object = answer.seconds if isinstance(answer, Prediction) else None
    if isinstance(seconds, int) and not isinstance(seconds, bool):
        seconds = float(seconds) if abs(seconds) < 2**53 else None
    return seconds if isinstance(seconds, float) and isfinite(seconds) else None
