"""Formulas written out: no name, no function, no sum and no derivative is left in a term.

Derivatives are taken symbolically, term by term; `bce.audit.values` computes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

Signs = frozenset[int]

ANY_SIGN: Signs = frozenset({-1, 0, 1})


class NoValue(Exception):
    """The formula has no value here: a division by 0, a logarithm of 0, a corner of a derivative."""


class Undecided(Exception):
    """The working precision does not decide a sign."""


class Missing(Undecided):
    """The point has no value for a quantity."""


class Term:
    """A node, known by its identity. Equal parts of a formula may be shared."""

    __slots__ = ("operation", "parts")

    def __init__(self, operation: str, *parts: Any) -> None:
        self.operation = operation
        self.parts = parts

    def below(self) -> list[Term]:
        """Return the terms that this one is made of."""
        if self.operation in ("add", "multiply"):
            return list(self.parts[0])
        if self.operation == "choose":
            cases, joined, _ = self.parts
            return [t for gap, _, value in cases for t in (gap, value)] + [t for group in joined for t in group]
        if self.operation == "demand":
            return [self.parts[0], *(term for term, _ in self.parts[1])]
        return [part for part in self.parts if isinstance(part, Term)]


#: A gap, the signs of it that select the case, and the value of the case.
Case = tuple[Term, Signs, Term]


def number(value: Fraction | int) -> Term:
    """Return a constant."""
    return Term("number", Fraction(value))


def variable(name: str) -> Term:
    """Return a quantity that has its value from the point."""
    return Term("variable", name)


def add(*terms: Term) -> Term:
    """Return a sum; no terms give 0."""
    return Term("add", terms)


def multiply(*factors: Term) -> Term:
    """Return a product; no factors give 1."""
    kept = tuple(f for f in factors if not (f.operation == "number" and f.parts[0] == 1))
    return kept[0] if len(kept) == 1 else Term("multiply", kept)


def negate(term: Term) -> Term:
    """Return ``-term``."""
    return multiply(number(-1), term)


def subtract(a: Term, b: Term) -> Term:
    """Return ``a - b``."""
    return add(a, negate(b))


def power(base: Term, exponent: Term) -> Term:
    """Return a power; any exponent but a whole number needs a positive base."""
    return Term("power", base, exponent)


def divide(a: Term, b: Term) -> Term:
    """Return ``a / b``."""
    return multiply(a, power(b, number(-1)))


def limit(body: Term, by: Term, target: Term, ways: Sequence[int]) -> Term:
    """Return the value that a body approaches from above (1), below (-1) or both; it is estimated.

    The body is evaluated nearer and nearer to the target, and has to settle or to grow. A
    ball around the last value allows for the distance that is left.
    """
    return Term("limit", body, by, target, tuple(ways))


def choose(cases: Sequence[Case], joined: Sequence[Sequence[Term]] = (), continuous: bool = False) -> Term:
    """Return the value of the first case whose gap has one of its signs.

    A derivative by cases exists where a gap is 0 only if all cases agree there, and so do
    the formulas in each group of ``joined``: what was differentiated. With ``continuous`` a
    gap too small to have a known sign does no harm: the value lies in a ball around all cases.
    """
    return Term("choose", tuple(cases), tuple(joined), continuous)


def demand(value: Term, demands: Sequence[tuple[Term, Signs]]) -> Term:
    """Return a value that exists only where every demanded term has one of its signs."""
    return Term("demand", value, tuple(demands)) if demands else value


# --- derivatives and substitution -----------------------------------------------------


class Differentiation:
    """The derivative of terms by one variable."""

    def __init__(self, by: Term) -> None:
        self.by = by
        self._slopes: dict[int, Term] = {}
        self._dependent: dict[int, bool] = {}

    def of(self, term: Term) -> Term:
        """Return the derivative of a term."""
        if term is self.by:
            return number(1)
        if not self._depends(term):
            return number(0)
        if id(term) not in self._slopes:
            self._slopes[id(term)] = _SLOPES[term.operation](self, *term.parts)
        return self._slopes[id(term)]

    def _depends(self, term: Term) -> bool:
        if term is self.by:
            return True
        if id(term) not in self._dependent:
            self._dependent[id(term)] = any(self._depends(part) for part in term.below())
        return self._dependent[id(term)]

    def _add(self, terms: Sequence[Term]) -> Term:
        return add(*(self.of(term) for term in terms))

    def _multiply(self, factors: Sequence[Term]) -> Term:
        moving = [k for k, factor in enumerate(factors) if self._depends(factor)]
        return add(*(multiply(self.of(factors[k]), *factors[:k], *factors[k + 1 :]) for k in moving))

    def _power(self, base: Term, exponent: Term) -> Term:
        if exponent.operation == "number":
            n = exponent.parts[0]
            if n == 0:
                return number(0)
            outer = number(1) if n == 1 else multiply(number(n), power(base, number(n - 1)))
            return multiply(outer, self.of(base))
        if not self._depends(exponent):
            # The exponent may be a whole number where it is looked at, and the base negative.
            return multiply(exponent, power(base, add(exponent, number(-1))), self.of(base))
        by_exponent = multiply(self.of(exponent), Term("log", base))
        by_base = multiply(exponent, divide(self.of(base), base))
        return multiply(power(base, exponent), add(by_exponent, by_base))

    def _root(self, base: Term) -> Term:
        return Term("slope of root", base, self.of(base))

    def _slope_of_root(self, base: Term, slope: Term) -> Term:
        bend = divide(multiply(slope, self.of(base)), multiply(number(4), power(Term("root", base), number(3))))
        return subtract(Term("slope of root", base, self.of(slope)), bend)

    def _exp(self, exponent: Term) -> Term:
        return multiply(self.of(exponent), Term("exp", exponent))

    def _log(self, argument: Term) -> Term:
        return divide(self.of(argument), argument)

    def _choose(self, cases: Sequence[Case], joined: Sequence[Sequence[Term]], continuous: bool) -> Term:
        corner = any(self._depends(gap) for gap, _, _ in cases)
        values = [[value for _, _, value in cases]] if corner else []
        return choose([(gap, signs, self.of(value)) for gap, signs, value in cases], [*joined, *values])

    def _demand(self, value: Term, demands: Sequence[tuple[Term, Signs]]) -> Term:
        return demand(self.of(value), demands)

    def _limit(self, body: Term, by: Term, target: Term, ways: Sequence[int]) -> Term:
        raise Undecided("the derivative of a limit")


_SLOPES: dict[str, Callable[..., Term]] = {
    "add": Differentiation._add,
    "multiply": Differentiation._multiply,
    "power": Differentiation._power,
    "root": Differentiation._root,
    "slope of root": Differentiation._slope_of_root,
    "exp": Differentiation._exp,
    "log": Differentiation._log,
    "choose": Differentiation._choose,
    "demand": Differentiation._demand,
    "limit": Differentiation._limit,
}


def substitute(term: Term, by: Term, value: Term) -> Term:
    """Return a term with a variable replaced."""
    return _substitute(term, by, value, {})


def _substitute(term: Term, by: Term, value: Term, known: dict[int, Term]) -> Term:
    if term is by:
        return value
    if id(term) in known:
        return known[id(term)]

    def inside(part: Term) -> Term:
        return _substitute(part, by, value, known)

    result = term
    if term.operation in ("add", "multiply"):
        result = Term(term.operation, tuple(inside(part) for part in term.parts[0]))
    elif term.operation in ("power", "root", "slope of root", "exp", "log"):
        result = Term(term.operation, *(inside(part) for part in term.parts))
    elif term.operation == "choose":
        cases, joined, continuous = term.parts
        moved = [(inside(gap), signs, inside(chosen)) for gap, signs, chosen in cases]
        result = choose(moved, [[inside(part) for part in group] for group in joined], continuous)
    elif term.operation == "limit":
        body, bound, target, ways = term.parts
        result = limit(inside(body), bound, inside(target), ways)
    elif term.operation == "demand":
        result = demand(inside(term.parts[0]), [(inside(part), signs) for part, signs in term.parts[1]])
    known[id(term)] = result
    return result
