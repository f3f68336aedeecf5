"""Prompts for a general model: which frames, how regions are marked on them, and how its answer is read."""

from sama_bench.prompting.families import family_of
from sama_bench.prompting.marks import FORMS, marked
from sama_bench.prompting.prompting import Prompt, Prompting

__all__ = ["FORMS", "Prompt", "Prompting", "family_of", "marked"]
