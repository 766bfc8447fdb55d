"""The two engines: a compiled kernel for plain arrays, where it was built, and the reference for everything else.

The kernel computes what `_formulas` says. It steps aside for anything unusual, and then the reference decides, so
that results differ in the last digits at most. The environment variable ``BCE_ENGINE=reference`` switches it off.
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

LOSS, GRADIENT, _SUM = range(3)  # what the kernel can be asked for

_KINDS = {np.ndarray, float, int}


def _loaded() -> tuple[Any, str]:
    wanted = os.environ.get("BCE_ENGINE", "")
    if wanted not in ("", "reference", "compiled"):
        raise ValueError(f"BCE_ENGINE must be 'reference', 'compiled' or unset, got {wanted!r}")
    if wanted == "reference":
        return None, "reference (BCE_ENGINE asks for it)"
    try:
        from . import _kernel
    except ImportError as error:
        if wanted:
            raise
        return None, f"reference (no compiled kernel: {error})"
    return _kernel.evaluate, f"compiled ({_kernel.instructions})"


#: The kernel's one function, or None; and a note that says which engine is at work, and why.
evaluate, note = _loaded()


def elements(
    operation: int,
    logits: Any,
    labels: Any,
    weight: Any = None,
    pos_weight: Any = None,
    smoothing: Any = 0.0,
    base: Any = None,
    mean: bool = False,
    out: Any = None,
) -> Any:
    """Evaluate losses or gradients, for a mean divided by their number; None leaves the case to the reference."""
    divisor = _divisor(logits, labels, weight, pos_weight, smoothing, base, mean, out)
    if divisor is None:
        return None
    result = np.empty_like(logits) if out is None else out
    if evaluate(operation, logits, labels, weight, pos_weight, smoothing, divisor, result, out is None) is None:
        return None
    return result if result.ndim or out is not None else result[()]


def total(
    logits: Any,
    labels: Any,
    weight: Any,
    pos_weight: Any,
    smoothing: Any,
    base: Any,
    mean: bool,
    gradient: Any = None,
    mine: bool = False,
) -> Any:
    """Add up or average the loss; None leaves the case to the reference.

    An array `gradient` takes the gradient. Unless it is `mine`, the caller's new one, it is not written to in vain.
    """
    divisor = _divisor(logits, labels, weight, pos_weight, smoothing, base, mean, gradient)
    if divisor is None:
        return None
    value = evaluate(_SUM, logits, labels, weight, pos_weight, smoothing, divisor, gradient, mine)
    return None if value is None else logits.dtype.type(value / divisor)


def _divisor(
    logits: Any, labels: Any, weight: Any, pos_weight: Any, smoothing: Any, base: Any, mean: bool, out: Any
) -> float | None:
    """Give what the results are divided by; None if the kernel is not there, or not made for such arguments."""
    if evaluate is None or type(logits) is not np.ndarray or type(labels) not in _KINDS:
        return None
    if out is not None and type(out) is not np.ndarray:
        return None
    divisor = float(logits.size) if mean else 1.0
    if weight is pos_weight is base is None and type(smoothing) is float and smoothing == 0.0:
        return divisor
    if any(one is not None and type(one) not in _KINDS for one in (weight, pos_weight)):
        return None
    if type(smoothing) not in (float, int) or not 0 <= smoothing <= 1:
        return None
    if base is None:
        return divisor
    if type(base) not in (float, int) or not 1 < base < math.inf:
        return None
    return divisor * math.log(base)
