"""The evaluation of losses of other libraries' arrays, which stay what and where they are.

A PyTorch or JAX array stays on its device and is differentiated by its library; a Dask array is computed lazily, chunk
by chunk. Values are not looked at, because they may not be there yet: a label outside [0, 1] or a negative weight makes
NaN. All that needs no values is checked as for NumPy's arrays.
"""

from __future__ import annotations

import sys
from typing import Any

from . import _arguments as check
from ._formulas import Array, Formula, Namespace, elements

_LARGEST = sys.float_info.max

try:
    import array_api_compat
except ImportError:
    array_api_compat = None


def namespace(*values: Any) -> Namespace | None:
    """Find the library whose arrays are among the values; None for NumPy's arrays and for plain numbers."""
    foreign = [value for value in values if check.is_foreign(value)]
    if not foreign:
        return None
    library = type(foreign[0]).__module__.split(".")[0]
    if array_api_compat is not None:
        try:
            return array_api_compat.array_namespace(*foreign)
        except TypeError:
            advice = "its losses cannot be computed here"
    elif all(hasattr(value, "__array_namespace__") for value in foreign):
        return foreign[0].__array_namespace__()
    else:
        advice = "install the package array-api-compat, which may know it"
    raise TypeError(
        f"an array of {library} ({type(foreign[0]).__name__}) does not follow the array API standard: {advice}, or "
        f"convert it with numpy.asarray, which gives up its derivatives"
    )


class ForeignEvaluation:
    """One loss of predictions and labels of which one is an array of another library; see `Evaluation` for NumPy's."""

    def __init__(
        self,
        xp: Namespace,
        name: str,
        predictions: Any,
        labels: Any,
        weight: Any,
        reduction: str,
        pos_weight: Any = None,
        label_smoothing: Any = 0.0,
        base: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        where: Any = None,
        broadcast: bool = False,
    ) -> None:
        self._xp = xp
        self._reduction = check.one_of("reduction", reduction, ("mean", "sum", "none"))
        self._unit = check.unit(base)
        given = {name: predictions, "labels": labels, "weight": weight, "pos_weight": pos_weight}
        foreign = [value for value in (*given.values(), label_smoothing) if check.is_foreign(value)]
        floats = [value.dtype for value in foreign if xp.isdtype(value.dtype, "real floating")]
        for argument, value in given.items():
            if check.is_foreign(value) and not xp.isdtype(value.dtype, ("bool", "integral", "real floating")):
                raise TypeError(f"{argument} must be real numbers, got dtype {value.dtype}")
        self._dtype = xp.result_type(*floats) if floats else xp.asarray(1.0).dtype
        # Types of 16 bits have too few digits for intermediate results.
        self._working = xp.float32 if xp.finfo(self._dtype).bits < 32 else self._dtype
        self._device = getattr(foreign[0], "device", None) if foreign else None
        x, z, weight, pos_weight = (
            self._converted(argument, value, where is not None) for argument, value in given.items()
        )
        self._where = None if where is None else self._mask(where)
        self._shape = check.common_shape(stretched=broadcast, **{name: x.shape, "labels": z.shape})
        self._axis = axis if self._shape is None else check.axes(axis, self._shape, reduction)
        for argument, array in (("weight", weight), ("pos_weight", pos_weight), ("where", self._where)):
            if array is not None:
                check.shape_within(argument, array.shape, self._shape, f"{name} and labels")
        if self._shape is not None and x.shape != self._shape:
            x = xp.broadcast_to(x, self._shape)
        self._x = self._within(x, 1) if name == "probabilities" else x
        self._z = self._within(z, 1)
        self._weight, self._pos_weight = (
            None if array is None else self._within(array, xp.finfo(self._working).max)
            for array in (weight, pos_weight)
        )
        known = not check.is_foreign(label_smoothing)
        self._smoothing = check.number("label_smoothing", label_smoothing, low=0, high=1) if known else label_smoothing

    def loss(self, formula: Formula, out: Any = None) -> Array:
        """Evaluate the loss, reduced as asked."""
        self._refuse(out)
        value = self._elements(formula)
        if self._reduction != "none":
            count = self._count(value, keepdims=False)
            value = self._xp.sum(value, axis=self._axis) / count
        return self._xp.astype(value, self._dtype)

    def derivative(self, formula: Formula, out: Any = None) -> Array:
        """Evaluate a derivative of the reduced loss with respect to each prediction."""
        self._refuse(out)
        value = self._elements(formula)
        value = value / self._count(value, keepdims=True)
        if self._where is not None:
            value = self._xp.where(self._where, value, self._xp.zeros_like(value))
        return self._xp.astype(value, self._dtype)

    def _elements(self, formula: Formula) -> Array:
        options = self._weight, self._pos_weight, self._where, self._smoothing, self._unit
        return elements(self._xp, formula, self._x, self._z, *options)

    def _count(self, value: Array, *, keepdims: bool) -> Any:
        """Count what a mean divides by; 1 for other reductions."""
        if self._reduction != "mean":
            return 1
        counted = self._xp.ones_like(value)
        if self._where is not None:
            counted = self._xp.where(self._where, counted, self._xp.zeros_like(value))
        return self._xp.sum(counted, axis=self._axis, keepdims=keepdims)

    def _converted(self, name: str, value: Any, masked: bool) -> Array:
        """Take an array of the library as it is, and anything else to its device, with the checks for NumPy."""
        if value is None or check.is_foreign(value):
            return value if value is None else self._xp.astype(value, self._working)
        largest = {"labels": 1, "probabilities": 1}.get(name, _LARGEST)
        if type(value) not in (bool, int, float) or not 0 <= value <= largest:
            array = check.real_array(name, value)  # out of reach while PyTorch compiles
            if largest == 1 and not masked:
                check.unit_interval(name, array)
            elif name.endswith("weight"):
                check.finite_and_not_negative(name, array)
            value = array.tolist()
        return self._xp.asarray(value, dtype=self._working, device=self._device)

    def _mask(self, where: Any) -> Array:
        if not check.is_foreign(where):
            return self._xp.asarray(check.booleans("where", where).tolist(), device=self._device)
        if not self._xp.isdtype(where.dtype, "bool"):
            raise TypeError(f"where must hold booleans, got dtype {where.dtype}")
        return where

    def _within(self, array: Array, high: float) -> Array:
        """Turn what is not in [0, high] into NaN."""
        inside = (array >= 0) & (array <= high)
        return self._xp.where(inside, array, self._xp.full_like(array, self._xp.nan))

    def _refuse(self, out: Any) -> None:
        if out is not None:
            raise TypeError(
                f"out is for NumPy arrays only, got {type(out).__name__} with an array of {self._xp.__name__}"
            )
