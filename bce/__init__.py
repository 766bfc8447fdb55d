"""Binary cross-entropy, derived and computed.

The losses and the information measures are here, on NumPy alone. The verifier, which
needs SymPy, is loaded when it is first asked for: `bce.check`. So is `bce.__version__`.
`bce.engine` says what computes the losses, the compiled kernel or NumPy alone, and why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .information import cross_entropy, entropy, information_content, kl_divergence
from .losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_curvature,
    binary_cross_entropy_with_logits_gradient,
    log_sigmoid,
    sigmoid,
    sigmoid_focal_loss,
    sigmoid_focal_loss_gradient,
    value_and_grad,
)

if TYPE_CHECKING:
    from .verdicts import check_text as check

    __version__: str
    engine: str

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "binary_cross_entropy_with_logits_curvature",
    "binary_cross_entropy_with_logits_gradient",
    "check",
    "cross_entropy",
    "engine",
    "entropy",
    "information_content",
    "kl_divergence",
    "log_sigmoid",
    "sigmoid",
    "sigmoid_focal_loss",
    "sigmoid_focal_loss_gradient",
    "value_and_grad",
]


def __getattr__(name: str) -> Any:
    if name == "check":
        from .verdicts import check_text

        return check_text
    if name == "engine":
        from .losses import _engine

        return _engine.note
    if name == "__version__":
        return _version()
    raise AttributeError(f"module 'bce' has no attribute {name!r}")


def _version() -> str:
    """Read the version from the package's metadata, the one place that says it."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("bce")
    except PackageNotFoundError:
        return "unknown"  # the folder alone is on the path, and nothing is installed
