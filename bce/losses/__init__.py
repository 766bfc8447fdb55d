"""The logistic sigmoid and binary cross-entropy in NumPy, accurate for every logit and label.

All functions take any array-like of real numbers, broadcast, keep the floating-point type (integers and
booleans become float64) and return a scalar for scalars. They work through their arguments in blocks that fit
the processor's cache, so that beside the result they need less than 1 MiB whatever the size of the input; a
reduction along axes needs one array more. float16 and float32 are computed in double precision and rounded once.

Every formula is written once (`_formulas`). NumPy evaluates it, the reference; a small compiled kernel, which is
built where there is a compiler, computes the same faster for plain contiguous arrays. `bce.engine` says which of them
is at work, and the environment variable ``BCE_ENGINE=reference`` switches the kernel off.

Arrays of other libraries, PyTorch, JAX, Dask and whatever follows the array API standard, stay what and where
they are: on their device, lazy, and differentiable by every argument. There, a label outside [0, 1] or a negative
weight makes NaN instead of an error.

The names of derivations in the docstrings are those of the book's proofs.
"""

from ._focal import sigmoid_focal_loss, sigmoid_focal_loss_gradient
from ._logistic import log_sigmoid, sigmoid
from ._logits import (
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_curvature,
    binary_cross_entropy_with_logits_gradient,
    value_and_grad,
)
from ._probabilities import binary_cross_entropy

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "binary_cross_entropy_with_logits_curvature",
    "binary_cross_entropy_with_logits_gradient",
    "log_sigmoid",
    "sigmoid",
    "sigmoid_focal_loss",
    "sigmoid_focal_loss_gradient",
    "value_and_grad",
]
