"""The exponential and the logarithm, rounded once: the same bits on every processor.

The last bit of NumPy's depends on the instructions that the processor offers. Where a page shows rounding errors
themselves, it takes these, as the best library would compute them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
from numpy.typing import ArrayLike, NDArray

_EXACT = mpmath.MPContext()
_EXACT.prec = 120


def exp(x: ArrayLike) -> NDArray[np.float64]:
    """Return the exponential of each number, rounded once to double precision.

    Examples
    --------
    >>> exp([0.0, 1.0, -1000.0]).tolist()
    [1.0, 2.718281828459045, 0.0]
    """
    return _rounded(_EXACT.exp, x)


def log(x: ArrayLike) -> NDArray[np.float64]:
    """Return the natural logarithm of each positive number, rounded once to double precision.

    Examples
    --------
    >>> log([1.0, 10.0]).tolist()
    [0.0, 2.302585092994046]
    """
    return _rounded(_EXACT.log, x)


def _rounded(function: Callable[[Any], Any], x: ArrayLike) -> NDArray[np.float64]:
    numbers = np.asarray(x, dtype=np.float64)
    values = [float(function(_EXACT.mpf(number))) for number in numbers.ravel().tolist()]
    return np.array(values).reshape(numbers.shape)
