"""Parts of random statements: names, bodies of sums, formulas with their derivatives, and numbers that may be off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from formula_writer import Writer
from language import Term
from random_domains import LENGTHS, REALS, WHOLES, Domain, Quantity

#: The two sides of a statement; the kinds below return them.
Sides = tuple[Term, str, Term]
Body = Callable[[Term], Term]


@dataclass
class Maker:
    """Draws the parts of statements on a domain that grows with what they need."""

    random: Random
    write: Writer
    domain: Domain

    # --- parts ------------------------------------------------------------------------

    def slip(self, *choices: int) -> int:
        """Return 0, or now and then a small number by which a bound or a constant is off."""
        return self.random.choice(choices or (-1, 1, 2)) if self.random.random() < 0.25 else 0

    def pick(self, *choices):
        return self.random.choice(choices)

    def real(self, name: str, among: list[Quantity] = REALS) -> Term:
        self.domain.symbols.setdefault(name, self.random.choice(among))
        return self.write.name(name)

    def whole(self, name: str, among: list[Quantity] = WHOLES) -> Term:
        return self.real(name, among)

    def family(self, name: str, among: list[Quantity] = REALS) -> Body:
        self.domain.families.setdefault(name, self.random.choice(among))
        return lambda index: self.write.member(name, index)

    def shifted(self, term: Term, by: int) -> Term:
        w = self.write
        if by == 0:
            return term
        return w.add(term, w.number(by)) if by > 0 else w.add(term, w.negated(w.number(-by)))

    def constant(self) -> Term:
        return self.write.number(self.pick(0, 1, 2, 3, Fraction(1, 2), Fraction(2, 3)))

    def body(self, *, depends: bool = True) -> Body:
        """Return what is summed, as a function of the index."""
        w, x = self.write, self.real("x")
        p, q = self.family("p"), self.family("q")
        forms: list[Body] = [
            p,
            lambda i: w.multiply(p(i), q(i)),
            lambda i: w.power(p(i), 2),
            lambda i: w.multiply(x, p(i)),
            lambda i: w.exp(p(i)),
            lambda i: w.add(p(i), w.negated(q(i))),
            lambda i: w.multiply(p(i), w.log(q(i))),
            lambda i: w.multiply(w.add(x, i), p(i)),
            lambda i: i,
            lambda i: w.power(i, 2),
        ]
        return self.random.choice(forms if depends else [*forms, lambda i: x])

    def bounds(self) -> tuple[int, Term, str]:
        """Return a lower bound, an upper bound and a letter for the index."""
        n = self.whole("n", LENGTHS)
        w = self.write
        upper = self.pick(n, n, n, self.shifted(n, 1), self.shifted(n, -1), w.multiply(w.number(2), n))
        return self.pick(1, 1, 1, 0, 0, -1, 2), upper, self.pick("i", "j", "k")

    def smooth(self, at: Term, depth: int = 2) -> tuple[Term, Term]:
        """Return a formula in a quantity with its derivative."""
        w = self.write
        if depth == 0:
            c = self.constant()
            return self.pick((at, w.number(1)), (w.multiply(c, at), c), (w.power(at, 2), w.multiply(w.number(2), at)))
        (u, du), (v, dv) = self.smooth(at, depth - 1), self.smooth(at, 0)
        return self.pick(
            (w.add(u, v), w.add(du, dv)),
            (w.multiply(u, v), w.add(w.multiply(du, v), w.multiply(u, dv))),
            (w.exp(v), w.multiply(dv, w.exp(v))),
            (w.log(w.add(w.number(1), w.exp(at))), w.divide(w.number(1), w.add(w.number(1), w.exp(w.negated(at))))),
            (w.negated(u), w.negated(du)),
            (w.log(at), w.divide(w.number(1), at)),
        )

    def letter(self, letter: str) -> Term:
        """Return a letter that a limit or a function binds, and that nothing declares."""
        return self.write.name(letter)
