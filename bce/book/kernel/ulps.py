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
    """What is compared: the loss or its gradient, in float64, at a few labels."""

    quantity: str
    kind: str
    labels: tuple[float, ...]

    @property
    def name(self) -> str:
        """The title of the case."""
        return f"{self.quantity}, {self.kind} labels"


_LABELS = {"hard": (0.0, 1.0), "soft": (0.000001, 0.999999)}
CASES = tuple(Case(quantity, kind, labels) for quantity in ("loss", "gradient") for kind, labels in _LABELS.items())


@dataclass(frozen=True)
class Errors:
    """Errors in ULP, to three digits.

    ``worst`` is that of all logits where the exact value is a normal number, and the ``curve`` has the worst in each
    bin of the logits from -60 to 60. ``lost`` counts zeros where the exact value is a normal number, by more than
    what a cancellation leaves; ``flushed`` counts zeros where it is a subnormal one.
    """

    worst: float
    lost: int
    flushed: int
    curve: list[float]


def bins() -> Array:
    """Give the middles of the curve's bins."""
    return np.linspace(-60, 60, _BINS, endpoint=False) + 60 / _BINS


def measure(case: Case, compute: Callable[[Array, Array], Any]) -> Errors:
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
        The larger ones of all labels of the case.
    """
    near = np.linspace(-60, 60, _BINS * _BIN_SIZE, endpoint=False) + _SHIFT
    far = np.linspace(-_EDGE, _EDGE, 2 * _BINS * _BIN_SIZE) + _SHIFT
    results = [_results(case, compute, near), _results(case, compute, far)]
    curve = results[0].errors.reshape(len(case.labels), _BINS, _BIN_SIZE).max(axis=(0, 2))
    return Errors(
        worst=max(_rounded(one.errors[one.normal].max()) for one in results),
        lost=sum(one.zeros_of(one.normal) for one in results),
        flushed=sum(one.zeros_of(~one.normal) for one in results),
        curve=[_rounded(error) for error in curve],
    )


@dataclass(frozen=True)
class _Results:
    """What was computed, by how many ULP it is off, where an exact value is normal, and where it is not noise."""

    computed: Array
    errors: Array
    normal: NDArray[np.bool_]
    counts: NDArray[np.bool_]

    def zeros_of(self, which: NDArray[np.bool_]) -> int:
        return int(np.sum((self.computed == 0) & self.counts & which))


def _results(case: Case, compute: Callable[[Array, Array], Any], logits: Array) -> _Results:
    truth = exact_loss if case.quantity == "loss" else exact_gradient
    errors, normal, counts, computed = [], [], [], []
    for label in case.labels:
        values = np.asarray(compute(logits, np.full_like(logits, label)))
        computed.append(values)
        for logit, value in zip(logits.tolist(), values.tolist(), strict=True):
            exact, unit = truth(EXACT.mpf(logit), EXACT.mpf(label))
            ulp = float(np.spacing(abs(float(unit))))
            errors.append(ulps(value, exact, ulp))
            normal.append(abs(exact) >= np.finfo(np.float64).smallest_normal)
            counts.append(abs(exact) >= (ulp if unit == exact else 4 * ulp))
    return _Results(np.concatenate(computed), np.array(errors), np.array(normal), np.array(counts))


def ulps(computed: float, exact: Any, ulp: float) -> float:
    """Count the units between a result and the exact value; infinitely many if the result is no finite number."""
    return float(abs(EXACT.mpf(computed) - exact) / EXACT.mpf(ulp)) if np.isfinite(computed) else np.inf


def _rounded(error: float) -> float:
    return float(f"{error:.3g}")
