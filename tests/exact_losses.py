"""Exact values of the losses, at 400 bits, and inputs that try to break them."""

import mpmath
from hypothesis import strategies as st

from bce.losses import (
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_curvature,
    binary_cross_entropy_with_logits_gradient,
)

EXACT = mpmath.MPContext()  # a context of its own leaves mpmath's global precision alone
EXACT.prec = 400

OF_LOGITS = [
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_gradient,
    binary_cross_entropy_with_logits_curvature,
]

logits = st.floats(-1e4, 1e4) | st.sampled_from([0.0, -0.0, 5e-324, -5e-324, 36.7, -36.8, 745.2, -745.2])
labels = st.sampled_from([0.0, 1.0]) | st.floats(0, 1)


def exact_loss(x, z):
    """-z log σ(x) - (1 - z) log(1 - σ(x)), by its definition and at 400 bits."""
    x, z = EXACT.mpf(x), EXACT.mpf(z)
    return z * EXACT.log1p(EXACT.exp(-x)) + (1 - z) * EXACT.log1p(EXACT.exp(x))


def exact_sigmoid(x):
    return 1 / (1 + EXACT.exp(-EXACT.mpf(x)))


def exact_gradient(x, z):
    """σ(x) - z, and the larger of two terms whose difference it is: no precision would do for 1 - σ(10⁴)."""
    z = EXACT.mpf(float(z))
    if x >= 0:
        return (1 - z) - exact_sigmoid(-x), max(1 - z, exact_sigmoid(-x))
    return exact_sigmoid(x) - z, max(exact_sigmoid(x), z)
