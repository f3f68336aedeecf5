"""The same numbers as the released code, on the same weights, from the prompt to the masks (`freeze.py`)."""

import numpy as np
import pytest

from sama_bench.metrics import rle

NAMES = (
    "one frame", "two frames, two regions", "four frames, none", "five frames", "nine frames, two regions",
    "lost at 16 x 16", "nowhere", "too long", "sixty frames, a region", "described", "InternLM2, two regions",
    "InternLM2, none", "InternLM2, described", "Phi-3, two regions", "Phi-3, none", "Phi-3, described",
)  # fmt: skip


def test_every_case_is_tried(cases):
    assert [case.name for case in cases.CASES] == list(NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_prompt_answer_and_masks_are_those_of_the_released_code(torch, cases, released, equal, films, name):
    case = next(case for case in cases.CASES if case.name == name)
    expected = {key.partition("/")[2]: value for key, value in released.items() if key.startswith(f"{name}/")}
    found = native(equal(case.kind), cases, case, films(case.frames), int(expected["seg"]))
    assert np.array_equal(found["ids"], expected["ids"])
    for numbers, most in (("rows", 1e-5), ("cells", 1e-5)):
        assert np.abs(found[numbers] - expected[numbers]).max() <= most, numbers
    assert np.array_equal(found["tokens"], expected["tokens"])
    assert found["text"] == str(expected["text"])
    if case.task == "c":
        return  # the released code looks for no [SEG] there
    assert found["vectors"].shape == expected["vectors"].shape
    assert len(found["vectors"])
    assert np.abs(found["vectors"] - expected["vectors"]).max() <= 1e-5
    # what is remembered of a frame is rounded to bfloat16, and may differ by a step
    assert np.abs(found["logits"] - expected["logits"]).max() <= 2e-5 * np.abs(expected["logits"]).max()
    assert np.unpackbits(found["masks"] ^ expected["masks"]).mean() <= 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("name", ["an image", "a wide image", "a video", "words"])
def test_plain_questions_are_answered_as_by_the_released_code(torch, cases, released, equal, name):
    from sama_bench.adapters.models.sama import plain
    from sama_bench.adapters.models.sama.answering import prompts

    (asked,) = (asked for called, asked in cases.plain() if called == name)
    expected = {key.partition("/")[2]: value for key, value in released.items() if key.startswith(f"plain: {name}/")}
    parts = equal("qwen2")
    with torch.inference_mode():
        looked, turn = plain.seen(parts, asked, 32)
        (prompt,) = prompts(parts, looked, [[turn]])
        answer = plain.answer(parts, asked, 32, cases.LONGEST)
    found = cases.summary([], prompt.rows.numpy(), answer.ids, np.zeros((0, 256)), [], [])
    for numbers in ("rows", "cells"):
        assert found[numbers].shape == expected[numbers].shape
        assert np.abs(found[numbers] - expected[numbers]).max() <= 1e-5
    assert np.array_equal(found["tokens"], expected["tokens"])


def test_the_released_answers_try_what_they_are_to(cases, released):
    grounded = [case.name for case in cases.CASES if len(released[f"{case.name}/vectors"]) and case.task == "g"]
    assert {next(case.kind for case in cases.CASES if case.name == name) for name in grounded} == {
        "qwen2", "internlm2", "phi3",
    }  # fmt: skip
    assert "sixty frames, a region" in grounded
    assert any(len(released[f"{name}/vectors"]) > 1 for name in grounded)


def native(parts, cases, case, video, seg):
    import torch

    from sama_bench.adapters.models.sama.answering import answers, prompts
    from sama_bench.adapters.models.sama.prompts import turns
    from sama_bench.adapters.models.sama.video import OpenVideo

    parts.language.seg = seg
    with torch.inference_mode():
        opened = OpenVideo(parts, video, 32)
        dialogues = [turns(cases.asked(case, video), opened.sample, every=False, seed="0")]
        (prompt,) = prompts(parts, opened.looked, dialogues)
        (answer,) = answers(parts, opened, dialogues, cases.LONGEST)
        vectors = parts.seg_vectors(answer.segs)
        logits, tracks = [], []
        if case.task == "g" and len(vectors):
            frames = len(video)
            followed = parts.tracker.logits(vectors, opened.features, frames, len(opened.dense))
            logits = list(np.stack([one[:, 0].numpy() for _, one in followed], axis=1))
            tracks = [rle.decode_track(track, video.size) for track in opened.tracks(vectors, 8)]
    found = cases.summary(prompt.ids, prompt.rows.numpy(), answer.ids, vectors.numpy(), logits, tracks)
    return {**found, "text": parts.tokenizer.decode(answer.ids).strip()}
