import math

import numpy as np
import pytest
from exact_losses import EXACT, OF_LOGITS, exact_gradient, exact_loss, exact_sigmoid, labels, logits
from hypothesis import given
from hypothesis import strategies as st

from bce.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_curvature,
    binary_cross_entropy_with_logits_gradient,
    log_sigmoid,
    sigmoid,
    value_and_grad,
)

pytestmark = pytest.mark.usefixtures("engine")

FLOAT_TYPES = [np.float16, np.float32, np.float64, np.longdouble]


class TestSigmoid:
    def test_it_is_one_half_at_zero_of_either_sign(self):
        assert sigmoid([0.0, -0.0]).tolist() == [0.5, 0.5]

    def test_it_reaches_its_limits_without_a_warning(self):
        assert sigmoid([-np.inf, -1e308, 1e308, np.inf]).tolist() == [0, 0, 1, 1]

    def test_subnormal_values_are_not_flushed_to_zero(self):
        assert sigmoid(-745.0) == 5e-324
        assert sigmoid(np.float32(-103.0)) == np.float32(1e-45)

    @given(logits)
    def test_the_probabilities_of_both_labels_sum_to_one(self, x):
        assert abs(sigmoid(x) + sigmoid(-x) - 1) <= 2 * np.finfo(float).eps

    @given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
    def test_it_grows_with_its_argument(self, x, y):
        low, high = sorted([x, y])
        assert sigmoid(low) <= sigmoid(high) * (1 + 4e-16)

    def test_nan_stays_nan(self):
        assert np.isnan(sigmoid(np.nan))


class TestLogSigmoid:
    def test_it_keeps_its_digits_where_the_sigmoid_has_rounded_to_one(self):
        assert log_sigmoid(40.0) == -np.exp(-40.0)

    def test_it_is_the_logit_itself_far_below_zero(self):
        assert log_sigmoid(-1e300) == -1e300

    def test_it_reaches_its_limits(self):
        assert log_sigmoid([-np.inf, np.inf]).tolist() == [-np.inf, 0]

    @given(logits)
    def test_it_is_the_loss_of_a_true_label(self, x):
        assert log_sigmoid(x) == -binary_cross_entropy_with_logits(x, 1)


class TestLossOfLogits:
    @given(logits, labels)
    def test_it_is_the_definition_to_within_two_ulps(self, x, z):
        truth = exact_loss(x, z)
        error = abs(EXACT.mpf(float(binary_cross_entropy_with_logits(x, z))) - truth)
        assert error <= 2 * np.spacing(float(truth))

    @given(logits, labels)
    def test_it_is_never_negative(self, x, z):
        assert binary_cross_entropy_with_logits(x, z) >= 0

    @given(logits, labels)
    def test_swapping_the_labels_and_the_sign_of_the_logit_changes_nothing(self, x, z):
        if (1 - z) + z == 1 and 1 - (1 - z) == z:
            assert binary_cross_entropy_with_logits(-x, 1 - z) == pytest.approx(
                binary_cross_entropy_with_logits(x, z), rel=1e-15
            )

    @given(st.floats(-15, 15), labels)
    def test_it_is_the_loss_of_the_probability(self, x, z):
        assert binary_cross_entropy(sigmoid(x), z) == pytest.approx(binary_cross_entropy_with_logits(x, z), rel=1e-8)

    def test_infinite_logits_have_the_limits(self):
        x = [-np.inf, np.inf, np.inf, -np.inf]
        z = [0, 0, 1, 1]
        loss = binary_cross_entropy_with_logits(x, z, reduction="none")
        assert loss.tolist() == [0, np.inf, 0, np.inf]
        assert binary_cross_entropy_with_logits(x[::2], z[::2]) == 0
        assert binary_cross_entropy_with_logits(x, z) == np.inf
        assert binary_cross_entropy_with_logits([np.inf, -np.inf], 0.5, reduction="none").tolist() == [np.inf] * 2

    def test_a_wrong_prediction_that_pytorch_calls_free_costs_something(self):
        assert binary_cross_entropy_with_logits(-33.3, 0) == pytest.approx(3.45e-15, rel=1e-2)
        assert binary_cross_entropy_with_logits(np.float32(-14.6), 0) == pytest.approx(4.56e-7, rel=1e-2)

    def test_a_tiny_soft_label_keeps_its_digits(self):
        assert binary_cross_entropy_with_logits(-700.0, 1e-200) == pytest.approx(7e-198, rel=1e-15)

    def test_nan_in_either_argument_stays_where_it_is(self):
        loss = binary_cross_entropy_with_logits([np.nan, 0.0, np.inf], [1, np.nan, 1], reduction="none")
        assert np.isnan(loss).tolist() == [True, True, False]
        assert np.isnan(binary_cross_entropy_with_logits([np.nan, np.inf], [1, 1]))


class TestGradient:
    @given(logits, st.sampled_from([0, 1]))
    def test_it_is_the_sigmoid_minus_a_hard_label_to_within_two_ulps(self, x, z):
        truth, _ = exact_gradient(x, z)
        error = abs(EXACT.mpf(float(binary_cross_entropy_with_logits_gradient(x, z))) - truth)
        assert error <= 2 * np.spacing(abs(float(truth)))

    @given(logits, labels)
    def test_it_is_the_sigmoid_minus_a_soft_label_to_within_three_ulps_of_the_larger_term(self, x, z):
        truth, larger_term = exact_gradient(x, z)
        error = abs(EXACT.mpf(float(binary_cross_entropy_with_logits_gradient(x, z))) - truth)
        assert error <= 3 * np.spacing(float(larger_term))

    @given(st.floats(-20, 20), labels)
    def test_it_is_the_slope_of_the_loss(self, x, z):
        difference = (
            binary_cross_entropy_with_logits(x + 1e-5, z) - binary_cross_entropy_with_logits(x - 1e-5, z)
        ) / 2e-5
        assert binary_cross_entropy_with_logits_gradient(x, z) == pytest.approx(difference, abs=1e-8)

    def test_it_is_not_zero_where_a_sure_prediction_is_almost_right(self):
        assert binary_cross_entropy_with_logits_gradient(37.0, 1) == pytest.approx(-np.exp(-37.0), rel=1e-15)

    def test_infinite_logits_have_the_limits(self):
        x, z = [-np.inf, np.inf, np.inf, -np.inf], [0, 0, 1, 1]
        assert binary_cross_entropy_with_logits_gradient(x, z, reduction="none").tolist() == [0, 1, 0, -1]

    def test_the_gradient_of_a_mean_is_divided_by_the_number_of_elements(self):
        x, z = np.array([[0.0, 1.0], [-2.0, 3.0]]), np.array([[0, 1], [1, 1]])
        each = binary_cross_entropy_with_logits_gradient(x, z, reduction="none")
        assert np.array_equal(binary_cross_entropy_with_logits_gradient(x, z, reduction="sum"), each)
        assert np.array_equal(binary_cross_entropy_with_logits_gradient(x, z), each / 4)


class TestCurvature:
    @given(logits)
    def test_it_is_the_product_of_both_probabilities_to_within_four_ulps(self, x):
        truth = exact_sigmoid(x) * exact_sigmoid(-x)
        error = abs(EXACT.mpf(float(binary_cross_entropy_with_logits_curvature(x))) - truth)
        assert error <= 4 * np.spacing(float(truth))

    def test_it_is_largest_at_zero_and_vanishes_at_infinity(self):
        assert binary_cross_entropy_with_logits_curvature([0.0, np.inf, -np.inf], reduction="none").tolist() == [
            0.25,
            0,
            0,
        ]

    def test_the_labels_change_the_shape_but_not_the_values(self):
        labels = [[0], [0.3], [1]]
        curvature = binary_cross_entropy_with_logits_curvature([1.0, 2.0], labels, reduction="none", broadcast=True)
        assert curvature.shape == (3, 2)
        assert np.all(curvature == binary_cross_entropy_with_logits_curvature([1.0, 2.0], reduction="none"))


class TestLossOfProbabilities:
    def test_zero_and_one_are_exact(self):
        loss = binary_cross_entropy([0.0, 1.0, 0.0, 1.0], [0, 1, 1, 0], reduction="none")
        assert loss.tolist() == [0, 0, np.inf, np.inf]
        assert not np.signbit(loss).any()

    @given(st.floats(0, 1, exclude_min=True, exclude_max=True), labels)
    def test_it_is_the_definition_to_within_three_ulps(self, p, z):
        exact_p, exact_z = EXACT.mpf(p), EXACT.mpf(z)
        truth = -exact_z * EXACT.log(exact_p) - (1 - exact_z) * EXACT.log1p(-exact_p)
        error = abs(EXACT.mpf(float(binary_cross_entropy(p, z))) - truth)
        assert error <= 3 * np.spacing(float(truth))

    def test_a_tiny_probability_keeps_its_digits(self):
        assert binary_cross_entropy(1e-300, 0) == 1e-300

    def test_it_is_least_at_the_label_itself(self):
        p = np.linspace(0, 1, 101)
        for z in (0.0, 0.25, 0.5, 1.0):
            assert p[np.argmin(binary_cross_entropy(p, z, reduction="none"))] == z

    def test_nan_in_either_argument_stays_where_it_is(self):
        loss = binary_cross_entropy([np.nan, 0.5, 0.0, np.nan], [0, np.nan, np.nan, 1], reduction="none")
        assert np.isnan(loss).all()

    def test_a_probability_outside_the_interval_is_named_with_its_index(self):
        with pytest.raises(ValueError, match=r"probabilities must lie in \[0, 1\], but probabilities\[1\] is 1\.1"):
            binary_cross_entropy([0.5, 1.1], [0, 1])


class TestReductions:
    @pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 5), (2, 3, 4)])
    def test_mean_and_sum_are_those_of_the_elements(self, shape):
        generator = np.random.default_rng(1)
        x, z = generator.normal(scale=5, size=shape), generator.random(shape)
        for loss, argument in ((binary_cross_entropy_with_logits, x), (binary_cross_entropy, sigmoid(x))):
            each = loss(argument, z, reduction="none")
            assert np.shape(each) == shape
            assert loss(argument, z) == pytest.approx(np.mean(each), rel=1e-14)
            assert loss(argument, z, reduction="sum") == pytest.approx(np.sum(each), rel=1e-14)

    @pytest.mark.parametrize("reduction", ["average", None, "MEAN", 0, ["mean"]])
    @pytest.mark.parametrize("function", [binary_cross_entropy, *OF_LOGITS])
    def test_an_unknown_reduction_is_refused(self, function, reduction):
        with pytest.raises(ValueError, match="reduction must be one of 'mean', 'sum', 'none', got"):
            function(0.5, 1, reduction=reduction)

    def test_the_mean_of_no_elements_is_nan_and_their_sum_zero(self):
        assert np.isnan(binary_cross_entropy_with_logits([], []))
        assert binary_cross_entropy_with_logits([], [], reduction="sum") == 0
        assert binary_cross_entropy_with_logits(np.empty((0, 3)), 1, reduction="none").shape == (0, 3)
        assert binary_cross_entropy_with_logits_gradient([], []).shape == (0,)

    def test_a_mean_survives_where_the_sum_would_overflow(self):
        for dtype in (np.float32, np.float64):
            largest = np.finfo(dtype).max
            assert binary_cross_entropy_with_logits(np.full(5, largest, dtype), 0) == largest

    def test_many_single_precision_losses_keep_the_digits_of_their_mean(self):
        x = np.random.default_rng(2).normal(scale=4, size=300_001).astype(np.float32)
        mean = binary_cross_entropy_with_logits(x, 1)
        truth = binary_cross_entropy_with_logits(x.astype(np.float64), 1)
        assert abs(mean - truth) <= 4 * np.spacing(np.float32(truth))

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("size", [1, 2, 3, 4095, 4097, 8193, 10_001, 26_625, 53_249, 100_003])
    def test_sums_of_any_length_keep_their_digits(self, size, dtype):
        generator = np.random.default_rng(size)
        x = generator.normal(scale=6, size=size).astype(dtype)
        for z in (generator.random(size).astype(dtype), (x > 0).astype(dtype)):
            truth = math.fsum(binary_cross_entropy_with_logits(x.astype(float), z.astype(float), reduction="none"))
            total = binary_cross_entropy_with_logits(x, z, reduction="sum")
            assert abs(float(total) - truth) <= 4 * np.spacing(dtype(truth))
            assert value_and_grad(x, z, reduction="sum")[0] == total

    @pytest.mark.parametrize("place", [0, 26_000, 99_999])
    def test_one_odd_element_among_many_is_not_overlooked(self, place):
        x, z = np.zeros(100_000), np.ones(100_000)
        for odd, expected in ((np.nan, np.nan), (-np.inf, np.inf), (np.inf, 99_999 * np.log(2))):
            x[place] = odd
            loss = binary_cross_entropy_with_logits(x, z, reduction="sum")
            assert loss == pytest.approx(expected, rel=1e-14, nan_ok=True)
        x[place], z[place] = 0, -0.0
        assert binary_cross_entropy_with_logits(x, z) == pytest.approx(np.log(2), rel=1e-15)
        z[place] = np.nan
        assert np.isnan(binary_cross_entropy_with_logits(x, z))
        assert np.isnan(value_and_grad(x, z)[1]).sum() == 1
        z[place] = 1 + 1e-15
        for function in (*OF_LOGITS, value_and_grad):
            with pytest.raises(ValueError, match=rf"labels\[{place}\] is 1\.0000000000000"):
                function(x, z)
