"""Random statements of every kind of the language: true by construction, with one slip in them, or plain wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from formula_writer import Writer
from language import Point, Statement, Term, Undefined, nearest
from mpmath import mpf
from random_domains import LENGTHS, REALS, WHOLES, Domain, Quantity

#: The two sides of a statement; the kinds below return them.
Sides = tuple[Term, str, Term]
Body = Callable[[Term], Term]


@dataclass
class Statements:
    """Draws statements on a domain that grows with what they need."""

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

    # --- kinds ------------------------------------------------------------------------

    def sums(self) -> Sides:
        w, body = self.write, self.body()
        a, upper, i = self.bounds()
        index, low = w.name(i), w.number

        def total(lower: int, top: Term, inside: Body = body) -> Term:
            return w.sum(i, low(lower), top, inside(index))

        slip, x = self.slip(), self.real("x")
        whole = total(a, upper)
        length = self.shifted(upper, 1 - a + slip)
        return self.pick(
            (whole, "=", w.add(body(low(a)), total(a + 1 + slip, upper))),
            (whole, "=", w.add(total(a, self.shifted(upper, -1)), body(self.shifted(upper, slip)))),
            (whole, "=", total(a + 1, self.shifted(upper, 1 + slip), lambda k: body(self.shifted(k, -1)))),
            (total(a, upper, lambda k: w.multiply(x, body(k))), "=", w.multiply(x, w.bracket(total(a + slip, upper)))),
            (total(a, upper, lambda k: x), "=", w.multiply(w.bracket(length), x)),
            (whole, self.pick("\\ge", ">"), body(low(a + slip))),
            (whole, self.pick("\\ge", ">", "\\le"), w.number(0)),
            (w.log(whole), "=", w.log(total(a + slip, upper))),
            (w.divide(w.number(1), whole), self.pick(">", "\\ge"), w.number(0)),
            (w.exp(whole), "=", w.sum(i, low(a + slip), upper, w.exp(body(index)), product=True)),
            (w.log(w.sum(i, low(a), upper, self.family("p")(index), product=True)), "=",
             total(a + slip, upper, lambda k: w.log(self.family("p")(k)))),
        )  # fmt: skip

    def written_out(self) -> Sides:
        w, body, first = self.write, self.body(), self.pick(-1, 0, 1, 1, 2)
        last = first + self.pick(-3, -2, -1, 0, 1, 2, 3)
        terms = [body(w.number(k)) for k in range(first, last + 1 + self.slip(-1, 1))]
        whole = w.sum("i", w.number(first), w.number(last), body(w.name("i")))
        return whole, "=", w.add(*terms) if len(terms) > 1 else terms[0] if terms else w.number(0)

    def nested(self) -> Sides:
        w, n = self.write, self.whole("n", LENGTHS)
        p, q = self.family("p"), self.family("q")
        i, j, one, slip = w.name("i"), w.name("j"), w.number(1), self.slip()
        triangle = w.sum("i", one, n, w.sum("j", one, i, q(j)))
        weights = w.add(n, w.number(1 + slip), w.negated(i)) if slip >= 0 else w.add(n, w.negated(i))
        both = w.multiply(p(i), q(j))
        square = w.sum("i", one, n, w.sum("j", one, n, both))
        k = self.whole("k", LENGTHS[:1])
        ladder = w.sum("i", one, n, w.multiply(p(i), w.sum("j", one, i, q(j))))
        return self.pick(
            (triangle, "=", w.sum("i", one, n, w.multiply(w.bracket(weights), q(i)))),
            (square, "=", w.sum("j", one, self.shifted(n, slip), w.sum("i", one, n, both))),
            (square, "=",
             w.multiply(w.bracket(w.sum("i", one, n, p(i))), w.bracket(w.sum("j", one, self.shifted(n, slip), q(j))))),
            (w.sum("i", one, n, w.sum("j", i, n, q(j))), "=",
             w.sum("j", one, n, w.multiply(self.shifted(j, slip), q(j)))),
            (w.by_member("p", k, ladder), "=", w.sum("j", one, self.shifted(k, slip), q(j))),
            (w.multiply(self.shifted(k, -1), self.shifted(k, -2), w.by_member("p", k, ladder)), "=",
             w.multiply(self.shifted(k, -1), self.shifted(k, -2), w.by_member("p", self.shifted(k, slip), ladder))),
        )  # fmt: skip

    def members(self) -> Sides:
        w = self.write
        y = self.family("y", WHOLES[-3:])
        n = self.whole("n", LENGTHS)
        index = self.pick(w.number(self.pick(0, 1, 5, 9)), self.shifted(n, 1), n)
        one = w.number(1)
        total, squares = (
            w.sum("i", w.number(self.pick(0, 1)), n, body) for body in (y(w.name("i")), w.power(y(w.name("i")), 2))
        )
        p = self.family("p", REALS[1:])
        return self.pick(
            (w.power(y(index), 2), self.pick("=", "\\ge"), y(index)),
            (w.multiply(y(index), w.bracket(w.add(one, w.negated(y(index))))), self.pick("=", "\\le"), w.number(0)),
            (squares, self.pick("=", "\\ge"), total),
            (p(w.number(1)), self.pick("<", "\\le", ">"), self.constant()),
            (w.add(w.exp(p(one)), w.exp(p(w.number(2)))), self.pick(">", "\\ge", "<"), w.number(self.pick(2, 3))),
            (w.log(w.add(one, w.negated(p(w.number(1))))), "<", w.number(0)),
        )  # fmt: skip

    def integers(self) -> Sides:
        w, k = self.write, self.whole("m")
        c, d = w.number(self.pick(-6, -3, -2, 1, 2, 3, 5)), self.pick(1, 2, 3)
        square = w.power(k, 2)
        sign = self.pick("\\ge", "\\ge", ">", "<", "\\le", "\\ne", "=")
        return self.pick(
            (k, sign, c),
            (square, sign, k),
            (square, sign, w.multiply(w.number(d), k)),
            (w.multiply(k, self.shifted(k, -1)), sign, w.number(0)),
            (w.log(k), sign, w.number(0)),
            (w.divide(w.number(1), k), sign, w.number(self.pick(1, 2))),
            (w.power(w.negated(w.number(1)), 2), "=", w.number(1 + self.slip())),
        )

    def derivatives(self) -> Sides:
        w, x = self.write, self.real("x")
        u, du = self.smooth(x)
        if self.slip():
            du = w.add(du, self.pick(x, w.number(1)))
        if self.pick(True, False, False):
            a = w.divide(w.number(1), w.add(w.number(1), w.exp(w.negated(x))))
            self.domain.helpers["a"] = a
            v, dv = self.smooth(w.name("a"), 1)
            slope = w.multiply(w.name("a"), w.bracket(w.add(w.number(1), w.negated(w.name("a")))))
            return w.derivative("x", v), "=", w.multiply(dv, slope) if not self.slip() else dv
        return w.derivative("x", u), "=", du

    def by_helpers(self) -> Sides:
        w, x = self.write, self.real("x")
        c = self.pick(2, 3)
        inner, slope = self.pick(
            (w.multiply(w.number(c), x), w.number(c)),
            (w.add(w.multiply(w.number(c), x), w.number(1)), w.number(c)),
            (w.exp(x), w.exp(x)),
            (w.power(x, 2), w.multiply(w.number(2), x)),
        )
        self.domain.helpers["h"] = inner
        h = w.name("h")
        u, du = self.smooth(h, 1)
        v, dv = self.smooth(x, 1)
        return self.pick(
            (w.by_helper("h", "x", u), "=", du if not self.slip() else w.add(du, w.number(1))),
            (w.by_helper("h", "x", w.multiply(x, h)), "=", x),
            (w.by_helper("h", "x", w.multiply(x, h)), "=", w.add(x, w.divide(h, slope))),
            (w.by_helper("h", "x", w.add(u, v)), "=", du),
            (w.by_helper("h", "x", w.add(u, v)), "=", w.add(du, w.divide(dv, slope))),
            (w.by_helper("h", "x", inner), "=", w.number(self.pick(0, 1))),
            (w.derivative("x", u), "=", w.multiply(du, slope)),
        )

    def functions(self) -> Sides:
        w, x, t = self.write, self.real("x"), w_name(self, "t")
        state = self.random.getstate()
        body, _ = self.smooth(t)
        self.random.setstate(state)
        at, prime = self.smooth(x)  # the same choices, in another letter
        inner = w.power(x, 2)
        kind = self.pick("plain", "prime", "helper", "frozen", "ranged")
        if kind == "ranged":
            quantity = self.domain.symbols.setdefault("t", self.pick(*REALS[1:], *WHOLES[-1:]))
            body = w.add(w.power(t, 2), w.number(1))
            self.domain.functions["f"] = ("t", body)
            at = self.pick(x, w.number(self.pick(Fraction(1, 2), 1, 3)), w.power(x, 2))
            call = w.call("f", "t", body, at, takes=lambda value: quantity.contains(nearest(value)))
            return call, "=", w.add(w.power(at, 2), w.number(1 + self.slip()))
        if kind in ("plain", "prime"):
            self.domain.functions["f"] = ("t", body)
            call = w.call("f", "t", body, x, primed=kind == "prime")
            wanted = at if kind == "plain" else prime
            return call, "=", w.add(wanted, w.number(1)) if self.slip() else wanted
        self.domain.helpers["h"] = inner
        if kind == "helper":
            body = w.multiply(t, w.name("h"))
            self.domain.functions["f"] = ("t", body)
            return w.derivative("x", w.call("f", "t", body, w.number(1))), "=", w.multiply(w.number(2 + self.slip()), x)
        body = w.add(w.derivative("x", w.name("h")), t)
        self.domain.functions["f"] = ("t", body)
        wanted = self.pick(w.number(0), w.multiply(w.number(2), x))
        return w.call("f", "t", body, w.number(0)), "=", wanted

    def limits(self) -> Sides:
        w, t = self.write, w_name(self, "t")
        a = self.pick(self.real("x"), self.constant())
        b, one, zero = self.real("y"), w.number(1), w.number(0)
        none = Term("", 0, _no_value)
        body, target, known = self.pick(
            (w.divide(w.add(w.exp(w.multiply(a, t)), w.negated(one)), t), "0", a),
            (w.divide(w.log(w.add(one, w.multiply(a, t))), t), "0", a),
            (w.multiply(t, w.log(t)), "0^+", zero),
            (w.exp(w.negated(t)), r"\infty", zero),
            (w.multiply(t, w.exp(w.negated(t))), r"\infty", zero),
            (w.divide(w.add(w.multiply(a, t), b), w.add(t, one)), r"\infty", a),
            (w.divide(w.multiply(a, t), t), "0", a),
            (w.divide(w.absolute(t), t), "0^+", one),
            (w.divide(w.absolute(t), t), "0^-", w.negated(one)),
            (w.divide(w.absolute(t), t), "0", none),
            (w.divide(a, w.add(a, t)), "0", w.divide(a, a)),
            (w.add(w.multiply(b, t), w.exp(w.multiply(a, t))), "0", one),
            (w.multiply(a, t), r"\infty", none),
        )
        limit = w.limit("t", target, body, known)
        claimed = self.pick(known, known, known, a, b, zero, one)
        return limit, "=", claimed if claimed.latex else one

    def labels(self) -> Sides:
        w, y = self.write, self.whole("y", WHOLES[-1:])
        a, b = self.real("a"), self.real("b")
        one = w.number(1)
        other = w.bracket(w.add(one, w.negated(y)))

        def between(first: Term, second: Term) -> Term:
            return w.add(w.multiply(y, first), w.multiply(other, second))

        mixed = between(a, b)
        chosen = w.cases(w.add(y, w.negated(one)), a, b)
        return self.pick(
            (mixed, "=", chosen),
            (w.power(y, 3), "=", self.pick(y, w.power(y, 2), one)),
            (w.exp(mixed), "=", between(w.exp(a), w.exp(b))),
            (w.power(mixed, 2), self.pick("=", "\\le"), between(w.power(a, 2), w.power(b, 2))),
            (w.absolute(w.add(w.multiply(w.number(2), y), w.negated(one))), "=", one),
        )  # fmt: skip

    def tied(self) -> Sides:
        """Return a statement on two quantities that sum to 1, or on members that do."""
        w = self.write
        if self.pick(True, False):
            self.domain.tie_pair("p", "q", w)
            p, q = w.name("p"), w.name("q")
        else:
            self.domain.tie_members("p", w)
            p, q = (w.member("p", w.number(k)) for k in (1, 2))
        one, slip = w.number(1), self.slip()
        return self.pick(
            (w.multiply(p, q), "=", w.add(p, w.negated(w.power(p, 2)))),
            (w.add(p, q), "=", w.number(1 + slip)),
            (p, self.pick("<", "\\le"), w.number(self.pick(1, Fraction(1, 2)))),
            (w.multiply(p, q), self.pick("\\le", "<"), w.number(Fraction(1, self.pick(4, 5, 2)))),
            (w.log(p), "=", w.log(w.add(one, w.negated(q)))),
            (w.add(w.exp(p), w.exp(q)), self.pick(">", "\\ge"), w.number(self.pick(2, 3))),
        )

    def bounded_members(self) -> Sides:
        """Return a statement on members of which one has a bound of its own, or a value of its own."""
        w, p = self.write, self.family("p", REALS[1:3])
        first, second = p(w.number(1)), p(w.number(2))
        limit = self.pick(Fraction(1, 2), 1, 2)
        self.domain.conditions.append(Statement(first, "<", w.number(limit)))
        one = w.number(1)
        return self.pick(
            (first, self.pick("<", "\\le", ">"), w.number(self.pick(limit, 1, 2))),
            (w.log(w.add(one, w.negated(first))), "<", w.number(0)),
            (w.log(w.add(one, first)), "<", one),
            (w.add(first, second), self.pick("<", "\\ge"), w.add(w.number(limit), second)),
            (w.multiply(first, second), self.pick("<", "\\le"), w.multiply(w.number(limit), second)),
        )

    def helper_families(self) -> Sides:
        w, p, x = self.write, self.family("p"), self.real("x")
        i, n = w.name("i"), self.whole("n", LENGTHS)
        self.domain.helpers["u_i"] = self.pick(w.power(p(i), 2), w.multiply(x, p(i)), w.add(p(i), i))
        one, slip = w.number(1), self.slip()

        def u(index: Term) -> Term:
            return w.member("u", index)

        over_j, forms = w.sum("j", one, n, u(w.name("j"))), (w.power(p(i), 2), w.multiply(x, p(i)))
        return self.pick(
            (u(w.number(2)), "=", self.pick(w.power(p(w.number(2)), 2), w.multiply(x, p(w.number(2))))),
            (over_j, "=", w.sum("j", one, self.shifted(n, slip), u(w.name("j")))),
            (over_j, "=", w.sum("i", one, n, self.pick(*forms))),
            (w.derivative("x", over_j), "=", w.sum("j", one, self.shifted(n, slip), p(w.name("j")))),
        )  # fmt: skip

    def ordered(self) -> Sides:
        """Return a statement on two quantities of which one is declared to be larger."""
        w, whole = self.write, self.pick(True, False)
        x, y = (self.real(name, WHOLES[:6] if whole else REALS) for name in "xy")
        self.domain.conditions.append(Statement(x, self.pick(">", "\\ge"), y))
        gap, zero = w.add(x, w.negated(y)), w.number(0)
        return self.pick(
            (gap, self.pick(">", "\\ge", "\\ne"), zero),
            (w.absolute(gap), "=", gap),
            (w.multiply(x, y), self.pick(">", "\\ge"), w.power(y, 2)),
            (w.exp(x), self.pick(">", "\\ge"), w.exp(y)),
            (w.divide(gap, gap), "=", w.number(1)),
            (w.extremum("max", x, y), "=", x),
            (x, self.pick(">", "\\ge"), w.add(y, w.number(1))),
        )

    def tied_moves(self) -> Sides:
        """Return a derivative or a limit by a quantity that cannot move alone."""
        w = self.write
        self.domain.tie_pair("p", "q", w)
        p, q = w.name("p"), w.name("q")
        left, right = self.pick(
            (
                r"\frac{\partial}{\partial p}(p q)",
                self.pick(q, w.add(w.number(1), w.negated(w.multiply(w.number(2), p)))),
            ),
            (r"\lim_{p \to 0^+} q", self.pick(q, w.number(1))),
            (r"\frac{\partial}{\partial p}(\log q)", self.pick(w.number(0), w.divide(w.negated(w.number(1)), q))),
            (r"\frac{\partial}{\partial q}(p + q)", self.pick(w.number(0), w.number(1))),
        )
        return w.ambiguous(left, "p", "q"), "=", right

    def corners(self) -> Sides:
        w, x, y = self.write, self.real("x"), self.real("y")
        zero = w.number(0)
        return self.pick(
            (w.sqrt(w.power(x, 2)), "=", self.pick(x, w.absolute(x))),
            (w.extremum("max", x, y), "=", w.divide(w.add(x, y, w.absolute(w.add(x, w.negated(y)))), w.number(2))),
            (w.extremum("max", x, zero), self.pick("=", "\\ge"), self.pick(x, w.cases(x, x, zero))),
            (w.log(w.power(x, 2)), "=", w.multiply(w.number(2), w.log(x))),
            (w.divide(x, x), "=", w.number(1)),
            (w.absolute(w.add(x, y)), self.pick("\\le", "=", "<"), w.add(w.absolute(x), w.absolute(y))),
            (w.divide(w.add(w.power(x, 2), w.negated(w.power(y, 2))), w.add(x, w.negated(y))), "=", w.add(x, y)),
            (w.power(w.add(x, y), 2), "=",
             w.add(w.power(x, 2), w.power(y, 2), w.multiply(w.number(2 + self.slip()), x, y))),
        )  # fmt: skip


KINDS: dict[str, Callable[[Statements], Sides]] = {
    "sums": Statements.sums,
    "sums written out": Statements.written_out,
    "nested sums": Statements.nested,
    "members": Statements.members,
    "members with bounds": Statements.bounded_members,
    "helper families": Statements.helper_families,
    "whole numbers": Statements.integers,
    "labels": Statements.labels,
    "derivatives": Statements.derivatives,
    "derivatives by helpers": Statements.by_helpers,
    "functions": Statements.functions,
    "limits": Statements.limits,
    "tied quantities": Statements.tied,
    "moves of tied quantities": Statements.tied_moves,
    "ordered quantities": Statements.ordered,
    "corners": Statements.corners,
}


def w_name(statements: Statements, letter: str) -> Term:
    """Return a letter that a limit or a function binds, and that nothing declares."""
    return statements.write.name(letter)


def _no_value(point: Point) -> mpf:
    raise Undefined


def statement(kind: str, random: Random, *, foreign: bool) -> tuple[Domain, Statement]:
    """Return a random statement of a kind, with its domain."""
    statements = Statements(random, Writer(random, foreign), Domain())
    left, sign, right = KINDS[kind](statements)
    if random.random() < 0.08:
        left, right = right, left
        sign = {"<": ">", ">": "<", "\\le": "\\ge", "\\ge": "\\le"}.get(sign, sign)
    if random.random() < 0.1:
        sign = random.choice(["<", "\\le", "\\ge", "\\ne", "="])
    return statements.domain, Statement(left, sign, right)
