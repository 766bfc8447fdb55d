"""Random statements on sums, members of families and whole numbers: true, with one slip in them, or plain wrong."""

from __future__ import annotations

from fractions import Fraction

from language import Statement, Term
from random_domains import LENGTHS, REALS, WHOLES
from random_parts import Body, Maker, Sides


def sums(make: Maker) -> Sides:
    w, body = make.write, make.body()
    a, upper, i = make.bounds()
    index, low = w.name(i), w.number

    def total(lower: int, top: Term, inside: Body = body) -> Term:
        return w.sum(i, low(lower), top, inside(index))

    slip, x = make.slip(), make.real("x")
    whole = total(a, upper)
    length = make.shifted(upper, 1 - a + slip)
    return make.pick(
        (whole, "=", w.add(body(low(a)), total(a + 1 + slip, upper))),
        (whole, "=", w.add(total(a, make.shifted(upper, -1)), body(make.shifted(upper, slip)))),
        (whole, "=", total(a + 1, make.shifted(upper, 1 + slip), lambda k: body(make.shifted(k, -1)))),
        (total(a, upper, lambda k: w.multiply(x, body(k))), "=", w.multiply(x, w.bracket(total(a + slip, upper)))),
        (total(a, upper, lambda k: x), "=", w.multiply(w.bracket(length), x)),
        (whole, make.pick("\\ge", ">"), body(low(a + slip))),
        (whole, make.pick("\\ge", ">", "\\le"), w.number(0)),
        (w.log(whole), "=", w.log(total(a + slip, upper))),
        (w.divide(w.number(1), whole), make.pick(">", "\\ge"), w.number(0)),
        (w.exp(whole), "=", w.sum(i, low(a + slip), upper, w.exp(body(index)), product=True)),
        (w.log(w.sum(i, low(a), upper, make.family("p")(index), product=True)), "=",
         total(a + slip, upper, lambda k: w.log(make.family("p")(k)))),
    )  # fmt: skip


def written_out(make: Maker) -> Sides:
    w, body, first = make.write, make.body(), make.pick(-1, 0, 1, 1, 2)
    last = first + make.pick(-3, -2, -1, 0, 1, 2, 3)
    terms = [body(w.number(k)) for k in range(first, last + 1 + make.slip(-1, 1))]
    whole = w.sum("i", w.number(first), w.number(last), body(w.name("i")))
    return whole, "=", w.add(*terms) if len(terms) > 1 else terms[0] if terms else w.number(0)


def nested(make: Maker) -> Sides:
    w, n = make.write, make.whole("n", LENGTHS)
    p, q = make.family("p"), make.family("q")
    i, j, one, slip = w.name("i"), w.name("j"), w.number(1), make.slip()
    triangle = w.sum("i", one, n, w.sum("j", one, i, q(j)))
    weights = w.add(n, w.number(1 + slip), w.negated(i)) if slip >= 0 else w.add(n, w.negated(i))
    both = w.multiply(p(i), q(j))
    square = w.sum("i", one, n, w.sum("j", one, n, both))
    k = make.whole("k", LENGTHS[:1])
    ladder = w.sum("i", one, n, w.multiply(p(i), w.sum("j", one, i, q(j))))
    return make.pick(
        (triangle, "=", w.sum("i", one, n, w.multiply(w.bracket(weights), q(i)))),
        (square, "=", w.sum("j", one, make.shifted(n, slip), w.sum("i", one, n, both))),
        (square, "=",
         w.multiply(w.bracket(w.sum("i", one, n, p(i))), w.bracket(w.sum("j", one, make.shifted(n, slip), q(j))))),
        (w.sum("i", one, n, w.sum("j", i, n, q(j))), "=",
         w.sum("j", one, n, w.multiply(make.shifted(j, slip), q(j)))),
        (w.by_member("p", k, ladder), "=", w.sum("j", one, make.shifted(k, slip), q(j))),
        (w.multiply(make.shifted(k, -1), make.shifted(k, -2), w.by_member("p", k, ladder)), "=",
         w.multiply(make.shifted(k, -1), make.shifted(k, -2), w.by_member("p", make.shifted(k, slip), ladder))),
    )  # fmt: skip


def members(make: Maker) -> Sides:
    w = make.write
    y = make.family("y", WHOLES[-3:])
    n = make.whole("n", LENGTHS)
    index = make.pick(w.number(make.pick(0, 1, 5, 9)), make.shifted(n, 1), n)
    one = w.number(1)
    total, squares = (
        w.sum("i", w.number(make.pick(0, 1)), n, body) for body in (y(w.name("i")), w.power(y(w.name("i")), 2))
    )
    p = make.family("p", REALS[1:])
    return make.pick(
        (w.power(y(index), 2), make.pick("=", "\\ge"), y(index)),
        (w.multiply(y(index), w.bracket(w.add(one, w.negated(y(index))))), make.pick("=", "\\le"), w.number(0)),
        (squares, make.pick("=", "\\ge"), total),
        (p(w.number(1)), make.pick("<", "\\le", ">"), make.constant()),
        (w.add(w.exp(p(one)), w.exp(p(w.number(2)))), make.pick(">", "\\ge", "<"), w.number(make.pick(2, 3))),
        (w.log(w.add(one, w.negated(p(w.number(1))))), "<", w.number(0)),
    )  # fmt: skip


def bounded_members(make: Maker) -> Sides:
    """Return a statement on members of which one has a bound of its own, or a value of its own."""
    w, p = make.write, make.family("p", REALS[1:3])
    first, second = p(w.number(1)), p(w.number(2))
    limit = make.pick(Fraction(1, 2), 1, 2)
    make.domain.conditions.append(Statement(first, "<", w.number(limit)))
    one = w.number(1)
    return make.pick(
        (first, make.pick("<", "\\le", ">"), w.number(make.pick(limit, 1, 2))),
        (w.log(w.add(one, w.negated(first))), "<", w.number(0)),
        (w.log(w.add(one, first)), "<", one),
        (w.add(first, second), make.pick("<", "\\ge"), w.add(w.number(limit), second)),
        (w.multiply(first, second), make.pick("<", "\\le"), w.multiply(w.number(limit), second)),
    )


def helper_families(make: Maker) -> Sides:
    w, p, x = make.write, make.family("p"), make.real("x")
    i, n = w.name("i"), make.whole("n", LENGTHS)
    make.domain.helpers["u_i"] = make.pick(w.power(p(i), 2), w.multiply(x, p(i)), w.add(p(i), i))
    one, slip = w.number(1), make.slip()

    def u(index: Term) -> Term:
        return w.member("u", index)

    over_j, forms = w.sum("j", one, n, u(w.name("j"))), (w.power(p(i), 2), w.multiply(x, p(i)))
    return make.pick(
        (u(w.number(2)), "=", make.pick(w.power(p(w.number(2)), 2), w.multiply(x, p(w.number(2))))),
        (over_j, "=", w.sum("j", one, make.shifted(n, slip), u(w.name("j")))),
        (over_j, "=", w.sum("i", one, n, make.pick(*forms))),
        (w.derivative("x", over_j), "=", w.sum("j", one, make.shifted(n, slip), p(w.name("j")))),
    )  # fmt: skip


def integers(make: Maker) -> Sides:
    w, k = make.write, make.whole("m")
    c, d = w.number(make.pick(-6, -3, -2, 1, 2, 3, 5)), make.pick(1, 2, 3)
    square = w.power(k, 2)
    sign = make.pick("\\ge", "\\ge", ">", "<", "\\le", "\\ne", "=")
    return make.pick(
        (k, sign, c),
        (square, sign, k),
        (square, sign, w.multiply(w.number(d), k)),
        (w.multiply(k, make.shifted(k, -1)), sign, w.number(0)),
        (w.log(k), sign, w.number(0)),
        (w.divide(w.number(1), k), sign, w.number(make.pick(1, 2))),
        (w.power(w.negated(w.number(1)), 2), "=", w.number(1 + make.slip())),
    )


def labels(make: Maker) -> Sides:
    w, y = make.write, make.whole("y", WHOLES[-1:])
    a, b = make.real("a"), make.real("b")
    one = w.number(1)
    other = w.bracket(w.add(one, w.negated(y)))

    def between(first: Term, second: Term) -> Term:
        return w.add(w.multiply(y, first), w.multiply(other, second))

    mixed = between(a, b)
    chosen = w.cases(w.add(y, w.negated(one)), a, b)
    return make.pick(
        (mixed, "=", chosen),
        (w.power(y, 3), "=", make.pick(y, w.power(y, 2), one)),
        (w.exp(mixed), "=", between(w.exp(a), w.exp(b))),
        (w.power(mixed, 2), make.pick("=", "\\le"), between(w.power(a, 2), w.power(b, 2))),
        (w.absolute(w.add(w.multiply(w.number(2), y), w.negated(one))), "=", one),
    )  # fmt: skip


def distributions(make: Maker) -> Sides:
    """Return a statement on members that sum to 1, over a symbolic length."""
    w = make.write
    make.domain.tie_distribution("p", "n", w)
    if make.pick(True, False):
        make.domain.tie_distribution("q", "n", w)
    n, i, one, slip = w.name("n"), w.name("i"), w.number(1), make.slip()
    p, q = make.family("p"), make.family("q", REALS[1:2])
    other = w.add(one, w.negated(p(i)))

    def total(body: Term, lower: int = 1) -> Term:
        return w.sum("i", w.number(lower), n, body)

    return make.pick(
        (total(p(i)), "=", w.number(1 + slip)),
        (p(one), make.pick("\\le", "<"), one),
        (total(w.power(p(i), 2)), make.pick("\\le", "<"), one),
        (total(w.bracket(other)), "=", make.shifted(n, -1 + slip)),
        (total(p(i), 2), "=", w.add(one, w.negated(p(w.number(1 + slip))))),
        (total(w.multiply(p(i), w.log(w.divide(p(i), q(i))))), make.pick("\\ge", ">"), w.number(0)),
        (w.negated(total(w.multiply(p(i), w.log(p(i))))), make.pick("\\le", "\\ge"), make.pick(w.log(n), w.number(0))),
        (total(w.multiply(n, p(i))), "=", make.pick(n, w.power(n, 2))),
    )
