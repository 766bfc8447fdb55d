import dataclasses
import importlib.util
import math
import sys
import tracemalloc
import warnings
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays, mutually_broadcastable_shapes

from bce.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_curvature,
    binary_cross_entropy_with_logits_gradient,
    log_sigmoid,
    sigmoid,
    sigmoid_focal_loss,
    sigmoid_focal_loss_gradient,
    value_and_grad,
)

EXACT = mpmath.MPContext()  # a context of its own leaves mpmath's global precision alone
EXACT.prec = 400

FLOAT_TYPES = [np.float16, np.float32, np.float64, np.longdouble]
OF_LOGITS = [
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_gradient,
    binary_cross_entropy_with_logits_curvature,
]
ELEMENTWISE = [sigmoid, log_sigmoid]

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
        curvature = binary_cross_entropy_with_logits_curvature([1.0, 2.0], [[0], [0.3], [1]], reduction="none")
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


class TestArguments:
    @pytest.mark.parametrize("dtype", FLOAT_TYPES)
    @pytest.mark.parametrize("function", [binary_cross_entropy, *OF_LOGITS])
    def test_the_floating_type_is_kept_for_integer_labels_and_python_numbers(self, function, dtype):
        x = np.array([0.25, 0.5], dtype)
        for z in (np.array([0, 1]), np.array([False, True]), 1, 0.5, True, np.array([0, 1], np.uint8)):
            assert function(x, z, reduction="none").dtype == dtype
            assert type(function(x[0], 1)) is dtype

    @pytest.mark.parametrize("function", [binary_cross_entropy, *OF_LOGITS])
    def test_mixed_types_give_the_wider_one(self, function):
        assert function(np.float16(0.5), np.float32(1)).dtype == np.float32
        assert function(np.array([0.5], np.float32), np.array([1.0])).dtype == np.float64
        assert function(np.array([0.5], ">f4"), np.array([1], ">i2")).dtype == np.dtype(np.float32)

    @pytest.mark.parametrize("function", ELEMENTWISE)
    @pytest.mark.parametrize("dtype", FLOAT_TYPES)
    def test_elementwise_functions_keep_type_and_shape(self, function, dtype):
        assert function(np.ones((2, 3), dtype)).dtype == dtype
        assert function(np.ones((2, 3), dtype)).shape == (2, 3)
        assert type(function(dtype(1))) is dtype
        assert type(function(1)) is np.float64
        assert function([True, False]).dtype == np.float64
        assert function(np.empty((0, 2), dtype)).shape == (0, 2)

    @pytest.mark.parametrize("kind", [float, np.float64, np.array])
    def test_scalars_give_scalars(self, kind):
        for function in (binary_cross_entropy, *OF_LOGITS):
            for reduction in ("mean", "sum", "none"):
                assert type(function(kind(0.5), kind(1.0), reduction=reduction)) is np.float64
        assert [type(value) for value in value_and_grad(kind(0.5), kind(1.0))] == [np.float64, np.float64]
        assert type(sigmoid(kind(0.5))) is np.float64

    @given(mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4), st.data())
    def test_arguments_broadcast(self, shapes, data):
        x = data.draw(arrays(np.float64, shapes.input_shapes[0], elements=logits))
        z = data.draw(arrays(np.float64, shapes.input_shapes[1], elements=labels))
        whole = np.broadcast_arrays(x, z)
        for function in OF_LOGITS:
            result = function(x, z, reduction="none")
            assert result.shape == shapes.result_shape
            assert np.array_equal(result, function(*map(np.copy, whole), reduction="none"))

    def test_lists_tuples_and_nested_sequences_are_arrays(self):
        assert binary_cross_entropy_with_logits([[0.0], [1.0]], (0, 1), reduction="none").shape == (2, 2)

    def test_the_layout_in_memory_does_not_matter(self):
        generator = np.random.default_rng(3)
        x, z = generator.normal(size=(300, 200)), generator.random((300, 200))
        contiguous = binary_cross_entropy_with_logits(x, z, reduction="none")
        for change in (np.asfortranarray, lambda a: np.repeat(a, 2, axis=1)[:, ::2], lambda a: a[::-1][::-1]):
            changed = change(x), change(z)
            assert np.array_equal(binary_cross_entropy_with_logits(*changed, reduction="none"), contiguous)
        unaligned = np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(np.float64).reshape(x.shape)
        assert np.array_equal(binary_cross_entropy_with_logits(unaligned, z, reduction="none"), contiguous)

    def test_arguments_are_left_as_they_were(self):
        x, z = np.array([np.inf, -1.0, np.nan]), np.array([1.0, 0.5, 0.0])
        copies = x.copy(), z.copy()
        for function in OF_LOGITS:
            function(x, z, label_smoothing=0.1, pos_weight=2, where=[True, False, True])
        binary_cross_entropy(z, z)
        sigmoid(x)
        assert np.array_equal(x, copies[0], equal_nan=True)
        assert np.array_equal(z, copies[1])

    @pytest.mark.parametrize("function", OF_LOGITS)
    @pytest.mark.parametrize("wrong", [1.5, -1e-9, np.inf, -np.inf, 2])
    def test_a_label_outside_the_interval_is_named_with_its_index_and_value(self, function, wrong):
        z = np.zeros((200, 300))
        z[150, 7] = wrong
        with pytest.raises(ValueError, match=r"labels must lie in \[0, 1\], but labels\[150, 7\] is "):
            function(np.zeros((200, 300)), z)
        with pytest.raises(ValueError, match=r"labels must lie in \[0, 1\], but labels is "):
            function(0.0, wrong)

    def test_labels_of_minus_one_and_one_are_refused(self):
        with pytest.raises(ValueError, match=r"labels\[0\] is -1"):
            binary_cross_entropy_with_logits([0.5, 0.5], [-1, 1])

    def test_a_wrong_label_is_found_beside_nan_and_minus_zero(self):
        assert binary_cross_entropy_with_logits(0.0, -0.0) == np.log(2)
        with pytest.raises(ValueError, match=r"labels\[2\] is 3\.0"):
            binary_cross_entropy_with_logits(np.zeros(3), [np.nan, -0.0, 3.0])

    @pytest.mark.parametrize("function", [binary_cross_entropy, *OF_LOGITS])
    def test_shapes_that_do_not_broadcast_are_named(self, function):
        with pytest.raises(ValueError, match=r"of shape \(2,\) and labels of shape \(3,\) do not broadcast"):
            function([0.5, 0.5], [0, 1, 0])

    @pytest.mark.parametrize(
        "wrong", [1j, [1j], "1", ["a"], None, [None, 1], object(), np.array([1], object), b"1", {}, [{}]]
    )
    def test_what_is_no_real_number_is_refused_by_name(self, wrong):
        with pytest.raises(TypeError, match=r"logits must be real numbers .*, got dtype"):
            binary_cross_entropy_with_logits(wrong, 1)
        with pytest.raises(TypeError, match=r"labels must be real numbers .*, got dtype"):
            binary_cross_entropy_with_logits(0.5, wrong)
        with pytest.raises(TypeError, match=r"probabilities must be real numbers .*, got dtype"):
            binary_cross_entropy(wrong, 1)
        with pytest.raises(TypeError, match=r"x must be real numbers .*, got dtype"):
            sigmoid(wrong)

    def test_a_ragged_list_is_refused(self):
        with pytest.raises(ValueError, match="logits must be one number or a rectangular array of numbers"):
            binary_cross_entropy_with_logits([[1.0], [1.0, 2.0]], 1)

    def test_nothing_warns_whatever_the_error_state(self):
        x = np.array([-np.inf, -1e308, -800, -0.0, 0.0, 5e-324, 800, 1e308, np.inf, np.nan])
        z = np.array([0.0, 1.0, 5e-324, 0.5, np.nan])
        with warnings.catch_warnings(), np.errstate(all="raise"):
            warnings.simplefilter("error")
            for function in OF_LOGITS:
                function(x[:, None], z)
            value_and_grad(x[:, None], z)
            binary_cross_entropy(np.array([0.0, 1.0, 5e-324, np.nan])[:, None], z)
            sigmoid(x)
            log_sigmoid(x)
            sigmoid_focal_loss(x[:, None], z)
            sigmoid_focal_loss_gradient(x[:, None], z)


@st.composite
def examples(draw, soft=True):
    """Logits, labels and every option of the loss of logits."""
    size = draw(st.integers(1, 6))
    vector = lambda elements: draw(arrays(np.float64, size, elements=elements))  # noqa: E731
    weights = st.none() | arrays(np.float64, size, elements=st.floats(0, 10)) | st.floats(0, 10)
    return (
        vector(st.floats(-30, 30)),
        vector(labels if soft else st.sampled_from([0.0, 1.0])),
        {
            "weight": draw(weights),
            "pos_weight": draw(weights),
            "label_smoothing": draw(st.just(0.0) | st.floats(1e-3, 1)),
            "base": draw(st.none() | st.sampled_from([2, 10, 0.5])),
        },
    )


def textbook(x, z, weight=None, pos_weight=None, label_smoothing=0.0, base=None):
    """The loss of each element as the definitions say it, with the gradient of its exact value."""
    x = EXACT.matrix(x)
    losses, slopes = [], []
    for i in range(len(x)):
        w, p = (1 if v is None else EXACT.mpf(float(np.broadcast_to(v, len(x))[i])) for v in (weight, pos_weight))
        t = EXACT.mpf(float(z[i])) * (1 - EXACT.mpf(label_smoothing)) + EXACT.mpf(label_smoothing) / 2
        unit = 1 if base is None else EXACT.log(base)
        yes, no = exact_sigmoid(x[i]), exact_sigmoid(-x[i])
        losses.append(w * (-p * t * EXACT.log(yes) - (1 - t) * EXACT.log(no)) / unit)
        slopes.append(w * (-p * t * no + (1 - t) * yes) / unit)
    return np.array([float(v) for v in losses]), np.array([float(v) for v in slopes])


class TestVariants:
    @given(examples())
    def test_weights_smoothing_and_base_are_those_of_the_definitions(self, example):
        x, z, options = example
        loss, slope = textbook(x, z, **options)
        assert binary_cross_entropy_with_logits(x, z, reduction="none", **options) == pytest.approx(
            loss, rel=1e-12, abs=1e-300
        )
        assert binary_cross_entropy_with_logits_gradient(x, z, reduction="none", **options) == pytest.approx(
            slope, rel=1e-11, abs=1e-14
        )

    @given(examples(), st.sampled_from(["mean", "sum", "none"]))
    def test_value_and_grad_are_the_loss_and_its_gradient(self, example, reduction):
        x, z, options = example
        loss, gradient = value_and_grad(x, z, reduction=reduction, **options)
        options["reduction"] = reduction
        assert loss == pytest.approx(binary_cross_entropy_with_logits(x, z, **options), rel=1e-14, abs=1e-300)
        expected = binary_cross_entropy_with_logits_gradient(x, z, **options)
        assert gradient == pytest.approx(expected, rel=1e-15, abs=1e-300)

    @pytest.mark.parametrize("size", [1, 1000, 20_000, 100_003])
    @pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
    def test_value_and_grad_agree_with_the_single_functions_at_any_size(self, size, dtype):
        generator = np.random.default_rng(size)
        x, z = generator.normal(scale=5, size=size).astype(dtype), generator.random(size).astype(dtype)
        loss, gradient = value_and_grad(x, z)
        eps = float(np.finfo(dtype).eps)
        assert loss == pytest.approx(np.mean(binary_cross_entropy_with_logits(x, z, reduction="none")), rel=20 * eps)
        assert loss == pytest.approx(binary_cross_entropy_with_logits(x, z), rel=4 * eps)
        assert gradient == pytest.approx(binary_cross_entropy_with_logits_gradient(x, z), rel=8 * eps)
        assert loss.dtype == gradient.dtype == dtype

    def test_value_and_grad_have_their_limits_at_infinite_logits(self):
        loss, gradient = value_and_grad([np.inf, -np.inf], [1, 0], reduction="sum")
        assert loss == 0
        assert gradient.tolist() == [0, 0]
        assert value_and_grad(np.inf, 0) == (np.inf, 1)

    @given(st.floats(-30, 30), labels, st.floats(0.1, 10))
    def test_the_curvature_with_pos_weight_is_the_slope_of_the_gradient(self, x, z, p):
        high, low = (binary_cross_entropy_with_logits_gradient(x + h, z, pos_weight=p) for h in (1e-5, -1e-5))
        curvature = binary_cross_entropy_with_logits_curvature(x, z, pos_weight=p)
        assert curvature == pytest.approx((high - low) / 2e-5, abs=1e-8)

    def test_every_label_has_a_pos_weight_of_its_own(self):
        x, z = np.random.default_rng(4).normal(size=(1000, 3)), np.random.default_rng(5).integers(0, 2, (1000, 3))
        together = binary_cross_entropy_with_logits(x, z, pos_weight=[1.0, 2.0, 30.0], axis=0)
        apart = [binary_cross_entropy_with_logits(x[:, k], z[:, k], pos_weight=p) for k, p in enumerate([1, 2, 30])]
        assert together == pytest.approx(apart, rel=1e-14)

    def test_full_smoothing_forgets_the_label(self):
        assert binary_cross_entropy_with_logits(2.0, [0, 0.3, 1], label_smoothing=1, reduction="none") == (
            pytest.approx(binary_cross_entropy_with_logits(2.0, 0.5))
        )

    def test_a_weighted_mean_divides_by_the_number_of_elements(self):
        loss = binary_cross_entropy_with_logits([0.0, 0.0], [1, 1], weight=[3, 1])
        assert loss == pytest.approx(2 * np.log(2))
        assert binary_cross_entropy([0.5, 0.5], [1, 1], [3, 1]) == pytest.approx(2 * np.log(2))

    def test_a_weight_of_zero_leaves_out_even_an_infinite_loss(self):
        assert binary_cross_entropy_with_logits([np.inf, 0.0], [0, 1], weight=[0, 1], reduction="sum") == np.log(2)
        assert binary_cross_entropy_with_logits(-np.inf, 1, pos_weight=0) == 0
        assert binary_cross_entropy(0.0, 1, 0) == 0
        assert np.isnan(binary_cross_entropy_with_logits(np.nan, 0, weight=0))

    def test_bits_are_nats_over_log_two(self):
        assert binary_cross_entropy_with_logits(0.0, 1, base=2) == 1
        assert binary_cross_entropy([0.25, 0.5], 1, base=2, reduction="none").tolist() == [2, 1]
        assert binary_cross_entropy_with_logits_gradient(0.0, 1, base=2) == -0.5 / np.log(2)

    @given(mutually_broadcastable_shapes(num_shapes=3, min_dims=1, max_dims=3, max_side=4), st.data())
    def test_axis_and_where_mean_what_they_mean_to_numpy(self, shapes, data):
        x = data.draw(arrays(np.float64, shapes.result_shape, elements=st.floats(-30, 30)))
        z = data.draw(arrays(np.float64, shapes.input_shapes[0], elements=labels))
        where = data.draw(arrays(np.bool_, shapes.input_shapes[1]))
        axes = st.integers(-x.ndim, x.ndim - 1)
        axis = data.draw(st.none() | axes | st.lists(axes, unique_by=lambda a: a % x.ndim).map(tuple))
        each = binary_cross_entropy_with_logits(x, z, reduction="none")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy warns of the mean of nothing
            mean = np.mean(each, axis=axis, where=where)
        total = np.sum(each, axis=axis, where=where)
        assert binary_cross_entropy_with_logits(x, z, axis=axis, where=where) == pytest.approx(
            mean, rel=1e-13, nan_ok=True
        )
        assert binary_cross_entropy_with_logits(x, z, axis=axis, where=where, reduction="sum") == pytest.approx(
            total, rel=1e-13
        )
        loss, gradient = value_and_grad(x, z, axis=axis, where=where)
        assert loss == pytest.approx(mean, rel=1e-13, nan_ok=True)
        count = np.sum(np.broadcast_to(where, x.shape), axis=axis, keepdims=True)
        slopes = binary_cross_entropy_with_logits_gradient(x, z, reduction="none")
        expected = np.where(where, slopes / np.maximum(count, 1), 0)
        assert gradient == pytest.approx(expected, rel=1e-14)

    @pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)])
    def test_axes_are_reduced_block_by_block(self, axis):
        generator = np.random.default_rng(6)
        for shape in ((30_000, 3), (3, 30_000), (300, 200)):
            x, z = generator.normal(size=shape), generator.random(shape)
            each = binary_cross_entropy_with_logits(x, z, reduction="none")
            assert binary_cross_entropy_with_logits(x, z, axis=axis) == pytest.approx(np.mean(each, axis), rel=1e-13)

    def test_excluded_elements_may_hold_anything(self):
        where = [True, False, False, False]
        x, z = [0.0, np.nan, np.inf, 1.0], [1, 0, np.nan, -1]
        assert binary_cross_entropy_with_logits(x, z, where=where) == np.log(2)
        assert binary_cross_entropy_with_logits_gradient(x, z, where=where).tolist() == [-0.5, 0, 0, 0]
        assert binary_cross_entropy([0.5, 7, -1, np.nan], z, where=where) == np.log(2)
        with pytest.raises(ValueError, match=r"labels\[3\] is -1"):
            binary_cross_entropy_with_logits(x, z, where=[True, False, False, True])

    @pytest.mark.parametrize("function", [binary_cross_entropy, *OF_LOGITS, value_and_grad])
    def test_impossible_options_are_refused_by_name(self, function):
        p, z = np.full((2, 3), 0.5), np.ones((2, 3))
        for message, error, options in [
            (r"weight must be finite and >= 0, but weight\[1\] is -1", ValueError, {"weight": [1, -1, 1]}),
            (r"weight must be finite and >= 0, but weight is inf", ValueError, {"weight": np.inf}),
            (r"weight of shape \(2,\) does not broadcast to \(2, 3\)", ValueError, {"weight": [1, 1]}),
            (r"weight of shape \(4, 2, 3\) does not broadcast", ValueError, {"weight": np.ones((4, 2, 3))}),
            (r"weight must be real numbers", TypeError, {"weight": "heavy"}),
            (r"base must be None", ValueError, {"base": 1}),
            (r"axis must be None or integers from -2 to 1", ValueError, {"axis": 2}),
            (r"axis must be None or integers from -2 to 1", ValueError, {"axis": (0, 1.5)}),
            (r"axis must not name an axis twice", ValueError, {"axis": (0, -2)}),
            (r"axis needs the reduction 'mean' or 'sum'", ValueError, {"axis": 0, "reduction": "none"}),
            (r"where must hold booleans, got dtype int64", TypeError, {"where": [0, 1, 1]}),
            (r"where of shape \(2,\) does not broadcast", ValueError, {"where": [True, False]}),
        ]:
            with pytest.raises(error, match=message):
                function(p, z, **options)

    @pytest.mark.parametrize("function", [*OF_LOGITS, value_and_grad])
    def test_impossible_options_of_logits_are_refused_by_name(self, function):
        for message, error, options in [
            (r"pos_weight must be finite and >= 0, but pos_weight is -1", ValueError, {"pos_weight": -1}),
            (r"label_smoothing must be in \[0, 1\], got 1.5", ValueError, {"label_smoothing": 1.5}),
            (r"label_smoothing must be in \[0, 1\], got nan", ValueError, {"label_smoothing": np.nan}),
            (r"label_smoothing must be one real number, got '0.1'", TypeError, {"label_smoothing": "0.1"}),
        ]:
            with pytest.raises(error, match=message):
                function([0.5], [1], **options)


class TestOut:
    def test_results_are_written_to_the_given_array_and_it_is_returned(self):
        x, z = np.random.default_rng(7).normal(size=(40, 1000)), np.ones((40, 1000))
        for function in OF_LOGITS:
            out = np.full(x.shape, np.nan)
            assert function(x, z, reduction="none", out=out) is out
            assert np.array_equal(out, function(x, z, reduction="none"))
        out = np.full(40, np.nan)
        assert binary_cross_entropy_with_logits(x, z, axis=1, out=out) is out
        assert np.array_equal(out, binary_cross_entropy_with_logits(x, z, axis=1))
        out = np.array(np.nan)
        assert binary_cross_entropy_with_logits(x, z, out=out) is out
        assert out == pytest.approx(binary_cross_entropy_with_logits(x, z), rel=1e-15)

    def test_the_output_may_be_strided_narrower_or_wider(self):
        x = np.random.default_rng(8).normal(size=50_000)
        each = binary_cross_entropy_with_logits(x, 1, reduction="none")
        for out in (np.empty(100_000)[::2], np.empty(50_000, np.float32), np.empty(50_000, np.longdouble)):
            binary_cross_entropy_with_logits(x, 1, reduction="none", out=out)
            assert np.array_equal(out, each.astype(out.dtype))

    @pytest.mark.parametrize("function", [binary_cross_entropy_with_logits, *OF_LOGITS])
    def test_the_output_may_be_an_argument_or_overlap_with_it(self, function):
        source = np.random.default_rng(9).normal(size=100_001)
        z = (np.arange(100_000) % 2).astype(float)
        expected = function(source[:-1], z, reduction="none")
        same = source.copy()[:-1]
        assert np.array_equal(function(same, z, reduction="none", out=same), expected)
        shifted = source.copy()
        assert np.array_equal(function(shifted[:-1], z, reduction="none", out=shifted[1:]), expected)
        reverse = source.copy()[:-1]
        assert np.array_equal(function(reverse, z, reduction="none", out=reverse[::-1]), expected)
        over_labels = z.copy()
        assert np.array_equal(function(source[:-1], over_labels, reduction="none", out=over_labels), expected)

    def test_the_gradient_of_value_and_grad_may_take_the_place_of_the_logits(self):
        x, z = np.random.default_rng(10).normal(size=50_000), np.ones(50_000)
        x[17] = -np.inf
        expected = value_and_grad(x, z)
        loss, gradient = value_and_grad(x, z, out=x)
        assert gradient is x
        assert loss == expected[0] == np.inf
        assert np.array_equal(gradient, expected[1])

    def test_an_array_that_cannot_take_the_result_is_refused(self):
        read_only = np.empty(2)
        read_only.flags.writeable = False
        for message, error, out in [
            (r"out must have the shape of the result, \(2,\), got \(3,\)", ValueError, np.empty(3)),
            (r"out must be a NumPy array, got list", TypeError, [0.0, 0.0]),
            (r"out must hold floating-point numbers .*, got int64", TypeError, np.empty(2, np.int64)),
            (r"out must be writeable", ValueError, read_only),
        ]:
            with pytest.raises(error, match=message):
                binary_cross_entropy_with_logits([1.0, 2.0], 1, reduction="none", out=out)


class TestFocalLoss:
    @given(logits, st.sampled_from([0.0, 1.0]), st.sampled_from([0, 0.5, 1, 2, 5]), st.none() | st.floats(0, 1))
    def test_it_is_the_definition_for_hard_labels(self, x, z, gamma, alpha):
        other = exact_sigmoid(-x if z else x)
        a = 1 if alpha is None else EXACT.mpf(alpha if z else 1 - alpha)
        truth = float(a * other**gamma * exact_loss(x, z))
        assert sigmoid_focal_loss(x, z, alpha, gamma) == pytest.approx(truth, rel=1e-13, abs=1e-300)

    @given(st.floats(-50, 50), labels)
    def test_without_focus_and_balance_it_is_the_binary_cross_entropy(self, x, z):
        assert sigmoid_focal_loss(x, z, None, 0) == binary_cross_entropy_with_logits(x, z)
        assert sigmoid_focal_loss_gradient(x, z, None, 0) == binary_cross_entropy_with_logits_gradient(x, z)

    @given(logits, labels, st.sampled_from([0, 0.5, 1, 2, 5]), st.none() | st.floats(0, 1))
    def test_its_gradient_is_its_slope(self, x, z, gamma, alpha):
        a = 1 if alpha is None else EXACT.mpf(alpha) * EXACT.mpf(z) + (1 - EXACT.mpf(alpha)) * (1 - EXACT.mpf(z))

        def focal(t):
            t_exact, z_exact = EXACT.mpf(t), EXACT.mpf(z)
            other = exact_sigmoid(t_exact) * (1 - z_exact) + exact_sigmoid(-t_exact) * z_exact
            return a * other**gamma * exact_loss(t_exact, z_exact)

        step = EXACT.mpf(2) ** -100
        slope = float((focal(EXACT.mpf(x) + step) - focal(EXACT.mpf(x) - step)) / (2 * step))
        gradient = sigmoid_focal_loss_gradient(x, z, alpha, gamma)
        assert gradient == pytest.approx(slope, rel=1e-12, abs=1e-14)

    def test_hard_labels_keep_the_digits_of_a_tiny_gradient(self):
        p = np.exp(-30.0)
        assert sigmoid_focal_loss_gradient(-30.0, 0, None, 2) == pytest.approx(p**2 * (p + 2 * p), rel=1e-12)

    def test_infinite_logits_have_the_limits(self):
        x, z = [-np.inf, np.inf, np.inf, -np.inf], [0, 0, 1, 1]
        assert sigmoid_focal_loss(x, z, None).tolist() == [0, np.inf, 0, np.inf]
        assert sigmoid_focal_loss_gradient(x, z, None).tolist() == [0, 1, 0, -1]

    def test_the_defaults_are_those_of_torchvision(self):
        p = 1 / (1 + np.exp(-1.0))
        assert sigmoid_focal_loss([1.0], [1]) == pytest.approx([0.25 * (1 - p) ** 2 * -np.log(p)])
        assert sigmoid_focal_loss([1.0], [0], reduction="sum") == pytest.approx(0.75 * p**2 * -np.log(1 - p))

    def test_reductions_weights_and_masks_are_those_of_the_loss(self):
        x, z = np.random.default_rng(11).normal(size=(50, 4)), np.ones((50, 4))
        each = sigmoid_focal_loss(x, z, weight=[1, 2, 3, 4])
        assert sigmoid_focal_loss(x, z, weight=[1, 2, 3, 4], reduction="mean", axis=0) == pytest.approx(each.mean(0))
        assert np.array_equal(
            sigmoid_focal_loss_gradient(x, z, reduction="mean"), sigmoid_focal_loss_gradient(x, z) / 200
        )

    @pytest.mark.parametrize("function", [sigmoid_focal_loss, sigmoid_focal_loss_gradient])
    def test_impossible_parameters_are_refused_by_name(self, function):
        with pytest.raises(ValueError, match=r"alpha must be in \[0, 1\], got -1"):
            function(0.0, 1, alpha=-1)
        with pytest.raises(ValueError, match=r"gamma must be finite and >= 0, got -0\.5"):
            function(0.0, 1, gamma=-0.5)
        with pytest.raises(TypeError, match=r"gamma must be one real number, got None"):
            function(0.0, 1, gamma=None)


def accuracy_benchmark():
    """The module behind `python benchmarks/accuracy.py`."""
    path = Path(__file__).parents[1] / "benchmarks" / "accuracy.py"
    specification = importlib.util.spec_from_file_location("accuracy_benchmark", path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


class TestAccuracy:
    benchmark = accuracy_benchmark()

    @pytest.mark.parametrize("case", benchmark.CASES, ids=lambda case: f"{case.name}, labels {case.labels}")
    def test_the_bounds_hold_on_dense_and_random_grids(self, case):
        for result in self.benchmark.measure([case], points=800):
            assert result.holds, result

    def test_the_measure_notices_the_textbook_forms(self):
        gradient = next(case for case in self.benchmark.CASES if case.name == "gradient")
        textbook = dataclasses.replace(gradient, compute=lambda x, z: sigmoid(x) - z)
        assert not any(result.holds for result in self.benchmark.measure([textbook], points=800))

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
        assert peak(lambda: binary_cross_entropy_with_logits(x, z, pos_weight=np.ones(300))) < 2**20


def peak(call):
    """The most memory that is allocated at one time during the call."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
