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


def is_foreign(value: Any) -> bool:
    """Tell whether this is an array of another library: not data to be copied, but on a device, lazy or recorded."""
    if value is None or isinstance(value, (np.ndarray, np.generic, bool, int, float, list, tuple, str)):
        return False
    return any(hasattr(type(value), mark) for mark in ("__array_namespace__", "__dlpack__", "__dask_graph__", "device"))


def real_array(name: str, value: ArrayLike) -> RealArray:
    """Take `value` as an array of floating-point numbers, integers or booleans."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array, whose mask would be lost: pass {name}.data, and where=~{name}.mask")
    if is_foreign(value):
        raise TypeError(f"{name} must be an array of NumPy, got {_named(value)}; convert it with numpy.asarray({name})")
    try:
        array = np.asarray(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be one number or a rectangular array of numbers: {error}") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{name} must be real numbers (floating point, integers or booleans), got dtype {array.dtype}"
            + _advice(name, array)
        )
    return array


def _advice(name: str, array: RealArray) -> str:
    """Say which element is to blame, and how to convert what can be converted."""
    convert = f"; convert it first, with numpy.asarray({name}, dtype=float)"
    if array.dtype.kind == "V" and array.dtype.names is None and "float" in array.dtype.name:
        return convert  # a type of machine learning's, such as bfloat16
    if array.dtype.kind != "O":
        return ""
    wrong = [one for one in array.flat if not isinstance(one, (bool, int, float, np.bool_, np.integer, np.floating))]
    if not wrong:
        return convert  # integers too large for NumPy's own
    return f" with the element {wrong[0]!r}" + (convert if hasattr(type(wrong[0]), "__float__") else "")


def _named(value: Any) -> str:
    return f"{type(value).__module__.split('.')[0]}'s {type(value).__name__}"


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


def common_shape(*, stretched: bool = True, **shapes: tuple[Any, ...]) -> tuple[int, ...] | None:
    """Find the shape that the named shapes broadcast to; None if a length is not known yet.

    Unless `stretched` allows it, the result must not have more elements than the largest of them: a column beside a
    row is mostly a mistake.
    """
    if any(length is None or length != length for shape in shapes.values() for length in shape):
        return None
    named = " and ".join(f"{name} of shape {tuple(shape)}" for name, shape in shapes.items())
    try:
        shape = np.broadcast_shapes(*shapes.values())
    except ValueError:
        raise ValueError(
            f"{named} do not broadcast together: counted from the last axis, lengths must be equal or 1"
        ) from None
    if not stretched and shape not in shapes.values() and math.prod(shape) > max(map(math.prod, shapes.values())):
        raise ValueError(
            f"{named} would broadcast to {shape}, more elements than either has; reshape one of them, or pass "
            f"broadcast=True if every pair is meant"
        )
    return shape


def one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    """Check that `value` is one of the `allowed` words."""
    if value not in allowed:
        words = ", ".join(repr(word) for word in allowed)
        raise ValueError(f"{name} must be one of {words}, got {value!r}")
    return value


def unit_interval(name: str, array: RealArray, mask: RealArray | None = None) -> None:
    """Refuse the first element outside [0, 1] that is not masked. NaN passes: it means a missing number, stays NaN."""
    if array.size == 0 or (np.minimum.reduce(array, axis=None) >= 0 and np.maximum.reduce(array, axis=None) <= 1):
        return
    outside = (array < 0) | (array > 1)
    if mask is not None and np.any(outside):
        outside = outside & mask
        array = np.broadcast_to(array, outside.shape)
    _refuse_first(name, array, outside, "lie in [0, 1]")


def finite_and_not_negative(name: str, array: RealArray) -> None:
    """Refuse the first element that is negative or infinite. NaN passes."""
    _refuse_first(name, array, (array < 0) | (array == np.inf), "be finite and >= 0")


def _refuse_first(name: str, array: RealArray, refused: RealArray, allowed: str) -> None:
    if np.any(refused):
        index = np.unravel_index(int(np.argmax(refused)), array.shape)
        element = f"{name}[{', '.join(str(int(i)) for i in index)}]" if len(index) else name
        raise ValueError(f"{name} must {allowed}, but {element} is {array[index]}")


def unit(base: float | None) -> float:
    """Give the unit of information to a base, in nats."""
    checked = logarithm_base(base)
    return 1.0 if checked is None else math.log(checked)


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


def number(name: str, value: float | None, *, low: float, high: float = math.inf) -> float:
    """Check one real number in the closed interval from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be one real number, got {value!r}")
    if not (low <= value <= high and math.isfinite(value)):
        allowed = f"in [{low:g}, {high:g}]" if math.isfinite(high) else f"finite and >= {low:g}"
        raise ValueError(f"{name} must be {allowed}, got {value!r}")
    return float(value)


def shape_within(name: str, own: tuple[Any, ...], shape: tuple[int, ...] | None, whose: str) -> None:
    """Refuse an argument whose own shape does not broadcast to the given shape, as far as both are known."""
    if shape is None or own in ((), shape):
        return
    try:
        fits = common_shape(own=own, whole=shape) in (shape, None)
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{name} of shape {tuple(own)} does not broadcast to {shape}, the shape of {whose}")


def weights(
    name: str, value: ArrayLike | None, shape: tuple[int, ...] | None = None, whose: str = ""
) -> RealArray | None:
    """Take weights, if there are any."""
    if value is None:
        return None
    array = real_array(name, value)
    shape_within(name, array.shape, shape, whose)
    finite_and_not_negative(name, array)
    return array


def booleans(name: str, value: ArrayLike, shape: tuple[int, ...] | None = None, whose: str = "") -> RealArray:
    """Take an array of booleans."""
    array = real_array(name, value)
    if array.dtype != np.bool_:
        raise TypeError(f"{name} must hold booleans, got dtype {array.dtype}")
    shape_within(name, array.shape, shape, whose)
    return array


def axes(axis: Any, shape: tuple[int, ...], reduction: str) -> tuple[int, ...] | None:
    """Take the axes to reduce over, counted from the first; None for all."""
    if axis is None:
        return None
    if reduction == "none":
        raise ValueError("axis needs the reduction 'mean' or 'sum', got 'none'")
    ndim = len(shape)
    given = axis if isinstance(axis, tuple) else (axis,)
    if not all(isinstance(one, (int, np.integer)) and type(one) is not bool and -ndim <= one < ndim for one in given):
        allowed = f"an integer from {-ndim} to {ndim - 1} or a tuple of such" if ndim else "an empty tuple"
        raise ValueError(f"axis must be None, {allowed}, for the shape {shape}, got {axis!r}")
    counted = {int(one) % ndim for one in given}
    if len(counted) < len(given):
        raise ValueError(f"axis must not name an axis twice, got {axis!r}")
    return tuple(sorted(counted))


def output(name: str, array: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> RealArray:
    """Refuse an `out` array that cannot take results of this shape and type."""
    if not isinstance(array, np.ndarray) or isinstance(array, np.ma.MaskedArray):
        raise TypeError(f"{name} must be a NumPy array, got {type(array).__name__}")
    if array.shape != shape:
        raise ValueError(f"{name} must have the shape of the result, {shape}, got {array.shape}")
    if not np.can_cast(dtype, array.dtype, "same_kind"):
        raise TypeError(f"{name} must hold floating-point numbers for a result of {dtype}, got {array.dtype}")
    if not array.flags.writeable:
        raise ValueError(f"{name} must be writeable, got a read-only array")
    return array
