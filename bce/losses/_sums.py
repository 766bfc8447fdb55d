"""Sums that keep their digits along any axis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def total(terms: NDArray[Any], axes: tuple[int, ...] | None = None) -> Any:
    """Add up along the axes, all by default: halves onto each other, with what each addition rounds away."""
    axes = tuple(range(terms.ndim)) if axes is None else axes
    rest = [length for axis, length in enumerate(terms.shape) if axis not in axes]
    count = math.prod(terms.shape[axis] for axis in axes)
    terms = np.moveaxis(terms, axes, range(len(axes))).reshape(count, *rest)
    if len(terms) == 0:
        return np.zeros(rest, terms.dtype)
    lost = np.zeros(rest, terms.dtype)
    while len(terms) > 1:
        half = len(terms) // 2
        a, b = terms[:half], terms[half : 2 * half]
        sums = a + b
        share = sums - a
        lost += ((a - (sums - share)) + (b - share)).sum(axis=0)
        terms = np.concatenate([sums, terms[2 * half :]])
    return np.where(np.isfinite(terms[0]), terms[0] + lost, terms[0])
