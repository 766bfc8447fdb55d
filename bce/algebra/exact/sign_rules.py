"""The rules by which a polynomial in the generators has a sign.

Each answers with the signs that are possible, and may answer with all of them: a set that is too large makes a
step unproved, never wrongly proved. They are tried in the order in which they stand here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mpmath import iv
from sympy import QQ
from sympy.polys.rings import PolyElement
from sympy.polys.rootisolation import dup_count_real_roots

from bce.algebra.ranges import (
    ANY,
    NEGATIVE,
    POSITIVE,
    POSITIVE_REALS,
    Range,
    Signs,
    sign_of_number,
    signs_in_range,
    signs_of_power,
    signs_of_product,
    signs_of_sum,
    signs_of_total,
)
from bce.algebra.rules import Rule, new_rule

from .elements import Element, Exponential, Generator, Logarithm, Root, Total
from .field import Field
from .polynomials import composed

if TYPE_CHECKING:
    from .signs import SignOracle

_MAX_CASES = 243

SignRule = Callable[["SignOracle", PolyElement], Signs]

#: The rules in the order in which they are tried.
SIGN_RULES: dict[Rule, SignRule] = {}


def _sign_rule(name: str, sentence: str) -> Callable[[SignRule], SignRule]:
    def add(function: SignRule) -> SignRule:
        SIGN_RULES[new_rule("sign", name, sentence)] = function
        return function

    return add


@_sign_rule(
    "assumption",
    "The factor, or the whole product, is a multiple of a quantity whose sign is declared, or assumed in a case; "
    "a sign of $a x + b$ narrows the range of $x$.",
)
def _assumed(oracle: SignOracle, polynomial: PolyElement) -> Signs:
    return oracle.fact(polynomial)


def signs_by_terms(oracle: SignOracle, polynomial: PolyElement) -> Signs:
    """Return the signs that the terms have, and that they add up to if it is one: the quick part of the first rule."""
    generators = oracle.field.generators
    ranges = {k: oracle.range_of(generators[k]) for k in _used(polynomial)}
    return _term_signs(oracle.field.lift(polynomial), ranges)


@_sign_rule(
    "ranges",
    "The ranges of the generators give the signs of the terms, and terms of one sign add up to it. If that does not "
    "help, every range is moved to $(0, \\infty)$ first: a generator between 0 and 1 becomes $\\frac{w}{1 + w}$, one "
    "above $a$ becomes $a + w$, a real one is split at 0; closed ends are tried by themselves.",
)
def _by_ranges(oracle: SignOracle, polynomial: PolyElement) -> Signs:
    at_once = signs_by_terms(oracle, polynomial)
    if len(at_once) == 1:
        return at_once
    ranges = {k: oracle.range_of(oracle.field.generators[k]) for k in _used(polynomial)}
    oracle.field.work.spend(len(polynomial) * 10)
    result: Signs = frozenset()
    for case, (moved, moved_ranges) in enumerate(_boxes(oracle.field.lift(polynomial), ranges)):
        result |= _term_signs(moved, moved_ranges)
        if result == ANY or case > _MAX_CASES:
            return at_once
    return at_once & result


@_sign_rule(
    "roots",
    "A polynomial in one generator has no root in the generator's range, by Sturm's theorem; its sign at "
    "one point is its sign everywhere.",
)
def _by_roots(oracle: SignOracle, polynomial: PolyElement) -> Signs:
    used = _used(polynomial)
    if len(used) != 1:
        return ANY
    domain = oracle.range_of(oracle.field.generators[used[0]])
    degree = polynomial.degree(polynomial.ring.gens[used[0]])
    if domain.lower == domain.upper and domain.lower is not None:
        return ANY
    coefficients = [QQ(0)] * (degree + 1)
    for monomial, coefficient in polynomial.items():
        coefficients[degree - monomial[used[0]]] = QQ(int(coefficient))
    bounds = {
        "inf": None if domain.lower is None else QQ(domain.lower.numerator, domain.lower.denominator),
        "sup": None if domain.upper is None else QQ(domain.upper.numerator, domain.upper.denominator),
    }
    roots = dup_count_real_roots(coefficients, QQ, **bounds)
    for bound, is_open in ((domain.lower, domain.lower_open), (domain.upper, domain.upper_open)):
        if bound is not None and is_open and _horner(coefficients, bound) == 0:
            roots -= 1
    if roots:
        return ANY
    return sign_of_number(_horner(coefficients, _inside(domain)))


@_sign_rule(
    "sums",
    "$n - \\sum y_i$ is $\\sum (1 - y_i)$, and has the sign of its terms.",
)
def _by_sums(oracle: SignOracle, polynomial: PolyElement) -> Signs:
    """Read ``n - sum(y_i)`` as ``sum(1 - y_i)``."""
    rest, body, first = oracle.field.polynomial(polynomial), oracle.field.number(0), None
    for generator in rest.generators():
        gen = polynomial.ring.gens[generator.position]
        if not isinstance(generator, Total) or polynomial.degree(gen) != 1:
            continue
        slope = oracle.field.polynomial(polynomial.diff(gen))
        first = first or generator
        same_bounds = generator.upper.same(first.upper) and generator.lower.same(first.lower)
        if slope.rational() is None or generator.index is not first.index or not same_bounds:
            return ANY
        rest = rest - slope * oracle.field.generator_element(generator)
        body = body + slope * generator.body
    if first is None:
        return ANY
    length = first.upper - first.lower + oracle.field.number(1)
    per_term = (rest / length).rational()
    if per_term is None:
        return ANY
    return signs_of_total(oracle.signs(body + oracle.field.number(per_term)), oracle.signs(length))


@_sign_rule(
    "enclosure",
    "A constant such as $\\log 3 - 1$ lies in an interval that does not contain 0.",
)
def _by_enclosure(oracle: SignOracle, polynomial: PolyElement) -> Signs:
    r"""Enclose a constant such as ``\log 3 - 1`` in an interval, if it is one."""
    for precision in (100, 400):
        value = _enclosure(oracle.field, oracle.field.polynomial(polynomial), precision)
        if value is None:
            return ANY
        if value > 0:
            return POSITIVE
        if value < 0:
            return NEGATIVE
    return ANY


ASSUMPTION, RANGES = list(SIGN_RULES)[:2]


def _used(polynomial: PolyElement) -> list[int]:
    return sorted({k for monomial in polynomial for k, power in enumerate(monomial) if power})


def _term_signs(polynomial: PolyElement, ranges: dict[int, Range]) -> Signs:
    signs = {k: signs_in_range(domain) for k, domain in ranges.items()}
    return signs_of_sum(
        signs_of_product(
            [sign_of_number(int(coefficient))]
            + [signs_of_power(signs[k], power) for k, power in enumerate(monomial) if power]
        )
        for monomial, coefficient in polynomial.terms()
    )


def _boxes(polynomial: PolyElement, ranges: dict[int, Range]) -> Iterable[tuple[PolyElement, dict[int, Range]]]:
    """Yield polynomials with all ranges moved to (0, ∞), whose signs together are the polynomial's."""
    for k, domain in ranges.items():
        if domain == POSITIVE_REALS:
            continue
        for moved in _moved(polynomial, k, domain):
            yield from _boxes(moved, {**ranges, k: POSITIVE_REALS})
        return
    yield polynomial, ranges


def _moved(polynomial: PolyElement, k: int, domain: Range) -> Iterable[PolyElement]:
    """Yield the polynomial at each closed end of the range, and on its inside."""
    one, zero = Fraction(1), Fraction(0)
    for bound, is_open in ((domain.lower, domain.lower_open), (domain.upper, domain.upper_open)):
        if bound is not None and not is_open:
            yield composed(polynomial, k, (bound,), (one,))
    if domain.lower is not None and domain.upper is not None:
        if domain.lower < domain.upper:
            yield composed(polynomial, k, (domain.lower, domain.upper), (one, one))
    elif domain.lower is not None:
        yield composed(polynomial, k, (domain.lower, one), (one,))
    elif domain.upper is not None:
        yield composed(polynomial, k, (domain.upper, -one), (one,))
    else:
        yield composed(polynomial, k, (zero,), (one,))
        yield composed(polynomial, k, (zero, one), (one,))
        yield composed(polynomial, k, (zero, -one), (one,))


def _horner(coefficients: list[Any], at: Fraction) -> Fraction:
    value = Fraction(0)
    for coefficient in coefficients:
        value = value * at + Fraction(int(coefficient.numerator), int(coefficient.denominator))
    return value


def _inside(domain: Range) -> Fraction:
    if domain.lower is not None and domain.upper is not None:
        return (domain.lower + domain.upper) / 2
    if domain.lower is not None:
        return domain.lower + 1
    return domain.upper - 1 if domain.upper is not None else Fraction(0)


def _enclosure(field: Field, element: Element, precision: int) -> Any:
    """Return an interval around a constant element, None if it is not constant."""
    before, iv.prec = iv.prec, precision
    try:
        values = {}
        for generator in element.generators():
            inner = {Exponential: "exponent", Logarithm: "argument", Root: "base"}.get(type(generator))
            value = None if inner is None else _enclosure(field, getattr(generator, inner), precision)
            if value is None:
                return None
            values[generator.position] = _apply(generator, value)
        top, bottom = (_interval_of(p, values) for p in (element.numerator, element.denominator))
        return None if 0 in bottom else top / bottom
    finally:
        iv.prec = before


def _apply(generator: Generator, value: Any) -> Any:
    if isinstance(generator, Exponential):
        return iv.exp(value)
    if isinstance(generator, Logarithm):
        return iv.log(value) if value > 0 else iv.mpf(["-inf", "inf"])
    assert isinstance(generator, Root)
    return iv.exp(iv.log(value) / generator.degree) if value > 0 else iv.mpf(["-inf", "inf"])


def _interval_of(polynomial: PolyElement, values: dict[int, Any]) -> Any:
    total = iv.mpf(0)
    for monomial, coefficient in polynomial.terms():
        term = iv.mpf(int(coefficient))
        for position, power in enumerate(monomial):
            if power:
                term *= values[position] ** power
        total += term
    return total
