"""The formulas on one contiguous block, written with `out=` so that nothing is allocated.

Every formula takes e = exp(-|x|), which lies in [0, 1] and cannot overflow, and adds terms of one sign. With
h = 1 for x >= 0 and h = 0 for x < 0, weights p of the label 1, and d = h (1 - z) - (1 - h) p z,
c = p z + (1 - z) (which for p = 1 are d = h - z and c = 1),

    loss = d x + c log(1 + e),    gradient = d - c sign(x) t,    curvature = c t (1 - t),

where t = e / (1 + e) is the probability of the less likely label. The derivations shared-exponential,
shared-exponential-gradient and shared-exponential-curvature prove them.

A block is (x, z, weight, pos_weight): arrays of one length, but for x also single numbers, the weights None.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._blocks import FloatArray

Values = Sequence[Any]
Rows = Sequence[FloatArray]

FOLD_LENGTH = 4096  # shorter rows of logarithms are not worth gathering


class Bits:
    """The bits of a float as an integer: its sign moves about much faster than with np.where."""

    def __init__(
        self,
        dtype: type[np.floating[Any]],
        integer: type[np.signedinteger[Any]],
        unsigned: type[np.unsignedinteger[Any]],
    ) -> None:
        self.scalar = dtype
        self.dtype = np.dtype(dtype)
        self.integer = np.dtype(integer)
        self.unsigned = np.dtype(unsigned)
        self.unsigned_one = int(np.ones((), dtype).view(unsigned))
        self.ones = np.ones(FOLD_LENGTH, dtype)
        self.largest = float(np.finfo(dtype).max)
        # Arrays of no dimension are the operands that NumPy takes up fastest.
        self.sign = np.array(np.iinfo(integer).min, integer)
        self.shift = np.array(np.iinfo(integer).bits - 1, integer)
        self.float_one = np.ones((), dtype)
        self.one = self.float_one.view(integer)


BITS = {
    np.dtype(np.float32): Bits(np.float32, np.int32, np.uint32),
    np.dtype(np.float64): Bits(np.float64, np.int64, np.uint64),
}


def exponential(x: FloatArray, out: FloatArray) -> FloatArray:
    """Compute e = exp(-|x|)."""
    bits = BITS.get(x.dtype)
    if bits is None:
        np.absolute(x, out)
        np.negative(out, out)
    else:
        np.bitwise_or(x.view(bits.integer), bits.sign, out.view(bits.integer))
    return np.exp(out, out)


def step(x: FloatArray, out: FloatArray) -> FloatArray:
    """Compute h: 1 where the sign bit of x is clear, 0 where it is set, so also for -0.0."""
    bits = BITS.get(x.dtype)
    if bits is None:
        return np.subtract(1, np.signbit(x), out=out)
    integers = out.view(bits.integer)
    # An arithmetic shift spreads the sign bit over the number: all bits set for a negative x, none otherwise.
    np.right_shift(x.view(bits.integer), bits.shift, integers)
    np.invert(integers, integers)
    np.bitwise_and(integers, bits.one, integers)
    return out


def take_sign(t: FloatArray, x: FloatArray, spare: FloatArray) -> FloatArray:
    """Give t >= 0 the sign of x, in place."""
    bits = BITS.get(x.dtype)
    if bits is None:
        return np.copysign(t, x, out=t)
    signs = spare.view(bits.integer)
    integers = t.view(bits.integer)
    np.bitwise_and(x.view(bits.integer), bits.sign, signs)
    np.bitwise_or(integers, signs, integers)
    return t


def certainty(e: FloatArray) -> bool:
    """Tell whether a logit may be infinite: then e is 0 (or NaN hides it), and 0 · ∞ has to be 0."""
    return not np.minimum.reduce(e, initial=1) > 0


def slope(values: Values, d: FloatArray, scratch: Rows) -> Any:
    """Compute d, and return c: None for 1, else the last of three scratch rows."""
    x, z, _, p = values
    step(x, d)
    if p is None:
        np.subtract(d, z, d)
        return None
    positive, negative, c = scratch
    np.multiply(p, z, out=positive)
    np.subtract(1, z, out=negative)
    np.multiply(d, negative, c)
    np.subtract(d, 1, d)
    np.multiply(d, positive, d)
    np.add(d, c, d)
    return np.add(positive, negative, c)


def times(d: FloatArray, x: FloatArray, e: FloatArray) -> FloatArray:
    """Compute d x in place, where 0 · ∞ is 0: a sure and right prediction costs nothing."""
    if certainty(e):
        nothing = d == 0
        np.multiply(d, x, d)
        d[nothing] = 0
        return d
    return np.multiply(d, x, d)


def weigh(weight: Any, *targets: FloatArray) -> None:
    """Multiply the targets by the weights, if there are any; an infinite loss of weight 0 counts 0."""
    if weight is None:
        return
    for target in targets:
        if np.min(weight, initial=1) == 0:
            target[np.isinf(target) & (weight == 0)] = 0
        np.multiply(target, weight, target)


def smaller_probability(e: FloatArray, spare: FloatArray) -> FloatArray:
    """Compute t = e / (1 + e), the probability of the less likely label, in place.

    As e - e (e / (1 + e)) (smaller-probability), whose last operation rounds only what is left: e / (1 + e) alone
    is up to 2.5 ulp off where t lies just below a power of two and e just above.
    """
    np.add(e, 1, spare)
    np.divide(e, spare, spare)
    np.multiply(spare, e, spare)
    return np.subtract(e, spare, e)


def sigmoid(values: Values, targets: Rows, scratch: Rows) -> None:
    """Compute σ(x) = h - sign(x) t (sigmoid-is-gradient-at-zero)."""
    x = values[0]
    e = exponential(x, scratch[0])
    h = step(x, targets[0])
    subtract_sigmoid(h, x, e, None, scratch[1])


def log_sigmoid(values: Values, targets: Rows, scratch: Rows) -> None:
    """Compute log σ(x) = min(x, 0) - log(1 + e) (stable-log-sigmoid)."""
    x = values[0]
    e = exponential(x, scratch[0])
    np.log1p(e, e)
    np.minimum(x, 0, out=targets[0])
    np.subtract(targets[0], e, targets[0])


def loss(values: Values, targets: Rows, scratch: Rows) -> None:
    """Compute d x + c log(1 + e): both terms are >= 0."""
    x, _, weight, _ = values
    d = targets[0]
    e = exponential(x, scratch[0])
    c = slope(values, d, scratch[1:4])
    times(d, x, e)
    np.log1p(e, e)
    if c is not None:
        np.multiply(e, c, e)
    np.add(d, e, d)
    weigh(weight, d)


def gradient(values: Values, targets: Rows, scratch: Rows) -> None:
    """Compute d - c sign(x) t."""
    x, _, weight, _ = values
    d = targets[0]
    e = exponential(x, scratch[0])
    c = slope(values, d, scratch[1:4])
    subtract_sigmoid(d, x, e, c, scratch[1])
    weigh(weight, d)


def curvature(values: Values, targets: Rows, scratch: Rows) -> None:
    """Compute c t (1 - t), as c (t - t t) (smaller-curvature)."""
    x, z, weight, p = values
    result = targets[0]
    square, positive, negative = scratch[:3]
    smaller_probability(exponential(x, result), square)
    np.multiply(result, result, square)
    np.subtract(result, square, result)
    if p is not None:
        np.multiply(p, z, out=positive)
        np.subtract(1, z, out=negative)
        np.add(positive, negative, positive)
        np.multiply(result, positive, result)
    weigh(weight, result)


def loss_and_gradient(values: Values, targets: Rows, scratch: Rows) -> None:
    """Compute both from one exponential."""
    x, _, weight, _ = values
    result, d = targets
    e = exponential(x, scratch[0])
    c = slope(values, d, scratch[1:4])
    np.copyto(result, d)
    times(result, x, e)
    logarithm = np.log1p(e, scratch[1])
    if c is not None:
        np.multiply(logarithm, c, logarithm)
    np.add(result, logarithm, result)
    subtract_sigmoid(d, x, e, c, scratch[1])
    weigh(weight, result, d)


def subtract_sigmoid(d: FloatArray, x: FloatArray, e: FloatArray, c: Any, spare: FloatArray) -> None:
    """Subtract c sign(x) t from d, in place; overwrites e."""
    t = smaller_probability(e, spare)
    if c is not None:
        np.multiply(t, c, t)
    take_sign(t, x, spare)
    np.subtract(d, t, d)


def loss_of_probability(values: Values, targets: Rows, scratch: Rows) -> None:
    """Compute -z log p - (1 - z) log(1 - p), where 0 log 0 = 0."""
    p, z, weight, _ = values
    result = targets[0]
    other = scratch[0]
    sure = not (np.minimum.reduce(p, initial=1) > 0 and np.maximum.reduce(p, initial=0) < 1)
    np.log(p, out=result)
    np.multiply(result, z, result)
    np.negative(p, out=other)
    np.log1p(other, out=other)
    np.multiply(other, np.subtract(1, z, out=scratch[1]), other)
    if sure:
        result[np.broadcast_to(z == 0, p.shape)] = 0
        other[np.broadcast_to(z == 1, p.shape)] = 0
    np.add(result, other, result)
    np.subtract(0, result, result)
    weigh(weight, result)
