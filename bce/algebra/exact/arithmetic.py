"""The exact arithmetic: trees to elements of the field, with the obligations met on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction

from bce.algebra.errors import Undefined, Unsupported, Work
from bce.algebra.expression import Expression, Number, Operator, Relation, Side, TotalKind
from bce.algebra.ranges import NON_NEGATIVE, NON_POSITIVE, NON_ZERO, POSITIVE, ZERO, Range, Signs, range_of_signs
from bce.algebra.rules import Trace, Use, relies_on

from . import sums
from .asymptotics import InfiniteLimit, limit_of
from .calculus import differentiate
from .elements import Element, Total, Variable
from .field import Field
from .signs import SignOracle

_LONGEST_WRITTEN_SUM = 200
_LONGEST_SHIFT = 8


class Split(Exception):
    """Raised when the answer depends on the sign of an element: one branch per outcome."""

    def __init__(self, element: Element, outcomes: list[Signs]) -> None:
        super().__init__("a case distinction is needed")
        self.element = element
        self.outcomes = outcomes


@dataclass
class _Branch:
    """What is found under the assumptions of one branch, and means nothing under those of another."""

    open: dict[str, None] = field(default_factory=dict)
    #: Sums of symbolic length that are being evaluated, and the variables of derivatives and limits.
    sums: int = 0
    in_use: list[Variable] = field(default_factory=list)
    limits: list[Variable] = field(default_factory=list)
    stand_ins: list[tuple[Element, Variable]] = field(default_factory=list)


class Exact:
    """An `Arithmetic` over `Field` elements.

    ``met`` and ``open`` collect, as relations between trees, what had to hold for every
    formula to have a value: denominators that are not 0, positive arguments of
    logarithms, arguments in the domain of a function.
    """

    def __init__(self, work: Work, trace: Trace) -> None:
        self.trace = trace
        self.field = Field(work)
        self.oracle = SignOracle(self.field, trace)
        self.met: dict[str, None] = {}
        self._branch = _Branch()

    @property
    def open(self) -> dict[str, None]:
        """What is missing for a proof in this branch."""
        return self._branch.open

    def start_branch(self) -> None:
        """Forget what was found under the assumptions of another branch."""
        self._branch = _Branch()
        self.trace.uses = {}

    # --- obligations ------------------------------------------------------------------

    def require(self, value: Element, signs: Signs, relation: Relation) -> None:
        with self.trace.apart() as uses:
            known = self.oracle.signs(value)
        if not known <= signs:
            self.open[f"{relation} is not shown to hold on the whole domain"] = None
        elif value.rational() is None:
            shown = str(relation)
            self.met[shown] = None
            self.trace.uses.update(dict.fromkeys(Use(use.rule, shown) for use in uses))

    def _require(self, value: Element, signs: Signs, operator: Operator, tree: Expression) -> None:
        self.require(value, signs, Relation(operator, tree, Number(Fraction(0))))

    # --- the operations ---------------------------------------------------------------

    def number(self, value: Fraction) -> Element:
        return self.field.number(value)

    def add(self, terms: Sequence[Element]) -> Element:
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return total

    def negate(self, value: Element) -> Element:
        return -value

    def multiply(self, factors: Sequence[Element]) -> Element:
        product = factors[0]
        for factor in factors[1:]:
            product = product * factor
        return product

    def divide(self, numerator: Element, denominator: Element, tree: Expression) -> Element:
        if denominator.is_zero():
            raise Undefined(f"the denominator {tree} is 0")
        self._require(denominator, NON_ZERO, "\\ne", tree)
        return numerator / denominator

    def power(self, base: Element, exponent: Element, tree: Expression) -> Element:
        value = exponent.rational()
        if value is None or value.denominator != 1:
            self._require(base, POSITIVE, ">", tree)
        elif value <= 0:
            if base.is_zero():
                raise Undefined(f"{tree} is 0 and has a power that is not positive")
            self._require(base, NON_ZERO, "\\ne", tree)
        return self.field.power(base, exponent)

    def exp(self, exponent: Element) -> Element:
        return self.field.exp(exponent)

    def log(self, argument: Element, tree: Expression) -> Element:
        if argument.is_zero():
            raise Undefined(f"the argument {tree} of a logarithm is 0")
        self._require(argument, POSITIVE, ">", tree)
        return self.field.log(argument)

    def sqrt(self, argument: Element, tree: Expression) -> Element:
        if argument.is_zero():
            return argument
        if self.oracle.signs(argument) == POSITIVE:
            return self.power(argument, self.number(Fraction(1, 2)), tree)
        self._require(argument, NON_NEGATIVE, "\\ge", tree)
        square, rest = self.field.square_part(argument)
        root = rest if rest.rational() == 1 else self.field.square_root(rest)
        return root * self._absolute(square)

    def _absolute(self, value: Element) -> Element:
        branches = [(value, NON_NEGATIVE, lambda: value), (value, NON_POSITIVE, lambda: -value)]
        return self.choose(branches, smooth=True)

    def choose(self, branches: Sequence[tuple[Element, Signs, Callable[[], Element]]], smooth: bool) -> Element:
        if smooth and not self._branch.in_use:
            for value, signs, result in branches:
                if self.oracle.signs(value) <= signs:
                    return result()
        for value, signs, result in branches:
            known = self.oracle.signs(value)
            if self._branch.in_use and 0 in known and value.rational() is None:
                self._leave_the_seam(value, known)
            if known <= signs:
                return result()
            if known & signs:
                if self._has_bound_index(value):
                    raise Unsupported("a case distinction inside of a sum of symbolic length")
                if any(value.depends_on(variable) for variable in self._branch.limits):
                    raise Unsupported("a case distinction by the variable of a limit")
                if smooth:
                    value = self._undecided_factor(value)
                    known = self.oracle.signs(value)
                    raise Split(value, [known & NON_NEGATIVE, known & NON_POSITIVE])
                raise Split(value, [known & signs, known - signs])
        self.open["no case of the definition applies on a part of the domain"] = None
        return self.number(Fraction(0))

    def _undecided_factor(self, value: Element) -> Element:
        """Return a factor that keeps the sign of a value open: its sign says more than that of a product."""
        for polynomial in (value.numerator, value.denominator):
            for factor, power in self.field.factor(polynomial)[1]:
                element = self.field.polynomial(factor)
                signs = self.oracle.signs(element)
                if power % 2 and not (signs <= NON_NEGATIVE or signs <= NON_POSITIVE):
                    return element
        return value

    def _leave_the_seam(self, value: Element, known: Signs) -> None:
        """Where two cases meet, a derivative is not known to exist."""
        if self._has_bound_index(value):
            raise Unsupported("a case distinction inside of a sum of symbolic length")
        if known != ZERO:
            raise Split(value, [frozenset({sign}) for sign in sorted(known)])
        self.open["no derivative is known where two cases of |·|, max, min or a definition by cases meet"] = None

    # --- calculus ---------------------------------------------------------------------

    @relies_on(
        "formula",
        "derivative",
        "The derivative of a normal form: sum, product, quotient and chain rule, $\\frac{d}{dx} e^u = e^u u'$, "
        "$\\frac{d}{dx} \\log u = \\frac{u'}{u}$; of a sum by one member, the term of that member.",
    )
    def differentiate(self, function: Callable[[Element], Element], at: Element, order: int, declared: bool) -> Element:
        own = _single_variable(at)
        variable = own if own is not None and declared else self._stand_in(at)
        self._branch.in_use.append(variable)
        value = function(self.field.generator_element(variable))
        self._branch.in_use.pop()
        for _ in range(order):
            value = differentiate(value, variable)
        return value if variable is own else sums.substitute(value, {variable: at})

    def _stand_in(self, at: Element) -> Variable:
        """Return a variable that ranges over the values of an element, and that no outer derivative uses."""
        for element, variable in self._branch.stand_ins:
            if variable not in self._branch.in_use and element.same(at):
                return variable
        own = _single_variable(at)
        domain = self.oracle.range_of(own) if own is not None else self._range(at)
        variable = self.field.variable("stand-in", replace(domain, integer=False))
        self._branch.stand_ins.append((at, variable))
        return variable

    def _range(self, element: Element) -> Range:
        around_zero = range_of_signs(self.oracle.signs(element))
        around_one = range_of_signs(self.oracle.signs(element - self.field.number(1)), offset=1)
        return around_zero.intersect(around_one)

    # --- sums -------------------------------------------------------------------------

    def total(self, kind: TotalKind, lower: Element, upper: Element, body: Callable[[Element], Element]) -> Element:
        first, last = lower.rational(), upper.rational()
        if first is not None and last is not None:
            return self._written_out(kind, first, last, body)
        if kind == "prod":
            return self.field.exp(self._symbolic_total(lower, upper, lambda index: self._log_of_factor(body(index))))
        return self._symbolic_total(lower, upper, body)

    @relies_on(
        "formula",
        "sum",
        "A sum of symbolic length begins at 1 and ends where all others of its length end; missing terms are added, "
        "surplus ones subtracted, and factors that are free of the index are taken out.",
    )
    def _symbolic_total(self, lower: Element, upper: Element, body: Callable[[Element], Element]) -> Element:
        """Return the sum from 1 to an end of its own, plus or minus the terms that are then missing.

        In this way ``sum(i=2..n)`` and ``sum(i=1..n-1)`` are made of the same generator, and a sum
        may be split. The sum from 1 must not be reversed: its body was read for an index from 1 on.
        """
        with self.bound_index(lower, upper) as index:
            value = body(index)
        variable = _single_variable(index)
        assert variable is not None
        end = self._end_of_sums(upper - self.number(self.field.constant_term(upper)))
        result = sums.total(variable, self.number(Fraction(1)), end, value)
        start, beyond = lower.rational(), (upper - end).rational()
        assert start is not None
        assert beyond is not None
        for k in range(1, int(start)):
            result = result - body(self.number(Fraction(k)))
        for k in range(int(start), 1):
            result = result + body(self.number(Fraction(k)))
        for k in range(int(beyond), 0):
            result = result - body(end + self.number(Fraction(k + 1)))
        for k in range(int(beyond)):
            result = result + body(end + self.number(Fraction(k + 1)))
        return result

    def _end_of_sums(self, base: Element) -> Element:
        """Return where all sums end whose upper bound is this plus a number: at the first end that is proven ≥ 0."""
        for offset in range(_LONGEST_SHIFT + 1):
            end = base + self.number(Fraction(offset))
            if self.oracle.signs(end) <= NON_NEGATIVE:
                return end
        raise Unsupported(f"a sum whose upper bound may lie more than {_LONGEST_SHIFT} below 0")

    def _log_of_factor(self, factor: Element) -> Element:
        if self.oracle.signs(factor) != POSITIVE:
            self.open["a factor of a product of symbolic length is not shown to be positive"] = None
        return self.field.log(factor)

    def _written_out(
        self, kind: TotalKind, first: Fraction, last: Fraction, body: Callable[[Element], Element]
    ) -> Element:
        if last < first - 1:
            raise Unsupported(f"a sum from {first} to {last}: it may end at most one below its start")
        if first.denominator != 1 or last.denominator != 1 or last - first > _LONGEST_WRITTEN_SUM:
            limit = f"bounds are whole numbers at most {_LONGEST_WRITTEN_SUM} apart"
            raise Unsupported(f"a sum from {first} to {last}; {limit}")
        terms = [body(self.number(Fraction(k))) for k in range(int(first), int(last) + 1)]
        if kind == "sum":
            return self.add([self.number(Fraction(0)), *terms])
        return self.multiply([self.number(Fraction(1)), *terms])

    @contextmanager
    def bound_index(self, lower: Element, upper: Element) -> Iterator[Element]:
        """Open a sum of symbolic length and yield its index, a positive integer.

        Its upper bound may not lie more than one below its lower bound, which is a number.
        """
        start, offset = lower.rational(), self.field.constant_term(upper)
        if not (_is_integer(lower) and _is_integer(upper)):
            raise Unsupported("the bounds of a sum have to be whole numbers; declare them as integers")
        if start is None:
            raise Unsupported("a sum whose lower bound is not a number")
        if max(abs(start), abs(offset)) > _LONGEST_SHIFT:
            raise Unsupported(f"a sum whose bounds are shifted by more than {_LONGEST_SHIFT}")
        if not self.oracle.signs(upper - lower + self.number(Fraction(1))) <= NON_NEGATIVE:
            raise Unsupported("a sum whose upper bound may lie below its lower bound")
        index = self.field.generator_element(self.field.index_variable(self._branch.sums))
        self._branch.sums += 1
        try:
            yield index
        finally:
            self._branch.sums -= 1

    @relies_on(
        "formula",
        "limit",
        "The variable of a limit is $t$ or $a \\pm \\frac{1}{t}$ for $t > 1$; the normal form is expanded in the scale "
        "$e^{a t} t^b (\\log t)^c$, and its largest term decides.",
    )
    def limit(self, function: Callable[[Element], Element], target: object, side: Side) -> Element:
        values, infinite = [], set()
        for way in _ways(target, side):
            try:
                values.append(self._one_sided_limit(function, target, way))
            except InfiniteLimit as limit:
                infinite.add(limit.sign)
        if (values and infinite) or len(infinite) > 1 or any(not value.equals(values[0]) for value in values):
            raise Unsupported("the limits from the left and from the right are not the same")
        if infinite:
            raise InfiniteLimit(infinite.pop())
        return values[0]

    def _one_sided_limit(self, function: Callable[[Element], Element], target: object, way: int) -> Element:
        """Let a variable t > 1 grow: ``x = ±t`` for an infinite target, ``x = a ± 1/t`` for any other."""
        variable = self.field.variable("limit", Range(lower=Fraction(1)))
        self._branch.limits.append(variable)
        growing = self.field.generator_element(variable)
        if isinstance(target, Element):
            place = target + self.number(Fraction(way)) / growing
        else:
            place = growing * self.number(Fraction(way))
        return limit_of(function(place), variable)

    def member(self, family: str, index: Element, domain: Range) -> Element:
        return self.field.member(family, index, domain)

    def same_index(self, a: Element, b: Element) -> bool:
        difference = a - b
        apart = difference.rational()
        if apart is None and self.oracle.signs(difference) <= NON_ZERO:
            return False
        if apart is None:
            raise Unsupported("whether two symbolic indices are the same is open")
        return apart == 0

    def require_whole(self, value: Element, tree: Expression) -> None:
        if not _is_integer(value):
            raise Unsupported(f"{tree} is not shown to be a whole number")

    def is_bound(self, index: Element) -> bool:
        """Tell whether an index belongs to a sum of symbolic length."""
        return self._has_bound_index(index)

    def _has_bound_index(self, element: Element) -> bool:
        return any(element.depends_on(index) for index in self.field.index_variables())


def _ways(target: object, side: Side) -> list[int]:
    """Return from where a limit is taken: 1 from above or to ∞, -1 from below or to -∞."""
    if isinstance(target, Element):
        return {"+": [1], "-": [-1]}.get(side, [1, -1])
    return [1] if target == "+" else [-1]


def _single_variable(element: Element) -> Variable | None:
    generators = element.generators()
    if len(generators) != 1 or not isinstance(generators[0], Variable):
        return None
    return generators[0] if element.same(element.field.generator_element(generators[0])) else None


def _is_integer(element: Element) -> bool:
    integers = all(
        _is_integer(g.body) if isinstance(g, Total) else isinstance(g, Variable) and g.domain.integer
        for g in element.generators()
    )
    return integers and element.denominator.is_ground and element.denominator.LC == 1
