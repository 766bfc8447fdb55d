"""How far losses and information are from exact values, in units of the last place (ULP).

The reference is mpmath at 420 bits; inputs count as exact. The error of a result is given in ULPs of the exact
value in the result's type; `accuracy_cases.py` says where another unit is fair. From the worst points of a grid the
search climbs on, to neighbours near and far. The program fails if a bound is broken. The environment variable
BCE_ENGINE=reference measures the reference engine alone.

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
from accuracy_cases import CASES, Array, Case, double

import bce
from bce.book.kernel.ulps import EXACT, exact_gradient, exact_loss, ulps

ROUNDS, BEST = 12, 16  # of the climb, and how many of the worst points it goes on from


@dataclass(frozen=True)
class Result:
    """The largest error of one case in one type, and where it happened."""

    name: str
    dtype: str
    inputs: str
    points: int
    error: float
    at: str
    bound: float
    lost: int  # zeros where the exact value is a normal number and not what is left of a cancellation

    @property
    def holds(self) -> bool:
        """Tell whether the bound holds and nothing is lost."""
        return self.error <= self.bound and self.lost == 0


def main() -> int:
    """Measure all cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few thousand points a case")
    parser.add_argument("--peers", action="store_true", help="measure other libraries and the textbook form too")
    arguments = parser.parse_args()
    points = 2_000 if arguments.quick else 40_000
    cases = CASES + (peers() if arguments.peers else [])
    print(f"Engine: {bce.engine}")
    print(f"{'':26}{'type':9}{'inputs':28}{'points':>8}{'max ULP':>12}{'bound':>7}{'lost':>7}  at")
    broken = 0
    for result in measure(cases, points):
        bound = "" if np.isinf(result.bound) else f"{result.bound:g}"
        print(
            f"{result.name:26}{result.dtype:9}{result.inputs:28}{result.points:>8}{result.error:>12.4g}"
            f"{bound:>7}{result.lost:>7}  {result.at}{'' if result.holds or not bound else '  BROKEN'}",
            flush=True,
        )
        broken += bool(bound) and not result.holds
    return 1 if broken else 0


def measure(cases: list[Case], points: int, rounds: int = ROUNDS) -> Iterator[Result]:
    """Compare every case with its exact values in every type that it has a bound for."""
    for case in cases:
        for name, bound in case.bounds.items():
            yield compare(case, *case.inputs(points, np.dtype(name)), bound, rounds)


def compare(case: Case, x: Array, z: Array, bound: float, rounds: int) -> Result:
    """Find the largest error of one case: on the given points, then on neighbours of the worst of them."""
    errors, lost = errors_of(case, x, z)
    count = len(x)
    generator = np.random.default_rng(count)
    for _ in range(rounds if x.ndim == 1 else 0):
        worst = np.argsort(errors)[-BEST:]
        x, z, errors = x[worst], z[worst], errors[worst]
        near_x = neighbours(np.repeat(x, 2 * BEST), generator, case.kind.startswith("probabilities"))
        near_z = np.repeat(z, 2 * BEST)
        if "soft" in case.kind:
            moved = generator.random(near_z.size) < 0.7
            near_z = np.where(moved, neighbours(near_z, generator, within_one=True), near_z)
        near_errors, near_lost = errors_of(case, near_x, near_z)
        x, z = np.concatenate([x, near_x]), np.concatenate([z, near_z])
        errors, lost, count = np.concatenate([errors, near_errors]), lost + near_lost, count + near_x.size
    at = int(np.argmax(errors))
    where = f"{x[at]:.9g}, {z[at]:.9g}" if x.ndim == 1 else f"pair {at}, {np.count_nonzero(x[at])} outcomes"
    return Result(case.name, x.dtype.name, case.kind, count, float(errors[at]), where, bound, lost)


def errors_of(case: Case, x: Array, z: Array) -> tuple[Array, int]:
    """Count the units between results and exact values, and the results that are wrongly 0."""
    computed = case.compute(x, z)
    errors, lost = np.empty(len(x)), 0
    smallest = np.finfo(x.dtype).smallest_normal
    for place, (first, second, value) in enumerate(zip(x.tolist(), z.tolist(), computed.tolist(), strict=True)):
        exact, unit = case.truth(exactly(first), exactly(second))
        ulp = np.spacing(np.abs(x.dtype.type(float(unit))))
        errors[place] = ulps(value, exact, float(ulp))
        lost += value == 0 and abs(exact) >= max(smallest, 4 * ulp)
    return errors, lost


def neighbours(x: Array, generator: np.random.Generator, within_one: bool) -> Array:
    """Move numbers by anything from their last bit to half of themselves."""
    digits = np.finfo(x.dtype).nmant
    steps = generator.integers(-1, 2, x.size) * 2.0 ** generator.uniform(0, digits - 1, x.size)
    moved = (x + np.trunc(steps) * np.spacing(x)).astype(x.dtype)
    allowed = (moved > 0) & (moved < 1) if within_one else np.isfinite(moved)
    return np.where(allowed, moved, x)


def exactly(argument: Any) -> Any:
    """Take a number or a row of numbers as exact."""
    return [EXACT.mpf(one) for one in argument] if isinstance(argument, list) else EXACT.mpf(argument)


def peers() -> list[Case]:
    """Collect the same functions of other libraries, as far as they are installed, and the textbook form."""
    found: list[Case] = []

    def add(name: str, loss: Callable[[Array, Array], Array], gradient: Callable[[Array, Array], Array]) -> None:
        for labels in ("hard labels", "soft labels"):
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
