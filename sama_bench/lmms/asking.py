"""`prompts` by its name in 0.1: copies of that version's task YAMLs in a user's `--include_path` call it so."""

from sama_bench.lmms.prompts import pictures, words

__all__ = ["pictures", "words"]
