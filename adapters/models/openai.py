"""The adapter `openai`: any server of the OpenAI chat completions kind."""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from PIL import Image

from sama_bench.adapter import Abilities, BatchAdapter
from sama_bench.adapters.shared.film import MP4
from sama_bench.adapters.shared.film import film as film_of
from sama_bench.adapters.shared.plain_prompt import prompt as plain_prompt
from sama_bench.adapters.shared.prompting_options import Boxes, Referents, Size, given_options
from sama_bench.adapters.shared.ranges import not_negative, positive
from sama_bench.cache import cache_folder
from sama_bench.errors import each
from sama_bench.files.temporary import temporary
from sama_bench.frames import Frame
from sama_bench.llm_client import Failure, Prices, Reply, Request, ResponseCache, Server
from sama_bench.llm_client.address import address
from sama_bench.llm_client.cache import unkept
from sama_bench.llm_client.reply import TOO_LONG
from sama_bench.prompting import Prompt, Prompting, family_of
from sama_bench.prompting.families import LABEL, labelled
from sama_bench.types import PlainQuestion, Prediction, Question, Usage

# So many questions are handed over together: enough that the slowest of them hold up few others.
TOGETHER = 256
Media: TypeAlias = Literal["frames", "video"]
QUALITY = 92
CACHE = "served.sqlite"


class SentQuestion(NamedTuple):
    """A question under way: how its answer is read needs the sizes of the frames, not the frames."""

    question: Question
    prompt: Prompt
    sent: list[tuple[int, int]]


class OpenAI(BatchAdapter):
    """Asks a chat model behind an HTTP server, many questions at a time; what was answered is never asked again.

    What it is asked, and how its words are read, is `sama_bench.prompting`'s; requests, limits, cache and cost are
    `sama_bench.llm_client`'s.

    Args:
        model: The model's name, as the server knows it.
        base_url: The server's address; by default that of OPENAI_BASE_URL, or OpenAI's.
        key_env: The environment variable that holds the key.
        prompt: A prompt template by its name, or a file (docs/prompting.md); by default the family's.
        frames: How many frames are shown; by default as many as the template says.
        size: The longer side of a frame in pixels, or full.
        referents: How the regions of a question are told.
        boxes: How boxes are written; by default as the family was trained.
        media: How frames are sent: as pictures, or as one MP4 of one frame a second (vLLM and SGLang take it).
        max_tokens: The most tokens of an answer.
        temperature: 0 for the likeliest answer.
        seed: Sent along, where the server takes one.
        concurrency: How many requests are under way at most.
        timeout: The longest, in seconds, that a request may take.
        cache: Where answers are kept: on, off, or a file.
        prices: A file of prices; by default the one that comes with the package.
        budget: What may be spent, in USD.
    """

    summary = "any chat model behind an OpenAI-compatible server: GPT, Gemini, vLLM, SGLang, llama.cpp"
    can = Abilities(boxes=True, plain=True, history="regions")
    free = frozenset({"concurrency", "timeout", "cache", "prices", "budget", "key_env"})
    at_once = TOGETHER

    def __init__(  # noqa: PLR0913 - each is a model argument
        self,
        model: str,
        *,
        base_url: str | None = None,
        key_env: str = "OPENAI_API_KEY",
        prompt: str | None = None,
        frames: int | None = None,
        size: Size | None = None,
        referents: Referents | None = None,
        boxes: Boxes | None = None,
        media: Media = "frames",
        max_tokens: int = 1024,
        temperature: float = 0.0,
        seed: int | None = None,
        concurrency: int = 16,
        timeout: float = 120.0,
        cache: Literal["on", "off"] | Path = "on",
        prices: Path | None = None,
        budget: float | None = None,
    ) -> None:
        options = given_options(frames, size, referents, boxes)
        checks: list[Callable[[], Any]] = [
            lambda: Prompting.load(prompt or None, family_of(model), **options),
            lambda: _parameters(max_tokens, temperature, seed),
            lambda: Server(
                base_url or None,
                key_env=key_env,
                concurrency=positive("concurrency", concurrency),
                timeout=not_negative("timeout", timeout),
                cache=_cache(cache, base_url),
                budget=None if budget is None else not_negative("budget", budget),
                prices=Prices.load(prices),
            ),
        ]
        self._prompting: Prompting
        self._server: Server
        self._prompting, self._parameters, self._server = each(lambda check: check(), checks)
        self._model = model
        self._prompting = replace(self._prompting, film=media == "video")
        self._cut = 0
        self.can = replace(OpenAI.can, regions=self._prompting.takes_regions)
        self.gives, self.wording = self._prompting.gives, self._prompting.template.wording
        labelling = {"media": media} if media == "video" else self._prompting.labelling
        self.asking = {**self._prompting.asking, **labelling}

    def predict_all(self, questions: Sequence[Question]) -> Iterator[Prediction]:
        """Answer the questions, in order, as many at a time as the server lets.

        Raises UserError where the key, the model or the address is wrong, or the budget is spent.
        """
        under_way: dict[int, SentQuestion] = {}
        waiting: dict[int, Prediction] = {}
        next_place = 0
        for place, answer in self._server.ask_all(self._requests(questions, under_way)):
            waiting[place] = self._prediction(answer, under_way.pop(place))
            while next_place in waiting:
                yield waiting.pop(next_place)
                next_place += 1

    def answer(self, question: PlainQuestion) -> str:
        """The model's words about images of any number, or a video, of which as many frames are sent as for ours.

        Raises RuntimeError where the server gives no answer or the model refuses one, UserError as `predict_all` does.
        """
        prompt = plain_prompt(question, self._prompting.template.frames, self._prompting.label)
        chat = messages(prompt, film=self._prompting.film and question.video)
        length = question.max_new_tokens or self._parameters["max_tokens"]
        request = Request(chat, self._model, {**self._parameters, "max_tokens": length})
        ((_, reply),) = self._server.ask_all([request])
        if isinstance(reply, Failure):
            raise RuntimeError(_no_answer(reply))
        if reply.refusal is not None:  # some tasks take its first letter for a choice
            raise RuntimeError(f"the model refused to answer: {reply.refusal}")
        return reply.text

    def notes(self) -> Sequence[str]:
        """Requests, tokens and cost, what was cut, and which parameters the server does not take."""
        cut = [f"{self._cut} answers were cut at max_tokens={self._parameters['max_tokens']}"] if self._cut else []
        dropped = [f"not sent, as the server does not take it: {name}" for name in self._server.dropped]
        return [*self._server.bill.lines(), *cut, *dropped]

    def _requests(self, questions: Sequence[Question], under_way: dict[int, SentQuestion]) -> Iterator[Request]:
        for place, question in enumerate(questions):
            prompt = self._prompting.prompt(question)
            sizes = [(frame.shape[0], frame.shape[1]) for frame in prompt.frames]
            under_way[place] = SentQuestion(question, prompt._replace(frames=()), sizes)
            yield Request(messages(prompt, film=self._prompting.film), self._model, self._parameters)

    def _prediction(self, answer: Reply | Failure, request: SentQuestion) -> Prediction:
        if isinstance(answer, Failure):
            return Prediction("", error=_no_answer(answer))
        if answer.refusal is not None:
            refused = "the model refused to answer"
            return Prediction(answer.refusal, raw=answer.refusal, unread=refused, usage=_usage(answer))
        self._cut += answer.finish in {"length", TOO_LONG}
        prediction = self._prompting.read(answer.text, request.prompt, request.question, request.sent)
        return replace(prediction, usage=_usage(answer))


def messages(prompt: Prompt, *, film: bool = False) -> list[dict[str, Any]]:
    """A prompt as messages of the chat completions API: frames as JPEG parts, each behind its label, then words.

    As a `film` they are one `video_url` part, as vLLM and SGLang take it.
    Earlier turns are messages of their own, the frames in the first alone.
    """
    # The usual label has no space at its end here: answers that were paid for are kept under what was sent.
    label = prompt.label.rstrip() if prompt.label == LABEL else prompt.label
    pictures: list[dict[str, Any]] = []
    if film and prompt.frames:
        pictures = [{"type": "video_url", "video_url": {"url": video_url(prompt)}}]
    for place, frame in enumerate(() if film else prompt.frames, 1):
        before = [words(labelled(label, place))] if label else []
        pictures += [*before, {"type": "image_url", "image_url": {"url": data_url(frame)}}]
    system = [{"role": "system", "content": prompt.system}] if prompt.system else []
    first, *later = [*(turn.question for turn in prompt.past), prompt.text]
    chat: list[dict[str, Any]] = [*system, {"role": "user", "content": [*pictures, words(first)]}]
    for turn, question in zip(prompt.past, later, strict=True):
        chat += [{"role": "assistant", "content": turn.answer}, {"role": "user", "content": [words(question)]}]
    return chat


def words(text: str) -> dict[str, Any]:
    """A text as a part of a message."""
    return {"type": "text", "text": text}


def data_url(frame: Frame) -> str:
    """A frame (h, w, 3) uint8 as the data URL of a JPEG in full colour resolution; equal frames give equal text."""
    buffer = io.BytesIO()
    Image.fromarray(frame).save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def _usage(reply: Reply) -> Usage | None:
    """What the server says of the prompt, also where the answer was kept from before; it is asked with all turns."""
    return Usage(reply.tokens_in, reply.tokens_cached, turns_cut=0) if reply.tokens_in else None


def video_url(prompt: Prompt) -> str:
    """The frames of a prompt as the data URL of an MP4 of one frame a second."""
    with temporary() as folder:
        content = film_of(prompt, folder / "frames.mp4", MP4).read_bytes()
    return f"data:video/mp4;base64,{base64.b64encode(content).decode('ascii')}"


def _no_answer(failure: Failure) -> str:
    return f"no answer after {failure.tries} tries: {failure.reason}"


def _parameters(max_tokens: int, temperature: float, seed: int | None) -> dict[str, Any]:
    # as a float, also where it is whole: answers that were paid for are kept under what was sent
    sent = {
        "max_tokens": positive("max_tokens", max_tokens),
        "temperature": float(not_negative("temperature", temperature)),
    }
    return sent if seed is None else {**sent, "seed": seed and positive("seed", seed)}


def _cache(choice: Literal["on", "off"] | Path, base_url: str | None) -> ResponseCache | None:
    """The cache of this address's answers: a run says where its model is, and many servers take any name of a model."""
    if choice == "off":
        return None
    if choice == "on" and (reason := unkept()) is not None:
        sys.stderr.write(f"warning: {reason}\n")
    return ResponseCache(cache_folder() / CACHE if choice == "on" else Path(choice), scope=address(base_url or None))
