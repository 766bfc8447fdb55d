"""How fast the losses are: ratios against other libraries and against the textbook formula.

All contestants run interleaved in this one process, on one thread; what counts is the least processor time of all
rounds. Libraries that are not installed are left out.

    python benchmarks/speed.py [--quick] [--without-avx512]
"""

# ruff: noqa: E402 (the number of threads has to be set before NumPy is loaded)

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import argparse
import importlib
import platform
import sys
from collections.abc import Callable
from functools import partial
from time import process_time
from typing import Any

import numpy as np

import bce
from bce.losses import _engine, binary_cross_entropy_with_logits, sigmoid, value_and_grad

Contestants = dict[str, Callable[[], Any]]


def main() -> None:
    """Run all contests and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="up to 10^5 elements and few rounds")
    parser.add_argument(
        "--without-avx512", action="store_true", help="keep NumPy and PyTorch from using it, as bce never does"
    )
    options = parser.parse_args()
    if options.without_avx512:
        restart_without_avx512()
    sizes = [32, 1024, 10**5] if options.quick else [32, 1024, 10**5, 10**7]
    rounds = 5 if options.quick else 15
    print(machine())
    for title, contestants in (
        ("Mean loss of logits", losses),
        ("Mean loss and its gradient", losses_and_gradients),
        ("Sigmoid", sigmoids),
        ("Mean loss, other ways to call it", calls),
        ("Mean loss, the reference engine alone", reference),
    ):
        print(f"\n{title}\n{'':12}{'elements':>10}{'bce':>12}  bce's time / time of")
        for dtype in (np.float64, np.float32):
            for size in sizes:
                times = best_times(contestants(*data(size, dtype)), rounds)
                ours = times.pop("bce")
                ratios = "  ".join(f"{name} {ours / time:.3f}" for name, time in times.items())
                print(f"{np.dtype(dtype).name:12}{size:>10}{ours * 1e6:>9.1f} µs  {ratios}", flush=True)


def restart_without_avx512() -> None:
    """Start this program again in an environment that keeps other libraries from AVX-512, unless it is there."""
    features = multiarray().__cpu_features__
    wide = [
        name
        for name in multiarray().__cpu_dispatch__
        if features.get(name) and (name == "X86_V4" or name.startswith("AVX512"))
    ]
    if wide:
        limits = {"NPY_DISABLE_CPU_FEATURES": " ".join(wide), "ATEN_CPU_CAPABILITY": "avx2"}
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **limits})


def machine() -> str:
    """Describe the processor's instruction set as NumPy sees it, and the versions at work."""
    features = multiarray().__cpu_features__
    vector = [name for name in ("AVX512_SKX", "AVX2", "ASIMD", "SSE2") if features.get(name)]
    versions = [f"NumPy {np.__version__}"]
    for name in ("torch", "scipy", "sklearn", "jax", "optax"):
        library = optional(name)
        if library is not None:
            versions.append(f"{name} {library.__version__}")
    unit = vector[0] if vector else "no vector unit"
    return f"{platform.machine()}, NumPy has {unit}, {', '.join(versions)}\nEngine: {bce.engine}"


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
        start = process_time()
        run()
        repeats[name] = max(1, int(0.02 / (process_time() - start)))
    for _ in range(rounds):
        for name, run in contestants.items():
            start = process_time()
            for _ in range(repeats[name]):
                run()
            best[name] = min(best[name], (process_time() - start) / repeats[name])
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


def calls(x: np.ndarray, z: np.ndarray) -> Contestants:
    """Collect ways to call the mean loss that need more work than the plain one."""
    weight = np.linspace(0.5, 2, x.size).astype(x.dtype)
    return {
        "bce": lambda: binary_cross_entropy_with_logits(x, z),
        "integer labels": partial(binary_cross_entropy_with_logits, x, z.astype(np.int64)),
        "boolean labels": partial(binary_cross_entropy_with_logits, x, z.astype(bool)),
        "weights": partial(binary_cross_entropy_with_logits, x, z, weight),
        "pos_weight": partial(binary_cross_entropy_with_logits, x, z, pos_weight=3.0),
        "each element's loss": partial(binary_cross_entropy_with_logits, x, z, reduction="none"),
    }


def reference(x: np.ndarray, z: np.ndarray) -> Contestants:
    """Compare the reference with the textbook formula."""
    kernel = _engine.evaluate

    def alone() -> None:
        _engine.evaluate = _engine.reference
        binary_cross_entropy_with_logits(x, z)
        _engine.evaluate = kernel

    return {"bce": alone, "textbook": losses(x, z)["textbook"]}


def jax_loss() -> Any:
    """Import JAX in double precision, where it and optax are installed."""
    jax = optional("jax")
    if jax is None or optional("optax") is None:
        return None
    jax.config.update("jax_enable_x64", True)
    return jax


if __name__ == "__main__":
    main()
