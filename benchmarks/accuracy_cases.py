"""What `accuracy.py` compares: every function with its exact value, on inputs that try to break it.

Exact values are mpmath's at 420 bits. Next to each stands the number whose ULP is the unit of the error: the value
itself, or for terms that cancel whatever the formula, the larger of them or the sum of their absolute values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import bce
import bce.losses as ours
from bce.book.kernel.ulps import EXACT, exact_gradient, exact_loss, terms

Array = np.ndarray[Any, np.dtype[Any]]
Truth = Callable[[Any, Any], tuple[Any, Any]]
Inputs = Callable[[int, np.dtype[Any]], tuple[Array, Array]]


@dataclass(frozen=True)
class Case:
    """A function of two arguments, its exact value with the unit of its error, its inputs and its bounds."""

    name: str
    compute: Callable[[Array, Array], Array]
    truth: Truth
    kind: str  # of the inputs
    bounds: dict[str, float]

    @property
    def inputs(self) -> Inputs:
        """Make the arguments: so many points of a type, each a number or a row."""
        return INPUTS[self.kind]


# --- exact values --------------------------------------------------------------------


def exact_curvature(x: Any, z: Any) -> tuple[Any, Any]:
    """Give the second derivative."""
    e = terms(x, z)[1]
    value = e / (1 + e) ** 2
    return value, value


def exact_sigmoid(x: Any, z: Any) -> tuple[Any, Any]:
    """Give the sigmoid: the gradient at the label 0."""
    return exact_gradient(x, EXACT.mpf(0))


def exact_log_sigmoid(x: Any, z: Any) -> tuple[Any, Any]:
    """Give the logarithm of the sigmoid: minus the loss of the label 1."""
    value = -exact_loss(x, EXACT.mpf(1))[0]
    return value, value


def exact_loss_of_probability(p: Any, z: Any) -> tuple[Any, Any]:
    """Give the loss of probabilities, 0 < p < 1."""
    value = -z * EXACT.log(p) - (1 - z) * EXACT.log1p(-p)
    return value, value


def exact_options(smoothing: float, pos_weight: float, base: float | None, x: Any, z: Any) -> tuple[Any, Any]:
    """Give the loss of logits with a smoothed label, a weight of the label 1 and a base."""
    share = EXACT.mpf(smoothing)
    y, n = (EXACT.mpf(pos_weight) * (z * (1 - share) + share / 2), (1 - z) * (1 - share) + share / 2)
    e = EXACT.exp(-abs(x))
    value = (n * x if x >= 0 else -y * x) + (y + n) * EXACT.log1p(e)
    value /= 1 if base is None else EXACT.log(base)
    return value, value


def exact_focal_loss(x: Any, z: Any) -> tuple[Any, Any]:
    """Give the focal loss with gamma = 2 and no balance."""
    value = _other_probability(x, z) ** 2 * exact_loss(x, z)[0]
    return value, value


def exact_focal_gradient(x: Any, z: Any) -> tuple[Any, Any]:
    """Give its gradient."""
    m, e = _other_probability(x, z), terms(x, z)[1]
    turn = 2 * m * (1 - 2 * z) * e / (1 + e) ** 2 * exact_loss(x, z)[0]
    value = turn + m**2 * exact_gradient(x, z)[0]
    return value, value


def _other_probability(x: Any, z: Any) -> Any:
    """Give m = σ(x) (1 - z) + (1 - σ(x)) z."""
    e = terms(x, z)[1]
    likely, unlikely = 1 / (1 + e), e / (1 + e)
    return likely * (1 - z) + unlikely * z if x >= 0 else unlikely * (1 - z) + likely * z


def exact_information(base: float, p: Any, _: Any) -> tuple[Any, Any]:
    """Give the information content to a base."""
    value = -EXACT.log(p) / EXACT.log(base)
    return value, value


def exact_entropy(p: Any, _: Any) -> tuple[Any, Any]:
    """Give the entropy of a row."""
    return exact_cross_entropy(p, p)


def exact_cross_entropy(p: Any, q: Any) -> tuple[Any, Any]:
    """Give the cross-entropy of two rows."""
    value = -sum(a * EXACT.log(b) for a, b in zip(p, q, strict=True) if a)
    return value, value


def exact_divergence(p: Any, q: Any) -> tuple[Any, Any]:
    """Give the Kullback-Leibler divergence of two rows, and the sum of its terms' absolute values.

    Rows whose sums are rounded can have a negative sum of terms, where 0 is right.
    """
    parts = [a * EXACT.log(a / b) for a, b in zip(p, q, strict=True) if a]
    return max(sum(parts), EXACT.mpf(0)), sum(map(abs, parts))


def double(float64: float, float32: float) -> dict[str, float]:
    """Name the bounds in both types."""
    return {"float64": float64, "float32": float32}


# --- inputs ---------------------------------------------------------------------------


def logits(points: int, dtype: np.dtype[Any]) -> Array:
    """Make a dense grid where e^-|x| is not 0, random logits, every order of magnitude, and the worst places.

    Those are where e^-|x| lies just above a power of two and e^-|x| / (1 + e^-|x|) just below.
    """
    generator = np.random.default_rng(points)
    edge = 745.2 if dtype == np.float64 else 103.9
    limits = np.finfo(dtype)
    magnitudes = np.geomspace(float(limits.smallest_subnormal) * 4, float(limits.max) / 4, points // 8)
    powers = generator.integers(0, 12, size=points // 8)
    below_powers_of_two = powers * np.log(2) - generator.random(points // 8) * 2.0**-powers
    x = np.concatenate(
        [
            np.linspace(-edge, edge, points // 4),
            np.linspace(-40, 40, points // 4),
            generator.normal(size=points // 8),
            generator.normal(scale=10, size=points // 8),
            magnitudes * generator.choice([-1, 1], size=points // 8),
            below_powers_of_two * generator.choice([-1, 1], size=points // 8),
        ]
    )
    return x.astype(dtype)


def probabilities(points: int, dtype: np.dtype[Any]) -> Array:
    """Make probabilities inside (0, 1): a dense grid, and close to both ends."""
    tiny = np.geomspace(float(np.finfo(dtype).smallest_subnormal) * 4, 0.5, points // 4)
    near_one = 1 - np.geomspace(float(np.finfo(dtype).epsneg), 0.5, points // 4)
    p = np.concatenate([np.linspace(0, 1, points // 2 + 2)[1:-1], tiny, near_one]).astype(dtype)
    return p[(p > 0) & (p < 1)]


def hard(x: Array) -> Array:
    """Make labels 0 and 1 at random."""
    return np.random.default_rng(len(x)).integers(0, 2, len(x)).astype(x.dtype)


def soft(x: Array) -> Array:
    """Make labels of every kind: uniform, tiny, close to one, and the prediction itself."""
    generator = np.random.default_rng(len(x))
    kinds = np.stack(
        [
            generator.random(len(x)),
            10.0 ** generator.uniform(np.log10(float(np.finfo(x.dtype).smallest_normal)), 0, len(x)),
            1 - 10.0 ** generator.uniform(-17, 0, len(x)),
            np.asarray(ours.sigmoid(x), np.float64),
        ]
    )
    z: Array = kinds[generator.integers(0, len(kinds), len(x)), np.arange(len(x))].astype(x.dtype)
    return z


def rows(points: int, dtype: np.dtype[Any]) -> tuple[Array, Array]:
    """Make pairs of distributions over 2 to 1000 outcomes: even and uneven ones, far apart and very close.

    The outcomes that a pair lacks have probability 0 in both.
    """
    generator = np.random.default_rng(points)
    count = max(8, points // 500)
    smallest = float(np.finfo(dtype).smallest_normal)
    outcomes = np.geomspace(2, 1000, count).astype(int)
    present = np.arange(1000) < outcomes[:, None]
    p = generator.gamma(0.5, size=present.shape) + smallest
    q = generator.gamma(2.0, size=present.shape) + smallest
    q[::2] = p[::2] * (1 + 1e-3 * generator.uniform(-1, 1, p[::2].shape))
    return _normalised(p * present).astype(dtype), _normalised(q * present).astype(dtype)


def _normalised(p: Array) -> Array:
    scaled: Array = p / p.sum(axis=1, keepdims=True)
    return scaled


def _with(make: Callable[[int, np.dtype[Any]], Array], label: Callable[[Array], Array]) -> Inputs:
    def inputs(points: int, dtype: np.dtype[Any]) -> tuple[Array, Array]:
        x = make(points, dtype)
        return x, label(x)

    return inputs


INPUTS: dict[str, Inputs] = {
    "logits": _with(logits, np.zeros_like),
    "hard labels": _with(logits, hard),
    "soft labels": _with(logits, soft),
    "probabilities": _with(probabilities, np.zeros_like),
    "probabilities, hard labels": _with(probabilities, hard),
    "probabilities, soft labels": _with(probabilities, soft),
    "distributions": rows,
}

# --- the cases -----------------------------------------------------------------------

loss = partial(ours.binary_cross_entropy_with_logits, reduction="none")
gradient = partial(ours.binary_cross_entropy_with_logits_gradient, reduction="none")
focal = partial(ours.sigmoid_focal_loss, alpha=None)


def through_columns(function: Callable[..., Any]) -> Callable[[Array, Array], Array]:
    """Call a function of rows with columns, which is its default."""
    return lambda p, q: function(*(np.ascontiguousarray(rows.T) for rows in (p, q)))


def gradient_beside_the_loss(x: Array, z: Array) -> Array:
    """Give the gradient of the sum as `value_and_grad` does."""
    found: Array = ours.value_and_grad(x, z, reduction="sum")[1]
    return found


def general(function: Callable[..., Any]) -> Callable[[Array, Array], Array]:
    """Call a function with arrays that are not contiguous: the compiled engine leaves them to the reference."""
    return lambda x, z: np.copy(function(np.repeat(x, 2)[::2], np.repeat(z, 2)[::2]))


CASES = [
    Case("sigmoid", lambda x, z: ours.sigmoid(x), exact_sigmoid, "logits", double(2, 1)),
    Case("log_sigmoid", lambda x, z: ours.log_sigmoid(x), exact_log_sigmoid, "logits", double(2, 1)),
    Case("loss", loss, exact_loss, "hard labels", double(2, 1)),
    Case("loss", loss, exact_loss, "soft labels", double(2 if bce.engine.startswith("compiled") else 3, 1)),
    Case("loss, reference", general(loss), exact_loss, "soft labels", double(3, 1)),
    Case("gradient", gradient, exact_gradient, "hard labels", double(2, 1)),
    Case("gradient", gradient, exact_gradient, "soft labels", double(3, 1)),
    Case("gradient, reference", general(gradient), exact_gradient, "soft labels", double(3, 1)),
    Case("gradient with the loss", gradient_beside_the_loss, exact_gradient, "hard labels", double(2, 3)),
    Case("gradient with the loss", gradient_beside_the_loss, exact_gradient, "soft labels", double(3, 3)),
    *(
        Case(
            f"loss, {', '.join(f'{name} {value:g}' for name, value in options.items())}",
            partial(loss, **options),
            partial(
                exact_options,
                options.get("label_smoothing", 0),
                options.get("pos_weight", 1),
                options.get("base"),
            ),
            labels,
            double(bound, 1),
        )
        for options, bound in (
            ({"label_smoothing": 0.1}, 4),
            ({"label_smoothing": 1e-6}, 4),
            ({"pos_weight": 3.0}, 4),
            ({"base": 2.0}, 4),
        )
        for labels in ("hard labels", "soft labels")
    ),
    Case(
        "curvature",
        lambda x, z: ours.binary_cross_entropy_with_logits_curvature(x, reduction="none"),
        exact_curvature,
        "logits",
        double(3, 1),
    ),
    *(
        Case(
            "loss of probabilities",
            lambda p, z: ours.binary_cross_entropy(p, z, reduction="none"),
            exact_loss_of_probability,
            inputs,
            double(3, 1),
        )
        for inputs in ("probabilities, hard labels", "probabilities, soft labels")
    ),
    Case("focal loss", focal, exact_focal_loss, "hard labels", double(11, 1)),
    Case("focal loss", focal, exact_focal_loss, "soft labels", double(11, 1)),
    Case(
        "focal loss gradient",
        lambda x, z: ours.sigmoid_focal_loss_gradient(x, z, alpha=None),
        exact_focal_gradient,
        "hard labels",
        double(11, 1),
    ),
    *(
        Case(
            f"information to base {name}",
            lambda p, _, base=base: bce.information_content(p, base),
            partial(exact_information, EXACT.e if base is None else EXACT.mpf(base)),
            "probabilities",
            double(bound, 1),
        )
        for name, base, bound in (("e", None, 2), ("2", 2, 2), ("10", 10, 2), ("3", 3, 3))
    ),
    *(
        Case(name + suffix, wrap(function), truth, "distributions", double(2, 1))
        for suffix, wrap in ((", rows", lambda function: partial(function, axis=1)), (", columns", through_columns))
        for name, function, truth in (
            ("entropy", lambda p, _, **axis: bce.entropy(p, **axis), exact_entropy),
            ("cross-entropy", bce.cross_entropy, exact_cross_entropy),
            ("KL divergence", bce.kl_divergence, exact_divergence),
        )
    ),
]
