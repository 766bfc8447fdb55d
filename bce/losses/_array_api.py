"""The same formulas for the arrays of other libraries, which stay what and where they are.

A PyTorch or JAX array stays on its device and is differentiated by its library; a Dask array is computed lazily,
chunk by chunk. Whatever needs to look at values is done with `where`, never with a branch.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _arguments as check

#: The namespace of an array library (the array API standard) and one of its arrays.
Namespace = Any
Array = Any
#: Takes the namespace, predictions, labels and weights of the label 1 (or None).
Formula = Callable[[Namespace, Array, Array, Array], Array]

_WITHOUT_NAMESPACE = ("torch", "dask")  # libraries whose arrays need array-api-compat to tell their namespace


def namespace(*values: Any) -> Namespace | None:
    """Find the library whose arrays are among the values; None for NumPy's arrays and for plain numbers."""
    foreign = [value for value in values if _is_foreign(value)]
    if not foreign:
        return None
    try:
        compat = importlib.import_module("array_api_compat")
    except ImportError:
        if all(hasattr(value, "__array_namespace__") for value in foreign):
            return foreign[0].__array_namespace__()
        library = type(foreign[0]).__module__.split(".")[0]
        raise TypeError(
            f"an array of {library} needs the package array-api-compat; install it, or convert the array with "
            f"numpy.asarray"
        ) from None
    return compat.array_namespace(*foreign)


def _is_foreign(value: Any) -> bool:
    if value is None or isinstance(value, (np.ndarray, np.generic, int, float, list, tuple)):
        return False
    library = type(value).__module__.split(".")[0]
    return hasattr(value, "__array_namespace__") or library in _WITHOUT_NAMESPACE


class ForeignEvaluation:
    """One loss of predictions and labels that are arrays of another library; see `Evaluation` for NumPy's.

    Values are not looked at, because they may not be there yet: a label outside [0, 1] makes NaN.
    """

    def __init__(
        self,
        xp: Namespace,
        name: str,
        predictions: Any,
        labels: Any,
        weight: Any,
        reduction: str,
        *,
        pos_weight: Any = None,
        label_smoothing: float = 0.0,
        base: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        where: Any = None,
        out: Any = None,
    ) -> None:
        if out is not None:
            raise TypeError(f"out is for NumPy arrays only, got {type(out).__name__} with {name} of {xp.__name__}")
        self._xp = xp
        self._reduction = check.one_of("reduction", reduction, ("mean", "sum", "none"))
        if axis is not None and reduction == "none":
            raise ValueError("axis needs the reduction 'mean' or 'sum', got 'none'")
        self._axis = axis
        self._unit = 1.0 if base is None else math.log(check.logarithm_base(base) or math.e)
        given = (predictions, labels, weight, pos_weight)
        foreign = [value for value in given if _is_foreign(value)]
        floats = [value.dtype for value in foreign if xp.isdtype(value.dtype, "real floating")]
        for value in foreign:
            if not xp.isdtype(value.dtype, ("bool", "integral", "real floating")):
                raise TypeError(f"{name}, labels and weights must be real numbers, got dtype {value.dtype}")
        self._dtype = xp.result_type(*floats) if floats else xp.asarray(1.0).dtype
        # Types of 16 bits have too few digits for intermediate results.
        self._working = xp.float32 if xp.finfo(self._dtype).bits < 32 else self._dtype
        self._device = getattr(foreign[0], "device", None)
        x, z, self._weight, self._pos_weight = (None if value is None else self._converted(value) for value in given)
        self._where = None if where is None else xp.asarray(where)
        x, z = xp.broadcast_arrays(x, z)
        if self._where is not None:
            self._where = xp.broadcast_to(self._where, x.shape)
            x, z = (xp.where(self._where, array, xp.zeros_like(array)) for array in (x, z))
        smoothing = check.number("label_smoothing", label_smoothing, low=0, high=1)
        z = self._within_unit_interval(z)
        self._z = z * (1 - smoothing) + smoothing / 2 if smoothing else z
        self._x = self._within_unit_interval(x) if name == "probabilities" else x

    def loss(self, formula: Formula) -> Array:
        """Evaluate the loss, reduced as asked."""
        value = self._elements(formula)
        if self._reduction == "sum":
            value = self._xp.sum(value, axis=self._axis)
        elif self._reduction == "mean" and self._where is None:
            value = self._xp.mean(value, axis=self._axis)
        elif self._reduction == "mean":
            value = self._xp.sum(value, axis=self._axis) / self._count(keepdims=False)
        return self._xp.astype(value, self._dtype)

    def derivative(self, formula: Formula) -> Array:
        """Evaluate a derivative of the reduced loss with respect to each prediction."""
        value = self._elements(formula)
        if self._reduction == "mean":
            value = value / self._count(keepdims=True)
            if self._where is not None:
                value = self._xp.where(self._where, value, self._xp.zeros_like(value))
        return self._xp.astype(value, self._dtype)

    def _elements(self, formula: Formula) -> Array:
        value = formula(self._xp, self._x, self._z, self._pos_weight)
        if self._weight is not None:
            value = _weighed(self._xp, self._weight, value)
        if self._unit != 1:
            value = value / self._unit
        return value if self._where is None else self._xp.where(self._where, value, self._xp.zeros_like(value))

    def _count(self, *, keepdims: bool) -> Any:
        """Count what a mean divides by."""
        counted = self._xp.ones_like(self._x)
        if self._where is not None:
            counted = self._xp.astype(self._where, self._working)
        return self._xp.sum(counted, axis=self._axis, keepdims=keepdims)

    def _converted(self, value: Any) -> Array:
        if _is_foreign(value):
            return self._xp.astype(value, self._working)
        return self._xp.asarray(
            check.real_array("labels and weights", value).tolist(), dtype=self._working, device=self._device
        )

    def _within_unit_interval(self, array: Array) -> Array:
        inside = (array >= 0) & (array <= 1)
        return self._xp.where(inside, array, self._xp.full_like(array, self._xp.nan))


def elementwise(xp: Namespace, formula: Formula, x: Array) -> Array:
    """Apply a formula that has no labels."""
    return ForeignEvaluation(xp, "x", x, 0, None, "none").loss(formula)


def sigmoid(xp: Namespace, x: Array, z: Array, p: Array) -> Array:
    """Compute σ(x) = h - sign(x) t."""
    return gradient(xp, x, xp.zeros_like(x), None)


def log_sigmoid(xp: Namespace, x: Array, z: Array, p: Array) -> Array:
    """Compute log σ(x) = min(x, 0) - log(1 + e)."""
    _, e, _, _ = _parts(xp, x, z, None)
    return xp.where(x > 0, xp.zeros_like(x), x) - xp.log1p(e)


def loss(xp: Namespace, x: Array, z: Array, p: Array) -> Array:
    """Compute d x + c log(1 + e), where 0 · ∞ is 0."""
    _, e, d, c = _parts(xp, x, z, p)
    return d * xp.where(d == 0, xp.zeros_like(x), x) + c * xp.log1p(e)


def gradient(xp: Namespace, x: Array, z: Array, p: Array) -> Array:
    """Compute d - c sign(x) t."""
    sign, e, d, c = _parts(xp, x, z, p)
    return d - c * sign * (e - e * (e / (1 + e)))


def curvature(xp: Namespace, x: Array, z: Array, p: Array) -> Array:
    """Compute c t (1 - t)."""
    _, e, _, c = _parts(xp, x, z, p)
    t = e - e * (e / (1 + e))
    return c * (t - t * t)


def loss_of_probability(xp: Namespace, x: Array, z: Array, p: Array) -> Array:
    """Compute -z log x - (1 - z) log(1 - x), where 0 log 0 = 0."""
    zero, one = xp.zeros_like(x), xp.ones_like(x)
    infinity = xp.full_like(x, xp.inf)
    # A logarithm of 0 is put in by hand, because NumPy would warn of it below the surface of other libraries.
    surprise = xp.where(x == 0, infinity, -xp.log(xp.where(x == 0, one, x)))
    other_surprise = xp.where(x == 1, infinity, -xp.log1p(-xp.where(x == 1, zero, x)))
    return z * xp.where(z == 0, zero, surprise) + (1 - z) * xp.where(z == 1, zero, other_surprise)


def focal_loss(alpha: float | None, gamma: float) -> Formula:
    """Bind the parameters of the focal loss a m^γ times the loss."""

    def formula(xp: Namespace, x: Array, z: Array, p: Array) -> Array:
        return _focused(xp, loss(xp, x, z, None), x, z, alpha, gamma)

    return formula


def focal_loss_gradient(alpha: float | None, gamma: float) -> Formula:
    """Bind the parameters of its gradient a m^γ (σ(x) - z + γ (1 - 2 z) r times the loss)."""

    def formula(xp: Namespace, x: Array, z: Array, p: Array) -> Array:
        # r = e / (far + e (1 + near e)) (focal-ratio), with the label's distances from the likelier outcome and from
        # the other.
        zero, one = xp.zeros_like(x), xp.ones_like(x)
        _, e, d, _ = _parts(xp, x, z, None)
        far = xp.abs(d)
        rest = 1 + (1 - far) * e
        hit = far == 0  # then r = 1 / (1 + e), also where e is 0
        r = xp.where(hit, one, e) / xp.where(hit, rest, far + e * rest)
        cost = loss(xp, x, z, None)
        turn = xp.where(xp.isinf(cost), zero, cost) * r
        slope = gradient(xp, x, z, None) + gamma * (1 - 2 * z) * turn
        return _focused(xp, slope, x, z, alpha, gamma)

    return formula


def _focused(xp: Namespace, value: Array, x: Array, z: Array, alpha: float | None, gamma: float) -> Array:
    """Multiply by a m^γ, half of the power at a time, as `bce.losses._focal` does."""
    m = sigmoid(xp, x, z, None) * (1 - z) + sigmoid(xp, -x, z, None) * z
    half = m ** (gamma / 2)
    focused = xp.where(xp.isinf(value), value, value * half * half)
    return focused if alpha is None else _weighed(xp, alpha * z + (1 - alpha) * (1 - z), focused)


def _weighed(xp: Namespace, weight: Array, value: Array) -> Array:
    """Multiply by weights; an infinite loss of weight 0 counts 0."""
    free = (weight == 0) & xp.isinf(value)
    return weight * xp.where(free, xp.zeros_like(value), value)


def _parts(xp: Namespace, x: Array, z: Array, p: Array) -> tuple[Array, Array, Array, Any]:
    """Compute the sign of x, e, d and c; the sign is a constant, so that e can be differentiated at 0."""
    one, zero = xp.ones_like(x), xp.zeros_like(x)
    positive = x >= 0
    sign = xp.where(positive, one, -one)
    e = xp.exp(-(sign * x))
    if p is None:
        return sign, e, xp.where(positive, one, zero) - z, 1.0
    return sign, e, xp.where(positive, 1 - z, -(p * z)), p * z + (1 - z)
