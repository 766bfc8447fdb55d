"""The common case in a straight line: the sum of the loss over contiguous arrays, with no options.

The sum needs no array of losses: its linear part is a dot product, and its logarithms are gathered by
log(1 + a) + log(1 + b) = log(1 + (a + b + a b)), which adds terms >= 0 only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._blocks import FloatArray
from ._kernels import BITS, Bits
from ._totals import Total

_ROW_BYTES = 208 * 1024  # of two or three scratch rows
_DOT_LENGTH = 10_000  # longer dot products would make a multi-threaded BLAS start its threads


def are_plain(logits: Any, labels: Any) -> bool:
    """Tell whether the functions below apply: NumPy arrays of one shape and native type, contiguous."""
    return (
        type(logits) is np.ndarray
        and type(labels) is np.ndarray
        and logits.dtype is labels.dtype
        and logits.dtype in BITS
        and logits.shape == labels.shape
        and logits.flags.c_contiguous
        and labels.flags.c_contiguous
        and logits.size > 0
    )


def loss(logits: NDArray[Any], labels: NDArray[Any], reduction: str) -> Any:
    """Add up or average the loss; None where the general way has to be taken: a wrong label, NaN, overflow."""
    bits = BITS[logits.dtype]
    x, z = _flat(logits), _flat(labels)
    length = _block_length(x)
    scratch = np.empty((2, length), bits.dtype)
    e, d = scratch[0], scratch[1]
    total = Total()
    with np.errstate(all="ignore"):
        for start in range(0, x.size, length):
            if length < x.size:
                x_block, z_block = x[start : start + length], z[start : start + length]
                e, d = e[: x_block.size], d[: x_block.size]
            else:
                x_block, z_block = x, z
            if not _within_unit_interval(z_block, bits):
                return None
            _prepare(x_block, z_block, e, d, d, bits)
            total.add_number(_dot(d, x_block) + _sum_of_log1p(e, e, d, bits))
    return _reduced(total, x.size, bits, reduction)


def loss_and_gradient(logits: NDArray[Any], labels: NDArray[Any], gradient: NDArray[Any], reduction: str) -> Any:
    """Add up or average the loss, like `loss`, and write the gradient to an array of the same kind."""
    bits = BITS[logits.dtype]
    x, z, g = _flat(logits), _flat(labels), _flat(gradient)
    length = _block_length(x)
    scratch = np.empty((3, length), bits.dtype)
    e, sign, spare = scratch[0], scratch[1], scratch[2]
    total = Total()
    with np.errstate(all="ignore"):
        for start in range(0, x.size, length):
            x_block, z_block, d = (array[start : start + length] for array in (x, z, g))
            if d.size < length:
                e, sign, spare = e[: d.size], sign[: d.size], spare[: d.size]
            if not _within_unit_interval(z_block, bits):
                return None
            _prepare(x_block, z_block, e, d, sign, bits)
            linear = _dot(d, x_block)
            # d - sign(x) e / (1 + e): the sign is set where x >= 0.
            np.add(e, bits.float_one, spare)
            np.divide(e, spare, spare)
            integers = spare.view(bits.integer)
            np.bitwise_xor(integers, sign.view(bits.integer), integers)
            np.add(d, spare, d)
            if reduction == "mean":
                np.divide(d, bits.dtype.type(x.size), d)
            total.add_number(linear + _sum_of_log1p(e, spare, sign, bits))
    return _reduced(total, x.size, bits, reduction)


def _flat(array: FloatArray) -> FloatArray:
    return array if array.ndim == 1 else array.reshape(-1)


def _block_length(x: FloatArray) -> int:
    """Choose blocks of equal length that fit their rows."""
    longest = _ROW_BYTES // x.itemsize
    return x.size if x.size <= longest else -(-x.size // -(-x.size // longest))


def _prepare(x: FloatArray, z: FloatArray, e: FloatArray, d: FloatArray, sign: FloatArray, bits: Bits) -> None:
    """Compute e = exp(-|x|), d = h - z and the sign bit of -x; `sign` may be d, which then wins."""
    integer = bits.integer
    x_bits, e_bits, d_bits = x.view(integer), e.view(integer), d.view(integer)
    sign_bits = d_bits if sign is d else sign.view(integer)
    np.bitwise_or(x_bits, bits.sign, e_bits)
    np.bitwise_xor(x_bits, e_bits, sign_bits)
    # An arithmetic shift spreads the sign bit over the number: all bits set for x >= 0, none otherwise.
    np.right_shift(sign_bits, bits.shift, d_bits)
    np.bitwise_and(d_bits, bits.one, d_bits)
    np.subtract(d, z, d)
    np.exp(e, e)


def _reduced(total: Total, count: int, bits: Bits, reduction: str) -> Any:
    """Deliver the sum or mean, if it is a finite number."""
    value = total.value()
    if not value < bits.largest:
        return None
    return bits.dtype.type(value / count if reduction == "mean" else value)


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
    while size > bits.fold_length:  # (1 + e) to the power of at most 12 stays far from overflow
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
