"""Sums over many blocks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._blocks import FloatArray, Index


class Total:
    """One number: a running sum that keeps what each addition rounds away (Neumaier, 1974)."""

    __slots__ = ("_lost", "_sum")

    def __init__(self) -> None:
        self._sum: Any = 0.0
        self._lost: Any = 0.0

    def add(self, block: FloatArray, index: Index) -> None:
        """Add all elements of a block, in float64 at least."""
        self.add_number(np.float64(0) + np.add.reduce(block))

    def add_number(self, term: Any) -> None:
        """Add one number."""
        total = self._sum + term
        if abs(self._sum) >= abs(term):
            self._lost += (self._sum - total) + term
        else:
            self._lost += (term - total) + self._sum
        self._sum = total

    def value(self) -> Any:
        """Return the sum of all that was added."""
        return self._sum + self._lost if abs(self._sum) < math.inf else self._sum


class AxesTotal:
    """An array of sums along axes; `shape` has length 1 along each of them."""

    def __init__(self, shape: tuple[int, ...], axes: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self._sums: NDArray[Any] = np.zeros(shape, dtype)
        self._axes = axes

    def add(self, block: FloatArray, index: Index) -> None:
        """Add the elements of a block that stands at `index`."""
        lengths = [part.stop - part.start for part in index]
        place = tuple(slice(0, 1) if axis in self._axes else part for axis, part in enumerate(index))
        self._sums[place] += block.reshape(lengths).sum(axis=self._axes, keepdims=True)

    def value(self) -> NDArray[Any]:
        """Return the sums."""
        return self._sums
