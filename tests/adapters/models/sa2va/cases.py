"""What the released codes of Sa2VA and Sa2VA-i were asked, and natively are."""

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path


def of_sama(name):
    """A module beside the tests of SAMA, under a name of its own: tests are imported without their folders."""
    called = f"sama_native_{name}"
    if called not in sys.modules:
        spec = importlib.util.spec_from_file_location(called, Path(__file__).parents[1] / "sama" / f"{name}.py")
        sys.modules[called] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[called])
    return sys.modules[called]


sama = of_sama("cases")
SIZES, LONGEST, film = sama.SIZES, sama.LONGEST, sama.film
LATE, LATER = (8, 8, 16, 6, 99), (30, 10, 25, 7, 99)


@dataclass(frozen=True)
class Case:
    """A question about `frames` frames, of which Sa2VA-i is shown `count`; `regions` as in SAMA's cases."""

    name: str
    model: str
    kind: str
    frames: int
    text: str
    regions: tuple = ()
    count: int = 5

    @property
    def checkpoint(self):
        return f"{self.model}-{self.kind}"

    @property
    def question(self):
        return sama.Case(self.name, "", self.frames, self.text, self.regions)


# Sa2VA's code of today knows Phi-3 no more; Sa2VA-i's, which is older, does.
CASES = (
    Case("one frame", "sa2va", "qwen2", 1, sama.NONE),
    Case("three frames, two regions", "sa2va", "qwen2", 3, sama.TWO, (sama.LEFT, sama.RIGHT)),
    Case("two late regions", "sa2va", "qwen2", 9, sama.TWO, (LATE, LATER)),
    Case("24 frames", "sa2va", "qwen2", 24, sama.NONE),
    Case("InternLM2", "sa2va", "internlm2", 6, sama.ONE, (sama.LEFT,)),
    Case("Qwen3", "sa2va", "qwen3", 4, sama.NONE),
    Case("the large vision tower", "sa2va", "large", 2, sama.NONE),
    Case("i, one frame", "sa2va-i", "qwen2", 1, sama.NONE),
    Case("i, three frames, two regions", "sa2va-i", "qwen2", 3, sama.TWO, (sama.LEFT, sama.RIGHT)),
    Case("i, two late regions", "sa2va-i", "qwen2", 9, sama.TWO, (LATE, LATER)),
    Case("i, 24 frames", "sa2va-i", "qwen2", 24, sama.NONE),
    Case("i, 12 of 24 frames", "sa2va-i", "qwen2", 24, sama.ONE, (LATE,), 12),
    Case("i, InternLM2", "sa2va-i", "internlm2", 8, sama.ONE, (sama.LEFT,)),
    Case("i, Phi-3", "sa2va-i", "phi3", 7, sama.NONE),
)


def make(folder, name):
    """Write the checkpoint `name` of a case below the folder."""
    from sama_bench.adapters.models.sa2va.tiny import make as make_checkpoint

    model, _, kind = name.rpartition("-")
    language = {"large": "internlm2"}.get(kind, kind)
    two_decoders, large_vision = model == "sa2va-i", kind == "large"
    make_checkpoint(folder / name, language, SIZES, two_decoders=two_decoders, large_vision=large_vision)


if __name__ == "__main__":  # PYTHON cases.py FOLDER, with transformers 5: the checkpoints that `freeze.py` asks
    for checkpoint in dict.fromkeys(case.checkpoint for case in CASES):
        make(Path(sys.argv[1]), checkpoint)
