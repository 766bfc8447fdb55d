"""Who computes: our kernels for NumPy's arrays, the same formula in its own library for any other array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike, NDArray

from . import _array_api
from ._evaluation import Evaluation, Kernel


@dataclass(frozen=True)
class Formula:
    """A formula, written for blocks of NumPy arrays and for whole arrays of any library."""

    kernel: Kernel
    foreign: _array_api.Formula
    scratch_rows: int = 3

    def loss(self, name: str, predictions: ArrayLike, labels: ArrayLike, **options: Any) -> Any:
        """Evaluate it as a loss, reduced as asked; see `Evaluation` for the options."""
        return self._evaluated("loss", name, predictions, labels, **options)

    def derivative(self, name: str, predictions: ArrayLike, labels: ArrayLike, **options: Any) -> Any:
        """Evaluate it as a derivative of the reduced loss with respect to each prediction."""
        return self._evaluated("derivative", name, predictions, labels, **options)

    def _evaluated(
        self,
        kind: str,
        name: str,
        predictions: ArrayLike,
        labels: ArrayLike,
        *,
        weight: ArrayLike | None,
        reduction: str,
        out: NDArray[Any] | None,
        **options: Any,
    ) -> Any:
        xp = _array_api.namespace(predictions, labels)
        if xp is not None:
            foreign = _array_api.ForeignEvaluation(xp, name, predictions, labels, weight, reduction, out=out, **options)
            return foreign.loss(self.foreign) if kind == "loss" else foreign.derivative(self.foreign)
        ours = Evaluation(name, predictions, labels, weight, reduction, scratch_rows=self.scratch_rows, **options)
        return ours.loss(self.kernel, out) if kind == "loss" else ours.derivative(self.kernel, out)
