"""Binary cross-entropy of logits, with its first two derivatives."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike, NDArray

from . import _engine, _formulas
from ._evaluation import Axis, Reduction, evaluation


def binary_cross_entropy_with_logits(
    logits: ArrayLike,
    labels: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    reduction: Reduction = "mean",
    pos_weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    base: float | None = None,
    axis: Axis = None,
    where: ArrayLike | None = None,
    out: NDArray[Any] | None = None,
    broadcast: bool = False,
) -> Any:
    r"""Binary cross-entropy of logits: the sigmoid cross-entropy, in nats.

    .. math:: \ell(x, z) = -z \log \sigma(x) - (1 - z) \log(1 - \sigma(x))

    The arguments are named and ordered as in ``torch.nn.functional``.

    Parameters
    ----------
    logits : array_like of real numbers
        Logits x; the predicted probability is :math:`\sigma(x)`. Infinite logits give the limits.
    labels : array_like in [0, 1]
        Labels z, hard (0 or 1) or soft. Broadcasts against `logits`, by position: an index, as pandas has, counts
        nothing.
    weight : array_like >= 0, optional
        Factor of each element's loss. Broadcasts to the shape of logits and labels. A mean divides by the
        number of elements, not by the sum of their weights. An element of weight 0 counts 0 whatever it costs.
    reduction : {"mean", "sum", "none"}, default "mean"
        The mean or the sum over all elements, or the loss of each element.
    pos_weight : array_like >= 0, optional
        Factor of the term of the label 1, :math:`-z \log \sigma(x)`: above 1 for rare positive labels.
        Broadcasts like `weight`, so that one number per label serves multi-label data of shape (n, labels).
    label_smoothing : float in [0, 1], default 0
        The share :math:`\alpha` of each label that is spread evenly over both outcomes:
        :math:`z` becomes :math:`(1 - \alpha) z + \alpha / 2`.
    base : float > 1, optional
        Base of the logarithm: 2 gives bits. By default e, which gives nats.
    axis : int or tuple of int, optional
        Axes of the broadcast shape to reduce over; by default all.
    where : array_like of bool, optional
        Elements to include; by default all. An excluded element counts for nothing, not even in the number
        that a mean divides by, whatever its logit and label are; with ``"none"`` its loss is 0.
    out : numpy.ndarray, optional
        Array of the result's shape to write to and return; it is not touched before all arguments are known to be
        good.
    broadcast : bool, default False
        Allow logits and labels to stretch each other: a column beside a row is mostly a mistake, so that a result
        with more elements than either has is refused unless this is True.

    Returns
    -------
    numpy.ndarray or NumPy scalar
        Losses >= 0 in the arguments' common floating-point type (float64 if none has one): for ``"none"`` an
        array of the broadcast shape, else a scalar or, with `axis`, an array of the remaining axes. NaN in an
        argument gives NaN. The mean of no elements is NaN.

    Raises
    ------
    TypeError
        If an argument is not made of real numbers, or is a masked array, or `where` is not made of booleans.
    ValueError
        If a label lies outside [0, 1], a weight is negative or infinite, shapes do not broadcast or stretch each
        other, or an option has a value that is not listed here.

    Notes
    -----
    Derivations ``sigmoid-cross-entropy-definition``, ``stable-loss`` and ``cancellation-free-loss``. The last
    is the form computed here: with h = 1 for x >= 0 and h = 0 for x < 0,

    .. math:: \ell(x, z) = (h - z) x + \log(1 + e^{-|x|}),

    a sum of two terms >= 0, which loses no digits for any label: at most 2 ulp from the exact value in
    float64 (3 ulp by NumPy alone, 4 ulp with options), 1 ulp in float32. The weights z and 1 - z of both labels are
    carried apart, so that options lose no digits either. For a sum or a mean the compiled kernel gathers the logarithms
    by ``gathered-logarithms``.

    Variants: ``weighted-loss``; with a positive weight ``pos-weight-loss``, computed by ``shared-exponential``;
    ``label-smoothing``; ``loss-in-bits``.

    Examples
    --------
    >>> losses = binary_cross_entropy_with_logits([0.0, 2.0, -800.0], [1, 0.5, 1], reduction="none")
    >>> losses.round(4).tolist()
    [0.6931, 1.1269, 800.0]
    >>> float(binary_cross_entropy_with_logits(0.0, 1, base=2))
    1.0
    """
    value = _engine.evaluate(
        _engine.LOSS, logits, labels, weight, pos_weight, label_smoothing, base, reduction, axis, where, out
    )
    if value is not None:
        return value
    options = (pos_weight, label_smoothing, base, axis, where, broadcast)
    return evaluation("logits", logits, labels, weight, reduction, *options).loss(_formulas.loss, out)


def binary_cross_entropy_with_logits_gradient(
    logits: ArrayLike,
    labels: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    reduction: Reduction = "mean",
    pos_weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    base: float | None = None,
    axis: Axis = None,
    where: ArrayLike | None = None,
    out: NDArray[Any] | None = None,
    broadcast: bool = False,
) -> Any:
    r"""Gradient of :func:`binary_cross_entropy_with_logits` with respect to the logits.

    .. math:: \frac{\partial}{\partial x} \ell(x, z) = \sigma(x) - z

    Parameters
    ----------
    logits, labels, weight, pos_weight, label_smoothing, base, axis, where, broadcast
        As for :func:`binary_cross_entropy_with_logits`.
    reduction : {"mean", "sum", "none"}, default "mean"
        Which loss is differentiated. For ``"sum"`` and ``"none"`` the result is :math:`\sigma(x) - z`
        element by element; for ``"mean"`` that is divided by the number of elements.
    out : numpy.ndarray, optional
        Array of the broadcast shape to write to and return. It may be `logits` itself.

    Returns
    -------
    numpy.ndarray or NumPy scalar
        One number for each element of the broadcast shape, in the arguments' common floating-point type.
        Where `logits` were stretched by broadcasting, sum over the stretched axes for their own gradient.

    Raises
    ------
    TypeError, ValueError
        As for :func:`binary_cross_entropy_with_logits`.

    Notes
    -----
    Derivations ``gradient`` and ``cancellation-free-gradient``. The last is the form computed here: with
    e = exp(-\|x\|) and h as in the loss, :math:`(h - z) \mp e / (1 + e)`, minus for x >= 0 and plus for
    x < 0, where the fraction is taken as :math:`e - e \cdot e / (1 + e)` to round less (``smaller-probability``).
    At most 2 ulp from the exact value for hard labels in float64; for soft labels at most 3 ulp of the larger term,
    where the two terms cancel. In float32 at most 1 ulp.

    Variants: ``weighted-gradient``; with a positive weight ``pos-weight-gradient``, computed by
    ``shared-exponential-gradient``; ``label-smoothing-gradient``; ``loss-in-bits``.

    Examples
    --------
    >>> binary_cross_entropy_with_logits_gradient([0.0, 40.0], [0, 1], reduction="none").tolist()
    [0.5, -4.248354255291589e-18]
    """
    value = _engine.evaluate(
        _engine.GRADIENT, logits, labels, weight, pos_weight, label_smoothing, base, reduction, axis, where, out
    )
    if value is not None:
        return value
    options = (pos_weight, label_smoothing, base, axis, where, broadcast)
    return evaluation("logits", logits, labels, weight, reduction, *options).derivative(_formulas.gradient, out)


def binary_cross_entropy_with_logits_curvature(
    logits: ArrayLike,
    labels: ArrayLike = 0,
    weight: ArrayLike | None = None,
    *,
    reduction: Reduction = "mean",
    pos_weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    base: float | None = None,
    axis: Axis = None,
    where: ArrayLike | None = None,
    out: NDArray[Any] | None = None,
    broadcast: bool = False,
) -> Any:
    r"""Second derivative of :func:`binary_cross_entropy_with_logits` with respect to each logit.

    .. math:: \frac{\partial^2}{\partial x^2} \ell(x, z) = \sigma(x) (1 - \sigma(x)) > 0

    The components of the loss are independent, so these numbers are the diagonal of the Hessian matrix and
    all else in it is 0.

    Parameters
    ----------
    logits, labels, weight, pos_weight, label_smoothing, base, axis, where, broadcast
        As for :func:`binary_cross_entropy_with_logits`. The curvature depends on the labels only through
        `pos_weight`; without it they may be left out.
    reduction : {"mean", "sum", "none"}, default "mean"
        Which loss is differentiated: for ``"mean"`` the result is divided by the number of elements.
    out : numpy.ndarray, optional
        Array of the broadcast shape to write to and return.

    Returns
    -------
    numpy.ndarray or NumPy scalar
        One number for each element of the broadcast shape, in the arguments' common floating-point type.

    Raises
    ------
    TypeError, ValueError
        As for :func:`binary_cross_entropy_with_logits`.

    Notes
    -----
    Derivation ``curvature``, computed by ``smaller-curvature`` as :math:`t - t^2` with :math:`t = \sigma(-|x|)`:
    at most 3 ulp from the exact value in float64, 1 ulp in float32.

    Variants: ``weighted-curvature``; with a positive weight ``pos-weight-curvature``, computed as in
    ``shared-exponential-curvature``.

    Examples
    --------
    >>> binary_cross_entropy_with_logits_curvature([0.0, 800.0], reduction="none").tolist()
    [0.25, 0.0]
    """
    options = (pos_weight, label_smoothing, base, axis, where, broadcast)
    return evaluation("logits", logits, labels, weight, reduction, *options).derivative(_formulas.curvature, out)


def value_and_grad(
    logits: ArrayLike,
    labels: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    reduction: Reduction = "mean",
    pos_weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    base: float | None = None,
    axis: Axis = None,
    where: ArrayLike | None = None,
    out: NDArray[Any] | None = None,
    broadcast: bool = False,
) -> tuple[Any, Any]:
    """Loss and gradient together.

    Equals :func:`binary_cross_entropy_with_logits` and :func:`binary_cross_entropy_with_logits_gradient` of the
    same arguments within the error bounds, in little more time than either. The name is the usual one of
    automatic differentiation.

    Parameters
    ----------
    logits, labels, weight, reduction, pos_weight, label_smoothing, base, axis, where, broadcast
        As for :func:`binary_cross_entropy_with_logits`.
    out : numpy.ndarray, optional
        Array of the broadcast shape that takes the gradient. It may be `logits` itself.

    Returns
    -------
    loss : numpy.ndarray or NumPy scalar
        The reduced loss.
    gradient : numpy.ndarray or NumPy scalar
        Its derivative by each logit, of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As for :func:`binary_cross_entropy_with_logits`.

    Notes
    -----
    Derivations ``cancellation-free-loss`` and ``cancellation-free-gradient``; with a positive weight
    ``shared-exponential`` and ``shared-exponential-gradient``. The error bounds are those of the two functions, but
    3 ulp for the gradient in float32, which here is computed in single precision. The compiled kernel shares one
    exponential; the reference evaluates the two functions.

    Examples
    --------
    >>> loss, gradient = value_and_grad([0.0, 0.0], [1, 0])
    >>> float(loss.round(4)), gradient.tolist()
    (0.6931, [-0.25, 0.25])
    """
    both: tuple[Any, Any] | None = _engine.evaluate(
        _engine.BOTH, logits, labels, weight, pos_weight, label_smoothing, base, reduction, axis, where, out
    )
    if both is not None:
        return both
    options = (pos_weight, label_smoothing, base, axis, where, broadcast)
    evaluated = evaluation("logits", logits, labels, weight, reduction, *options)
    # The loss first: `out` may be the logits themselves.
    return evaluated.loss(_formulas.loss), evaluated.derivative(_formulas.gradient, out)
