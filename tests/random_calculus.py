"""Random statements on derivatives, limits, functions, ties and corners: true, with a slip in them, or plain wrong."""

from __future__ import annotations

from fractions import Fraction

from language import Point, Statement, Term, Undefined, nearest
from mpmath import mpf
from random_domains import REALS, WHOLES
from random_parts import Maker, Sides


def derivatives(make: Maker) -> Sides:
    w, x = make.write, make.real("x")
    u, du = make.smooth(x)
    if make.slip():
        du = w.add(du, make.pick(x, w.number(1)))
    if make.pick(True, False, False):
        a = w.divide(w.number(1), w.add(w.number(1), w.exp(w.negated(x))))
        make.domain.helpers["a"] = a
        v, dv = make.smooth(w.name("a"), 1)
        slope = w.multiply(w.name("a"), w.bracket(w.add(w.number(1), w.negated(w.name("a")))))
        return w.derivative("x", v), "=", w.multiply(dv, slope) if not make.slip() else dv
    return w.derivative("x", u), "=", du


def by_helpers(make: Maker) -> Sides:
    w, x = make.write, make.real("x")
    c = make.pick(2, 3)
    inner, slope = make.pick(
        (w.multiply(w.number(c), x), w.number(c)),
        (w.add(w.multiply(w.number(c), x), w.number(1)), w.number(c)),
        (w.exp(x), w.exp(x)),
        (w.power(x, 2), w.multiply(w.number(2), x)),
    )
    make.domain.helpers["h"] = inner
    h = w.name("h")
    u, du = make.smooth(h, 1)
    v, dv = make.smooth(x, 1)
    return make.pick(
        (w.by_helper("h", "x", u), "=", du if not make.slip() else w.add(du, w.number(1))),
        (w.by_helper("h", "x", w.multiply(x, h)), "=", x),
        (w.by_helper("h", "x", w.multiply(x, h)), "=", w.add(x, w.divide(h, slope))),
        (w.by_helper("h", "x", w.add(u, v)), "=", du),
        (w.by_helper("h", "x", w.add(u, v)), "=", w.add(du, w.divide(dv, slope))),
        (w.by_helper("h", "x", inner), "=", w.number(make.pick(0, 1))),
        (w.derivative("x", u), "=", w.multiply(du, slope)),
    )


def functions(make: Maker) -> Sides:
    w, x, t = make.write, make.real("x"), make.letter("t")
    state = make.random.getstate()
    body, _ = make.smooth(t)
    make.random.setstate(state)
    at, prime = make.smooth(x)  # the same choices, in another letter
    inner = w.power(x, 2)
    kind = make.pick("plain", "prime", "helper", "frozen", "ranged")
    if kind == "ranged":
        quantity = make.domain.symbols.setdefault("t", make.pick(*REALS[1:], *WHOLES[-1:]))
        body = w.add(w.power(t, 2), w.number(1))
        make.domain.functions["f"] = ("t", body)
        at = make.pick(x, w.number(make.pick(Fraction(1, 2), 1, 3)), w.power(x, 2))
        call = w.call("f", "t", body, at, takes=lambda value: quantity.contains(nearest(value)))
        return call, "=", w.add(w.power(at, 2), w.number(1 + make.slip()))
    if kind in ("plain", "prime"):
        make.domain.functions["f"] = ("t", body)
        call = w.call("f", "t", body, x, primed=kind == "prime")
        wanted = at if kind == "plain" else prime
        return call, "=", w.add(wanted, w.number(1)) if make.slip() else wanted
    make.domain.helpers["h"] = inner
    if kind == "helper":
        body = w.multiply(t, w.name("h"))
        make.domain.functions["f"] = ("t", body)
        return w.derivative("x", w.call("f", "t", body, w.number(1))), "=", w.multiply(w.number(2 + make.slip()), x)
    body = w.add(w.derivative("x", w.name("h")), t)
    make.domain.functions["f"] = ("t", body)
    wanted = make.pick(w.number(0), w.multiply(w.number(2), x))
    return w.call("f", "t", body, w.number(0)), "=", wanted


def limits(make: Maker) -> Sides:
    w, t = make.write, make.letter("t")
    a = make.pick(make.real("x"), make.constant())
    b, one, zero = make.real("y"), w.number(1), w.number(0)
    none = Term("", 0, _no_value)
    grows = Term("", 0, lambda point: a.value(point) and a.value(point) * mpf("inf"))
    unless_zero = Term("", 0, lambda point: mpf(a.value(point) != 0))
    body, target, known = make.pick(
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
        (w.divide(a, w.add(a, t)), "0", unless_zero),
        (w.add(w.multiply(b, t), w.exp(w.multiply(a, t))), "0", one),
        (w.multiply(a, t), r"\infty", grows),
    )
    limit = w.limit("t", target, body, known)
    claimed = make.pick(known, known, known, a, b, zero, one)
    return limit, "=", claimed if claimed.latex else one


def tied(make: Maker) -> Sides:
    """Return a statement on two quantities that sum to 1, or on members that do."""
    w = make.write
    if make.pick(True, False):
        make.domain.tie_pair("p", "q", w)
        p, q = w.name("p"), w.name("q")
    else:
        make.domain.tie_members("p", w)
        p, q = (w.member("p", w.number(k)) for k in (1, 2))
    one, slip = w.number(1), make.slip()
    return make.pick(
        (w.multiply(p, q), "=", w.add(p, w.negated(w.power(p, 2)))),
        (w.add(p, q), "=", w.number(1 + slip)),
        (p, make.pick("<", "\\le"), w.number(make.pick(1, Fraction(1, 2)))),
        (w.multiply(p, q), make.pick("\\le", "<"), w.number(Fraction(1, make.pick(4, 5, 2)))),
        (w.log(p), "=", w.log(w.add(one, w.negated(q)))),
        (w.add(w.exp(p), w.exp(q)), make.pick(">", "\\ge"), w.number(make.pick(2, 3))),
    )


def ordered(make: Maker) -> Sides:
    """Return a statement on two quantities of which one is declared to be larger."""
    w, whole = make.write, make.pick(True, False)
    x, y = (make.real(name, WHOLES[:6] if whole else REALS) for name in "xy")
    make.domain.conditions.append(Statement(x, make.pick(">", "\\ge"), y))
    gap, zero = w.add(x, w.negated(y)), w.number(0)
    return make.pick(
        (gap, make.pick(">", "\\ge", "\\ne"), zero),
        (w.absolute(gap), "=", gap),
        (w.multiply(x, y), make.pick(">", "\\ge"), w.power(y, 2)),
        (w.exp(x), make.pick(">", "\\ge"), w.exp(y)),
        (w.divide(gap, gap), "=", w.number(1)),
        (w.extremum("max", x, y), "=", x),
        (x, make.pick(">", "\\ge"), w.add(y, w.number(1))),
    )


def tied_moves(make: Maker) -> Sides:
    """Return a derivative or a limit by a quantity that cannot move alone."""
    w = make.write
    make.domain.tie_pair("p", "q", w)
    p, q = w.name("p"), w.name("q")
    left, right = make.pick(
        (
            r"\frac{\partial}{\partial p}(p q)",
            make.pick(q, w.add(w.number(1), w.negated(w.multiply(w.number(2), p)))),
        ),
        (r"\lim_{p \to 0^+} q", make.pick(q, w.number(1))),
        (r"\frac{\partial}{\partial p}(\log q)", make.pick(w.number(0), w.divide(w.negated(w.number(1)), q))),
        (r"\frac{\partial}{\partial q}(p + q)", make.pick(w.number(0), w.number(1))),
    )
    return w.ambiguous(left, "p", "q"), "=", right


def corners(make: Maker) -> Sides:
    w, x, y = make.write, make.real("x"), make.real("y")
    zero = w.number(0)
    return make.pick(
        (w.sqrt(w.power(x, 2)), "=", make.pick(x, w.absolute(x))),
        (w.extremum("max", x, y), "=", w.divide(w.add(x, y, w.absolute(w.add(x, w.negated(y)))), w.number(2))),
        (w.extremum("max", x, zero), make.pick("=", "\\ge"), make.pick(x, w.cases(x, x, zero))),
        (w.log(w.power(x, 2)), "=", w.multiply(w.number(2), w.log(x))),
        (w.divide(x, x), "=", w.number(1)),
        (w.absolute(w.add(x, y)), make.pick("\\le", "=", "<"), w.add(w.absolute(x), w.absolute(y))),
        (w.divide(w.add(w.power(x, 2), w.negated(w.power(y, 2))), w.add(x, w.negated(y))), "=", w.add(x, y)),
        (w.power(w.add(x, y), 2), "=",
         w.add(w.power(x, 2), w.power(y, 2), w.multiply(w.number(2 + make.slip()), x, y))),
    )  # fmt: skip


def _no_value(point: Point) -> mpf:
    raise Undefined
