"""Random weights that hide no mistake: the same ones for a key, whoever makes them."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray


def weight(name: str, shape: tuple[int, ...], seed: int = 0) -> NDArray[np.float32]:
    """Numbers for the released key `name`, float32, seeded by the name and `seed`.

    Matrices are n / sqrt(fan-in), tables of embeddings n / sqrt(width), gains 1 + 0.1 n, other vectors 0.1 n, so that
    no part is without effect, as zeros and ones would be.
    """
    digest = sha256(f"{seed} {name}".encode()).digest()
    numbers = np.random.default_rng(int.from_bytes(digest[:8], "little")).standard_normal(shape, np.float32)
    if len(shape) < 2:
        gain = name.endswith((".weight", "ls1", "ls2", "g_weight"))
        return np.float32(gain) + np.float32(0.1) * numbers
    width = shape[-1] if "embed" in name else int(np.prod(shape[1:]))
    return numbers / np.float32(width) ** np.float32(0.5)
