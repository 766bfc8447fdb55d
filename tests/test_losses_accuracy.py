import dataclasses
import tracemalloc

import accuracy
import numpy as np
import pytest
from accuracy_cases import CASES
from exact_losses import OF_LOGITS

from bce.losses import binary_cross_entropy, binary_cross_entropy_with_logits, sigmoid, value_and_grad

pytestmark = pytest.mark.usefixtures("engine")


class TestAccuracy:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}, {case.kind}")
    def test_the_bounds_hold_on_dense_and_random_grids(self, case):
        for result in accuracy.measure([case], points=400, rounds=2):
            assert result.holds, result

    def test_the_measure_notices_the_textbook_forms(self):
        gradient = next(case for case in CASES if case.name == "gradient")
        textbook = dataclasses.replace(gradient, compute=lambda x, z: sigmoid(x) - z)
        assert not any(result.holds for result in accuracy.measure([textbook], points=800, rounds=0))

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_half_precision_results_are_the_exact_values_rounded(self, dtype):
        x = np.linspace(-20, 20, 4001, dtype=np.float16)
        z = np.linspace(0, 1, 4001, dtype=np.float16)
        for function in OF_LOGITS:
            wide = function(x.astype(dtype), z.astype(dtype), reduction="none").astype(np.float16)
            assert np.all(np.abs(function(x, z, reduction="none") - wide) <= np.spacing(np.abs(wide)))


class TestMemory:
    @pytest.mark.parametrize("function", [binary_cross_entropy_with_logits, binary_cross_entropy])
    def test_a_mean_needs_less_than_a_mebibyte_beside_its_input(self, function):
        x, z = np.full(1_000_000, 0.5), np.ones(1_000_000, np.float32)
        assert peak(lambda: function(x, z)) < 2**20

    def test_value_and_grad_need_less_than_a_mebibyte_beside_input_and_gradient(self):
        x, z, gradient = np.ones(1_000_000), np.ones(1_000_000), np.empty(1_000_000)
        assert peak(lambda: value_and_grad(x, z, out=gradient)) < 2**20

    def test_broadcasting_costs_no_memory(self):
        x, z = np.ones((10_000, 1), np.float32), np.ones((1, 300), np.int8)
        assert peak(lambda: binary_cross_entropy_with_logits(x, z, pos_weight=np.ones(300), broadcast=True)) < 2**20


def peak(call):
    """The most memory that is allocated at one time during the call."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
