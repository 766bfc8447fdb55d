"""The logistic sigmoid and its logarithm."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from . import _engine, _formulas
from ._evaluation import evaluation


def sigmoid(x: ArrayLike) -> Any:
    r"""Logistic sigmoid, :math:`\sigma(x) = 1 / (1 + e^{-x})`: the probability that belongs to a logit.

    Parameters
    ----------
    x : array_like of real numbers, any shape
        Logits. Infinite values give the limits 0 and 1; NaN gives NaN.

    Returns
    -------
    numpy.ndarray or NumPy scalar
        Probabilities in [0, 1], of the shape of `x` and in its floating-point type (float64 for integers).

    Raises
    ------
    TypeError
        If `x` is not made of real numbers.

    Notes
    -----
    Derivations ``sigmoid`` (the definition) and ``stable-sigmoid``, whose exponential never overflows. Computed is
    the gradient of the loss at the label 0, which is the sigmoid (``sigmoid-is-gradient-at-zero``), by
    ``cancellation-free-gradient`` and ``smaller-probability``. At most 2 ulp from the exact value in float64, 1 ulp in
    float32.

    Examples
    --------
    >>> sigmoid([-1000.0, 0.0, 1000.0]).tolist()
    [0.0, 0.5, 1.0]
    """
    # sigmoid-is-gradient-at-zero
    value = _engine.evaluate(_engine.GRADIENT, x, 0, None, None, 0.0, None, "none", None, None, None)
    return evaluation("x", x, 0, None, "none").loss(_formulas.sigmoid) if value is None else value


def log_sigmoid(x: ArrayLike) -> Any:
    r"""Logarithm of the sigmoid, :math:`\log \sigma(x) = \min(x, 0) - \log(1 + e^{-|x|})`, in nats.

    Exact to the last digits where :func:`sigmoid` has rounded to 0 or 1. The logarithm of the other
    probability, :math:`\log(1 - \sigma(x))`, is ``log_sigmoid(-x)``.

    Parameters
    ----------
    x : array_like of real numbers, any shape
        Logits. The limits are -inf at -inf and 0 at +inf; NaN gives NaN.

    Returns
    -------
    numpy.ndarray or NumPy scalar
        Numbers <= 0, of the shape of `x` and in its floating-point type (float64 for integers).

    Raises
    ------
    TypeError
        If `x` is not made of real numbers.

    Notes
    -----
    Derivation ``stable-log-sigmoid``. At most 2 ulp from the exact value in float64, 1 ulp in float32.

    Examples
    --------
    >>> log_sigmoid([-1000.0, 40.0]).tolist()
    [-1000.0, -4.248354255291589e-18]
    """
    value = _engine.evaluate(_engine.LOSS, x, 1, None, None, 0.0, None, "none", None, None, None)
    return evaluation("x", x, 0, None, "none").loss(_formulas.log_sigmoid) if value is None else -value
