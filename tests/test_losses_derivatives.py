"""What other libraries make of the losses when they differentiate them, by every argument and to second order."""

import mpmath
import numpy as np
import pytest

from bce.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_curvature,
    binary_cross_entropy_with_logits_gradient,
    log_sigmoid,
    sigmoid,
    sigmoid_focal_loss,
    sigmoid_focal_loss_gradient,
)

LOGITS = [-np.inf, -800.0, -120.0, -38.0, -3.0, -1e-9, -0.0, 0.0, 1e-300, 0.5, 3.0, 38.0, 120.0, 800.0, np.inf]
LABELS = [0.0, 1e-300, 0.25, 0.5, 1 - 2**-53, 1.0]
X, Z = (grid.ravel() for grid in np.meshgrid(LOGITS, LABELS))
FINITE = np.isfinite(X)
OPTIONS = [{}, {"pos_weight": 2.5}, {"label_smoothing": 0.1}, {"pos_weight": 0.5, "label_smoothing": 0.2, "base": 2.0}]


class Torch:
    def __init__(self):
        self.torch = pytest.importorskip("torch", reason="torch is not installed; `make arrays` installs it")
        pytest.importorskip("array_api_compat", reason="array-api-compat is not installed; `make arrays` installs it")

    def array(self, values):
        return self.torch.tensor(np.asarray(values))

    def derivatives(self, function, *arguments):
        """The derivatives of the sum of the function's values, by each argument."""
        leaves = [self.array(argument).requires_grad_(True) for argument in arguments]
        function(*leaves).sum().backward()
        return [leaf.grad.numpy() for leaf in leaves]

    def second(self, function, *arguments):
        """The derivatives of the sum of the first of these, again by each argument."""
        leaves = [self.array(argument).requires_grad_(True) for argument in arguments]
        (slope,) = self.torch.autograd.grad(function(*leaves).sum(), leaves[0], create_graph=True)
        found = self.torch.autograd.grad(slope.sum(), leaves, allow_unused=True)
        return [np.zeros(len(leaf)) if one is None else one.numpy() for leaf, one in zip(leaves, found, strict=True)]


class Jax:
    def __init__(self):
        self.jax = pytest.importorskip("jax", reason="jax is not installed; install the extra peers")
        self.jax.config.update("jax_enable_x64", True)

    def array(self, values):
        return self.jax.numpy.asarray(values)

    def derivatives(self, function, *arguments):
        grad = self.jax.grad(lambda *given: function(*given).sum(), argnums=tuple(range(len(arguments))))
        return [np.asarray(one) for one in grad(*map(self.array, arguments))]

    def second(self, function, *arguments):
        slope = self.jax.grad(lambda *given: function(*given).sum())
        return self.derivatives(slope, *arguments)


@pytest.fixture(params=[Torch, Jax], ids=["torch", "jax"])
def library(request):
    return request.param()


def close(actual, expected, rtol=1e-13, atol=1e-300):
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=atol)


def softplus(x):
    return np.logaddexp(0, x)


def loss(x, z, **options):
    return binary_cross_entropy_with_logits(x, z, reduction="none", **options)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
class TestLossOfLogits:
    def test_by_the_logits_it_is_the_gradient_and_by_them_again_the_curvature(self, library, options):
        function = lambda x: loss(x, library.array(Z), **options)  # noqa: E731
        (slope,) = library.derivatives(function, X)
        close(slope, binary_cross_entropy_with_logits_gradient(X, Z, reduction="none", **options), atol=1e-15)
        (bend,) = library.second(function, X)
        close(bend, binary_cross_entropy_with_logits_curvature(X, Z, reduction="none", **options))

    def test_by_the_labels_it_is_the_difference_of_both_losses(self, library, options):
        share = 1 - options.get("label_smoothing", 0)
        unit = np.log(options.get("base", np.e))
        p = options.get("pos_weight", 1)
        _, slope = library.derivatives(lambda x, z: loss(x, z, **options), X[FINITE], Z[FINITE])
        expected = share * (p * softplus(-X[FINITE]) - softplus(X[FINITE])) / unit
        close(slope, expected, atol=1e-14)
        _, mixed = library.second(lambda x, z: loss(x, z, **options), X[FINITE], Z[FINITE])
        close(mixed, -share * (p * sigmoid(-X[FINITE]) + sigmoid(X[FINITE])) / unit, atol=1e-14)


class TestOtherArgumentsOfTheLoss:
    def test_by_the_weights_it_is_the_loss_itself(self, library):
        w = np.linspace(0, 2, X.size)
        (slope,) = library.derivatives(lambda w: loss(library.array(X), library.array(Z), weight=w), w)
        costs = np.isfinite(loss(X, Z))
        close(slope[costs], loss(X, Z)[costs])

    def test_by_the_positive_weights_it_is_the_loss_of_the_label_1(self, library):
        x, z = X[FINITE], Z[FINITE]
        for p in (np.zeros(x.size), np.ones(x.size), np.full(x.size, 3.0)):
            (slope,) = library.derivatives(lambda p: loss(library.array(x), library.array(z), pos_weight=p), p)
            close(slope, z * softplus(-x))

    @pytest.mark.parametrize("smoothing", [0.0, 0.25, 1.0])
    def test_by_the_smoothing_it_is_what_a_coin_costs_more(self, library, smoothing):
        x, z = np.array([-3.0, 0.0, 40.0, 5.0]), np.array([0.0, 1.0, 1.0, 0.3])
        (slope,) = library.derivatives(
            lambda s: loss(library.array(x), library.array(z), label_smoothing=s), np.float64(smoothing)
        )
        close(slope, np.sum((0.5 - z) * (softplus(-x) - softplus(x))))

    def test_a_sure_and_right_prediction_spoils_no_other_derivative(self, library):
        for function in (loss, sigmoid_focal_loss):
            for slope in library.derivatives(function, [np.inf, -np.inf, 1.0], [1.0, 0.0, 0.5]):
                assert not np.isnan(slope).any()

    def test_excluded_elements_have_no_derivatives(self, library):
        where = library.array(np.array([True, False, False]))
        weight = library.array(np.array([1.0, np.nan, 1.0]))
        function = lambda x, z: binary_cross_entropy_with_logits(x, z, weight, where=where)  # noqa: E731
        by_logits, by_labels = library.derivatives(function, [0.0, np.nan, np.inf], [1.0, 2.0, np.nan])
        close(by_logits, [-0.5, 0, 0])
        close(by_labels, [0, 0, 0])

    def test_the_sigmoid_and_its_logarithm_have_their_slopes(self, library):
        x = np.array(LOGITS)
        close(library.derivatives(sigmoid, x)[0], sigmoid(x) * sigmoid(-x), rtol=1e-14)
        close(library.derivatives(log_sigmoid, x)[0], sigmoid(-x), atol=1e-16)
        close(library.second(sigmoid, x)[0], sigmoid(x) * sigmoid(-x) * (sigmoid(-x) - sigmoid(x)), atol=1e-15)


class TestLossOfProbabilities:
    P = np.array([0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.9, 0.1, 0.3, 1e-305, 1e-300])
    Y = np.array([1.0, 0.0, 1.0, 0.0, 0.5, 0.5, 1.0, 0.0, 0.6, 0.0, 1.0])

    def function(self, p, z):
        return binary_cross_entropy(p, z, reduction="none")

    def test_by_the_probabilities_it_is_infinite_just_where_the_loss_is(self, library):
        with np.errstate(all="ignore"):
            toward = np.where(self.Y > 0, -self.Y / self.P, 0)
            away = np.where(self.Y < 1, (1 - self.Y) / (1 - self.P), 0)
            bend = np.where(self.Y > 0, self.Y / self.P**2, 0) + np.where(
                self.Y < 1, (1 - self.Y) / (1 - self.P) ** 2, 0
            )
        close(library.derivatives(self.function, self.P, self.Y)[0], toward + away)
        close(library.second(self.function, self.P, self.Y)[0], bend)

    def test_by_the_labels_it_is_the_logarithm_of_the_odds(self, library):
        _, slope = library.derivatives(self.function, self.P, self.Y)
        with np.errstate(all="ignore"):
            expected = np.log1p(-self.P) - np.log(self.P)
        finite = np.isfinite(expected)
        close(slope[finite], expected[finite])
        assert np.all(np.sign(slope) == np.sign(expected))
        assert np.all(abs(slope[~finite]) > 1e300)


@pytest.mark.parametrize("gamma", [0.0, 0.05, 0.5, 1.0, 1.5, 2.0, 5.0])
@pytest.mark.parametrize("alpha", [None, 0.25])
class TestFocalLoss:
    def test_by_the_logits_it_is_the_gradient(self, library, alpha, gamma):
        (slope,) = library.derivatives(lambda x: sigmoid_focal_loss(x, library.array(Z), alpha, gamma), X)
        close(slope, sigmoid_focal_loss_gradient(X, Z, alpha, gamma), rtol=1e-12, atol=1e-15)

    def test_in_single_precision_no_logit_makes_nan(self, library, alpha, gamma):
        x = np.array([-np.inf, -120, -103, -100, -88, 0, 88, 100, 103, 120, np.inf], np.float32)
        for label in (0, 1):
            z = library.array(np.full(x.shape, label, np.float32))
            (slope,) = library.derivatives(lambda x, z=z: sigmoid_focal_loss(x, z, alpha, gamma), x)
            close(slope, sigmoid_focal_loss_gradient(x, np.float32(label), alpha, gamma), rtol=1e-4, atol=1e-37)

    def test_by_the_labels_it_is_the_derivative_of_the_definition(self, library, alpha, gamma):
        some = FINITE & (abs(X) < 200)
        _, slope = library.derivatives(lambda x, z: sigmoid_focal_loss(x, z, alpha, gamma), X[some], Z[some])
        with mpmath.workprec(600):
            expected = [float(self.by_label(x, z, alpha, gamma)) for x, z in zip(X[some], Z[some], strict=True)]
        close(slope, expected, rtol=1e-12, atol=1e-13)

    def by_label(self, x, z, alpha, gamma):
        x, z, gamma = mpmath.mpf(float(x)), mpmath.mpf(float(z)), mpmath.mpf(gamma)
        a, da = (1, 0) if alpha is None else (alpha * z + (1 - alpha) * (1 - z), 2 * mpmath.mpf(alpha) - 1)
        q = 1 / (1 + mpmath.exp(-x))
        m, cost = q * (1 - z) + (1 - q) * z, -z * mpmath.log(q) - (1 - z) * mpmath.log(1 - q)
        return da * m**gamma * cost + a * (gamma * m ** (gamma - 1) * (1 - 2 * q) * cost - m**gamma * x)
