"""From a caller's arguments to a reduced loss: what all losses of this package share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arguments as check
from ._blocks import FloatArray, Index, blocks
from ._totals import AxesTotal, Total

Reduction = Literal["mean", "sum", "none"]
Axis = int | tuple[int, ...] | None
#: Reads (x, z, weight, pos_weight) and writes its targets; may use scratch rows.
Kernel = Callable[[Sequence[Any], Sequence[FloatArray], Sequence[FloatArray]], None]


class Evaluation:
    """One loss of given predictions and labels: checked operands, their shape and type, what is reduced."""

    def __init__(
        self,
        name: str,
        predictions: ArrayLike,
        labels: ArrayLike,
        weight: ArrayLike | None,
        reduction: str,
        *,
        pos_weight: ArrayLike | None = None,
        label_smoothing: float = 0.0,
        base: float | None = None,
        axis: Axis = None,
        where: ArrayLike | None = None,
        scratch_rows: int = 3,
    ) -> None:
        x = check.real_array(name, predictions)
        z = check.real_array("labels", labels)
        self._name = name
        self._shape = x.shape if x.shape == z.shape else check.common_shape(**{name: x, "labels": z})
        self._reduction = check.one_of("reduction", reduction, ("mean", "sum", "none"))
        given = (predictions, labels, weight, pos_weight)
        self._dtype = check.common_float_dtype(*(value for value in given if value is not None))
        self._operands: list[NDArray[Any] | None] = [
            x,
            z,
            self._weights("weight", weight),
            self._weights("pos_weight", pos_weight),
            self._mask(where),
        ]
        self._masked = where is not None
        self._scratch_rows = scratch_rows if pos_weight is None else scratch_rows + 2
        self._smoothing = check.number("label_smoothing", label_smoothing, low=0, high=1)
        self._unit = 1.0 if base is None else math.log(check.logarithm_base(base) or math.e)
        self._axes = None if axis is None else self._checked_axes(axis)

    def loss(self, kernel: Kernel, out: NDArray[Any] | None = None) -> Any:
        """Evaluate the loss, reduced as asked."""
        if self._reduction == "none":
            result = self._room(self._shape, out)
            self._run(kernel, [result], [self._unit])
            return _returned(result, out)
        return self._reduced(kernel, [None], out)

    def derivative(self, kernel: Kernel, out: NDArray[Any] | None = None) -> Any:
        """Evaluate a derivative of the reduced loss with respect to each prediction."""
        result = self._room(self._shape, out)
        self._run(kernel, [result], [self._divisor()])
        return _returned(result, out)

    def loss_and_derivative(self, kernel: Kernel, out: NDArray[Any] | None = None) -> tuple[Any, Any]:
        """Evaluate both in one pass; `out` takes the derivative."""
        derivative = self._room(self._shape, out)
        if self._reduction == "none":
            loss = np.empty(self._shape, self._dtype)
            self._run(kernel, [loss, derivative], [self._unit, self._unit])
            return loss[()], _returned(derivative, out)
        return self._reduced(kernel, [None, derivative], None), _returned(derivative, out)

    def _reduced(
        self,
        kernel: Kernel,
        outputs: list[NDArray[Any] | None],
        out: NDArray[Any] | None,
    ) -> Any:
        """Sum or average the kernel's first target and deliver its others."""
        divisor = self._divisor()
        total = self._new_total()
        self._run(kernel, outputs, [1.0, divisor], total)
        with np.errstate(all="ignore"):
            value = total.value() / divisor
            if self._reduction == "mean" and np.any(np.isinf(value)) and not self._overwritten(outputs):
                # The sum may have overflowed where the mean does not: divide first.
                total = self._new_total()
                self._run(kernel, [None for _ in outputs], [divisor, 1.0], total)
                value = total.value()
            if self._axes is not None:
                value = value.reshape(self._reduced_shape())
            room = self._room(self._reduced_shape(), out)
            room[...] = value
        return _returned(room, out)

    def _overwritten(self, outputs: list[NDArray[Any] | None]) -> bool:
        """Tell whether an output has taken the place of an operand."""
        operands = [operand for operand in self._operands if operand is not None]
        return any(
            np.may_share_memory(output, operand) for output in outputs if output is not None for operand in operands
        )

    def _run(
        self,
        kernel: Kernel,
        outputs: list[NDArray[Any] | None],
        divisors: list[Any],
        total: Total | AxesTotal | None = None,
    ) -> None:
        """Apply the kernel to every block, divide its targets and add up the first of them."""
        with np.errstate(all="ignore"):
            for index, values, targets, scratch, excluded in self._blocks(outputs):
                kernel(values, targets, scratch)
                for target, divisor in zip(targets, divisors, strict=False):
                    self._divide(target, divisor, index)
                    if excluded is not None:
                        target[excluded] = 0
                if total is not None:
                    total.add(targets[0], index)

    def _blocks(
        self, outputs: list[NDArray[Any] | None]
    ) -> Iterator[tuple[Index, list[Any], list[FloatArray], list[FloatArray], NDArray[np.bool_] | None]]:
        """Walk over blocks whose labels are checked and smoothed, and whose excluded elements are harmless."""
        names = (self._name, "labels") if self._name == "probabilities" else (None, "labels")
        known = [operand is not None and operand.dtype == np.bool_ for operand in self._operands[:2]]
        walk = blocks(
            self._operands,
            outputs,
            shape=self._shape,
            dtype=np.dtype(np.float32) if self._dtype == np.float16 else self._dtype,
            scratch_rows=self._scratch_rows + bool(self._smoothing),
            flatten=self._axes is None,
            writable=self._masked,
        )
        for index, (x, z, weight, pos_weight, mask), targets, scratch in walk:
            excluded = None
            if mask is not None:
                excluded = np.broadcast_to(mask == 0, x.shape)
                x[excluded] = 0
                if np.ndim(z):
                    z[excluded] = 0
            for name, block, safe in zip(names, (x, z), known, strict=True):
                if name is not None and not safe and block.size and not _within_unit_interval(block):
                    self._refuse(name)
            if self._smoothing:
                z = np.multiply(z, 1 - self._smoothing, out=scratch.pop() if np.ndim(z) else None)
                z += self._smoothing / 2
            yield index, [x, z, weight, pos_weight], targets, scratch, excluded

    def _refuse(self, name: str) -> None:
        """Raise the error for the first element outside [0, 1]."""
        array, mask = self._operands[name == "labels"], self._operands[4]
        assert array is not None
        if mask is not None and array.ndim:
            array = np.where(np.broadcast_to(mask, self._shape), array, 0)
        check.unit_interval(name, array)

    def _divisor(self) -> Any:
        """Count what a mean divides by, in the logarithm's unit: one number, or an array along axes."""
        if self._reduction != "mean":
            return self._unit
        mask = self._operands[4]
        if mask is None:
            axes = range(len(self._shape)) if self._axes is None else self._axes
            return np.float64(math.prod(self._shape[axis] for axis in axes) * self._unit)
        counts = np.sum(np.broadcast_to(mask, self._shape), axis=self._axes, keepdims=self._axes is not None)
        return counts * self._unit

    def _divide(self, target: FloatArray, divisor: Any, index: Index) -> None:
        if np.ndim(divisor) == 0:
            if divisor != 1:
                np.divide(target, target.dtype.type(divisor), target)
            return
        place = tuple(slice(0, 1) if length == 1 else part for part, length in zip(index, divisor.shape, strict=True))
        block = target.reshape([part.stop - part.start for part in index])
        np.divide(block, divisor[place], block, casting="same_kind")

    def _new_total(self) -> Total | AxesTotal:
        if self._axes is None:
            return Total()
        shape = tuple(1 if axis in self._axes else length for axis, length in enumerate(self._shape))
        return AxesTotal(shape, self._axes, np.result_type(self._dtype, np.float32))

    def _reduced_shape(self) -> tuple[int, ...]:
        if self._axes is None:
            return ()
        return tuple(length for axis, length in enumerate(self._shape) if axis not in self._axes)

    def _room(self, shape: tuple[int, ...], out: NDArray[Any] | None) -> NDArray[Any]:
        if out is None:
            return np.empty(shape, self._dtype)
        check.output("out", out, shape, self._dtype)
        return out

    def _weights(self, name: str, value: ArrayLike | None) -> NDArray[Any] | None:
        if value is None:
            return None
        array = check.real_array(name, value)
        check.shape_within(name, array, self._shape, f"{self._name} and labels")
        check.finite_and_not_negative(name, array)
        return array

    def _mask(self, where: ArrayLike | None) -> NDArray[Any] | None:
        if where is None:
            return None
        mask = np.asarray(where)
        if mask.dtype != np.bool_:
            raise TypeError(f"where must hold booleans, got dtype {mask.dtype}")
        check.shape_within("where", mask, self._shape, f"{self._name} and labels")
        return mask

    def _checked_axes(self, axis: int | tuple[int, ...]) -> tuple[int, ...]:
        if self._reduction == "none":
            raise ValueError("axis needs the reduction 'mean' or 'sum', got 'none'")
        ndim = len(self._shape)
        axes = axis if isinstance(axis, tuple) else (axis,)
        if not all(isinstance(one, (int, np.integer)) and -ndim <= one < ndim for one in axes):
            raise ValueError(
                f"axis must be None or integers from {-ndim} to {ndim - 1} for the shape {self._shape}, got {axis!r}"
            )
        counted = {int(one) % ndim for one in axes}
        if len(counted) < len(axes):
            raise ValueError(f"axis must not name an axis twice, got {axis!r}")
        return tuple(sorted(counted))


def _within_unit_interval(block: FloatArray) -> bool:
    """Tell whether all numbers are in [0, 1] or NaN."""
    if np.ndim(block):
        low, high = block[block.argmin()], block[block.argmax()]
    else:
        low = high = block
    return bool(low >= 0 and high <= 1) or not np.any((block < 0) | (block > 1))


def _returned(result: NDArray[Any], out: NDArray[Any] | None) -> Any:
    """Give back the caller's own array, or a result of ours with a scalar for no dimensions."""
    return out if out is not None else result[()]
