"""The two engines: a compiled kernel for plain arrays, where it was built, and the reference for everything else.

The kernel computes what `_formulas` says. It steps aside for anything unusual, and then the reference decides, so
that results differ in the last digits at most. The environment variable ``BCE_ENGINE=reference`` switches it off.
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from ._formulas import gradient, loss

LOSS, GRADIENT, BOTH = range(3)  # what an engine can be asked for

_FLOATS = (np.dtype(np.float64), np.dtype(np.float32))
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
    reduction: Any,
    axis: Any,
    where: Any,
    out: Any,
) -> Any:
    """Take the kernel's place for short plain arrays, without its options; `Evaluation` does everything else."""
    summed = operation == LOSS and reduction != "none"
    if not (
        weight is pos_weight is base is axis is where is out is None
        and operation != BOTH
        and type(x) is np.ndarray
        and x.dtype in _FLOATS[: 2 if summed else 1]
        and (
            type(labels) is int or (type(labels) is np.ndarray and labels.dtype is x.dtype and labels.shape == x.shape)
        )
        and 0 < x.size <= _SHORT
        and reduction in ("mean", "sum", "none")
        and type(smoothing) is float
        and smoothing == 0
        and np.minimum.reduce(labels, axis=None) >= 0
        and np.maximum.reduce(labels, axis=None) <= 1
    ):
        return None
    values = (gradient if operation == GRADIENT else loss)(np, x, labels, 1 - labels, None)
    divisor = x.size if reduction == "mean" else 1
    if not summed:
        return values / divisor
    total = float(np.add.reduce(values, axis=None, dtype=np.float64)) / divisor
    return x.dtype.type(total) if math.isfinite(total) else None


#: How this file calls the kernel; a kernel that is called otherwise was built before.
_INTERFACE = 2


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
    if getattr(_kernel, "interface", None) != _INTERFACE:
        stale = "the compiled kernel was built from another version of its source; install the package again"
        if wanted:
            raise ImportError(stale)
        return reference, f"reference ({stale})"
    _kernel.expect(np.ndarray, np.empty, _FLOATS, (np.float64(0), np.float32(0)))
    return _kernel.evaluate, f"compiled ({_kernel.instructions})"


#: The engine at work, and a note that says which one it is, and why.
evaluate, note = _loaded()


def use_reference(reason: str) -> None:
    """Switch the compiled kernel off."""
    global evaluate, note
    evaluate, note = reference, f"reference ({reason})"
