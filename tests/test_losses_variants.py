import warnings

import numpy as np
import pytest
from exact_losses import EXACT, OF_LOGITS, exact_loss, exact_sigmoid, labels, logits
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays, mutually_broadcastable_shapes

from bce.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_curvature,
    binary_cross_entropy_with_logits_gradient,
    sigmoid_focal_loss,
    sigmoid_focal_loss_gradient,
    value_and_grad,
)

pytestmark = pytest.mark.usefixtures("engine")


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
            "base": draw(st.none() | st.sampled_from([2, 10, 1.5])),
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
        assert gradient == pytest.approx(
            binary_cross_entropy_with_logits_gradient(x, z), rel=8 * eps, abs=4 * eps / size
        )
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
            (r"base must be None .* > 1, got 0.5", ValueError, {"base": 0.5}),
            (r"axis must be None, an integer from -2 to 1 or a tuple", ValueError, {"axis": 2}),
            (r"axis must be None, an integer from -2 to 1 or a tuple", ValueError, {"axis": (0, 1.5)}),
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

    def test_a_tiny_power_does_not_swallow_a_huge_loss(self):
        # m = 1e-200 and the loss is 1e100, but m² alone is 0 in float64.
        assert sigmoid_focal_loss(-1e300, 1e-200, None, 2) == pytest.approx(1e-300, rel=1e-15)

    @pytest.mark.parametrize("gamma", [0, 2, 3, 50])
    def test_a_sure_and_wrong_prediction_costs_infinitely_much_however_rare_the_label(self, gamma):
        assert sigmoid_focal_loss(-np.inf, 1e-300, None, gamma) == np.inf

    def test_a_balance_of_0_takes_a_label_out_whatever_it_costs(self):
        assert sigmoid_focal_loss([-np.inf, np.inf], [1, 0], alpha=0).tolist() == [0, np.inf]

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
