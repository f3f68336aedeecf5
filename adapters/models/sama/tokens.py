"""The language model's tokenizer: one interface to transformers' own ones and to InternLM2's, which is remote code."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sama_bench.errors import UserError

PLACE = "<IMG_CONTEXT>"
"""The token in whose places the embeddings of frames, context and regions stand."""
SEG = "[SEG]"
ADDED = (SEG, "<p>", "</p>", "<vp>", "</vp>")
NEEDED = ("<img>", "</img>", PLACE, *ADDED)


class Tokenizer(ABC):
    """Text to ids and back. `eos` is the id that ends an answer, `pad` one that fills up."""

    eos: int
    pad: int

    @abstractmethod
    def encode(self, text: str, *, start: bool = True) -> list[int]:
        """Ids of a text; with `start` the token before it comes first where the model has one."""

    @abstractmethod
    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, special tokens included."""

    @abstractmethod
    def __len__(self) -> int:
        """The number of tokens, added ones included."""

    def id_of(self, token: str) -> int:
        """The id of a single token; raises UserError where the text is none."""
        token_ids = self.encode(token, start=False)
        if len(token_ids) != 1:
            raise UserError(f"its tokenizer takes {token} as {len(token_ids)} tokens, expected one")
        return token_ids[0]

    def check(self, rows: int) -> None:
        """Raise UserError where it does not go with a language model of so many `rows` of embeddings."""
        problems: list[str] = []
        for token in NEEDED:
            try:
                self.id_of(token)
            except UserError as problem:
                problems += problem.problems
        if problems:
            raise UserError(problems)
        ids = [self.id_of(token) for token in ADDED]
        if ids != list(range(ids[0], ids[0] + len(ids))):
            raise UserError(f"its tokenizer has {', '.join(ADDED)} as {ids}, expected ids one after the other")
        if len(self) != rows:
            raise UserError(f"its tokenizer has {len(self)} tokens, and the language model {rows} rows of embeddings")


class OfTransformers(Tokenizer):
    """A tokenizer that transformers has itself."""

    def __init__(self, tokenizer: Any) -> None:  # noqa: ANN401
        self._tokenizer = tokenizer
        self.eos = int(tokenizer.eos_token_id)
        self.pad = self.eos if tokenizer.pad_token_id is None else int(tokenizer.pad_token_id)

    def encode(self, text: str, *, start: bool = True) -> list[int]:
        """Ids of a text."""
        return list(self._tokenizer.encode(text, add_special_tokens=start))

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=False))

    def __len__(self) -> int:
        return len(self._tokenizer)


class SentencePieces(Tokenizer):
    """InternLM2's tokenizer out of tokenizer.model: text is cut at added tokens first, the rest is sentencepiece's."""

    def __init__(self, folder: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        self._pieces: Any = SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
        self._added = _added_tokens(folder)
        self._texts = {place: text for text, place in self._added.items()}
        longest_first = sorted(self._added, key=len, reverse=True)
        self._cut = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
        self._start, self.eos = int(self._pieces.bos_id()), int(self._pieces.eos_id())
        self.pad = self.eos

    def encode(self, text: str, *, start: bool = True) -> list[int]:
        """Ids of a text, behind that of `<s>`."""
        ids = [self._start] if start else []
        place = 0
        for match in self._cut.finditer(text):
            ids += self._encoded(text[place : match.start()])
            ids.append(self._added[match[0]])
            place = match.end()
        return ids + self._encoded(text[place:])

    def _encoded(self, text: str) -> list[int]:
        return list(self._pieces.encode(text)) if text else []

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, with spaces around tokens that lie beyond sentencepiece's own, as in the released code."""
        parts: list[str] = []
        piece_ids: list[int] = []
        for token_id in [*ids, None]:
            beyond = token_id is None or token_id >= self._pieces.get_piece_size()
            if not beyond:
                piece_ids.append(int(token_id))  # type: ignore[arg-type]
                continue
            if text := self._joined(piece_ids):
                parts.append(text)
            piece_ids = []
            if token_id is not None:
                parts.append(self._texts[token_id])
        return " ".join(parts)

    def _joined(self, ids: Sequence[int]) -> str:
        """Pieces as text; added tokens that stand in places of unused pieces have a space before them."""
        text, piece_ids, after_added = "", list[int](), False
        for token_id in ids:
            if token_id in self._texts:
                text += ("" if after_added else " ") + str(self._pieces.decode(piece_ids)) + self._texts[token_id]
                piece_ids, after_added = [], True
            else:
                piece_ids.append(token_id)
                after_added = False
        return text + str(self._pieces.decode(piece_ids))

    def __len__(self) -> int:
        size = int(self._pieces.get_piece_size())
        return size + sum(place >= size for place in self._added.values())


def _added_tokens(folder: Path) -> dict[str, int]:
    path = folder / "tokenizer_config.json"
    tokenizer_config = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    if decoder := tokenizer_config.get("added_tokens_decoder"):
        return {token["content"]: int(place) for place, token in decoder.items()}
    path = folder / "added_tokens.json"
    return {text: int(place) for text, place in json.loads(path.read_text("utf-8")).items()} if path.is_file() else {}


def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a checkpoint's folder, without code of its own. Raises UserError where there is none."""
    import transformers

    if (folder / "tokenizer.json").is_file():
        return OfTransformers(transformers.PreTrainedTokenizerFast.from_pretrained(folder))
    path = folder / "tokenizer_config.json"
    tokenizer_config = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    kind = getattr(transformers, str(tokenizer_config.get("tokenizer_class")).removesuffix("Fast"), None)
    if kind is not None:
        return OfTransformers(kind.from_pretrained(folder))
    if (folder / "tokenizer.model").is_file():
        return SentencePieces(folder)
    raise UserError("has no tokenizer.json, nor files of a tokenizer that transformers knows")
