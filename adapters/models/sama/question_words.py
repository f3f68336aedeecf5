"""A question as the temporal Q-Former reads it: BERT's word pieces, with tokens for regions."""

from __future__ import annotations

import re
from pathlib import Path

from sama_bench.errors import UserError

NAME = "bert-base-uncased"
LONGEST = 256
ADDED = ("[DEC]", "<mask>", "<pos>", "[SEG]", "<p>", "</p>", "<vp>", "</vp>")
OWN = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
REGION = "<vp><mask><pos></vp>"


class QuestionWords:
    """The tokenizer of bert-base-uncased with SAMA's tokens behind its own; `vocabulary` is its vocab.txt."""

    def __init__(self, vocabulary: Path, rows: int) -> None:
        """`rows` is how many words the checkpoint has. Raises UserError where the vocabulary has another size."""
        from tokenizers import BertWordPieceTokenizer

        self._tokenizer = BertWordPieceTokenizer(str(vocabulary), lowercase=True)
        expected = rows - len(ADDED)
        if self._tokenizer.get_vocab_size() != expected:
            counts = f"{vocabulary}: has {self._tokenizer.get_vocab_size()} words, and the checkpoint {expected}"
            raise UserError(f"{counts}; expected the vocabulary of {NAME}")
        self._tokenizer.add_special_tokens(list(ADDED))
        self._special = re.compile("|".join(map(re.escape, (*ADDED, *OWN))))

    def __call__(self, question: str) -> list[int]:
        """Ids with [CLS] and [SEP], at most 256: what is longer loses its beginning. `<mask>` stands for a region."""
        text = self._lowered(question.replace("<mask>", REGION))
        start, *words, end = self._tokenizer.encode(text).ids
        return [start, *words[-(LONGEST - 2) :], end]

    def _lowered(self, text: str) -> str:
        """Small letters but in special tokens, before these are looked for: `<MASK>` then is one, too."""
        parts, place = [], 0
        for match in self._special.finditer(text):
            parts += [text[place : match.start()].lower(), match[0]]
            place = match.end()
        return "".join([*parts, text[place:].lower()])


def vocabulary(folder: Path | None, checkpoint: Path) -> Path:
    """The vocab.txt in the folder that the user names, beside the weights, or in the hub's cache.

    Raises UserError where it is in none of them, with what to do.
    """
    vocabulary_file = (checkpoint / NAME if folder is None else folder.expanduser()) / "vocab.txt"
    if vocabulary_file.is_file():
        return vocabulary_file
    if folder is not None:
        raise UserError(f"bert={folder}: has no vocab.txt of {NAME}")
    from huggingface_hub import hf_hub_download, try_to_load_from_cache

    from sama_bench.adapters.shared.checkpoint import PATIENCE, reach_hub

    cached = try_to_load_from_cache(NAME, "vocab.txt")
    if isinstance(cached, str):
        return Path(cached)
    try:
        reach_hub()
        return Path(hf_hub_download(NAME, "vocab.txt", etag_timeout=PATIENCE))
    except Exception as problem:  # of the hub, its HTTP client, the network and the disk
        raise UserError(
            f"the vocabulary of {NAME} is not on this machine and the hub cannot be reached: download its vocab.txt "
            f"(huggingface-cli download {NAME} vocab.txt --local-dir BERT), and name the folder: --model-arg bert=BERT"
        ) from problem
