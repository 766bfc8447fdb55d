"""Writes terms of `language` as people do: with all kinds of brackets, fractions and product signs, boxed, coloured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from language import (
    FACTOR,
    PRODUCT,
    SUM,
    Ambiguous,
    Point,
    Term,
    Undefined,
    divided,
    exact,
    exponential,
    logarithm,
    raised,
    root,
    slope,
    total,
    whole,
)
from mpmath import mpf


@dataclass(frozen=True)
class Writer:
    """Makes terms from terms; ``foreign`` allows the notation of other people's notes."""

    random: Random
    foreign: bool

    # --- leaves -----------------------------------------------------------------------

    def number(self, value: int | Fraction) -> Term:
        value = Fraction(value)
        if value < 0:
            return self.negated(self.number(-value))
        constant = exact(value)
        if value.denominator == 1:
            return Term(str(value), FACTOR, lambda point: constant)
        return Term(rf"\frac{{{value.numerator}}}{{{value.denominator}}}", FACTOR, lambda point: constant)

    def name(self, name: str) -> Term:
        return Term(name, FACTOR, lambda point: point.of(name), frozenset({name}))

    def member(self, family: str, index: Term) -> Term:
        def value(point: Point) -> mpf:
            return point.member(family, whole(index.value(point)))

        return Term(f"{family}_{{{index}}}", FACTOR, value, index.names | {family})

    # --- sums and products ------------------------------------------------------------

    def negated(self, term: Term) -> Term:
        inside = term if term.rank >= PRODUCT else self.bracket(term)
        return Term(f"-{inside}", SUM, lambda point: -term.value(point), term.names)

    def add(self, *terms: Term) -> Term:
        latex = str(terms[0])
        for term in terms[1:]:
            written = str(term)
            piece = written if written.startswith("-") else f"+ {written}"
            if self.foreign and self._seldom(0.06):
                piece = self._around_with_sign(piece)
            latex += f" {piece}"
        return Term(latex, SUM, lambda point: sum((t.value(point) for t in terms), mpf(0)), _names(terms))

    def multiply(self, *terms: Term) -> Term:
        *others, last = terms
        is_open = last.latex.startswith((r"\sum", r"\prod")) and bool(others) and self._seldom(0.5)
        factors = [term if term.rank >= PRODUCT else self.bracket(term) for term in others]
        factors.append(last if is_open or last.rank >= PRODUCT else self.bracket(last))
        latex = str(factors[0])
        for factor in factors[1:]:
            latex += self._times(latex, str(factor)) + str(factor)

        def value(point: Point) -> mpf:
            result = mpf(1)
            for found in [term.value(point) for term in terms]:
                result *= found
            return result

        return Term(latex, SUM if is_open else PRODUCT, value, _names(terms))

    def _times(self, before: str, after: str) -> str:
        plain = not after[0].isdigit() and "\\log" not in before and "\\ln" not in before and before[-1] not in "}'"
        signs = [r" \cdot "]
        if self.foreign:
            signs.append(r" \times ")
        if plain and after[0] not in "([\\-":
            signs += [" ", r"\,"]
        return self.random.choice(signs)

    def divide(self, top: Term, bottom: Term) -> Term:
        command = self.random.choice([r"\frac", r"\frac", r"\dfrac", r"\tfrac"]) if self.foreign else r"\frac"
        latex = rf"{command}{{{top}}}{{{bottom}}}"
        if self.foreign and self._seldom(0.1):
            latex = rf"{{{top} \over {bottom}}}"
        return Term(
            latex, FACTOR, lambda point: divided(top.value(point), bottom.value(point)), top.names | bottom.names
        )

    def power(self, base: Term, exponent: int) -> Term:
        inside = base if base.rank == FACTOR and _takes_exponent(base) else self.bracket(base)
        return Term(f"{inside}^{{{exponent}}}", FACTOR, lambda point: raised(base.value(point), exponent), base.names)

    # --- functions --------------------------------------------------------------------

    def exp(self, term: Term) -> Term:
        forms = [rf"e^{{{term}}}"] + [rf"\exp({term})"] + ([rf"\mathrm{{e}}^{{{term}}}"] if self.foreign else [])
        return replace(
            Term(self.random.choice(forms), FACTOR, lambda point: exponential(term.value(point)), term.names),
            rank=PRODUCT,
        )

    def log(self, term: Term) -> Term:
        names = [r"\log", r"\ln"] if self.foreign else [r"\log"]
        latex = rf"{self.random.choice(names)}{self.bracket(term, square=False)}"
        return Term(latex, PRODUCT, lambda point: logarithm(term.value(point)), term.names)

    def sqrt(self, term: Term) -> Term:
        return Term(rf"\sqrt{{{term}}}", FACTOR, lambda point: root(term.value(point)), term.names)

    def absolute(self, term: Term) -> Term:
        latex = self.random.choice([rf"|{term}|", rf"\left|{term}\right|"]) if "|" not in str(term) else None
        latex = latex or rf"\lvert {term} \rvert"
        return Term(latex, PRODUCT, lambda point: abs(term.value(point)), term.names)

    def extremum(self, kind: str, *terms: Term) -> Term:
        choose = max if kind == "max" else min
        latex = rf"\{kind}({', '.join(map(str, terms))})"
        return Term(latex, PRODUCT, lambda point: choose(t.value(point) for t in terms), _names(terms))

    def cases(self, at: Term, first: Term, other: Term) -> Term:
        r"""Return ``first`` where ``at`` is not negative, else ``other``."""
        latex = rf"\begin{{cases}} {first} & {at} \ge 0 \\ {other} & \text{{otherwise}} \end{{cases}}"

        def value(point: Point) -> mpf:
            return (first if at.value(point) >= 0 else other).value(point)

        return Term(latex, SUM, value, _names([at, first, other]))

    # --- what binds a name ------------------------------------------------------------

    def sum(self, index: str, lower: Term, upper: Term, body: Term, *, product: bool = False) -> Term:
        inside = body if body.rank >= PRODUCT else self.bracket(body)
        command = r"\prod" if product else r"\sum"
        names = (body.names - {index}) | lower.names | upper.names
        return Term(
            rf"{command}_{{{index}={lower}}}^{{{upper}}} {inside}",
            SUM,
            lambda point: total(point, index, (lower, upper), body, product=product),
            names,
        )

    def derivative(self, by: str, body: Term) -> Term:
        """Return the derivative by a symbol; helper quantities that depend on it move along."""
        sign = self.random.choice(["d", r"\partial "]) if self.foreign else r"\partial "
        latex = rf"\frac{{{sign.strip()}}}{{{sign}{by}}}{self.bracket(body, square=False)}"

        def value(point: Point) -> mpf:
            return slope(lambda t: body.value(point.at(by, t)), point.of(by))

        return Term(latex, PRODUCT, value, body.names | {by})

    def by_helper(self, helper: str, through: str, body: Term) -> Term:
        """Return the derivative by a helper quantity, of all that depends on it or on the symbol inside of it."""
        latex = rf"\frac{{\partial}}{{\partial {helper}}}{self.bracket(body, square=False)}"

        def value(point: Point) -> mpf:
            at = point.of(through)
            if through not in _reach(body.names - {helper}, point):
                return slope(lambda t: body.value(point.at(helper, t)), point.of(helper))
            whole = slope(lambda t: body.value(point.at(through, t)), at)
            return divided(whole, slope(lambda t: point.at(through, t).of(helper), at))

        return Term(latex, PRODUCT, value, body.names | {helper})

    def by_member(self, family: str, index: Term, body: Term) -> Term:
        """Return the derivative by one member of a family."""
        member = self.member(family, index)
        latex = rf"\frac{{\partial}}{{\partial {member}}}{self.bracket(body, square=False)}"

        def value(point: Point) -> mpf:
            k, others = whole(index.value(point)), point.members[family]

            def moved(t: mpf) -> mpf:
                members = {**point.members, family: lambda j: t if j == k else others(j)}
                return body.value(replace(point, members=members))

            return slope(moved, others(k))

        return Term(latex, PRODUCT, value, body.names | member.names)

    def limit(self, letter: str, target: str, body: Term, known: Term) -> Term:
        """Return a limit, with the term that it is known to be."""
        latex = rf"\lim_{{{letter} \to {target}}} {self.bracket(body, square=False)}"
        return Term(latex, SUM, known.value, known.names)

    def call(
        self,
        function: str,
        parameter: str,
        body: Term,
        argument: Term,
        *,
        primed: bool = False,
        takes: Callable[[mpf], bool] = lambda value: True,
    ) -> Term:
        """Return a function of an argument, which has no value where it does not take it."""

        def inside(point: Point, value: mpf) -> mpf:
            if not takes(value):
                raise Undefined
            return body.value(point.at(parameter, value))

        def value(point: Point) -> mpf:
            at = argument.value(point)
            return slope(lambda t: inside(point, t), at) if primed else inside(point, at)

        latex = f"{function}{chr(39) * primed}({argument})"
        return Term(latex, PRODUCT, value, (body.names - {parameter}) | argument.names)

    def ambiguous(self, latex: str, *names: str) -> Term:
        """Return a formula that means two things."""

        def value(point: Point) -> mpf:
            raise Ambiguous

        return Term(latex, PRODUCT, value, frozenset(names))

    # --- what is around a term --------------------------------------------------------

    def bracket(self, term: Term, *, square: bool = True) -> Term:
        pairs = [("(", ")"), (r"\left(", r"\right)")]
        if self.foreign:
            pairs.append((r"\bigl(", r"\bigr)"))
            pairs += [("[", "]")] if square else []
        left, right = self.random.choice(pairs)
        return replace(term, latex=f"{left}{term}{right}", rank=FACTOR)

    def decorated(self, term: Term) -> Term:
        """Colour or underline a term, which changes nothing that it says."""
        if not self.foreign or not self._seldom(0.08):
            return term
        forms = [rf"{{\color{{blue}} {term}}}", rf"\underbrace{{{term}}}_{{\text{{part}}}}", rf"\boxed{{{term}}}"]
        # It prints as it stands: a brace is no bracket.
        return replace(term, latex=self.random.choice(forms)) if term.rank == FACTOR else term

    def _around_with_sign(self, piece: str) -> str:
        forms = [rf"{{{piece}}}", rf"{{\color{{red}} {piece}}}", rf"\underbrace{{{piece}}}_{{\text{{more}}}}"]
        return self.random.choice(forms)

    def _seldom(self, share: float) -> bool:
        return self.random.random() < share


def _names(terms: Sequence[Term]) -> frozenset[str]:
    return frozenset().union(*(term.names for term in terms))


def _reach(names: frozenset[str], point: Point) -> frozenset[str]:
    """Return names with all that the helper quantities among them depend on."""
    inner = [_reach(point.helpers[name].names, point) for name in names if name in point.helpers]
    return names.union(*inner)


def _takes_exponent(term: Term) -> bool:
    """Tell whether an exponent can stand behind a term without another meaning."""
    return term.latex[-1].isalnum() and not term.latex.startswith("\\")
