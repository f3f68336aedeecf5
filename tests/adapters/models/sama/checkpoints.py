"""Writes the checkpoints that `freeze.py` asks: PYTHON checkpoints.py FOLDER, with transformers 5."""

import sys
from pathlib import Path

from cases import CASES, SIZES

from sama_bench.adapters.models.sama.tiny import make

if __name__ == "__main__":
    for name in dict.fromkeys(case.kind for case in CASES):
        make(Path(sys.argv[1]) / name, name, SIZES)
