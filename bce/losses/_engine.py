"""The two engines: a compiled kernel for plain arrays, where it was built, and the reference for everything else.

The kernel computes what `_formulas` says. It steps aside for anything unusual, and then the reference decides, so
that results differ in the last digits at most. The environment variable ``BCE_ENGINE=reference`` switches it off.
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._formulas import gradient, loss

LOSS, GRADIENT, SUM = range(3)  # what an engine can be asked for

_FLOATS = (np.dtype(np.float64), np.dtype(np.float32))
_ZERO = np.float32(0)
_SHORT = 8192


@np.errstate(all="ignore")
def reference(
    operation: int,
    x: Any,
    labels: Any,
    weight: Any,
    pos_weight: Any,
    smoothing: Any,
    base: Any,
    mean: bool,
    out: Any,
    mine: bool,
) -> float | None:
    """Take the kernel's place for short plain arrays, without its options; `Evaluation` does everything else."""
    if not (
        weight is pos_weight is base is None
        and type(x) is np.ndarray
        and x.dtype in _FLOATS[: 1 if out is not None else 2]
        and (
            type(labels) is int or (type(labels) is np.ndarray and labels.dtype is x.dtype and labels.shape == x.shape)
        )
        and 0 < x.size <= _SHORT
        and mine
        and type(smoothing) is float
        and smoothing == 0
        and np.minimum.reduce(labels, axis=None) >= 0
        and np.maximum.reduce(labels, axis=None) <= 1
    ):
        return None
    total = 0.0
    if operation == SUM:
        losses = loss(np, x, labels, 1 - labels, None)
        total = float(np.add.reduce(losses, axis=None, dtype=np.float64)) / (x.size if mean else 1)
    if out is not None:
        values = (loss if operation == LOSS else gradient)(np, x, labels, 1 - labels, None)
        np.divide(values, x.size if mean else 1, out=out)
    return total if math.isfinite(total) else None


def _loaded() -> tuple[Any, str]:
    wanted = os.environ.get("BCE_ENGINE", "")
    if wanted not in ("", "reference", "compiled"):
        raise ValueError(f"BCE_ENGINE must be 'reference', 'compiled' or unset, got {wanted!r}")
    if wanted == "reference":
        return reference, "reference (BCE_ENGINE asks for it)"
    try:
        from . import _kernel
    except ImportError as error:
        if wanted:
            raise
        return reference, f"reference (no compiled kernel: {error})"
    _kernel.expect(np.ndarray)
    return _kernel.evaluate, f"compiled ({_kernel.instructions})"


#: The engine at work, and a note that says which one it is, and why.
evaluate, note = _loaded()


def use_reference(reason: str) -> None:
    """Switch the compiled kernel off."""
    global evaluate, note
    evaluate, note = reference, f"reference ({reason})"


def scalar(logits: Any, value: float) -> Any:
    """Make a scalar of the logits' type, which is float64 or float32; to add 0 is quicker than to convert."""
    return np.float64(value) if logits.itemsize == 8 else _ZERO + value


def elements(operation: int, x: Any, labels: Any, *options: Any, out: Any = None) -> Any:
    """Evaluate losses or gradients; None leaves the case to the reference. Options are those of the kernel."""
    if type(x) is not np.ndarray:
        return None
    mine = out is None
    result = room_like(x) if mine else out
    if evaluate(operation, x, labels, *options, result, mine) is None:
        return None
    return result if result.ndim or not mine else result[()]


def room_like(x: NDArray[Any]) -> NDArray[Any]:
    """Make an array for results; of a small one NumPy makes a copy faster than an empty array."""
    return x.copy() if x.size < 512 else np.empty_like(x)
