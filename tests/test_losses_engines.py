"""The compiled kernel against the reference, and when it leaves the word to it."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bce.losses import (
    _engine,
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_gradient,
    log_sigmoid,
    sigmoid,
    value_and_grad,
)

needs_kernel = pytest.mark.skipif(not _engine.note.startswith("compiled"), reason=_engine.note)
FUNCTIONS = [binary_cross_entropy_with_logits, binary_cross_entropy_with_logits_gradient, value_and_grad]
SIZES = [1, 2, 15, 16, 17, 31, 33, 511, 512, 513, 1040, 5000]


@contextmanager
def only_the_reference():
    kernel, _engine.evaluate = _engine.evaluate, _engine.reference
    try:
        yield
    finally:
        _engine.evaluate = kernel


def both(function, *arguments, **options):
    """The results of both engines; the compiled one may not step aside."""
    calls = []
    kernel = _engine.evaluate

    def recorded(*given):
        calls.append(kernel(*given))
        return calls[-1]

    _engine.evaluate = recorded
    try:
        compiled = function(*arguments, **options)
    finally:
        _engine.evaluate = kernel
    assert calls
    assert all(answer is not None for answer in calls)
    with only_the_reference():
        return compiled, function(*arguments, **options)


def assert_agree(compiled, reference, scale=1.0):
    """Two results within the error bounds of both, for gradients in units of the larger term."""
    if isinstance(compiled, tuple):
        for pair in zip(compiled, reference, strict=True):
            assert_agree(*pair, scale)
        return
    assert type(compiled) is type(reference)
    assert compiled.dtype == reference.dtype
    eps = np.finfo(compiled.dtype).eps
    np.testing.assert_allclose(compiled, reference, rtol=8 * eps, atol=4 * eps * scale)


def data(size, dtype, seed=0):
    generator = np.random.default_rng(size + seed)
    x = (generator.normal(size=size) * 10.0 ** generator.uniform(-3, 2, size)).astype(dtype)
    return x, generator.random(size).astype(dtype), (generator.random(size) < 0.5).astype(dtype)


@needs_kernel
class TestAgreement:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("size", SIZES)
    def test_both_engines_agree_at_every_length(self, size, dtype):
        x, soft, hard = data(size, dtype)
        for z in (soft, hard):
            for function in FUNCTIONS:
                for reduction in ("mean", "sum", "none"):
                    if function is not value_and_grad or reduction != "none":
                        assert_agree(*both(function, x, z, reduction=reduction))
        assert_agree(*both(sigmoid, x))
        assert_agree(*both(log_sigmoid, x))

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize(
        "labels", [np.bool_, np.int8, np.uint8, np.int16, np.uint16, np.int32, np.int64, np.uint64]
    )
    def test_hard_labels_of_any_type_are_those_of_floats(self, labels, dtype):
        x, _, hard = data(1500, dtype)
        for function in FUNCTIONS:
            compiled, reference = both(function, x, hard.astype(labels))
            assert_agree(compiled, reference)
            assert_agree(compiled, function(x, hard))

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize(
        "options",
        [
            {"weight": 2.5},
            {"weight": np.linspace(0, 3, 700)},
            {"pos_weight": 3},
            {"pos_weight": np.linspace(0, 3, 7)},
            {"weight": np.linspace(0, 3, 700), "pos_weight": np.linspace(0, 3, 7)},
            {"label_smoothing": 0.1},
            {"label_smoothing": 1},
            {"base": 2, "pos_weight": 0.0},
            {"base": 10.0},
        ],
        ids=str,
    )
    def test_weights_smoothing_and_base_are_those_of_the_reference(self, options, dtype):
        x, z, _ = (array.reshape(100, 7) for array in data(700, dtype))
        options = {name: value.astype(dtype) if np.ndim(value) else value for name, value in options.items()}
        if np.size(options.get("weight", 0)) == 700:
            options["weight"] = options["weight"].reshape(100, 7)
        for function in FUNCTIONS:
            for reduction in ("mean", "sum"):
                assert_agree(*both(function, x, z, reduction=reduction, **options), scale=9)

    @given(arrays(np.float64, 40, elements=st.floats(-1e300, 1e300)), arrays(np.float64, 40, elements=st.floats(0, 1)))
    def test_both_engines_agree_on_numbers_that_try_to_break_them(self, x, z):
        x *= 1e-2  # the sum of all must be finite
        for function in FUNCTIONS:
            assert_agree(*both(function, x, z, reduction="sum"))

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_the_gradient_may_take_the_place_of_logits_or_labels(self, dtype):
        x, z, _ = data(3000, dtype)
        expected = value_and_grad(x, z)
        for place in (0, 1):
            own = [x.copy(), z.copy()]
            loss, gradient = value_and_grad(*own, out=own[place])
            assert gradient is own[place]
            assert loss == expected[0]
            assert np.array_equal(gradient, expected[1])

    def test_shapes_are_kept(self):
        assert binary_cross_entropy_with_logits_gradient(np.array(0.0), 1) == np.float64(-0.5)
        for shape in ((1,), (3, 1, 2)):
            compiled, reference = both(binary_cross_entropy_with_logits_gradient, np.ones(shape), np.ones(shape))
            assert np.shape(compiled) == np.shape(reference) == shape

    def test_many_threads_get_what_one_gets(self):
        x, z, _ = data(200_000, np.float64)
        expected = value_and_grad(x, z)
        with ThreadPoolExecutor(4) as pool:
            for loss, gradient in pool.map(lambda _: value_and_grad(x, z), range(12)):
                assert loss == expected[0]
                assert np.array_equal(gradient, expected[1])


def unusual():
    x, z = np.linspace(-3, 3, 600), np.ones(600)
    for place in (0, 599):
        for value in (np.nan, np.inf, -np.inf):
            odd = x.copy()
            odd[place] = value
            yield f"logit {value} at {place}", odd, z, {}
        for value in (np.nan, -0.5, 1 + 2**-52):
            odd = z.copy()
            odd[place] = value
            yield f"label {value} at {place}", x, odd, {}
            yield f"weight {value} at {place}", x, z, {"weight": odd * -3}
    yield "integer label", x, np.full(600, 2), {}
    yield "negative integer label", x, np.full(600, -1, np.int8), {}
    yield "overflow", np.full(600, -1e308), z, {"reduction": "sum"}
    yield "overflow of a unit", np.full(600, -3e305), z, {"base": 1.0000001, "reduction": "sum"}
    yield "overflow of weights", np.full(600, -1e300), z, {"weight": 1e300}
    yield "strides", np.repeat(x, 2)[::2], z, {}
    yield "other byte order", x.astype(">f8"), z, {}
    yield "other type", x.astype(np.float16), z, {}
    yield "mixed types", x.astype(np.float32), z, {}
    yield "integer logits", np.arange(600), z, {}
    yield "empty", x[:0], z[:0], {}
    yield "stretched logits", x[:1], z, {}
    yield "list", x.tolist(), z, {}
    yield "bytes", x[:3], b"\x00\x01\x00", {}
    yield "derived type", x, z.view(np.matrix)[0], {}
    yield "masked", np.ma.masked_array(x), z, {}
    yield "integer weights", x, z, {"weight": np.ones(600, int)}
    yield "weights that do not fit", x, z, {"weight": np.ones(599)}
    yield "boolean weight", x, z, {"weight": True}
    yield "smoothing", x, z, {"label_smoothing": 1.5}
    yield "base", x, z, {"base": 1}
    yield "reduction", x, z, {"reduction": "average"}


@needs_kernel
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("case", list(unusual()), ids=lambda case: case[0])
def test_on_anything_unusual_the_reference_decides(case, function):
    _, x, z, options = case

    def outcome():
        try:
            return function(x, z, **options)
        except (TypeError, ValueError) as error:
            return f"{type(error).__name__}: {error}"

    compiled = outcome()
    with only_the_reference():
        reference = outcome()
    if isinstance(reference, str):
        assert compiled == reference
    else:
        for one, other in zip(as_tuple(compiled), as_tuple(reference), strict=True):
            np.testing.assert_array_equal(one, other)


def as_tuple(result):
    return result if isinstance(result, tuple) else (result,)


@needs_kernel
def test_the_kernel_refuses_a_wrong_number_of_arguments():
    with pytest.raises(TypeError, match="11 arguments"):
        _engine.evaluate(0)


def engine_of(wanted):
    """What `bce.engine` says in a fresh process, or its error."""
    found = subprocess.run(
        [sys.executable, "-c", "import bce; print(bce.engine)"],
        env={**os.environ, "BCE_ENGINE": wanted},
        capture_output=True,
        text=True,
    )
    return found.stdout.strip() or found.stderr.strip().splitlines()[-1]


def test_the_environment_switches_the_kernel_off():
    assert engine_of("reference") == "reference (BCE_ENGINE asks for it)"
    assert engine_of("") == _engine.note
    assert engine_of("fast") == "ValueError: BCE_ENGINE must be 'reference', 'compiled' or unset, got 'fast'"


def test_a_notebook_of_the_book_computes_by_the_reference():
    code = (
        "from bce import book; import bce; from IPython.core.interactiveshell import InteractiveShell as S; "
        "book.load_ipython_extension(S.instance()); print(bce.engine)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1].startswith("reference (the book")


@needs_kernel
def test_a_kernel_that_was_built_before_is_left_alone_and_the_note_says_what_to_do(monkeypatch):
    monkeypatch.setattr("bce.losses._kernel.interface", 1)
    evaluate, note = _engine._loaded()
    assert evaluate is _engine.reference
    assert "install the package again" in note
