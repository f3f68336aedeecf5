import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from sama_bench.leaderboard.board import ScoredRun
from sama_bench.leaderboard.reported import read_reported
from sama_bench.score.block import Block
from sama_bench.score.scores import Scores

GOLDEN = Path(__file__).parent / "golden"
# Names that mean something to LaTeX, Markdown, HTML or a terminal, and letters of many kinds.
HOSTILE = r'<b>50%_off</b> & $x^2$ #1 ~{\input|} "q" `c` **a** [z](y) &amp;'
STRANGE = "Größe-å 模型 🙂 مدل \u202eflipped\u202c \x1b[31m"
WORDS = ("Bleu_1", "Bleu_4", "METEOR", "ROUGE_L", "CIDEr")
PAPER = ("miou", "recall", *WORDS)
STRICT = (
    "miou", "J", "F", "J&F", "recall", "precision", "f1", "recall_iou", "precision_iou", "f1_iou", "false_groundings",
    *WORDS,
)  # fmt: skip


def block(mean, **counts):
    return Block(mean, {"v": mean}, 10, **counts)


@pytest.fixture
def scored():
    """Makes a scored run: model, grounding and text scores, and what its signature says of the phrases."""

    def make(model, miou, cider=0.5, phrases="words", sees_truth=False, interval=None, asked=None, **counts):
        signature = {"task": "g", "phrases": phrases, "questions": 10, **({"asked": asked} if asked else {})}
        scores = Scores(
            {"paper": {"g": signature}, "strict": {"g": signature, "c": {"task": "c"}}},
            {
                "paper": {"g": block({"miou": miou, "CIDEr": cider}, interval=interval or {}, **counts)},
                "strict": {
                    "g": block({"miou": miou / 2, "false_groundings": miou}, **counts),
                    "c": block({"METEOR": cider}, **counts),
                },
            },
        )
        return ScoredRun(Path("runs") / model, model, scores, sees_truth)

    return make


def signed(task, protocol, phrases):
    """A signature like that of a real run; it names no version that would change."""
    kind = {"task": task, "protocol": protocol, "questions": 65, "videos": 9, "selection": "c55cfa69"}
    return {**kind, "tokenizer": "PTB-3.4.1", "phrases": phrases if task == "g" else None, "version": "1.2.3"}


def made(names, base, spread, without=()):
    """A block of all tasks' metrics: values that grow from `base` by a hundredth, each within uneven ends."""
    mean = {name: round(base + n / 100, 4) for n, name in enumerate(names) if name not in without}
    ends = {name: (round(value - spread, 4), round(value + spread / 3, 4)) for name, value in mean.items()}
    videos = {f"v{n}": mean for n in range(9)}
    return Block(mean, videos, 65, interval=ends)


def fixed_run(path, model, base, phrases="minilm", sees_truth=False, lame=False):
    """A made run; a `lame` one gives no masks, left some questions open, and has texts that were not all scored."""
    masks = tuple(name for name in STRICT if name not in WORDS) if lame else ()
    protocols = {
        "paper": {"g": made(PAPER, base, 0.03, masks)},
        "strict": {"g": made(STRICT, base, 0.03, masks), "c": made(WORDS, base / 2, 0.03)},
    }
    if lame:
        for tasks in protocols.values():
            cannot, marked = dict.fromkeys(masks, "gives no masks"), {"METEOR": "3 texts could not be scored"}
            tasks["g"] = replace(tasks["g"], missing=3, errors=1, cannot=cannot, marked=marked)
    signature = {name: {task: signed(task, name, phrases) for task in tasks} for name, tasks in protocols.items()}
    return ScoredRun(Path(path), model, Scores(signature, protocols), sees_truth, stored=False)


@pytest.fixture(scope="session")
def fixed():
    """Runs whose report is kept in golden/: ties, an oracle, unlike phrases, hostile names, empty cells."""
    return [
        fixed_run("runs/motion", "motion", 0.31),
        fixed_run("runs/still", "still (grounder=flow,checkpoint=org/Name-7B)", 0.2995),
        fixed_run("runs/again", "again", 0.31),
        fixed_run("runs/hostile", HOSTILE, 0.2, lame=True),
        fixed_run("runs/strange", STRANGE, 0.1),
        fixed_run("runs/oracle", "oracle", 0.8, sees_truth=True),
        fixed_run("runs/words", "motion", 0.5, phrases="words"),
    ]


@pytest.fixture(scope="session")
def others():
    """Numbers that others reported, from golden/reported.yaml."""
    return read_reported([GOLDEN / "reported.yaml"])


@pytest.fixture(scope="session")
def killing():
    """What kills a call at each of its file events."""
    about = importlib.util.spec_from_file_location("killing", Path(__file__).with_name("killing.py"))
    module = importlib.util.module_from_spec(about)
    about.loader.exec_module(module)
    return module
