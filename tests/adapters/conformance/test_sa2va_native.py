import numpy as np
import pytest

from sama_bench.adapters.conformance.sa2va_native import Sa2vaRecipe, differences
from sama_bench.errors import UserError


def numbers(**more):
    masks = np.zeros((1, 2, 30, 40), np.bool_)
    return {"ids": np.arange(4), "rows": np.ones((4, 3), np.float32), "text": "It. [SEG]", "masks": masks} | more


def flipped(pixels):
    masks = np.zeros((1, 2, 30, 40), np.bool_)
    masks.flat[:pixels] = True
    return masks


def test_numbers_within_the_bounds_are_equal():
    assert list(differences(numbers(), numbers())) == []
    near = numbers(rows=np.ones((4, 3), np.float32) + 5e-6, text=np.array("It. [SEG]"))
    assert list(differences(numbers(), near)) == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"ids": np.arange(5)}, "ids: 4 tokens, theirs 5, or other ones"),
        ({"ids": np.arange(1, 5)}, "ids: 4 tokens, theirs 4, or other ones"),
        ({"rows": np.full((4, 3), 1.5)}, "rows: 0.5 apart, expected 1e-05 at most"),
        ({"rows": np.ones((5, 3))}, "rows: (4, 3), theirs (5, 3)"),
        ({"text": np.array("Them.")}, "text: 'It. [SEG]', theirs 'Them.'"),
        ({"masks": flipped(1)}, "masks: 0.00042 apart, expected 0.0001 at most"),
        ({"masks": flipped(0)[:0]}, "masks: (1, 2, 30, 40), theirs (0, 2, 30, 40)"),
    ],
)
def test_what_is_beyond_them_is_told(more, told):
    assert list(differences(numbers(), numbers(**more))) == [told]


def test_another_interpreter_that_cannot_ask_is_told_in_a_line(tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'ModuleNotFoundError: No module named peft' >&2\nexit 1\n")
    python.chmod(0o755)
    recipe = Sa2vaRecipe()
    recipe.python = python
    with pytest.raises(UserError, match=r"could not be asked \(ModuleNotFoundError: No module named peft\)"):
        recipe._asked_elsewhere(tmp_path, tmp_path, tmp_path)
