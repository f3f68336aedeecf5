"""A program: asks Sa2VA's or Sa2VA-i's released code about the demo, for a recipe in another interpreter.

PYTHON -m sama_bench.adapters.conformance.sa2va_elsewhere RECIPE REPO CHECKPOINT OUT.npz
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from sama_bench.adapters.conformance.recipe import Loaded, generate_seen
from sama_bench.adapters.conformance.sa2va_family import TOKENS, all_seen, bring_code, smaller_class
from sama_bench.adapters.conformance.sa2va_released import (
    Sa2vaIReleasedRecipe,
    Sa2vaReleasedRecipe,
    questions,
    smaller_adapter,
)
from sama_bench.adapters.shared.special_tokens import without_special_tokens

RECIPES = {recipe.adapter: recipe for recipe in (Sa2vaReleasedRecipe, Sa2vaIReleasedRecipe)}


def main(name: str, repo: Path, checkpoint: Path, out: Path) -> None:
    """Ask about every question of the recipe `name`, and write the numbers that `sa2va_native` compares."""
    recipe = RECIPES[name]()
    bring_code(checkpoint, repo, recipe.code)
    smaller_class(checkpoint, recipe.code)
    adapter = smaller_adapter(checkpoint)
    model = adapter._model
    names: list[str] = []
    numbers: dict[str, Loaded] = {}
    for question, words in questions(recipe.ask):
        with all_seen(model) as seen, generate_seen(model.language_model, TOKENS) as spoken:
            recipe.asked_by_script(adapter, question, words, out.parent, repo)
        height, width = question.video.size
        masks = seen["answer"]["prediction_masks"]
        found: dict[str, Loaded] = {
            "ids": seen["generate"]["input_ids"][0].numpy(), "rows": spoken[0]["inputs_embeds"][0].numpy(),
            "text": without_special_tokens(seen["answer"]["prediction"], adapter._fixed_args["tokenizer"]),
            "masks": np.array(masks, np.bool_).reshape(-1, len(question.video), height, width),
        }  # fmt: skip
        numbers |= {f"{len(names)} {what}": value for what, value in found.items()}
        names.append(str(question.key))
    np.savez_compressed(out, questions=json.dumps(names), **numbers)


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))
