"""How other libraries compute the loss: errors in ULP, recorded for the book in ``data/peers.json``.

``make peers`` runs this where all of the extra ``peers`` is installed.
"""

from __future__ import annotations

import datetime
import json
import platform
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jax
import numpy as np
import optax
import scipy.special
import sklearn._loss
import tensorflow
import torch

from bce.book.kernel.ulps import CASES, Array, measure

FILE = Path(__file__).parents[1] / "data" / "peers.json"
LIBRARIES = {
    "PyTorch": torch,
    "TensorFlow": tensorflow,
    "optax": optax,
    "JAX": jax,
    "scikit-learn": sklearn,
    "SciPy": scipy,
    "NumPy": np,
}

Functions = dict[str, Callable[[Array, Array], Any]]


def main() -> None:
    """Measure every peer in every case and write the file."""
    jax.config.update("jax_enable_x64", True)
    peers = {"loss": losses(), "gradient": gradients()}
    errors = {}
    with np.errstate(all="ignore"):
        for case in CASES:
            errors[case.name] = {
                name: asdict(measure(case, function)) for name, function in peers[case.quantity].items()
            }
            for name, result in errors[case.name].items():
                print(
                    f"{case.name:24}{name:30}{result['worst']:>10.3g} ULP"
                    f"{result['lost']:>6} lost{result['flushed']:>6} flushed to zero",
                    flush=True,
                )
    record = {
        "made": f"make peers, {datetime.date.today().isoformat()}",
        "machine": f"{platform.machine()}, {instruction_set()}",
        "versions": {name: library.__version__ for name, library in LIBRARIES.items()},
        "errors": errors,
    }
    # JSON has no infinity: null stands for a result that is not a finite number.
    text = json.dumps(record, indent=1, ensure_ascii=False).replace("Infinity", "null")
    FILE.write_text(re.sub(r"\[[^]]*]", one_line, text) + "\n", encoding="utf-8")


def instruction_set() -> str:
    """Name the widest vectors that NumPy finds on this machine."""
    features = np._core._multiarray_umath.__cpu_features__
    return next((name for name in ("AVX512_SKX", "AVX2", "ASIMD", "SSE2") if features.get(name)), "no vectors")


def one_line(numbers: re.Match[str]) -> str:
    """Write a list of numbers on one line, short."""
    return f"[{', '.join('null' if number is None else f'{number:.3g}' for number in json.loads(numbers[0]))}]"


def losses() -> Functions:
    """Collect the libraries' losses of each element."""
    half_binomial = sklearn._loss.HalfBinomialLoss()

    def pytorch(x: Array, z: Array) -> Any:
        loss = torch.nn.functional.binary_cross_entropy_with_logits
        return loss(torch.from_numpy(x), torch.from_numpy(z), reduction="none").numpy()

    return {
        "textbook": lambda x, z: -z * np.log(1 / (1 + np.exp(-x))) - (1 - z) * np.log(1 - 1 / (1 + np.exp(-x))),
        "PyTorch": pytorch,
        "TensorFlow": lambda x, z: tensorflow.nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x).numpy(),
        "optax": lambda x, z: optax.sigmoid_binary_cross_entropy(jax.numpy.asarray(x), jax.numpy.asarray(z)),
        "scikit-learn, loss": lambda x, z: half_binomial.loss(z, x),
        "scikit-learn, loss_gradient": lambda x, z: half_binomial.loss_gradient(z, x)[0],
        "SciPy": lambda x, z: -z * scipy.special.log_expit(x) - (1 - z) * scipy.special.log_expit(-x),
    }


def gradients() -> Functions:
    """Collect the libraries' gradients, by their own differentiation where they have it."""
    half_binomial = sklearn._loss.HalfBinomialLoss()

    def pytorch(x: Array, z: Array) -> Any:
        logits = torch.from_numpy(x).requires_grad_(True)
        loss = torch.nn.functional.binary_cross_entropy_with_logits
        loss(logits, torch.from_numpy(z), reduction="sum").backward()
        assert logits.grad is not None
        return logits.grad.numpy()

    def tensor_flow(x: Array, z: Array) -> Any:
        logits = tensorflow.constant(x)
        with tensorflow.GradientTape() as tape:
            tape.watch(logits)
            loss = tensorflow.nn.sigmoid_cross_entropy_with_logits(labels=z, logits=logits)
        return tape.gradient(loss, logits).numpy()

    def of_optax(x: Array, z: Array) -> Any:
        labels = jax.numpy.asarray(z)
        return jax.grad(lambda x: optax.sigmoid_binary_cross_entropy(x, labels).sum())(jax.numpy.asarray(x))

    return {
        "textbook": lambda x, z: 1 / (1 + np.exp(-x)) - z,
        "PyTorch": pytorch,
        "TensorFlow": tensor_flow,
        "optax": of_optax,
        "scikit-learn, gradient": lambda x, z: half_binomial.gradient(z, x),
        "scikit-learn, loss_gradient": lambda x, z: half_binomial.loss_gradient(z, x)[1],
        "SciPy": lambda x, z: scipy.special.expit(x) - z,
    }


if __name__ == "__main__":
    main()
