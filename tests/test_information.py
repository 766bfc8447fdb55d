import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bce.information import cross_entropy, entropy, information_content, kl_divergence

EXACT = mpmath.MPContext()  # a context of its own leaves mpmath's global precision alone
EXACT.prec = 400

FLOAT_TYPES = [np.float16, np.float32, np.float64, np.longdouble]


@st.composite
def distributions(draw, count=1):
    """`count` probability vectors of one length, some of their entries 0."""
    length = draw(st.integers(2, 8))
    weights = st.one_of(st.just(0.0), st.floats(1e-12, 1.0))
    vectors = []
    for _ in range(count):
        vector = draw(arrays(np.float64, length, elements=weights).filter(lambda w: w.sum() > 0))
        vectors.append(vector / vector.sum())
    return vectors[0] if count == 1 else tuple(vectors)


def exact(terms):
    return float(EXACT.fsum(terms))


def exact_log(value):
    return EXACT.log(EXACT.mpf(float(value)))


class TestInformationContent:
    def test_an_eighth_is_exactly_three_bits(self):
        assert information_content(1 / 8, base=2) == 3.0

    def test_powers_of_ten_are_whole_numbers_of_decimal_digits(self):
        assert information_content([0.1, 0.001], base=10).tolist() == [1.0, 3.0]

    def test_lightning_surprises_more_than_a_coin(self):
        lightning, coin = information_content([1 / 280_000, 1 / 2], base=2)
        assert lightning == pytest.approx(18.095, abs=1e-3)
        assert coin == 1.0

    def test_a_certain_event_holds_no_information_and_no_minus_sign(self):
        assert not np.signbit(information_content(1.0))
        assert information_content(1) == 0

    def test_an_impossible_event_holds_infinite_information(self):
        assert information_content(0.0) == np.inf
        assert information_content(0.0, base=2) == np.inf

    @given(st.floats(0, 1, exclude_min=True))
    def test_it_is_the_negative_logarithm_to_within_two_ulps(self, p):
        truth = float(-exact_log(p))
        assert abs(information_content(p) - truth) <= 2 * np.spacing(truth)

    @given(st.floats(1e-300, 1), st.floats(1.001, 1e6))
    def test_any_base_divides_by_its_logarithm(self, p, base):
        assert information_content(p, base) == pytest.approx(-math.log(p) / math.log(base), rel=1e-14)

    @pytest.mark.parametrize("dtype", FLOAT_TYPES)
    def test_the_floating_type_is_kept(self, dtype):
        values = np.array([0.25, 0.5], dtype)
        assert information_content(values).dtype == dtype
        assert type(information_content(values[0], base=2)) is dtype

    def test_integers_and_booleans_become_float64(self):
        assert information_content([0, 1]).dtype == np.float64
        assert information_content([False, True]).dtype == np.float64

    def test_nan_stays_nan(self):
        assert np.isnan(information_content([np.nan, 0.5])).tolist() == [True, False]

    def test_a_probability_outside_the_interval_is_named_with_its_index(self):
        with pytest.raises(ValueError, match=r"p must lie in \[0, 1\], but p\[1, 0\] is 1\.5"):
            information_content([[0.5, 0.5], [1.5, 0.5]])

    def test_a_scalar_outside_the_interval_is_named_without_an_index(self):
        with pytest.raises(ValueError, match=r"but p is -0\.25"):
            information_content(-0.25)

    @pytest.mark.parametrize("base", [0, 0.5, 1, -2, np.inf, np.nan])
    def test_an_impossible_base_is_refused(self, base):
        with pytest.raises(ValueError, match=r"base must be None .* finite number > 1, got"):
            information_content(0.5, base)

    @pytest.mark.parametrize("base", ["2", True, 2j, [2, 3], object()])
    def test_a_base_that_is_no_real_number_is_refused(self, base):
        with pytest.raises(TypeError, match=r"base must be None .* or one real number, got"):
            information_content(0.5, base)

    @pytest.mark.parametrize("p", [0.5j, [None], "0.5", np.array(["a"]), np.array([object()])])
    def test_what_is_no_real_number_is_refused(self, p):
        with pytest.raises(TypeError, match=r"p must be real numbers .* got dtype"):
            information_content(p)

    def test_a_ragged_list_is_refused(self):
        with pytest.raises(ValueError, match="p must be one number or a rectangular array"):
            information_content([[0.5], [0.25, 0.75]])


class TestEntropy:
    def test_a_fair_coin_is_one_bit_and_log_two_nats(self):
        assert entropy([0.5, 0.5], base=2) == 1.0
        assert entropy([0.5, 0.5]) == math.log(2)

    def test_a_certain_outcome_has_no_entropy_and_no_minus_sign(self):
        value = entropy([0.0, 1.0, 0.0])
        assert value == 0
        assert not np.signbit(value)

    @given(distributions())
    def test_it_is_the_expected_information_content(self, p):
        truth = exact(-EXACT.mpf(float(v)) * exact_log(v) for v in p if v > 0)
        assert entropy(p) == pytest.approx(truth, rel=1e-14, abs=1e-300)

    @given(distributions())
    def test_it_is_at_least_zero_and_at_most_the_logarithm_of_the_number_of_outcomes(self, p):
        assert 0 <= entropy(p) <= math.log(len(p)) * (1 + 1e-8)

    def test_distributions_stand_along_the_axis_as_in_scipy(self):
        p = np.array([[0.5, 1.0], [0.5, 0.0]])
        assert entropy(p, base=2).tolist() == [1.0, 0.0]
        assert entropy(p.T, 2, 1).tolist() == [1.0, 0.0]
        assert entropy(p.T, 2, axis=-1).tolist() == [1.0, 0.0]

    @pytest.mark.parametrize("dtype", FLOAT_TYPES)
    def test_the_floating_type_is_kept(self, dtype):
        values = np.full((4, 3), 0.25, dtype)
        assert entropy(values).dtype == dtype
        assert type(entropy(values[:, 0])) is dtype
        assert entropy(values, base=2).tolist() == [2.0, 2.0, 2.0]

    def test_softmax_in_single_precision_sums_to_one_well_enough(self):
        weights = np.random.default_rng(0).random(100_000, dtype=np.float32)
        assert np.isfinite(entropy(weights / weights.sum()))

    def test_nan_in_one_vector_leaves_the_others_alone(self):
        values = entropy([[np.nan, 0.5], [0.5, 0.5]], base=2)
        assert np.isnan(values[0])
        assert values[1] == 1

    def test_weights_that_do_not_sum_to_one_are_refused_with_their_place_and_sum(self):
        with pytest.raises(ValueError, match=r"p must sum to 1 along axis 1, but p\[1, :\] sums to 0\.75"):
            entropy([[0.5, 0.5], [0.5, 0.25]], axis=1)

    @pytest.mark.parametrize("axis", [2, -3, 0.0, None, "rows", True, [0]])
    def test_an_axis_that_is_not_there_is_refused(self, axis):
        with pytest.raises(ValueError, match="axis must be an integer from -2 to 1"):
            entropy([[0.5, 0.5]], axis=axis)

    def test_a_single_number_is_no_distribution(self):
        with pytest.raises(ValueError, match="p must hold at least one probability vector"):
            entropy(1.0)

    def test_no_outcomes_are_no_distribution(self):
        with pytest.raises(ValueError, match="p must sum to 1"):
            entropy([])

    def test_no_distributions_have_no_entropies(self):
        assert entropy(np.empty((2, 0))).shape == (0,)


class TestCrossEntropy:
    @given(distributions(2))
    def test_it_is_the_mean_of_the_information_content_of_q_under_p(self, pair):
        p, q = pair
        if np.any((q == 0) & (p > 0)):
            assert cross_entropy(p, q) == np.inf
        else:
            terms = (-EXACT.mpf(float(a)) * exact_log(b) for a, b in zip(p, q, strict=True) if a > 0)
            assert cross_entropy(p, q) == pytest.approx(exact(terms), rel=1e-14, abs=1e-300)

    @given(distributions())
    def test_of_a_distribution_with_itself_it_is_the_entropy(self, p):
        assert cross_entropy(p, p) == entropy(p)

    @given(distributions(2))
    def test_it_is_never_below_the_entropy(self, pair):
        p, q = pair
        assert cross_entropy(p, q) >= entropy(p) - 1e-8

    def test_one_true_distribution_is_compared_with_many_predictions(self):
        p = np.array([[0.5], [0.5]])
        q = np.array([[0.5, 0.25], [0.5, 0.75]])
        assert cross_entropy(p, q, base=2).round(6).tolist() == [1.0, 1.207519]

    def test_different_numbers_of_outcomes_are_refused(self):
        with pytest.raises(ValueError, match=r"equally many outcomes along axis 0, got 1 .* and 2"):
            cross_entropy([[1.0]], [[0.5], [0.5]])

    def test_shapes_that_do_not_broadcast_are_refused(self):
        with pytest.raises(ValueError, match=r"p of shape \(2,\) and q of shape \(3,\) do not broadcast"):
            cross_entropy([0.5, 0.5], [0.25, 0.25, 0.5])

    def test_the_wrong_argument_is_the_one_that_is_named(self):
        with pytest.raises(ValueError, match=r"q must lie in \[0, 1\], but q\[0\] is -0\.5"):
            cross_entropy([0.5, 0.5], [-0.5, 1.5])
        with pytest.raises(TypeError, match="q must be real numbers"):
            cross_entropy([0.5, 0.5], ["a", "b"])

    def test_nan_where_p_is_zero_is_still_nan(self):
        assert np.isnan(cross_entropy([0.0, 1.0], [np.nan, 0.5]))


class TestKullbackLeiblerDivergence:
    @given(distributions(2))
    def test_it_is_what_cross_entropy_adds_to_entropy(self, pair):
        p, q = pair
        if np.any((q == 0) & (p > 0)):
            assert kl_divergence(p, q) == np.inf
        else:
            pairs = [(a, b) for a, b in zip(p, q, strict=True) if a > 0]
            truth = exact(EXACT.mpf(float(a)) * (exact_log(a) - exact_log(b)) for a, b in pairs)
            assert kl_divergence(p, q) == pytest.approx(max(truth, 0), rel=1e-13, abs=1e-15)

    @given(distributions(2))
    def test_it_is_never_negative(self, pair):
        assert kl_divergence(*pair) >= 0

    @given(distributions())
    def test_a_distribution_does_not_diverge_from_itself(self, p):
        assert kl_divergence(p, p) == 0

    def test_it_is_not_symmetric(self):
        p, q = [0.5, 0.5], [0.25, 0.75]
        assert kl_divergence(p, q) != kl_divergence(q, p)

    def test_close_distributions_keep_their_digits(self):
        step = 2.0**-20
        p, q = [0.5 + step, 0.5 - step], [0.5, 0.5]
        truth = exact(EXACT.mpf(a) * EXACT.log(EXACT.mpf(a) / b) for a, b in zip(p, q, strict=True))
        assert kl_divergence(p, q) == pytest.approx(truth, rel=1e-9)

    def test_a_ratio_beyond_the_largest_number_does_not_overflow(self):
        tiny = 1e-320
        assert kl_divergence([1.0, 0.0], [tiny, 1.0]) == pytest.approx(-math.log(tiny))

    def test_bits_are_nats_over_log_two(self):
        p, q = [0.5, 0.5], [0.25, 0.75]
        assert kl_divergence(p, q, base=2) == pytest.approx(kl_divergence(p, q) / math.log(2), rel=1e-15)

    def test_nan_in_either_vector_gives_nan(self):
        assert np.isnan(kl_divergence([np.nan, 0.5], [0.5, 0.5]))
        assert np.isnan(kl_divergence([0.0, 1.0], [np.nan, 1.0]))

    @pytest.mark.parametrize("dtype", FLOAT_TYPES)
    def test_the_floating_type_is_kept(self, dtype):
        assert type(kl_divergence(np.array([0.5, 0.5], dtype), np.array([0.25, 0.75], dtype))) is dtype
