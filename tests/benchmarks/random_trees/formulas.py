"""J, F, A and R on dense arrays, slowly and as the formulas say; no line of the package is called."""

import numpy as np
from scipy.ndimage import binary_dilation


def j_of(true, said):
    """Intersection over union of one frame; 1 where both are empty."""
    union = (true | said).sum()
    return (true & said).sum() / union if union else 1.0


def edges(mask):
    """Pixels unlike their right, lower or lower right neighbour; what lies outside is as the last row and column."""
    padded = np.pad(mask, ((0, 1), (0, 1)), mode="edge")
    right, below, beside = padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]
    return (mask != right) | (mask != below) | (mask != beside)


def f_of(true, said, tolerance=0.008):
    """davis2017's boundary measure of one frame."""
    radius = int(np.ceil(tolerance * np.hypot(*true.shape)))
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    disk = x * x + y * y <= radius * radius
    of_true, of_said = edges(true), edges(said)
    if not of_true.any() or not of_said.any():
        return float(of_true.any() == of_said.any())
    precision = (of_said & binary_dilation(of_true, disk)).sum() / of_said.sum()
    recall = (of_true & binary_dilation(of_said, disk)).sum() / of_true.sum()
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def j_and_f(true, said):
    """Means over all frames."""
    pairs = list(zip(true, said, strict=True))
    return np.mean([j_of(*pair) for pair in pairs]), np.mean([f_of(*pair) for pair in pairs])


def accuracy(added, said):
    """The share of equal bytes; `added` is the sum of masks, `said` of 0 and 1, or 0 and 255; the mean over frames."""
    return np.mean([np.mean(a == b) for a, b in zip(added, said, strict=True)])


def robustness(added, said, foreground):
    """1 - false positives / foreground in bytes that run over, not below 0; the mean over frames."""
    negative = (np.uint8(1) - added) * said
    return np.mean(
        [max(0.0, 1 - n.sum(dtype=np.int64) / (f.sum() + 1e-6)) for n, f in zip(negative, foreground, strict=True)]
    )
