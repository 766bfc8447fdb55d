"""The formulas, as the chapters prove them, for arrays of NumPy and of every other library alike.

`xp` is the library: its functions keep to the array API standard. A formula takes predictions x, the weights y and n of
the labels 1 and 0, and their sum c, or None for 1. For a label z these are z and 1 - z, which smoothing and a positive
weight change; they are carried apart, for 1 - y would lose the digits of a small n. With e = exp(-|x|), which cannot
overflow, and d = n for x >= 0 and d = -y for x < 0,

    loss = d x + c log(1 + e),    gradient = d - c sign(x) t,    curvature = c t (1 - t),

where t = e / (1 + e) is the probability of the less likely label (shared-exponential and its derivatives). The terms of
the loss have one sign, and nothing cancels.

All of it can be differentiated by every argument: what depends on values is chosen by `where`, and no branch that is
not chosen divides by 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

#: The namespace of an array library, and one of its arrays.
Namespace = Any
Array = Any
#: Takes the namespace, predictions, the weights of both labels and their sum.
Formula = Callable[[Namespace, Array, Array, Array, Array], Array]


def elements(
    xp: Namespace,
    formula: Formula,
    x: Array,
    z: Array,
    weight: Array = None,
    pos_weight: Array = None,
    where: Array = None,
    smoothing: Any = 0.0,
    divisor: Any = 1.0,
) -> Array:
    """Evaluate a formula element by element, with its options; the elements that `where` excludes are 0."""
    if where is not None:
        x, z = (xp.where(where, array, xp.zeros_like(array)) for array in (x, z))
    y, n, c = z, 1 - z, None
    if not isinstance(smoothing, float) or smoothing:
        y, n = (side * (1 - smoothing) + smoothing / 2 for side in (y, n))
    if pos_weight is not None:
        y = pos_weight * y
        c = y + n
    value = formula(xp, x, y, n, c)
    if weight is not None:
        value = times(xp, weight, value)
    if not isinstance(divisor, float) or divisor != 1:
        value = value / divisor
    return value if where is None else xp.where(where, value, xp.zeros_like(value))


def times(xp: Namespace, a: Array, b: Array) -> Array:
    """Multiply, where 0 · ∞ is 0: what has no weight counts nothing, whatever it costs.

    There infinity becomes the largest number, so that the derivative by a is still next to infinite.
    """
    if xp is np and not np.isinf(b).any():
        return a * b
    largest = xp.finfo(b.dtype).max
    return a * xp.where((a == 0) & xp.isinf(b), xp.sign(b) * largest, b)


def exponential(xp: Namespace, x: Array) -> tuple[Array, Array]:
    """Tell where x >= 0 and compute e = exp(-|x|), which thus has a derivative at 0, that from the right."""
    positive = x >= 0
    return positive, xp.exp(-np.abs(x) if xp is np else xp.where(positive, -x, x))


def smaller_probability(e: Array) -> Array:
    """Compute t = e / (1 + e), rounded less (smaller-probability)."""
    return e - e * (e / (1 + e))


def loss(xp: Namespace, x: Array, y: Array, n: Array, c: Array) -> Array:
    """Compute d x + c log(1 + e)."""
    positive, e = exponential(xp, x)
    logarithm = xp.log1p(e)
    return times(xp, xp.where(positive, n, -y), x) + (logarithm if c is None else c * logarithm)


def gradient(xp: Namespace, x: Array, y: Array, n: Array, c: Array) -> Array:
    """Compute d - c sign(x) t."""
    positive, e = exponential(xp, x)
    t = smaller_probability(e)
    t = t if c is None else c * t
    return xp.where(positive, n, -y) - xp.where(positive, t, -t)


def curvature(xp: Namespace, x: Array, y: Array, n: Array, c: Array) -> Array:
    """Compute c t (1 - t), as c (t - t t) (smaller-curvature)."""
    t = smaller_probability(exponential(xp, x)[1])
    value = t - t * t
    return value if c is None else c * value


def sigmoid(xp: Namespace, x: Array, y: Array, n: Array, c: Array) -> Array:
    """Compute 1 - t for x >= 0, and t for x < 0 (stable-sigmoid)."""
    positive, e = exponential(xp, x)
    t = smaller_probability(e)
    return xp.where(positive, 1 - t, t)


def log_sigmoid(xp: Namespace, x: Array, y: Array, n: Array, c: Array) -> Array:
    """Compute min(x, 0) - log(1 + e) (stable-log-sigmoid)."""
    positive, e = exponential(xp, x)
    return xp.where(positive, xp.zeros_like(x), x) - xp.log1p(e)


def loss_of_probability(xp: Namespace, p: Array, y: Array, n: Array, c: Array) -> Array:
    """Compute -y log p - n log(1 - p), where 0 log 0 = 0."""
    return _surprise(xp, y, p, p, xp.log) + _surprise(xp, n, p, 1 - p, lambda safe: xp.log1p(-safe))


def _surprise(xp: Namespace, weight: Array, p: Array, distance: Array, logarithm: Callable[[Array], Array]) -> Array:
    """Compute -weight log(distance), the logarithm as a function of p, which lies so far from where it is infinite.

    There an infinite value with infinite derivatives of the right signs is put in, for NumPy would warn of the
    logarithm of 0 below the surface of other libraries; and for the weight 0, as in `times`, the largest number.
    """
    impossible, free = distance == 0, (distance == 0) & (weight == 0)
    finite = -logarithm(xp.where(impossible, xp.full_like(p, 0.5), p))
    rest = 1 - xp.where(impossible & ~free, distance, xp.zeros_like(distance))
    largest = xp.full_like(rest, xp.finfo(p.dtype).max)
    value = xp.where(free, largest, xp.where(impossible, math.inf * rest * rest, finite))
    return weight * value


def focal_loss(alpha: Any, gamma: Any) -> Formula:
    """Bind the parameters of the focal loss a m^γ times the loss."""

    def formula(xp: Namespace, x: Array, y: Array, n: Array, c: Array) -> Array:
        return _focused(xp, loss(xp, x, y, n, None), x, y, n, alpha, gamma)

    return formula


def focal_loss_gradient(alpha: Any, gamma: Any) -> Formula:
    """Bind the parameters of its gradient a m^γ (σ(x) - z + γ (1 - 2 z) r times the loss)."""

    def formula(xp: Namespace, x: Array, y: Array, n: Array, c: Array) -> Array:
        # r = e / (far + e (1 + near e)) (focal-ratio), with the label's distances from the likelier outcome and from
        # the other.
        positive, e = exponential(xp, x)
        far, near = xp.where(positive, n, y), xp.where(positive, y, n)
        one, rest = xp.ones_like(e), 1 + near * e
        hit = far == 0  # then r = 1 / (1 + e), also where e is 0
        r = xp.where(hit, one, e) / xp.where(hit, rest, far + e * rest)
        cost = loss(xp, x, y, n, None)
        turn = xp.where(xp.isinf(cost), xp.zeros_like(cost), cost) * r
        slope = gradient(xp, x, y, n, None) + gamma * (n - y) * turn
        return _focused(xp, slope, x, y, n, alpha, gamma)

    return formula


def _focused(xp: Namespace, value: Array, x: Array, y: Array, n: Array, alpha: Any, gamma: Any) -> Array:
    """Multiply by a m^γ, where m is the probability that was given to the other label; ∞ stays ∞."""
    positive, e = exponential(xp, x)
    t = xp.where(xp.isinf(x), xp.zeros_like(e), smaller_probability(e))  # is 0 there, with the slope 0
    m = xp.where(positive, n, y) * (1 - t) + xp.where(positive, y, n) * t
    # Half of the power at a time: m^γ alone can underflow where the product with a large loss does not.
    half = _power(xp, m, gamma / 2)
    half = xp.where((half == 0) & xp.isinf(value), xp.ones_like(half), half)
    focused = value * half * half
    return focused if alpha is None else times(xp, alpha * y + (1 - alpha) * n, focused)


def _power(xp: Namespace, m: Array, exponent: Any) -> Array:
    """Compute m to a power >= 0, with a finite derivative also where m is 0 or so small that 1 / m overflows."""
    if isinstance(exponent, float) and exponent == 0:
        return xp.ones_like(m)
    if xp is np:
        return m**exponent
    one = xp.ones_like(m)
    small, nothing = m < 2 * xp.finfo(m.dtype).smallest_normal, m == 0
    power = xp.where(nothing, one, m * xp.where(small, one * 2.0**64, one)) ** exponent
    power = power * xp.where(small, one * 2.0 ** (-64 * exponent), one)
    return xp.where(nothing & (exponent + 0 * m > 0), xp.zeros_like(m), power)
