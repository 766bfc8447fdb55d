"""How far the losses are from exact values, in units of the last place (ULP).

The reference is mpmath at 420 bits; inputs count as exact. The error of a result is given in ULPs of the exact
value in the result's type. For soft labels the two terms of the gradient can cancel, whatever the formula;
there the unit is the ULP of the larger term. The program fails if a bound is broken.

    python benchmarks/accuracy.py [--quick] [--peers]
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import bce.losses as ours
from bce.book.ulps import EXACT, exact_gradient, exact_loss, terms, ulps

Array = np.ndarray[Any, np.dtype[Any]]
Truth = Callable[[Any, Any], tuple[Any, Any]]


@dataclass(frozen=True)
class Case:
    """A function, its exact value with the number whose ULP is the unit, its inputs and its bounds."""

    name: str
    compute: Callable[[Array, Array], Array]
    truth: Truth
    labels: str
    bounds: dict[str, float]


@dataclass(frozen=True)
class Result:
    """The largest error of one case in one type, and where it happened."""

    name: str
    dtype: str
    labels: str
    points: int
    error: float
    at: tuple[float, float]
    bound: float
    lost: int  # zeros where the exact value is a normal number and not what is left of a cancellation

    @property
    def holds(self) -> bool:
        """Tell whether the bound holds and nothing is lost."""
        return self.error <= self.bound and self.lost == 0


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


def double(float64: float, float32: float) -> dict[str, float]:
    """Name the bounds in both types."""
    return {"float64": float64, "float32": float32}


CASES = [
    Case("sigmoid", lambda x, z: ours.sigmoid(x), exact_sigmoid, "none", double(2, 3)),
    Case("log_sigmoid", lambda x, z: ours.log_sigmoid(x), exact_log_sigmoid, "none", double(2, 4)),
    *(
        Case(
            "loss",
            lambda x, z: ours.binary_cross_entropy_with_logits(x, z, reduction="none"),
            exact_loss,
            labels,
            double(2, 4),
        )
        for labels in ("hard", "soft")
    ),
    *(
        Case(
            "gradient",
            lambda x, z: ours.binary_cross_entropy_with_logits_gradient(x, z, reduction="none"),
            exact_gradient,
            labels,
            bounds,
        )
        for labels, bounds in (("hard", double(2, 3)), ("soft", double(3, 4)))
    ),
    Case(
        "curvature",
        lambda x, z: ours.binary_cross_entropy_with_logits_curvature(x, reduction="none"),
        exact_curvature,
        "none",
        double(4, 4),
    ),
    *(
        Case(
            "loss of probability",
            lambda p, z: ours.binary_cross_entropy(p, z, reduction="none"),
            exact_loss_of_probability,
            labels,
            double(3, 4),
        )
        for labels in ("hard", "soft")
    ),
]


def main() -> int:
    """Measure all cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few thousand points a case")
    parser.add_argument("--peers", action="store_true", help="measure other libraries and the textbook form too")
    arguments = parser.parse_args()
    points = 2_000 if arguments.quick else 40_000
    cases = CASES + (peers() if arguments.peers else [])
    print(f"{'':36}{'type':9}{'labels':8}{'points':>8}{'max ULP':>12}{'bound':>7}{'lost':>7}  at (logit, label)")
    broken = 0
    for result in measure(cases, points):
        bound = "" if np.isinf(result.bound) else f"{result.bound:g}"
        print(
            f"{result.name:36}{result.dtype:9}{result.labels:8}{result.points:>8}{result.error:>12.4g}"
            f"{bound:>7}{result.lost:>7}  {result.at[0]:.9g}, {result.at[1]:.9g}"
            f"{'' if result.holds or not bound else '  BROKEN'}",
            flush=True,
        )
        broken += bool(bound) and not result.holds
    return 1 if broken else 0


def measure(cases: list[Case], points: int) -> Iterator[Result]:
    """Compare every case with its exact values in every type that it has a bound for."""
    for case in cases:
        for name, bound in case.bounds.items():
            dtype = np.dtype(name)
            x = probabilities(points, dtype) if "probability" in case.name else logits(points, dtype)
            z = {"none": np.zeros_like(x), "hard": hard(x), "soft": soft(x)}[case.labels]
            yield compare(case, x, z, bound)


def compare(case: Case, x: Array, z: Array, bound: float) -> Result:
    """Find the largest error of one case."""
    computed = case.compute(x, z)
    worst, at, lost = 0.0, (float(x[0]), float(z[0])), 0
    smallest = np.finfo(x.dtype).smallest_normal
    for logit, label, value in zip(x.tolist(), z.tolist(), computed.tolist(), strict=True):
        exact, unit = case.truth(EXACT.mpf(logit), EXACT.mpf(label))
        ulp = np.spacing(np.abs(x.dtype.type(float(unit))))
        error = ulps(value, exact, float(ulp))
        lost += value == 0 and abs(exact) >= max(smallest, 4 * ulp)
        if error > worst:
            worst, at = error, (logit, label)
    return Result(case.name, x.dtype.name, case.labels, len(x), worst, at, bound, lost)


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


def peers() -> list[Case]:
    """Collect the same functions of other libraries, as far as they are installed, and the textbook form."""
    found: list[Case] = []

    def add(name: str, loss: Callable[[Array, Array], Array], gradient: Callable[[Array, Array], Array]) -> None:
        for labels in ("hard", "soft"):
            found.append(Case(f"loss: {name}", loss, exact_loss, labels, double(np.inf, np.inf)))
            found.append(Case(f"gradient: {name}", gradient, exact_gradient, labels, double(np.inf, np.inf)))

    def quiet(function: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
        return np.errstate(all="ignore")(function)

    add(
        "textbook",
        quiet(lambda x, z: np.maximum(x, 0) - x * z + np.log1p(np.exp(-np.abs(x)))),
        quiet(lambda x, z: 1 / (1 + np.exp(-x)) - z),
    )
    torch = optional("torch")
    if torch is not None:

        def torch_loss(x: Array, z: Array) -> Array:
            loss = torch.nn.functional.binary_cross_entropy_with_logits
            return loss(torch.from_numpy(x), torch.from_numpy(z), reduction="none").numpy()  # type: ignore[no-any-return]

        def torch_gradient(x: Array, z: Array) -> Array:
            leaf = torch.from_numpy(x).requires_grad_(True)
            loss = torch.nn.functional.binary_cross_entropy_with_logits
            loss(leaf, torch.from_numpy(z), reduction="sum").backward()
            return leaf.grad.numpy()  # type: ignore[no-any-return]

        add("PyTorch", torch_loss, torch_gradient)
    sklearn_loss = optional("sklearn._loss")
    if sklearn_loss is not None:
        half_binomial = sklearn_loss.HalfBinomialLoss()
        add(
            "scikit-learn",
            lambda x, z: half_binomial.loss(z, x),
            lambda x, z: half_binomial.gradient(z, x),
        )
    scipy = optional("scipy.special")
    if scipy is not None:
        add(
            "SciPy",
            quiet(lambda x, z: -z * scipy.log_expit(x) - (1 - z) * scipy.log_expit(-x)),
            quiet(lambda x, z: scipy.expit(x) - z),
        )
    return found


def optional(name: str) -> Any:
    """Import a library if it is installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


if __name__ == "__main__":
    sys.exit(main())
