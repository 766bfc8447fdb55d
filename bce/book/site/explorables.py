"""Pictures that a reader can move: ``{explorable}`` shows one by its name.

What is drawn here with the package's own functions is a still picture, complete without JavaScript. The script
``static/explorables.js`` holds the same formulas and redraws the curves when a slider moves; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bce import (
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_gradient,
    cross_entropy,
    entropy,
    information_content,
    kl_divergence,
    sigmoid,
)

Values = dict[str, float]
Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Slider:
    """A number that the reader chooses."""

    name: str
    label: str
    low: float
    high: float
    step: float
    start: float


@dataclass(frozen=True)
class Axis:
    """One direction of the picture."""

    label: str
    low: float
    high: float
    ticks: tuple[float, ...]


@dataclass(frozen=True)
class Explorable:
    """A picture, its sliders, and what it shows.

    ``curves`` computes each curve on a grid of the horizontal axis; ``position`` is where the marks stand on that axis.
    ``readout`` says in words what the marks show. Labels may hold ``$…$`` formulas, spoken texts may not.
    """

    title: str
    description: str
    sliders: tuple[Slider, ...]
    horizontal: Axis
    vertical: Axis
    legend: tuple[str, ...]
    curves: Callable[[Curve, Values], list[Curve]]
    position: Callable[[Values], float]
    readout: Callable[[Values], str]
    points: int = 241

    @property
    def start(self) -> Values:
        """The numbers of the still picture."""
        return {slider.name: slider.start for slider in self.sliders}

    def grid(self) -> Curve:
        """Where the curves are computed on the horizontal axis."""
        return np.linspace(self.horizontal.low, self.horizontal.high, self.points)

    def marks(self, values: Values) -> list[float]:
        """Return the height of each curve's mark."""
        return [float(curve[0]) for curve in self.curves(_one(self.position(values)), values)]


def _one(place: float) -> Curve:
    return np.array([place], dtype=np.float64)


def _coin(p: Curve) -> Curve:
    return np.stack([p, 1 - p])


def _coin_curves(p: Curve, values: Values) -> list[Curve]:
    return [entropy(_coin(p)), information_content(p), information_content(1 - p)]


def _coin_readout(values: Values) -> str:
    p = values["p"]
    average, heads, tails = (curve[0] for curve in _coin_curves(_one(p), values))
    return (
        f"Heads has probability {p:.2f}. The surprise of heads is {heads:.3f} nats, that of tails {tails:.3f}. "
        f"On average that is {average:.3f} nats, or {average / np.log(2):.3f} bits."
    )


def _belief_curves(q: Curve, values: Values) -> list[Curve]:
    truth, belief = _coin(np.full_like(q, values["p"])), _coin(q)
    return [cross_entropy(truth, belief), entropy(truth), kl_divergence(truth, belief)]


def _belief_readout(values: Values) -> str:
    crossed, own, extra = (curve[0] for curve in _belief_curves(_one(values["q"]), values))
    return (
        f"The truth is {values['p']:.2f}, the belief {values['q']:.2f}. The cross-entropy is {crossed:.3f} nats: "
        f"{own:.3f} of entropy and {extra:.3f} of divergence."
    )


def _loss_curves(x: Curve, values: Values) -> list[Curve]:
    z = np.full_like(x, values["z"])
    return [
        binary_cross_entropy_with_logits(x, z, reduction="none"),
        binary_cross_entropy_with_logits_gradient(x, z, reduction="none"),
    ]


def _loss_readout(values: Values) -> str:
    loss, slope = (curve[0] for curve in _loss_curves(_one(values["x"]), values))
    return (
        f"Logit {values['x']:.1f}, label {values['z']:.2f}: the prediction is {float(sigmoid(values['x'])):.3f}, "
        f"the loss {loss:.3f} nats, the gradient {slope:.3f}."
    )


def _softmax_curves(a: Curve, values: Values) -> list[Curve]:
    largest = np.maximum(a, values["b"])
    first, second = np.exp(a - largest), np.exp(values["b"] - largest)
    return [first / (first + second), sigmoid(a)]


def _softmax_readout(values: Values) -> str:
    a, b = values["a"], values["b"]
    first = float(_softmax_curves(_one(a), values)[0][0])
    return (
        f"The softmax of {a:.1f} and {b:.1f} gives {first:.3f} and {1 - first:.3f}. "
        f"The sigmoid of the difference {a - b:.1f} is {float(sigmoid(a - b)):.3f}."
    )


def naive_loss(x: Curve, z: float) -> NDArray[np.float32]:
    """Compute the loss in float32 as it is defined, rounding after each operation."""
    one, label, logit = np.float32(1), np.float32(z), x.astype(np.float32)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        probability = one / (one + np.exp(-logit.astype(np.float64)).astype(np.float32))
        logarithm = np.log(probability.astype(np.float64)).astype(np.float32)
        other = np.log((one - probability).astype(np.float64)).astype(np.float32)
        return -label * logarithm - (one - label) * other


def stable_loss(x: Curve, z: float) -> NDArray[np.float32]:
    """Compute the loss in float32 without overflow and cancellation, rounding after each operation."""
    logit = x.astype(np.float32)
    direction = (logit > 0).astype(np.float32) - np.float32(z)
    exponential = np.exp(-np.abs(logit).astype(np.float64)).astype(np.float32)
    return direction * logit + np.log1p(exponential.astype(np.float64)).astype(np.float32)


def _digits(computed: NDArray[np.float32], x: Curve, z: float) -> Curve:
    """Count the leading decimal digits that are right, at most 8."""
    logit, label = x.astype(np.float32).astype(np.float64), np.full_like(x, np.float32(z))
    exact = binary_cross_entropy_with_logits(logit, label, reduction="none")
    with np.errstate(divide="ignore", invalid="ignore"):
        digits = -np.log10(np.abs(computed - exact) / exact)
    return np.clip(np.nan_to_num(digits, nan=0, posinf=8, neginf=0), 0, 8)


def _float_curves(x: Curve, values: Values) -> list[Curve]:
    z = values["z"]
    return [_digits(stable_loss(x, z), x, z), _digits(naive_loss(x, z), x, z)]


def _float_readout(values: Values) -> str:
    at = _one(values["x"])
    digits = [curve[0] for curve in _float_curves(at, values)]
    naive, stable = float(naive_loss(at, values["z"])[0]), float(stable_loss(at, values["z"])[0])
    return (
        f"Logit {values['x']:.1f}, label {values['z']:.2f}: the stable form gives {number(stable)}, with "
        f"{digits[0]:.1f} right digits; the naive form gives {number(naive)}, with {digits[1]:.1f}."
    )


def number(value: float) -> str:
    """Write a float32 with seven digits after the point, and say what is no number."""
    if np.isnan(value):
        return "not a number"
    return "infinity" if np.isinf(value) else f"{value:.6e}"


_PROBABILITY = (0.0, 0.25, 0.5, 0.75, 1.0)
_LOGIT = (-8.0, -4.0, 0.0, 4.0, 8.0)

EXPLORABLES = {
    "coin-entropy": Explorable(
        title="Surprise and entropy of a coin",
        description="Three curves against the probability of heads: the surprise of heads falls, that of tails rises, "
        "and their average, the entropy, is an arch that is highest at one half.",
        sliders=(Slider("p", "probability of heads $p$", 0.01, 0.99, 0.01, 0.3),),
        horizontal=Axis("probability of heads", 0, 1, _PROBABILITY),
        vertical=Axis("nats", 0, 3, (0, 1, 2, 3)),
        legend=("entropy $h(p)$", r"surprise of heads $-\log p$", r"surprise of tails $-\log(1 - p)$"),
        curves=_coin_curves,
        position=lambda values: values["p"],
        readout=_coin_readout,
    ),
    "true-and-believed": Explorable(
        title="A truth and a belief",
        description="Against the belief: the cross-entropy is a valley, the entropy of the truth a level line that "
        "the valley touches where the belief is true, and the divergence the distance between the two.",
        sliders=(
            Slider("p", "truth $p$", 0.01, 0.99, 0.01, 0.3),
            Slider("q", "belief $q$", 0.01, 0.99, 0.01, 0.7),
        ),
        horizontal=Axis("belief", 0, 1, _PROBABILITY),
        vertical=Axis("nats", 0, 3, (0, 1, 2, 3)),
        legend=("cross-entropy $h(p, q)$", "entropy $h(p)$", "divergence $d(p, q)$"),
        curves=_belief_curves,
        position=lambda values: values["q"],
        readout=_belief_readout,
    ),
    "loss-and-gradient": Explorable(
        title="The loss and its gradient",
        description="Against the logit: the loss, and its gradient, which is the prediction minus the label and "
        "crosses zero where the loss is least.",
        sliders=(
            Slider("x", "logit $x$", -8, 8, 0.1, 2),
            Slider("z", "label $z$", 0, 1, 0.05, 0.3),
        ),
        horizontal=Axis("logit", -8, 8, _LOGIT),
        vertical=Axis("loss in nats, gradient", -1, 8, (0, 2, 4, 6, 8)),
        legend=(r"loss $\ell(x, z)$", r"gradient $\sigma(x) - z$"),
        curves=_loss_curves,
        position=lambda values: values["x"],
        readout=_loss_readout,
    ),
    "softmax-and-sigmoid": Explorable(
        title="The softmax of two is a sigmoid",
        description="Against the first logit: the first probability of the softmax has the shape of the sigmoid, "
        "shifted by the second logit.",
        sliders=(
            Slider("a", "first logit $a$", -8, 8, 0.1, 3),
            Slider("b", "second logit $b$", -8, 8, 0.1, 2),
        ),
        horizontal=Axis("first logit", -8, 8, _LOGIT),
        vertical=Axis("probability", 0, 1, _PROBABILITY),
        legend=("softmax of $a$ and $b$, first part", r"sigmoid $\sigma(a)$"),
        curves=_softmax_curves,
        position=lambda values: values["a"],
        readout=_softmax_readout,
    ),
    "digits-lost": Explorable(
        title="Digits that the naive form loses",
        description="Right decimal digits in float32 against the logit: the stable form keeps about seven everywhere; "
        "the naive form loses more and more the farther the logit is from zero, until none is left.",
        sliders=(
            Slider("x", "logit $x$", -24, 24, 0.1, -12),
            Slider("z", "label $z$", 0, 1, 0.05, 0),
        ),
        horizontal=Axis("logit", -24, 24, (-24, -12, 0, 12, 24)),
        vertical=Axis("right digits", 0, 8, (0, 2, 4, 6, 8)),
        legend=("stable form", "naive form"),
        curves=_float_curves,
        position=lambda values: values["x"],
        readout=_float_readout,
    ),
}
"""All explorables, by the names that chapters use."""
