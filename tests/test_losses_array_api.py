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
    value_and_grad,
)

X = np.array([[-np.inf, -800.0, -3.0], [-0.0, 0.0, 1e-8], [3.0, 40.0, np.inf], [np.nan, 1.0, -1.0]])
Z = np.array([[0.0, 1.0, 0.25], [1.0, 0.0, 0.5], [0.0, 1.0, 1.0], [1.0, np.nan, 0.75]])
OF_LOGITS = [
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_gradient,
    binary_cross_entropy_with_logits_curvature,
]
OPTIONS = [
    {},
    {"reduction": "none"},
    {"reduction": "sum", "axis": 0},
    {"axis": 1, "base": 2},
    {"reduction": "none", "weight": [0.0, 1.0, 2.0], "pos_weight": 3.0, "label_smoothing": 0.1},
    {"where": np.isfinite(X) & np.isfinite(Z), "axis": 0},
    {"where": np.isfinite(X) & np.isfinite(Z)},
]


def needed(name):
    """The module, or a skipped test where it is not installed."""
    how = "install the extra peers" if name == "jax" else "`make arrays` installs it"
    return pytest.importorskip(name, reason=f"{name} is not installed; {how}")


class Library:
    """How to make a library's arrays and to read them back."""

    def __init__(self, name):
        self.module = needed(name)
        self.name = name.split(".")[0]
        if self.name in ("torch", "dask"):
            needed("array_api_compat")
        if self.name == "jax":
            self.module.config.update("jax_enable_x64", True)
            self.module = self.module.numpy

    def array(self, values):
        if self.name == "torch":
            return self.module.tensor(values)
        if self.name == "dask":
            return self.module.from_array(values, chunks=(2,) * values.ndim)
        return self.module.asarray(values)

    def numpy(self, array):
        assert type(array).__module__.startswith(self.name)
        return np.asarray(array.compute() if self.name == "dask" else array)


@pytest.fixture(params=["array_api_strict", "torch", "dask.array", "jax"])
def library(request):
    return Library(request.param)


def assert_same(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize("function", [sigmoid, log_sigmoid])
def test_elementwise_functions_give_arrays_of_the_same_library(library, function):
    assert_same(library.numpy(function(library.array(X))), function(X))


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("function", OF_LOGITS)
def test_losses_of_logits_are_those_of_numpy(library, function, options):
    foreign = dict(options)
    for name in ("weight", "where"):
        if name in foreign:
            foreign[name] = library.array(np.asarray(foreign[name]))
    if function is not binary_cross_entropy_with_logits and "axis" in options:
        foreign.pop("axis")
        options = {name: value for name, value in options.items() if name != "axis"}
    actual = library.numpy(function(library.array(X), library.array(Z), **foreign))
    assert_same(actual, function(X, Z, **options))


def test_value_and_grad_are_those_of_numpy(library):
    for actual, expected in zip(
        value_and_grad(library.array(X[:3]), library.array(Z[:3])), value_and_grad(X[:3], Z[:3]), strict=True
    ):
        assert_same(library.numpy(actual), expected)


@pytest.mark.parametrize("alpha", [None, 0.25])
@pytest.mark.parametrize("gamma", [0, 0.5, 2])
@pytest.mark.parametrize("function", [sigmoid_focal_loss, sigmoid_focal_loss_gradient])
def test_focal_losses_are_those_of_numpy(library, function, alpha, gamma):
    actual = library.numpy(function(library.array(X), library.array(Z), alpha, gamma))
    assert_same(actual, function(X, Z, alpha, gamma))


def test_losses_of_probabilities_are_those_of_numpy(library):
    p = np.array([[0.0, 1.0, 0.5], [1e-300, 1.0, np.nan]])
    z = np.array([[0.0, 0.0, 0.25], [0.0, 1.0, 0.0]])
    actual = library.numpy(binary_cross_entropy(library.array(p), library.array(z), reduction="none"))
    assert_same(actual, binary_cross_entropy(p, z, reduction="none"))


def test_labels_may_be_numbers_lists_or_numpy_arrays(library):
    x = np.array([1.0, -2.0])
    for labels in (1, 0.25, [0, 1], np.array([0, 1])):
        actual = library.numpy(binary_cross_entropy_with_logits(library.array(x), labels, reduction="none"))
        assert_same(actual, binary_cross_entropy_with_logits(x, labels, reduction="none"))


def test_the_floating_type_is_kept(library):
    x = library.array(np.ones(3, np.float32))
    assert "float32" in str(binary_cross_entropy_with_logits(x, library.array(np.ones(3, np.int64))).dtype)
    assert "float32" in str(sigmoid(x).dtype)


def test_a_label_outside_the_interval_makes_nan(library):
    loss = binary_cross_entropy_with_logits(
        library.array(np.zeros(2)), library.array(np.array([2.0, 1.0])), reduction="none"
    )
    assert np.isnan(library.numpy(loss)).tolist() == [True, False]


def test_out_is_refused(library):
    with pytest.raises(TypeError, match="out is for NumPy arrays only"):
        binary_cross_entropy_with_logits(library.array(X), library.array(Z), out=np.empty(()))


def test_complex_arrays_are_refused(library):
    with pytest.raises(TypeError, match="must be real numbers, got dtype"):
        binary_cross_entropy_with_logits(library.array(np.ones(2, complex)), 1)


def test_dask_computes_nothing_before_it_is_asked_to():
    dask_array = needed("dask.array")
    needed("array_api_compat")

    def fail(block):
        raise AssertionError("computed too early")

    lazy = dask_array.ones(10, chunks=5).map_blocks(fail, dtype=float, meta=np.empty(0))
    loss, gradient = value_and_grad(lazy, 1)
    with pytest.raises(AssertionError, match="too early"):
        loss.compute()
    assert gradient.chunks == ((5, 5),)


def test_pytorch_differentiates_the_loss_to_the_gradient_also_at_zero():
    torch = needed("torch")
    needed("array_api_compat")
    logits = torch.tensor([0.0, -0.0, 3.0, -3.0, np.inf, -50.0], dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([1.0, 0.0, 0.25, 1.0, 1.0, 0.0], dtype=torch.float64)
    binary_cross_entropy_with_logits(logits, labels).backward()
    expected = binary_cross_entropy_with_logits_gradient(logits.detach().numpy(), labels.numpy())
    assert_same(logits.grad.numpy(), expected)


def test_jax_compiles_and_differentiates_the_loss():
    jax = needed("jax")
    jax.config.update("jax_enable_x64", True)
    x, z = np.array([0.0, 3.0, -3.0, -50.0]), np.array([1.0, 0.25, 1.0, 0.0])
    compiled = jax.jit(jax.value_and_grad(binary_cross_entropy_with_logits))
    for actual, expected in zip(compiled(jax.numpy.asarray(x), z), value_and_grad(x, z), strict=True):
        assert_same(np.asarray(actual), expected)
