"""Binary cross-entropy of predicted probabilities."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike, NDArray

from ._evaluation import Axis, Reduction, evaluation
from ._formulas import loss_of_probability


def binary_cross_entropy(
    probabilities: ArrayLike,
    labels: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    reduction: Reduction = "mean",
    base: float | None = None,
    axis: Axis = None,
    where: ArrayLike | None = None,
    out: NDArray[Any] | None = None,
    broadcast: bool = False,
) -> Any:
    r"""Binary cross-entropy of predicted probabilities, in nats.

    .. math:: h(z, p) = -z \log p - (1 - z) \log(1 - p)

    Where the model has logits, use :func:`binary_cross_entropy_with_logits`: a probability near 1 has
    already lost the digits that tell how near.

    Parameters
    ----------
    probabilities : array_like in [0, 1]
        Predicted probabilities p of the label 1.
    labels : array_like in [0, 1]
        Labels z, hard (0 or 1) or soft. Broadcasts against `probabilities`.
    weight, reduction, base, axis, where, out, broadcast
        As for :func:`binary_cross_entropy_with_logits`.

    Returns
    -------
    numpy.ndarray or NumPy scalar
        Losses >= 0 in the arguments' common floating-point type (float64 if none has one). A sure and wrong
        prediction costs inf, a sure and right one 0. NaN in either argument gives NaN.

    Raises
    ------
    TypeError
        If an argument is not made of real numbers.
    ValueError
        If a probability or label lies outside [0, 1], and as for :func:`binary_cross_entropy_with_logits`.

    Notes
    -----
    Derivation ``binary-cross-entropy`` (the definition); ``weighted-loss`` with weights. The logarithm of
    1 - p is taken as ``log1p(-p)`` and 0 log 0 = 0, so that nothing is clipped: PyTorch, in contrast, lets no
    loss exceed 100. At most 3 ulp from the exact value in float64, 1 ulp in float32.

    Examples
    --------
    >>> losses = binary_cross_entropy([0.5, 0.9, 0.0], [1, 1, 0], reduction="none")
    >>> losses.round(4).tolist()
    [0.6931, 0.1054, 0.0]
    """
    options: dict[str, Any] = {"base": base, "axis": axis, "where": where, "broadcast": broadcast}
    evaluated = evaluation("probabilities", probabilities, labels, weight, reduction, **options)
    return evaluated.loss(loss_of_probability, out)
