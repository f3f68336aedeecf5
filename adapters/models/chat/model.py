"""A vision-language model of transformers with its processor: prompts in, its words out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from sama_bench.adapters.shared.checkpoint import Checkpoint, Loaded
from sama_bench.adapters.shared.conversation import messages, pictures
from sama_bench.prompting import Prompt

Size: TypeAlias = tuple[int, int]


class Answer(NamedTuple):
    """The model's answer to one prompt."""

    text: str
    """Its words, special tokens included: some families mark boxes by them."""
    sent: tuple[Size, ...] | None
    """(height, width) of each frame as the model saw it; None where the processor does not tell."""
    cut: bool
    """Whether the answer reached the limit of its length before it came to its end."""
    prompt_tokens: int
    """The tokens of the prompt, with those that stand for frames."""


class ChatModel:
    """`model` and `processor` as AutoModelForImageTextToText and AutoProcessor load them, asked greedily.

    `form` is how frames are handed over (images, video), `length` the most tokens of an answer.
    """

    def __init__(self, model: Loaded, processor: Loaded, form: str, length: int) -> None:
        self._model, self._processor, self._form, self._length = model, processor, form, length
        tokenizer = processor.tokenizer
        tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
        tokenizer.padding_side = "left"  # an answer begins where its prompt ends, in a batch too
        for sampling in ("temperature", "top_p", "top_k", "min_p", "typical_p"):
            setattr(model.generation_config, sampling, None)  # of no use to a greedy search, and warned of
        self._system = _takes_system(processor)

    def answer(self, prompts: Sequence[Prompt]) -> list[Answer]:
        """Answer the prompts in one batch, in order. Whatever goes wrong in it is raised."""
        inputs = self._inputs(prompts).to(self._model.device, self._model.dtype)
        sent_sizes = self._sizes(inputs, prompts)
        prompt_tokens: list[int] = inputs["attention_mask"].sum(1).tolist()
        replies = zip(self._generated(inputs, self._length), sent_sizes, prompt_tokens, strict=True)
        return [self._answer(*reply) for reply in replies]

    def reply(self, prompt: Prompt, length: int | None, *, film: bool) -> str:
        """The answer to one prompt, of `length` tokens at most, without special tokens.

        Frames that are no `film` are images, maybe none or of different sizes, and shown as the processor wants images.
        """
        inputs = self._inputs([prompt], film=film).to(self._model.device, self._model.dtype)
        (token_ids,) = self._generated(inputs, length or self._length)
        return str(self._processor.tokenizer.decode(token_ids, skip_special_tokens=True)).strip()

    def _generated(self, inputs: Loaded, length: int) -> list[list[int]]:
        import torch

        with torch.inference_mode():
            padding = self._processor.tokenizer.pad_token_id
            ids = self._model.generate(**inputs, max_new_tokens=length, do_sample=False, pad_token_id=padding)
        new_ids: list[list[int]] = ids[:, inputs["input_ids"].shape[1] :].tolist()
        return new_ids

    def _inputs(self, prompts: Sequence[Prompt], *, film: bool = True) -> Loaded:
        form = self._form if film else "images"
        conversations = [messages(prompt, form, system=self._system) for prompt in prompts]
        texts = [
            self._processor.apply_chat_template(conversation, add_generation_prompt=True, tokenize=False)
            for conversation in conversations
        ]
        if not any(prompt.frames for prompt in prompts):
            return self._processor(text=texts, padding=True, return_tensors="pt")
        # Molmo2 tells a time for each frame: shown twice, a frame would have a time that is no frame's
        picture_args = pictures(prompts, form, pairs=self._model.config.model_type != "molmo2")
        if film and form == "images" and hasattr(self._processor.image_processor, "crop_to_patches"):
            picture_args["images_kwargs"] = {"crop_to_patches": False}  # a dozen tiles a frame otherwise (InternVL)
        return self._processor(text=texts, padding=True, return_tensors="pt", **picture_args)

    def _sizes(self, inputs: Loaded, prompts: Sequence[Prompt]) -> list[tuple[Size, ...] | None]:
        """The sizes that the processor gave the frames of each prompt, from its grids of patches (the Qwen family)."""
        name, processor_name = ("image", "image_processor") if self._form == "images" else ("video", "video_processor")
        if f"{name}_grid_thw" not in inputs:
            return [None] * len(prompts)
        patch = getattr(self._processor, processor_name).patch_size
        sizes = [(rows * patch, columns * patch) for _, rows, columns in inputs[f"{name}_grid_thw"].tolist()]
        if self._form == "video":
            return [(size,) * len(prompt.frames) for size, prompt in zip(sizes, prompts, strict=True)]
        left = iter(sizes)
        return [tuple(next(left) for _ in prompt.frames) for prompt in prompts]

    def _answer(self, ids: Sequence[int], sent_sizes: tuple[Size, ...] | None, prompt_tokens: int) -> Answer:
        end = next((place for place, token in enumerate(ids) if token in self._ends), None)
        text = self._processor.tokenizer.decode(
            ids[:end], skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
        return Answer(text.strip(), sent_sizes, end is None, prompt_tokens)

    @property
    def _ends(self) -> set[int | None]:
        """The tokens after which an answer is over, or a batch is filled up."""
        ends, tokenizer = self._model.generation_config.eos_token_id, self._processor.tokenizer
        return {*(ends if isinstance(ends, list) else [ends]), tokenizer.eos_token_id, tokenizer.pad_token_id}


def load(checkpoint: Checkpoint, form: str, length: int) -> ChatModel:
    """Load a checkpoint; the arguments are ChatModel's. Raises UserError where it cannot be asked in this form."""
    from transformers import AutoModelForImageTextToText, AutoProcessor

    processor = checkpoint.processor(AutoProcessor)
    kind = "video_processor" if form == "video" else "image_processor"
    if getattr(processor, "chat_template", None) is None:
        raise checkpoint.refused("has no chat template, so nobody knows how it is asked")
    if getattr(processor, kind, None) is None:
        raise checkpoint.refused(f"its processor takes no {form}: leave out input={form}")
    if checkpoint.kind == "molmo2":
        _prepares_frames(processor)
    return ChatModel(checkpoint.model(AutoModelForImageTextToText), processor, form, length)


def _prepares_frames(processor: Loaded) -> None:
    """Let Molmo2's frames of a video be brought to the scale of its pictures, where its settings say nothing of that.

    transformers 5.24.0 has lost that default of the original code, and would show the bytes as they are.
    """
    for step in ("do_rescale", "do_normalize"):
        if getattr(processor.video_processor, step, None) is None:
            setattr(processor.video_processor, step, getattr(processor.image_processor, step))


def _takes_system(processor: Loaded) -> bool:
    """True where the chat template has a place for a system message; some raise an error at one."""
    from jinja2 import TemplateError

    messages = [{"role": role, "content": [{"type": "text", "text": role}]} for role in ("system", "user")]
    try:
        processor.apply_chat_template(messages, tokenize=False)
    except TemplateError:
        return False
    return True
