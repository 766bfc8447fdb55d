"""Limits are decided by their largest terms, and left open where these do not decide."""

from __future__ import annotations

import pytest

import bce

CELL = r"""%%derivation a-limit
title: A limit
given: z real; 0 < q < 1; w > 0
where: \sigma(x) = \frac{1}{1 + e^{-x}}

"""


def verdict(row: str) -> str:
    result = bce.check(CELL + row)
    assert not result.problems, result.problems[0].message
    return result.derivations[0].steps[0].verdict.kind


@pytest.mark.parametrize(
    "row",
    [
        r"\lim_{t \to \infty} \sigma(t) = 1",
        r"\lim_{t \to -\infty} \sigma(t) = 0",
        r"\lim_{t \to \infty} \log(1 + e^{-t}) = 0",
        r"\lim_{t \to \infty} \left(\log(1 + e^{t}) - t\right) = 0",
        r"\lim_{t \to -\infty} \log(1 + e^{-t}) = \infty",
        r"\lim_{t \to 0^+} t \log t = 0",
        r"\lim_{t \to 0^+} \log t = -\infty",
        r"\lim_{t \to 1^-} \left(-q \log t - (1-q) \log(1-t)\right) = \infty",
        r"\lim_{t \to 0} \frac{e^{t} - 1}{t} = 1",
        r"\lim_{t \to 0} \frac{e^{z t} - 1}{t} = z",
        r"\lim_{t \to \infty} \frac{t^{3}}{e^{t}} = 0",
        r"\lim_{t \to \infty} \left(\sqrt{t^{2} + t} - t\right) = \frac{1}{2}",
        r"\lim_{t \to 0} |t| = 0",
        r"\lim_{t \to \infty} \frac{w t + 1}{t} = w",
        r"\lim_{t \to \infty} w t = \infty",
    ],
)
def test_a_true_limit_is_proved(row):
    assert verdict(row) == "proved"


@pytest.mark.parametrize(
    "row",
    [
        r"\lim_{t \to \infty} \sigma(t) = 0",
        r"\lim_{t \to -\infty} \log(1 + e^{-t}) = -\infty",
        r"\lim_{t \to \infty} \sigma(t) = \infty",
        r"\lim_{t \to 0^+} t \log t = 1",
        r"\lim_{t \to 0} \frac{e^{z t} - 1}{t} = 1",
        r"\lim_{t \to \infty} \frac{e^{t}}{t^{3}} = 0",
        r"\lim_{t \to 0} \frac{|t|}{t} = 1",
        r"\lim_{t \to \infty} z t = \infty",
        r"\lim_{t \to 0} \frac{1}{t} = \infty",
        r"\lim_{t \to \infty} (z t - t) = 0",
        r"\lim_{t \to 0} \log t = -\infty",
    ],
)
def test_a_false_or_undefined_limit_is_never_proved(row):
    assert verdict(row) != "proved"


def test_infinity_is_no_number():
    assert verdict(r"\infty - \infty = 0") == "unproved"
    assert verdict(r"1 + \lim_{t \to \infty} w t = \infty") == "unproved"
