import warnings

import numpy as np
import pytest
from exact_losses import OF_LOGITS, labels, logits
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays, mutually_broadcastable_shapes

from bce.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_gradient,
    log_sigmoid,
    sigmoid,
    sigmoid_focal_loss,
    sigmoid_focal_loss_gradient,
    value_and_grad,
)

pytestmark = pytest.mark.usefixtures("engine")

FLOAT_TYPES = [np.float16, np.float32, np.float64, np.longdouble]
ELEMENTWISE = [sigmoid, log_sigmoid]


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
            result = function(x, z, reduction="none", broadcast=True)
            assert result.shape == shapes.result_shape
            assert_same_digits(result, function(*map(np.copy, whole), reduction="none"))

    def test_lists_tuples_and_nested_sequences_are_arrays(self):
        assert binary_cross_entropy_with_logits([[0.0, 1.0]], (0, 1), reduction="none").shape == (1, 2)

    @pytest.mark.parametrize("function", [binary_cross_entropy, *OF_LOGITS, value_and_grad, sigmoid_focal_loss])
    def test_a_column_beside_a_row_is_refused_unless_every_pair_is_meant(self, function):
        column, row = np.full((3, 1), 0.5), np.array([0, 1, 1])
        for pair in ((column, row), (row, column), (column[:1].T * [1, 1], row[:, None])):
            with pytest.raises(ValueError, match=r"logits|probabilities.* of shape .* would broadcast to \(3, [23]\)"):
                function(*pair)
        result = function(column, row, reduction="none", broadcast=True)
        assert np.shape(result[0] if isinstance(result, tuple) else result) == (3, 3)

    @pytest.mark.parametrize("function", [binary_cross_entropy, *OF_LOGITS, value_and_grad, sigmoid_focal_loss])
    def test_stretching_one_argument_to_the_shape_of_the_other_needs_no_permission(self, function):
        x, z = np.full((4, 3), 0.5), np.array([0, 1, 1])
        for pair in ((x, z), (x, 1), (0.5, x), (x[:1], x), (x, x[:, :1]), (np.empty((0, 3)), z)):
            function(*pair, reduction="sum")

    def test_the_layout_in_memory_does_not_matter(self):
        generator = np.random.default_rng(3)
        x, z = generator.normal(size=(300, 200)), generator.random((300, 200))
        contiguous = binary_cross_entropy_with_logits(x, z, reduction="none")
        for change in (np.asfortranarray, lambda a: np.repeat(a, 2, axis=1)[:, ::2], lambda a: a[::-1][::-1]):
            changed = change(x), change(z)
            assert_same_digits(binary_cross_entropy_with_logits(*changed, reduction="none"), contiguous)
        unaligned = np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(np.float64).reshape(x.shape)
        assert_same_digits(binary_cross_entropy_with_logits(unaligned, z, reduction="none"), contiguous)

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
            for function in (*OF_LOGITS, value_and_grad, sigmoid_focal_loss, sigmoid_focal_loss_gradient):
                function(x[:, None], z, broadcast=True)
                function(x, np.resize(z, 10))
            binary_cross_entropy(np.array([0.0, 1.0, 5e-324, np.nan])[:, None], z, broadcast=True)
            sigmoid(x)
            log_sigmoid(x)


def assert_same_digits(actual, expected, dtype=np.float64):
    """Both engines keep to the error bounds, but their last digits may differ."""
    eps = max(np.finfo(dtype).eps, np.finfo(np.float64).eps)
    np.testing.assert_allclose(actual, expected, rtol=6 * eps, atol=1e-300)


class TestOut:
    def test_results_are_written_to_the_given_array_and_it_is_returned(self):
        x, z = np.random.default_rng(7).normal(size=(40, 1000)), np.ones((40, 1000))
        for function in OF_LOGITS:
            out = np.full(x.shape, np.nan)
            assert function(x, z, reduction="none", out=out) is out
            assert np.array_equal(out, function(x, z, reduction="none"))
        out = np.full(40, np.nan)
        assert binary_cross_entropy_with_logits(x, z, axis=1, out=out) is out
        assert_same_digits(out, binary_cross_entropy_with_logits(x, z, axis=1))
        out = np.array(np.nan)
        assert binary_cross_entropy_with_logits(x, z, out=out) is out
        assert out == pytest.approx(binary_cross_entropy_with_logits(x, z), rel=1e-15)

    def test_the_output_may_be_strided_narrower_or_wider(self):
        x = np.random.default_rng(8).normal(size=50_000)
        each = binary_cross_entropy_with_logits(x, 1, reduction="none")
        for out in (np.empty(100_000)[::2], np.empty(50_000, np.float32), np.empty(50_000, np.longdouble)):
            binary_cross_entropy_with_logits(x, 1, reduction="none", out=out)
            assert_same_digits(out.astype(np.float64), each.astype(out.dtype).astype(np.float64), out.dtype)

    @pytest.mark.parametrize("function", [binary_cross_entropy_with_logits, *OF_LOGITS])
    def test_the_output_may_be_an_argument_or_overlap_with_it(self, function):
        source = np.random.default_rng(9).normal(size=100_001)
        z = (np.arange(100_000) % 2).astype(float)
        expected = function(source[:-1], z, reduction="none")
        same = source.copy()[:-1]
        assert_same_digits(function(same, z, reduction="none", out=same), expected)
        shifted = source.copy()
        assert_same_digits(function(shifted[:-1], z, reduction="none", out=shifted[1:]), expected)
        reverse = source.copy()[:-1]
        assert_same_digits(function(reverse, z, reduction="none", out=reverse[::-1]), expected)
        over_labels = z.copy()
        assert_same_digits(function(source[:-1], over_labels, reduction="none", out=over_labels), expected)

    def test_the_gradient_of_value_and_grad_may_take_the_place_of_the_logits(self):
        x, z = np.random.default_rng(10).normal(size=50_000), np.ones(50_000)
        x[17] = -np.inf
        expected = value_and_grad(x, z)
        loss, gradient = value_and_grad(x, z, out=x)
        assert gradient is x
        assert loss == expected[0] == np.inf
        assert np.array_equal(gradient, expected[1])

    @pytest.mark.parametrize("function", [binary_cross_entropy_with_logits_gradient, value_and_grad])
    @pytest.mark.parametrize("wrong", ["label", "weight", "logit of infinite cost"])
    def test_nothing_is_written_before_the_arguments_are_known_to_be_good(self, function, wrong):
        x, z, weight = np.linspace(-3, 3, 20_000), np.ones(20_000), np.ones(20_000)
        if wrong == "logit of infinite cost":
            x[-1] = -np.inf
            expected = function(x, z, weight)
            for actual, one in zip(np.atleast_1d(function(x, z, weight, out=x)[-1:]), expected[-1:], strict=True):
                assert_same_digits(actual, one)
            return
        (z if wrong == "label" else weight)[-1] = -1
        before = x.copy()
        with pytest.raises(ValueError, match=r"\[19999\] is -1"):
            function(x, z, weight, out=x)
        assert np.array_equal(x, before)

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
