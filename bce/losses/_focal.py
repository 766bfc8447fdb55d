"""Focal loss: binary cross-entropy that turns its attention to what is predicted badly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arguments as check
from . import _array_api, _kernels
from ._blocks import FloatArray
from ._dispatch import Formula
from ._evaluation import Axis, Reduction
from ._kernels import Rows, Values

_SCRATCH_ROWS = 8


def sigmoid_focal_loss(
    logits: ArrayLike,
    labels: ArrayLike,
    alpha: float | None = 0.25,
    gamma: float = 2.0,
    reduction: Reduction = "none",
    *,
    weight: ArrayLike | None = None,
    base: float | None = None,
    axis: Axis = None,
    where: ArrayLike | None = None,
    out: NDArray[Any] | None = None,
) -> Any:
    r"""Focal loss of logits, in nats: small where the prediction is already good.

    .. math:: F(x, z) = a \, m^\gamma \, \ell(x, z), \qquad m = \sigma(x)(1 - z) + (1 - \sigma(x)) z,
              \qquad a = \alpha z + (1 - \alpha)(1 - z)

    with the loss :math:`\ell` of :func:`binary_cross_entropy_with_logits`. For a hard label m is the
    probability that was given to the other label. The first five arguments are named, ordered and preset as in
    ``torchvision.ops``.

    Parameters
    ----------
    logits, labels, weight, base, axis, where, out
        As for :func:`binary_cross_entropy_with_logits`.
    alpha : float in [0, 1] or None, default 0.25
        Balance: the factor of the label 1, while the label 0 has 1 - alpha. None for no such factors.
    gamma : float >= 0, default 2
        Focus: 0 gives the binary cross-entropy, larger values look away sooner.
    reduction : {"none", "mean", "sum"}, default "none"
        The loss of each element, or the mean or the sum over all elements.

    Returns
    -------
    numpy.ndarray or NumPy scalar
        Losses >= 0, as for :func:`binary_cross_entropy_with_logits`.

    Raises
    ------
    TypeError, ValueError
        As for :func:`binary_cross_entropy_with_logits`; also if `alpha` or `gamma` is out of its range.

    Notes
    -----
    Derivations ``focal-loss`` and ``balanced-focal-loss``. The power multiplies the error of m by gamma: for
    gamma = 2 the result is at most 8 ulp from the exact value in float64, 10 ulp in float32.
    Source: Lin, Goyal, Girshick, He and Dollár, "Focal Loss for Dense Object Detection" (2017).

    Examples
    --------
    >>> sigmoid_focal_loss([0.0, 5.0], [1, 1], alpha=None).round(6).tolist()
    [0.173287, 0.0]
    """
    return _bound(_loss, _array_api.focal_loss, alpha, gamma).loss(
        "logits",
        logits,
        labels,
        weight=weight,
        reduction=reduction,
        base=base,
        axis=axis,
        where=where,
        out=out,
    )


def sigmoid_focal_loss_gradient(
    logits: ArrayLike,
    labels: ArrayLike,
    alpha: float | None = 0.25,
    gamma: float = 2.0,
    reduction: Reduction = "none",
    *,
    weight: ArrayLike | None = None,
    base: float | None = None,
    axis: Axis = None,
    where: ArrayLike | None = None,
    out: NDArray[Any] | None = None,
) -> Any:
    r"""Gradient of :func:`sigmoid_focal_loss` with respect to the logits.

    .. math:: \frac{\partial}{\partial x} F(x, z)
              = a \, m^\gamma \left( \sigma(x) - z + \gamma (1 - 2 z) \, r \, \ell(x, z) \right),

    .. math:: r = \frac{1}{1 + (1 - z) e^x + z e^{-x}} = \frac{\sigma(x) (1 - \sigma(x))}{m}

    Parameters
    ----------
    logits, labels, alpha, gamma, weight, base, axis, where
        As for :func:`sigmoid_focal_loss`.
    reduction : {"none", "mean", "sum"}, default "none"
        Which loss is differentiated: for ``"mean"`` the result is divided by the number of elements.
    out : numpy.ndarray, optional
        Array of the broadcast shape to write to and return. It may be `logits` itself.

    Returns
    -------
    numpy.ndarray or NumPy scalar
        One number for each element of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As for :func:`sigmoid_focal_loss`.

    Notes
    -----
    Derivation ``focal-loss-gradient``, where r is computed by ``focal-ratio``. For hard labels both terms have one
    sign and nothing cancels: for gamma = 2 at most 8 ulp from the exact value in float64, 10 ulp in float32.

    Examples
    --------
    >>> sigmoid_focal_loss_gradient([0.0, 5.0], [1, 1], alpha=None).round(4).tolist()
    [-0.2983, -0.0]
    """
    return _bound(_gradient, _array_api.focal_loss_gradient, alpha, gamma).derivative(
        "logits",
        logits,
        labels,
        weight=weight,
        reduction=reduction,
        base=base,
        axis=axis,
        where=where,
        out=out,
    )


def _bound(
    formula: Callable[..., None],
    foreign: Callable[[float | None, float], _array_api.Formula],
    alpha: float | None,
    gamma: float,
) -> Formula:
    """Return the formula with its parameters, which are checked."""
    balance = None if alpha is None else check.number("alpha", alpha, low=0, high=1)
    focus = check.number("gamma", gamma, low=0)

    def kernel(values: Values, targets: Rows, scratch: Rows) -> None:
        formula(values, targets[0], scratch, balance, focus)

    return Formula(kernel, foreign(balance, focus), _SCRATCH_ROWS)


def _loss(values: Values, result: FloatArray, scratch: Rows, alpha: float | None, gamma: float) -> None:
    x, z, weight, _ = values
    _kernels.loss((x, z, None, None), [result], scratch)
    # A sure and right prediction has loss 0 and m = 0; a sure and wrong one has loss inf and m = 1.
    _focus(result, x, z, alpha, gamma, scratch)
    _kernels.weigh(weight, result)


def _gradient(values: Values, result: FloatArray, scratch: Rows, alpha: float | None, gamma: float) -> None:
    x, z, weight, _ = values
    *scratch, turn, e, far, denominator = scratch
    _kernels.loss((x, z, None, None), [turn], scratch)
    wrong_for_sure = np.isinf(turn)
    # r = e / (far + e (1 + near e)) (focal-ratio), with the label's distances from the likelier outcome and from
    # the other one.
    _kernels.exponential(x, e)
    np.subtract(_kernels.step(x, far), z, far)
    np.absolute(far, far)
    np.subtract(1, far, denominator)
    np.multiply(denominator, e, denominator)
    np.add(denominator, 1, denominator)
    hit = far == 0  # then r = 1 / (1 + e), also where e is 0
    np.multiply(denominator, e, denominator, where=~hit)
    np.add(denominator, far, denominator)
    e[hit] = 1
    np.divide(e, denominator, e)
    np.multiply(turn, e, turn)
    turn[wrong_for_sure] = 0
    np.multiply(turn, gamma * (1 - 2 * z), turn)
    _kernels.gradient((x, z, None, None), [result], scratch)
    np.add(result, turn, result)
    _focus(result, x, z, alpha, gamma, [*scratch, turn])
    _kernels.weigh(weight, result)


def _focus(result: FloatArray, x: FloatArray, z: Any, alpha: float | None, gamma: float, scratch: Rows) -> None:
    """Multiply by a m^γ in place; both products of m are >= 0."""
    e, m, other, minus, spare = scratch[:5]
    _kernels.sigmoid([x], [m], [e, other])
    np.multiply(m, 1 - z, m)
    _kernels.sigmoid([np.negative(x, minus)], [other], [e, spare])
    np.multiply(other, z, other)
    np.add(m, other, m)
    # Half of the power at a time: m^γ alone can underflow where the product with a large loss does not.
    np.power(m, gamma / 2, m)
    # Half of the power never is 0 where the loss is infinite; two of the smallest numbers make 0 of any other loss.
    np.maximum(m, np.finfo(m.dtype).smallest_subnormal, out=m)
    np.multiply(result, m, result)
    np.multiply(result, m, result)
    if alpha is not None:
        _kernels.weigh(alpha * z + (1 - alpha) * (1 - z), result)
