"""Checks of what a caller passes in.

Every refusal names the argument, what it was given and what is allowed.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

RealArray = NDArray[Any]


def real_array(name: str, value: ArrayLike) -> RealArray:
    """Take `value` as an array of floating-point numbers, integers or booleans."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be one number or a rectangular array of numbers: {error}") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{name} must be real numbers (floating point, integers or booleans), got dtype {array.dtype}; "
            f"convert it first, for example with numpy.asarray({name}, dtype=float)"
        )
    return array


def common_float_dtype(*values: ArrayLike) -> np.dtype[Any]:
    """Find the widest floating-point type among the arguments, float64 where there is none.

    Integers, booleans and Python's own numbers adapt to the others, so that float32 logits with integer
    labels stay float32.
    """
    dtypes = [
        np.asarray(value).dtype
        for value in values
        if not isinstance(value, (bool, int, float)) or isinstance(value, np.generic)
    ]
    floats = [dtype.newbyteorder("=") for dtype in dtypes if dtype.kind == "f"]
    return np.result_type(*floats) if floats else np.dtype(np.float64)


def common_shape(**arrays: RealArray) -> tuple[int, ...]:
    """Find the shape that the named arrays broadcast to."""
    try:
        return np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        shapes = " and ".join(f"{name} of shape {array.shape}" for name, array in arrays.items())
        raise ValueError(
            f"{shapes} do not broadcast together: counted from the last axis, lengths must be equal or 1"
        ) from None


def one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    """Check that `value` is one of the `allowed` words."""
    if value not in allowed:
        words = ", ".join(repr(word) for word in allowed)
        raise ValueError(f"{name} must be one of {words}, got {value!r}")
    return value


def unit_interval(name: str, array: RealArray) -> None:
    """Refuse the first element outside [0, 1]. NaN passes: it means a missing number and stays NaN."""
    outside = (array < 0) | (array > 1)
    if np.any(outside):
        index = np.unravel_index(int(np.argmax(outside)), array.shape)
        raise ValueError(f"{name} must lie in [0, 1], but {_element(name, index)} is {array[index]}")


def logarithm_base(base: float | None) -> float | None:
    """Check a base of logarithms: None for e (nats), else a finite number > 1, so that information is >= 0."""
    if base is None:
        return None
    if isinstance(base, bool) or not isinstance(base, numbers.Real):
        raise TypeError(f"base must be None (natural logarithm) or one real number, got {base!r}")
    number = float(base)
    if not (math.isfinite(number) and number > 1):
        raise ValueError(f"base must be None (natural logarithm) or a finite number > 1, got {base!r}")
    return number


def _element(name: str, index: Sequence[Any]) -> str:
    return f"{name}[{', '.join(str(int(i)) for i in index)}]" if len(index) else name


def finite_and_not_negative(name: str, array: RealArray) -> None:
    """Refuse the first element that is negative or infinite. NaN passes."""
    if array.size and not (array.min() < 0 or array.max() == np.inf or np.isnan(array.min())):
        return
    refused = (array < 0) | (array == np.inf)
    if np.any(refused):
        index = np.unravel_index(int(np.argmax(refused)), array.shape)
        raise ValueError(f"{name} must be finite and >= 0, but {_element(name, index)} is {array[index]}")


def number(name: str, value: float | None, *, low: float, high: float = math.inf) -> float:
    """Check one real number in the closed interval from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be one real number, got {value!r}")
    if not (low <= value <= high and math.isfinite(value)):
        allowed = f"in [{low:g}, {high:g}]" if math.isfinite(high) else f"finite and >= {low:g}"
        raise ValueError(f"{name} must be {allowed}, got {value!r}")
    return float(value)


def shape_within(name: str, array: RealArray, shape: tuple[int, ...], whose: str) -> None:
    """Refuse an array that does not broadcast to the given shape."""
    try:
        fits = np.broadcast_shapes(array.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{name} of shape {array.shape} does not broadcast to {shape}, the shape of {whose}")


def output(name: str, array: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Refuse an `out` array that cannot take results of this shape and type."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name} must be a NumPy array, got {type(array).__name__}")
    if array.shape != shape:
        raise ValueError(f"{name} must have the shape of the result, {shape}, got {array.shape}")
    if not np.can_cast(dtype, array.dtype, "same_kind"):
        raise TypeError(f"{name} must hold floating-point numbers for a result of {dtype}, got {array.dtype}")
    if not array.flags.writeable:
        raise ValueError(f"{name} must be writeable, got a read-only array")
