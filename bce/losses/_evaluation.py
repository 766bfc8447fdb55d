"""From a caller's arguments to a reduced loss: what all losses of this package share."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arguments as check
from ._foreign import ForeignEvaluation, namespace
from ._formulas import Formula, elements
from ._sums import total

Reduction = Literal["mean", "sum", "none"]
Axis = int | tuple[int, ...] | None

_BLOCK = 8192  # elements that are evaluated at a time: their intermediate results stay in the cache


def evaluation(
    name: str,
    predictions: ArrayLike,
    labels: ArrayLike,
    weight: ArrayLike | None,
    reduction: str,
    *options: Any,
    parameters: tuple[Any, ...] = (),
    **named_options: Any,
) -> Evaluation | ForeignEvaluation:
    """Find who evaluates: NumPy, or the library whose arrays are among the arguments and the formula's parameters."""
    xp = namespace(predictions, labels, weight, *options, *named_options.values(), *parameters)
    if xp is None:
        return Evaluation(name, predictions, labels, weight, reduction, *options, **named_options)
    return ForeignEvaluation(xp, name, predictions, labels, weight, reduction, *options, **named_options)


class Evaluation:
    """One loss of given predictions and labels: checked operands, their shape and type, what is reduced.

    Nothing is computed before all arguments are known to be good.
    """

    def __init__(
        self,
        name: str,
        predictions: ArrayLike,
        labels: ArrayLike,
        weight: ArrayLike | None,
        reduction: str,
        pos_weight: ArrayLike | None = None,
        label_smoothing: float = 0.0,
        base: float | None = None,
        axis: Axis = None,
        where: ArrayLike | None = None,
        broadcast: bool = False,
    ) -> None:
        x, z = check.real_array(name, predictions), check.real_array("labels", labels)
        shape = check.common_shape(stretched=broadcast, **{name: x.shape, "labels": z.shape})
        assert shape is not None  # NumPy knows every length
        self.shape = shape
        self.reduction = check.one_of("reduction", reduction, ("mean", "sum", "none"))
        self.axes = check.axes(axis, self.shape, reduction)
        given = [value for value in (predictions, labels, weight, pos_weight) if value is not None]
        self.dtype = check.common_float_dtype(*given)
        self.working = np.promote_types(self.dtype, np.float64)
        self.smoothing = check.number("label_smoothing", label_smoothing, low=0, high=1)
        self.unit = check.unit(base)
        whose = f"{name} and labels"
        weights = [check.weights(*pair, self.shape, whose) for pair in (("weight", weight), ("pos_weight", pos_weight))]
        self.mask = None if where is None else check.booleans("where", where, self.shape, whose)
        self.operands = [x, z, *weights, self.mask]
        check.unit_interval("labels", z, self.mask)
        if name == "probabilities":
            check.unit_interval(name, x, self.mask)

    def loss(self, formula: Formula, out: NDArray[Any] | None = None) -> Any:
        """Evaluate the loss, reduced as asked."""
        rest = () if self.axes is None else [n for axis, n in enumerate(self.shape) if axis not in self.axes]
        result = self._room(self.shape if self.reduction == "none" else tuple(rest), out)
        with np.errstate(all="ignore"):
            if self.reduction == "none":
                self._fill(result, formula, self.unit)
            else:
                divisor = self._divisor(keepdims=False)
                value = self._sum(formula, 1.0) / divisor
                if self.reduction == "mean" and np.any(np.isinf(value)):
                    # The sum may have overflowed where the mean does not: divide first.
                    value = self._sum(formula, self._divisor(keepdims=True))
                result[...] = value
        return result[()] if out is None else out

    def derivative(self, formula: Formula, out: NDArray[Any] | None = None) -> Any:
        """Evaluate a derivative of the reduced loss with respect to each prediction."""
        result = self._room(self.shape, out)
        with np.errstate(all="ignore"):
            self._fill(result, formula, self._divisor(keepdims=True))
        return result[()] if out is None else out

    def _room(self, shape: tuple[int, ...], out: NDArray[Any] | None) -> NDArray[Any]:
        if out is None:
            return np.empty(shape, self.dtype)
        return check.output("out", out, shape, self.dtype)

    def _fill(self, result: NDArray[Any], formula: Formula, divisor: Any) -> None:
        """Write the elements of a formula, each over its divisor."""
        for block, values in self._blocks(formula, divisor, result):
            block[...] = values

    def _sum(self, formula: Formula, divisor: Any) -> Any:
        """Add up the elements of a formula, each over its divisor."""
        if self.axes is not None:
            each = np.empty(self.shape, self.working)
            self._fill(each, formula, divisor)
            return total(each, self.axes)
        blocks = self._blocks(formula, divisor, working=np.promote_types(self.dtype, np.float32))
        return total(np.array([np.add.reduce(values, dtype=self.working) for _, values in blocks], self.working))

    def _blocks(
        self, formula: Formula, divisor: Any, result: Any = None, working: Any = None
    ) -> Iterator[tuple[Any, NDArray[Any]]]:
        """Evaluate a formula block by block, and give with each block the part of the result that it belongs to."""
        operands = [*self.operands, divisor, result]
        present = [place for place, operand in enumerate(operands) if operand is not None]
        arrays = [operands[place] for place in present]
        types = [np.dtype(bool) if array is self.mask else working or self.working for array in arrays]
        flags: list[Any] = [["readonly"] for _ in arrays]
        if result is not None:
            types[-1] = result.dtype
            flags[-1] = ["writeonly", "no_broadcast"]
        walk = np.nditer(
            arrays,
            ["external_loop", "buffered", "zerosize_ok", "copy_if_overlap"],
            [[*flag, "overlap_assume_elementwise"] for flag in flags],
            types,
            casting="unsafe",
            itershape=self.shape,
            buffersize=_BLOCK,
        )
        with walk:
            for block in walk:
                parts: list[Any] = [None] * 7
                for place, part in zip(present, block, strict=True):
                    parts[place] = part
                x, z, weight, pos_weight, where, over, target = parts
                yield target, elements(np, formula, x, z, weight, pos_weight, where, self.smoothing, over)

    def _divisor(self, *, keepdims: bool) -> Any:
        """Count what a mean divides by, in the logarithm's unit: one number, or an array along axes."""
        if self.reduction != "mean":
            return self.unit
        if self.mask is None:
            axes = range(len(self.shape)) if self.axes is None else self.axes
            return self.unit * math.prod(self.shape[axis] for axis in axes)
        counted = np.broadcast_to(self.mask, self.shape)
        return self.unit * np.sum(counted, axis=self.axes, keepdims=keepdims, dtype=self.working)
