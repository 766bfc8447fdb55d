"""How far computed losses and gradients are from exact values, in units of the last place (ULP).

The reference is mpmath at 420 bits, and inputs count as exact. A chapter compares libraries with it, and so do the
programs in ``benchmarks``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

EXACT = mpmath.MPContext()  # a context of its own leaves mpmath's global precision alone
EXACT.prec = 420

Array = NDArray[np.floating[Any]]

_BINS = 120  # of the curve, which shows the worst of the logits in each bin
_BIN_SIZE = 12
_EDGE = 745.0  # beyond it e^-|x| is 0 in float64
_SHIFT = np.pi / 100  # no logit is a round number


def terms(x: Any, z: Any) -> tuple[Any, Any, Any]:
    """Split into d, e and the sign of x: all formulas are sums of these without cancellation before 420 bits."""
    return (1 if x >= 0 else 0) - z, EXACT.exp(-abs(x)), 1 if x >= 0 else -1


def exact_loss(x: Any, z: Any) -> tuple[Any, Any]:
    """Give the loss of logits, twice: it is its own unit."""
    d, e, _ = terms(x, z)
    value = d * x + EXACT.log1p(e)
    return value, value


def exact_gradient(x: Any, z: Any) -> tuple[Any, Any]:
    """Give the gradient and its unit, which for soft labels is the larger of two terms that can cancel."""
    d, e, sign = terms(x, z)
    t = e / (1 + e)
    value = d - sign * t
    return value, value if z in (0, 1) else max(abs(d), t)


@dataclass(frozen=True)
class Case:
    """What is compared: the loss or its gradient, in float64, at one label."""

    quantity: str
    label: float

    @property
    def name(self) -> str:
        """The title of the case."""
        return f"{self.quantity}, label {self.label:g}"


CASES = (Case("loss", 0.0), Case("loss", 0.999999), Case("gradient", 1.0), Case("gradient", 0.999999))


@dataclass(frozen=True)
class Errors:
    """Errors in ULP: the worst of all logits, and the worst in each bin of those from -60 to 60.

    ``lost`` counts zeros where the exact value is a normal number, by more than a cancellation leaves.
    """

    worst: float
    lost: int
    curve: list[float]


def bins() -> Array:
    """Give the middles of the curve's bins."""
    return np.linspace(-60, 60, _BINS, endpoint=False) + 60 / _BINS


def measure(case: Case, compute: Callable[[Array, Array], Array]) -> Errors:
    """Compare a function of logits and labels with the exact values.

    Parameters
    ----------
    case : Case
        What the function claims to compute.
    compute : callable
        Takes an array of logits and one of labels, of equal shape, and returns the results one by one.

    Returns
    -------
    Errors
        Rounded to three digits.
    """
    near = np.linspace(-60, 60, _BINS * _BIN_SIZE, endpoint=False) + _SHIFT
    far = np.linspace(-_EDGE, _EDGE, 2 * _BINS * _BIN_SIZE) + _SHIFT
    near_errors, near_lost = _errors(case, compute, near)
    far_errors, far_lost = _errors(case, compute, far)
    return Errors(
        worst=_rounded(max(near_errors.max(), far_errors.max())),
        lost=near_lost + far_lost,
        curve=[_rounded(error) for error in near_errors.reshape(_BINS, _BIN_SIZE).max(axis=1)],
    )


def _errors(case: Case, compute: Callable[[Array, Array], Array], logits: Array) -> tuple[Array, int]:
    truth = exact_loss if case.quantity == "loss" else exact_gradient
    computed = np.asarray(compute(logits, np.full_like(logits, case.label)))
    results = [_error(float(value), *truth(EXACT.mpf(x), EXACT.mpf(case.label))) for x, value in zip(logits, computed, strict=True)]
    return np.array([error for error, _ in results]), sum(lost for _, lost in results)


def _error(computed: float, exact: Any, unit: Any) -> tuple[float, bool]:
    ulp = float(np.spacing(abs(float(unit))))
    error = float(abs(EXACT.mpf(computed) - exact) / EXACT.mpf(ulp)) if np.isfinite(computed) else np.inf
    return error, computed == 0 and abs(exact) >= max(float(np.finfo(float).smallest_normal), 4 * ulp)


def _rounded(error: float) -> float:
    return float(f"{error:.3g}")
