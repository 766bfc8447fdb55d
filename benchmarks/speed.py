"""How fast the losses are: ratios against other libraries and against the textbook formula.

All contestants run interleaved in this one process, on one thread, and the best of the rounds counts. Libraries
that are not installed are left out.

    python benchmarks/speed.py [--quick]
"""

# ruff: noqa: E402 (the number of threads has to be set before NumPy is loaded)

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import argparse
import importlib
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from bce.losses import binary_cross_entropy_with_logits, sigmoid, value_and_grad

Contestants = dict[str, Callable[[], Any]]


def main() -> None:
    """Run all contests and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="up to 10^5 elements and few rounds")
    parser.add_argument("--alone", action="store_true", help="print the times of bce alone, as JSON")
    options = parser.parse_args()
    sizes = [10**3, 10**5] if options.quick else [10**3, 10**5, 10**7]
    rounds = 5 if options.quick else 15
    if options.alone:
        print(json.dumps(times_alone(sizes, rounds)))
        return
    print(machine())
    for title, contestants in (
        ("Mean loss of logits", losses),
        ("Mean loss and its gradient", losses_and_gradients),
        ("Sigmoid", sigmoids),
        ("Fused limit: one exponential and one logarithm of every element, nothing else", fused_limit),
    ):
        print(f"\n{title}\n{'':12}{'elements':>10}{'bce':>12}  time / bce's time: above 1 is slower than bce")
        for dtype in (np.float64, np.float32):
            for size in sizes:
                times = best_times(contestants(*data(size, dtype)), rounds)
                ours = times.pop("bce")
                ratios = "  ".join(f"{name} {time / ours:.2f}" for name, time in times.items())
                print(f"{np.dtype(dtype).name:12}{size:>10}{ours * 1e6:>9.1f} µs  {ratios}")
    print_what_avx512_is_worth(sizes, rounds)


def print_what_avx512_is_worth(sizes: list[int], rounds: int) -> None:
    """Compare bce with itself in a process where NumPy must not use AVX-512."""
    features = multiarray().__cpu_features__
    wide = [
        name
        for name in multiarray().__cpu_dispatch__
        if features.get(name) and (name == "X86_V4" or name.startswith("AVX512"))
    ]
    if not wide:
        print(
            "\nThis machine has no AVX-512, so NumPy computes exp and log1p one number at a time, and bce waits for it."
        )
        return
    environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(wide)}
    command = [sys.executable, __file__, "--alone", *(["--quick"] if len(sizes) == 2 else [])]
    narrow = json.loads(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)
    print("\nWithout AVX-512: time / bce's time with it")
    for name, time_with in times_alone(sizes, rounds).items():
        print(f"{name:48}{narrow[name] / time_with:>6.2f}")


def times_alone(sizes: list[int], rounds: int) -> dict[str, float]:
    """Time bce without any other library."""
    times = {}
    for dtype in (np.float64, np.float32):
        for size in sizes:
            x, z = data(size, dtype)
            ours = {
                "mean loss": partial(binary_cross_entropy_with_logits, x, z),
                "mean loss and its gradient": partial(value_and_grad, x, z),
            }
            for name, seconds in best_times(ours, rounds).items():
                times[f"{np.dtype(dtype).name:9}{size:>9}  {name}"] = seconds
    return times


def machine() -> str:
    """Describe the processor's instruction set as NumPy sees it, and the versions at work."""
    features = multiarray().__cpu_features__
    vector = [name for name in ("AVX512_SKX", "AVX2", "ASIMD", "SSE2") if features.get(name)]
    versions = [f"NumPy {np.__version__}"]
    for name in ("torch", "scipy", "sklearn", "jax", "optax"):
        library = optional(name)
        if library is not None:
            versions.append(f"{name} {library.__version__}")
    return f"{platform.machine()}, {vector[0] if vector else 'no vector unit'}, {', '.join(versions)}"


def multiarray() -> Any:
    """Return the part of NumPy that knows the processor."""
    return np._core._multiarray_umath


def optional(name: str) -> Any:
    """Import a library if it is installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def data(size: int, dtype: type[np.floating[Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Make logits of a model that is mostly right, and hard labels."""
    generator = np.random.default_rng(size)
    labels = (generator.random(size) < 0.5).astype(dtype)
    logits = (generator.normal(scale=3, size=size) + 4 * labels - 2).astype(dtype)
    return logits, labels


def best_times(contestants: Contestants, rounds: int) -> dict[str, float]:
    """Give each contestant the same number of turns, one after the other, and keep its best time."""
    best = dict.fromkeys(contestants, float("inf"))
    repeats = {}
    for name, run in contestants.items():
        run()
        start = time.perf_counter()
        run()
        repeats[name] = max(1, int(0.02 / (time.perf_counter() - start)))
    for _ in range(rounds):
        for name, run in contestants.items():
            start = time.perf_counter()
            for _ in range(repeats[name]):
                run()
            best[name] = min(best[name], (time.perf_counter() - start) / repeats[name])
    return best


def losses(x: np.ndarray, z: np.ndarray) -> Contestants:
    """Collect the ways to the mean loss."""
    contestants: Contestants = {
        "bce": lambda: binary_cross_entropy_with_logits(x, z),
        "textbook": lambda: np.mean(np.maximum(x, 0) - x * z + np.log1p(np.exp(-np.abs(x)))),
    }
    torch = optional("torch")
    if torch is not None:
        torch.set_num_threads(1)
        tensors = torch.from_numpy(x), torch.from_numpy(z)
        loss = torch.nn.functional.binary_cross_entropy_with_logits
        contestants["PyTorch"] = lambda: loss(*tensors)
    sklearn_loss = optional("sklearn._loss")
    if sklearn_loss is not None:
        half_binomial = sklearn_loss.HalfBinomialLoss()
        contestants["scikit-learn"] = lambda: half_binomial.loss(z, x).mean()
    scipy = optional("scipy.special")
    if scipy is not None:
        contestants["SciPy"] = lambda: -np.mean(z * scipy.log_expit(x) + (1 - z) * scipy.log_expit(-x))
    jax = jax_loss()
    if jax is not None:
        compiled = jax.jit(lambda x, z: optional("optax").sigmoid_binary_cross_entropy(x, z).mean())
        arrays = jax.numpy.asarray(x), jax.numpy.asarray(z)
        contestants["optax"] = lambda: compiled(*arrays).block_until_ready()
    return contestants


def losses_and_gradients(x: np.ndarray, z: np.ndarray) -> Contestants:
    """Collect the ways to the mean loss together with its gradient."""

    def textbook() -> Any:
        q = 1 / (1 + np.exp(-x))
        return np.mean(np.maximum(x, 0) - x * z + np.log1p(np.exp(-np.abs(x)))), (q - z) / x.size

    contestants: Contestants = {"bce": lambda: value_and_grad(x, z), "textbook": textbook}
    torch = optional("torch")
    if torch is not None:
        logits, labels = torch.from_numpy(x).requires_grad_(True), torch.from_numpy(z)

        def pytorch() -> None:
            logits.grad = None
            torch.nn.functional.binary_cross_entropy_with_logits(logits, labels).backward()

        contestants["PyTorch"] = pytorch
    sklearn_loss = optional("sklearn._loss")
    if sklearn_loss is not None:
        half_binomial = sklearn_loss.HalfBinomialLoss()

        def scikit_learn() -> Any:
            loss, gradient = half_binomial.loss_gradient(z, x)
            return loss.mean(), gradient / x.size

        contestants["scikit-learn"] = scikit_learn
    jax = jax_loss()
    if jax is not None:
        optax = optional("optax")
        compiled = jax.jit(jax.value_and_grad(lambda x, z: optax.sigmoid_binary_cross_entropy(x, z).mean()))
        arrays = jax.numpy.asarray(x), jax.numpy.asarray(z)
        contestants["optax"] = lambda: jax.block_until_ready(compiled(*arrays))
    return contestants


def sigmoids(x: np.ndarray, z: np.ndarray) -> Contestants:
    """Collect the ways to the sigmoid."""
    contestants: Contestants = {"bce": lambda: sigmoid(x), "textbook": lambda: 1 / (1 + np.exp(-x))}
    scipy = optional("scipy.special")
    if scipy is not None:
        contestants["SciPy"] = lambda: scipy.expit(x)
    torch = optional("torch")
    if torch is not None:
        tensor = torch.from_numpy(x)
        contestants["PyTorch"] = lambda: torch.sigmoid(tensor)
    return contestants


def fused_limit(x: np.ndarray, z: np.ndarray) -> Contestants:
    """Compare the mean loss with its two dearest operations alone, on blocks that stay in the cache."""
    block = np.empty(min(x.size, 8192), x.dtype)
    pieces = [x[start : start + block.size] for start in range(0, x.size, block.size)]

    def exponential_and_logarithm() -> None:
        for piece in pieces:
            row = block[: piece.size]
            np.negative(np.abs(piece, out=row), out=row)
            np.log1p(np.exp(row, out=row), out=row)

    return {"bce": lambda: binary_cross_entropy_with_logits(x, z), "exp and log1p": exponential_and_logarithm}


def jax_loss() -> Any:
    """Import JAX in double precision, where it and optax are installed."""
    jax = optional("jax")
    if jax is None or optional("optax") is None:
        return None
    jax.config.update("jax_enable_x64", True)
    return jax


if __name__ == "__main__":
    main()
