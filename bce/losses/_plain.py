"""The common case in a straight line: contiguous arrays of one shape and type, and no options.

The sum of the loss needs no array of losses: its linear part is a dot product, and its logarithms are gathered by
log(1 + a) + log(1 + b) = log(1 + (a + b + a b)), which adds terms >= 0 only (gathered-logarithms).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._blocks import FloatArray
from ._evaluation import Kernel
from ._kernels import BITS, FOLD_LENGTH, Bits, exponential, step
from ._totals import Total

_ROWS = 3  # of scratch, the most that is needed
_ROW_BYTES = 208 * 1024
_quietly = np.errstate(all="ignore")  # as a decorator it costs half of what a with statement does
_DOT_LENGTH = 10_000  # longer dot products would make a multi-threaded BLAS start its threads


def are_plain(x: Any, y: Any) -> bool:
    """Tell whether the functions below apply: NumPy arrays of one shape and native type, contiguous."""
    return (
        type(x) is np.ndarray
        and type(y) is np.ndarray
        and x.dtype is y.dtype
        and x.dtype in BITS
        and x.shape == y.shape
        and x.size > 0
        and x.flags.c_contiguous
        and y.flags.c_contiguous
    )


@_quietly
def elements(kernel: Kernel, logits: NDArray[Any], labels: NDArray[Any] | None = None, divisor: int = 1) -> Any:
    """Apply a kernel to every element; None for a wrong label or NaN, which need the general way."""
    bits = BITS[logits.dtype]
    result = np.empty(logits.shape, bits.dtype)
    x, z, r = _flat(logits), None if labels is None else _flat(labels), _flat(result)
    length = _block_length(x)
    scratch = np.empty((_ROWS, length), bits.dtype)
    for start in range(0, x.size, length):
        part = slice(start, start + length)
        z_block = None if z is None else z[part]
        if z_block is not None and not _within_unit_interval(z_block, bits):
            return None
        target = r[part]
        kernel([x[part], z_block, None, None], [target], [row[: target.size] for row in scratch])
        if divisor != 1:
            np.divide(target, bits.dtype.type(divisor), target)
    return result if result.ndim else result[()]


@_quietly
def loss(logits: NDArray[Any], labels: NDArray[Any], reduction: str) -> Any:
    """Add up or average the loss; None for a wrong label, NaN or overflow, which need the general way."""
    bits = BITS[logits.dtype]
    x, z = _flat(logits), _flat(labels)
    length = _block_length(x)
    scratch = np.empty((2, length), bits.dtype)
    e, d = scratch[0], scratch[1]
    if length == x.size:
        return _reduced(_sum_of_loss(x, z, e, d, bits), x.size, bits, reduction)
    total = Total()
    for start in range(0, x.size, length):
        x_block, z_block = x[start : start + length], z[start : start + length]
        total.add_number(_sum_of_loss(x_block, z_block, e[: x_block.size], d[: x_block.size], bits))
    return _reduced(total.value(), x.size, bits, reduction)


def _sum_of_loss(x: FloatArray, z: FloatArray, e: FloatArray, d: FloatArray, bits: Bits) -> float:
    """Add up d x + log(1 + e) over a block; NaN for a wrong label."""
    if not _within_unit_interval(z, bits):
        return math.nan
    np.subtract(step(x, d), z, d)
    linear = _dot(d, x)
    return linear + _sum_of_log1p(exponential(x, e), e, d, bits)


@_quietly
def loss_and_gradient(logits: NDArray[Any], labels: NDArray[Any], gradient: NDArray[Any], reduction: str) -> Any:
    """Add up or average the loss, like `loss`, and write the gradient to an array of the same kind."""
    bits = BITS[logits.dtype]
    x, z, g = _flat(logits), _flat(labels), _flat(gradient)
    length = _block_length(x)
    scratch = np.empty((_ROWS, length), bits.dtype)
    e, sign, spare = scratch[0], scratch[1], scratch[2]
    total = Total()
    for start in range(0, x.size, length):
        x_block, z_block, d = (array[start : start + length] for array in (x, z, g))
        if d.size < length:
            e, sign, spare = e[: d.size], sign[: d.size], spare[: d.size]
        if not _within_unit_interval(z_block, bits):
            return None
        x_bits, e_bits, d_bits, sign_bits = (row.view(bits.integer) for row in (x_block, e, d, sign))
        np.bitwise_or(x_bits, bits.sign, e_bits)
        np.bitwise_xor(x_bits, e_bits, sign_bits)  # set where x >= 0: the sign of -x
        np.right_shift(sign_bits, bits.shift, d_bits)
        np.bitwise_and(d_bits, bits.one, d_bits)
        np.subtract(d, z_block, d)
        linear = _dot(d, x_block)
        np.exp(e, e)
        # d - sign(x) t with t = e - e (e / (1 + e)).
        np.add(e, bits.float_one, spare)
        np.divide(e, spare, spare)
        np.multiply(spare, e, spare)
        np.subtract(e, spare, spare)
        spare_bits = spare.view(bits.integer)
        np.bitwise_xor(spare_bits, sign_bits, spare_bits)
        np.add(d, spare, d)
        if reduction == "mean":
            np.multiply(d, bits.dtype.type(1 / x.size), d)
        total.add_number(linear + _sum_of_log1p(e, spare, sign, bits))
    return _reduced(total.value(), x.size, bits, reduction)


def _flat(array: FloatArray) -> FloatArray:
    return array if array.ndim == 1 else array.reshape(-1)


def _block_length(x: FloatArray) -> int:
    """Choose blocks of equal length that fit their rows."""
    longest = _ROW_BYTES // x.itemsize
    return x.size if x.size <= longest else -(-x.size // -(-x.size // longest))


def _reduced(total: float, count: int, bits: Bits, reduction: str) -> Any:
    """Deliver the sum or mean, if it is a finite number."""
    if not total < bits.largest:
        return None
    return bits.scalar(total / count if reduction == "mean" else total)


def _within_unit_interval(block: FloatArray, bits: Bits) -> bool:
    """Tell whether all numbers are in [0, 1]; also say no to NaN and -0.0, which the general way sorts out."""
    # As bits, the numbers from 0 to 1 are the smallest unsigned integers.
    integers = block.view(bits.unsigned)
    return bool(integers.item(integers.argmax()) <= bits.unsigned_one)


def _dot(a: FloatArray, b: FloatArray) -> float:
    """Add up a b."""
    if a.size <= _DOT_LENGTH:
        return float(a.dot(b))
    return sum(
        float(a[start : start + _DOT_LENGTH].dot(b[start : start + _DOT_LENGTH]))
        for start in range(0, a.size, _DOT_LENGTH)
    )


def _sum_of_log1p(e: FloatArray, folded: FloatArray, spare: FloatArray, bits: Bits) -> float:
    """Add up log(1 + e); `folded` may be e itself."""
    size = e.size
    while size > FOLD_LENGTH:  # (1 + e) to the power of at most 12 stays far from overflow
        half = size // 2
        a, b = e[:half], e[half : 2 * half]
        product, result = spare[:half], folded[:half]
        np.multiply(a, b, product)
        np.add(a, b, result)
        np.add(result, product, result)
        if size % 2:
            folded[half] = e[size - 1]
        size = half + size % 2
        e = folded
    if size < e.size:
        e, folded = e[:size], folded[:size]
    np.log1p(e, folded)
    return float(folded.dot(bits.ones[:size]))
