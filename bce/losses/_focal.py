"""Focal loss: binary cross-entropy that turns its attention to what is predicted badly."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike, NDArray

from . import _arguments as check
from ._evaluation import Axis, Evaluation, Reduction, evaluation
from ._foreign import ForeignEvaluation
from ._formulas import focal_loss, focal_loss_gradient


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
    broadcast: bool = False,
) -> Any:
    r"""Focal loss of logits, in nats: small where the prediction is already good.

    .. math:: F(x, z) = a \, m^\gamma \, \ell(x, z), \qquad m = \sigma(x)(1 - z) + (1 - \sigma(x)) z,
              \qquad a = \alpha z + (1 - \alpha)(1 - z)

    with the loss :math:`\ell` of :func:`binary_cross_entropy_with_logits`. For a hard label m is the
    probability that was given to the other label. The first five arguments are named, ordered and preset as in
    ``torchvision.ops``.

    Parameters
    ----------
    logits, labels, weight, base, axis, where, out, broadcast
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
    gamma = 2 the result is at most 11 ulp from the exact value in float64, 1 ulp in float32.
    Source: Lin, Goyal, Girshick, He and Dollár, "Focal Loss for Dense Object Detection" (2017).

    Examples
    --------
    >>> sigmoid_focal_loss([0.0, 5.0], [1, 1], alpha=None).round(6).tolist()
    [0.173287, 0.0]
    """
    options = {"base": base, "axis": axis, "where": where, "broadcast": broadcast}
    evaluated, alpha, gamma = _evaluation(logits, labels, alpha, gamma, weight, reduction, **options)
    return evaluated.loss(focal_loss(alpha, gamma), out)


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
    broadcast: bool = False,
) -> Any:
    r"""Gradient of :func:`sigmoid_focal_loss` with respect to the logits.

    .. math:: \frac{\partial}{\partial x} F(x, z)
              = a \, m^\gamma \left( \sigma(x) - z + \gamma (1 - 2 z) \, r \, \ell(x, z) \right),

    .. math:: r = \frac{1}{1 + (1 - z) e^x + z e^{-x}} = \frac{\sigma(x) (1 - \sigma(x))}{m}

    Parameters
    ----------
    logits, labels, alpha, gamma, weight, base, axis, where, broadcast
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
    sign and nothing cancels: for gamma = 2 at most 11 ulp from the exact value in float64, 1 ulp in float32.

    Examples
    --------
    >>> sigmoid_focal_loss_gradient([0.0, 5.0], [1, 1], alpha=None).round(4).tolist()
    [-0.2983, -0.0]
    """
    options = {"base": base, "axis": axis, "where": where, "broadcast": broadcast}
    evaluated, alpha, gamma = _evaluation(logits, labels, alpha, gamma, weight, reduction, **options)
    return evaluated.derivative(focal_loss_gradient(alpha, gamma), out)


def _evaluation(
    logits: Any, labels: Any, alpha: Any, gamma: Any, weight: Any, reduction: str, **options: Any
) -> tuple[Evaluation | ForeignEvaluation, Any, Any]:
    """Check the parameters, as far as their values are known, and return them with the evaluation."""
    if alpha is not None and not check.is_foreign(alpha):
        alpha = check.number("alpha", alpha, low=0, high=1)
    if not check.is_foreign(gamma):
        gamma = check.number("gamma", gamma, low=0)
    return evaluation("logits", logits, labels, weight, reduction, parameters=(alpha, gamma), **options), alpha, gamma
