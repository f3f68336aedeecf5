"""The three chat templates with which SAMA was trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Template:
    """The form of a turn: the words around the user's, the end of an answer, the separator of turns.

    There is no text for the system. `stops` are the words at whose appearance at the end of the decoded answer (without
    line ends) the model stops, whether they are one token of its tokenizer or several.
    """

    before: str
    after: str
    suffix: str
    stops: tuple[str, ...]
    separator: str = "\n"

    def asked(self, words: str) -> str:
        """The turn of the user up to where the answer begins."""
        return f"{self.before}{words}{self.after}"


_CHAT = {
    "before": "<|im_start|>user\n",
    "after": "<|im_end|>\n<|im_start|>assistant\n",
    "suffix": "<|im_end|>",
}
TEMPLATES = {
    "qwen_chat": Template(**_CHAT, stops=("<|im_end|>", "<|endoftext|>")),
    "internlm2_chat": Template(**_CHAT, stops=("<|im_end|>",)),
    "phi3_chat": Template("<|user|>\n", "<|end|>\n<|assistant|>\n", "<|end|>", ("<|end|>",)),
}
