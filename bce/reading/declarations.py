r"""The lines ``given`` and ``where`` of a derivation, read into a domain and helper quantities.

One item of ``given`` is one of::

    x real                 x, y positive          n positive integer
    q in (0, 1)            z in [0, 1]            y in {0, 1}
    x > 0                  0 < p, q < 1           p_i > 0
    p != q                 1 <= j <= n            \sum_{i=1}^{n} p_i = 1

The first two lines, and bounds by numbers, give ranges; any other relation is a condition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

from bce.algebra.domain import Domain, Function, Functions, Helpers, names_of
from bce.algebra.errors import GrammarError
from bce.algebra.expression import (
    Expression,
    Indexed,
    Negation,
    Number,
    Quotient,
    Relation,
    Symbol,
    called_functions,
    symbols_of,
)
from bce.algebra.grammar.lexer import INDEX_LETTERS
from bce.algebra.grammar.read import Link, Names, parse, parse_chain, parse_head
from bce.algebra.ranges import NEGATIVE_REALS, NON_NEGATIVE_REALS, POSITIVE_REALS, REAL, Range

_ONE = Fraction(1)
KINDS = {
    "real": REAL,
    "positive": POSITIVE_REALS,
    "negative": NEGATIVE_REALS,
    "nonnegative": NON_NEGATIVE_REALS,
    "integer": Range(integer=True),
    "positive integer": Range(lower=_ONE, lower_open=False, integer=True),
    "nonnegative integer": Range(lower=Fraction(0), lower_open=False, integer=True),
}
_KIND = re.compile(rf"^(?P<names>.+?)\s+(?P<kind>{'|'.join(sorted(KINDS, key=len, reverse=True))})$", re.DOTALL)
_MEMBERSHIP = re.compile(r"^(?P<names>.+?)\s*(?:\bin\b|\\in\b)\s*(?P<set>[(\[{\\].*)$", re.DOTALL)
_INTERVAL = re.compile(r"^(?P<left>[(\[])\s*(?P<low>[^,]+),(?P<high>[^,]+)(?P<right>[)\]])$", re.DOTALL)
_FINITE = re.compile(r"^\\?\{\s*0\s*,\s*1\s*\\?\}$")
_SIGN = re.compile(r"[<>=≤≥≠]|\\(?:leq?|geq?|neq?|lt|gt)\b")
_EXAMPLES = "write for example 'x real', '0 < p < 1', 'y in {0, 1}' or 'n positive integer'"
_ANY_NAME = Names(undeclared=True)


class DeclarationError(Exception):
    """An item of ``given`` or ``where`` that cannot be read."""


def read_domain(items: Iterable[str], functions: Functions, *, lenient: bool = False) -> Domain:
    """Read the items of ``given``."""
    reader = _DomainReader(functions, lenient)
    for item in items:
        reader.add(item)
    return reader.finish()


class _DomainReader:
    def __init__(self, functions: Functions, lenient: bool) -> None:
        self.functions = functions
        self.lenient = lenient
        self.ranges: dict[Symbol | Indexed, Range] = {}
        self.later: list[str] = []

    def add(self, item: str) -> None:
        """Read one item; relations between symbols wait until all ranges are known."""
        item = item.replace("∈", " in ").replace("\\quad", " ")
        if match := _KIND.match(item):
            self._declare(match["names"], KINDS[match["kind"]], item)
        elif match := _MEMBERSHIP.match(item):
            self._declare(match["names"], _set(match["set"].strip(), item), item)
        elif not self._bound(item):
            if not _SIGN.search(item):
                raise DeclarationError(f"'{item}' is no declaration; {_EXAMPLES}")
            self.later.append(item)

    def finish(self) -> Domain:
        symbols, families, members = self._by_kind()
        names = names_of(Domain(symbols, families), Helpers(), self.functions, lenient=self.lenient)
        conditions: list[Relation] = []
        for item in self.later:
            first, links = _chain(item, names)
            for link in links:
                assert first is not None
                conditions.append(Relation(link.operator, first, link.right))
                first = link.right
        for member, values in members.items():
            conditions += _member_bounds(member, values, families[member.family])
        return Domain(symbols, families, tuple(conditions))

    def _by_kind(self) -> tuple[dict[str, Range], dict[str, Range], dict[Indexed, Range]]:
        """Return the ranges of symbols, of whole families, and of single members of a family.

        ``p_1 < 1`` speaks of a member if there is a family p, and so does ``p_j < 1`` for a declared j
        if another letter speaks of the whole family. Else they name a symbol and a family.
        """
        symbols = {tree.name: values for tree, values in self.ranges.items() if isinstance(tree, Symbol)}
        families: dict[str, Range] = {}
        members: dict[Indexed, Range] = {}
        indexed = [tree for tree in self.ranges if isinstance(tree, Indexed)]
        for tree in indexed:
            letters = {other.index.name for other in indexed if other.family == tree.family}  # type: ignore[attr-defined]
            if tree.index.name in symbols and not letters <= set(symbols):  # type: ignore[attr-defined]
                members[tree] = self.ranges[tree]
            else:
                families[tree.family] = families.get(tree.family, REAL).intersect(self.ranges[tree])
        names = Names(symbols=frozenset(symbols), families=frozenset(families), lenient=self.lenient)
        for name in [name for name in symbols if name.partition("_")[0] in families and "_" in name]:
            with suppress(GrammarError):
                member = parse(name, replace(names, symbols=names.symbols - {name}))
                assert isinstance(member, Indexed)
                members[member] = symbols.pop(name)
        return symbols, families, members

    def _declare(self, names: str, values: Range, item: str) -> None:
        for name in names.split(","):
            self._narrow(_name(name, item), values, item)

    def _narrow(self, tree: Symbol | Indexed, values: Range, item: str) -> None:
        self.ranges[tree] = self.ranges.get(tree, REAL).intersect(values)
        if self.ranges[tree].is_empty():
            raise DeclarationError(f"'{item}' declares an empty domain: it leaves no value for {tree}")

    def _bound(self, item: str) -> bool:
        """Read ``0 < p, q < 1``: one place with names, numbers everywhere else."""
        parts = re.split(r"(<=|>=|!=|<|>|=|\\leq?\b|\\geq?\b|\\neq?\b)", item)
        places, signs = [part.strip() for part in parts[::2]], [_sign(sign) for sign in parts[1::2]]
        numbers = [_number(place) for place in places]
        named = [k for k, number in enumerate(numbers) if number is None]
        if len(places) < 2 or len(named) != 1 or any(sign in ("=", "\\ne") for sign in signs):
            return False
        try:
            trees = [_name(name, item) for name in places[named[0]].split(",")]
        except (DeclarationError, GrammarError):
            return False
        values = REAL
        for k, sign in enumerate(signs):
            if k + 1 == named[0]:
                values = values.intersect(_half(_mirrored(sign), numbers[k]))
            elif k == named[0]:
                values = values.intersect(_half(sign, numbers[k + 1]))
            else:
                raise DeclarationError(f"'{item}' compares two numbers")
        for tree in trees:
            self._narrow(tree, values, item)
        return True


def _member_bounds(member: Indexed, values: Range, family: Range) -> list[Relation]:
    """Return what is declared of one member, beyond what holds for every member, as conditions."""
    if values.integer and not family.integer:
        raise DeclarationError(f"{member} is one of a family of real numbers; declare all of them as whole numbers")
    own = values.intersect(family)
    if own.is_empty():
        raise DeclarationError(f"an empty domain is declared: no value is left for {member}")
    bounds = [bound for bound in own.bounds() if bound not in family.bounds()]
    return [Relation(operator, member, _written(bound)) for operator, bound in bounds]


def with_values(domain: Domain, helpers: Helpers) -> Domain:
    """Return the domain in which a member with a value under ``where`` has to lie in the range of its family."""
    conditions = []
    for (family, index), _ in helpers.members.items():
        if family in domain.families:
            bounds = domain.families[family].bounds()
            conditions += [Relation(operator, Indexed(family, index), _written(bound)) for operator, bound in bounds]
    return replace(domain, conditions=(*domain.conditions, *conditions)) if conditions else domain


def _written(value: Fraction) -> Expression:
    return Negation(Number(-value)) if value < 0 else Number(value)


def read_helpers(
    items: Iterable[str], domain: Domain, functions: Functions, *, lenient: bool = False
) -> tuple[Helpers, Functions]:
    """Read the items of ``where``: ``name = formula``; for ``f(x) = formula`` there is a new function."""
    quantities: list[tuple[Symbol | Indexed, str]] = []
    heads: list[tuple[str, tuple[str, ...], str]] = []
    for item in items:
        left, sign, right = item.partition("=")
        if not sign:
            raise DeclarationError(f"'{item}' is not of the form name = formula")
        target = _target(left, domain, lenient)
        if target is None:
            heads.append((*parse_head(left, lenient=lenient), right))
        elif any(target == other for other, _ in quantities):
            raise DeclarationError(f"{target} has two values under 'where'")
        else:
            quantities.append((target, right))
    names = _with_heads(names_of(domain, _named(quantities), functions, lenient=lenient), heads)
    helpers = _read_quantities(quantities, names)
    _refuse_circles(dict(helpers.symbols))
    new = dict(functions)
    for name, parameters, right in heads:
        body, families = _function_body(right, parameters, names)
        ranges = {p: domain.symbols.get(p, REAL) for p in parameters if p not in families}
        if (name, len(parameters)) in called_functions(body):
            raise DeclarationError(f"{name} is defined through itself under 'where'")
        function = Function(
            name, parameters, body, Domain(ranges, {p: domain.families[p] for p in families}), Helpers()
        )
        new[function.signature] = function
    return helpers, new


def _function_body(text: str, parameters: tuple[str, ...], names: Names) -> tuple[Expression, list[str]]:
    """Read the body with its parameters as numbers, or as whole families where that is declared and needed."""
    families = [p for p in parameters if p in names.families]
    scalars = replace(names, symbols=names.symbols | set(parameters), families=names.families - set(parameters))
    try:
        return parse(text, scalars), []
    except GrammarError:
        if not families:
            raise
    inside = replace(names, symbols=names.symbols | (set(parameters) - set(families)))
    return parse(text, inside), families


def _target(left: str, domain: Domain, lenient: bool) -> Symbol | Indexed | None:
    """Read what stands before ``=``; None when it is the head of a function."""
    names = Names(undeclared=True, families=frozenset(domain.families), lenient=lenient)
    if re.search(r"[(\[]", left) and "^{(" not in left.replace(" ", ""):
        return None
    target = parse(left, names)
    if not isinstance(target, (Symbol, Indexed)):
        raise DeclarationError(f"the left side {left.strip()!r} is not a name")
    if isinstance(target, Symbol) and target.name in domain.symbols:
        both = f"{target.name} has a domain under 'given' and a value under 'where'"
        raise DeclarationError(f"{both}; keep one of them")
    return target


def _with_heads(names: Names, heads: Iterable[tuple[str, tuple[str, ...], str]]) -> Names:
    arities = {**names.functions}
    for name, parameters, _ in heads:
        arities[name] = arities.get(name, frozenset()) | {len(parameters)}
    return replace(names, functions=arities)


def _is_letter(index: Expression) -> bool:
    return isinstance(index, Symbol) and index.name in INDEX_LETTERS


def _named(quantities: Iterable[tuple[Symbol | Indexed, str]]) -> Helpers:
    """Return helpers with the names only, which is what the grammar has to know to read their bodies."""
    nothing = Number(Fraction(0))
    symbols = {t.name: nothing for t, _ in quantities if isinstance(t, Symbol)}
    families = {t.family: ("i", nothing) for t, _ in quantities if isinstance(t, Indexed) and _is_letter(t.index)}
    return Helpers(symbols, {}, families)


def _read_quantities(quantities: Iterable[tuple[Symbol | Indexed, str]], names: Names) -> Helpers:
    symbols: dict[str, Expression] = {}
    members: dict[tuple[str, Expression], Expression] = {}
    families: dict[str, tuple[str, Expression]] = {}
    for target, right in quantities:
        if isinstance(target, Symbol):
            symbols[target.name] = parse(right, names)
        elif _is_letter(target.index):
            letter = target.index.name  # type: ignore[attr-defined]
            families[target.family] = (letter, parse(right, names.with_symbol(letter)))
        else:
            members[target.family, target.index] = parse(right, names)
    return Helpers(symbols, members, families)


def _refuse_circles(values: dict[str, Expression]) -> None:
    for name in values:
        seen: set[str] = set()
        pending = symbols_of(values[name])
        while pending:
            other = pending.pop()
            if other == name:
                raise DeclarationError(f"{name} is defined through itself under 'where'")
            if other in values and other not in seen:
                seen.add(other)
                pending |= symbols_of(values[other])


def _name(text: str, item: str) -> Symbol | Indexed:
    tree = parse(text.strip(), _ANY_NAME)
    if not isinstance(tree, (Symbol, Indexed)):
        raise DeclarationError(f"{text.strip()!r} in '{item}' is not the name of a symbol")
    return tree


def _chain(item: str, names: Names) -> tuple[Expression | None, list[Link]]:
    text = item.replace("<=", "\\le ").replace(">=", "\\ge ").replace("!=", "\\ne ")
    first, links = parse_chain(text, names)
    if first is None or not links:
        raise DeclarationError(f"'{item}' is no declaration; {_EXAMPLES}")
    return first, links


def _set(text: str, item: str) -> Range:
    if _FINITE.match(text):
        return Range(Fraction(0), _ONE, lower_open=False, upper_open=False, integer=True)
    match = _INTERVAL.match(text)
    if match is None:
        raise DeclarationError(f"'{item}': a set is (a, b), [a, b], (a, b], [a, b) or {{0, 1}}")
    return Range(
        _end(match["low"], item, "-"), _end(match["high"], item, ""), match["left"] == "(", match["right"] == ")"
    )


def _end(text: str, item: str, sign: str) -> Fraction | None:
    if re.fullmatch(rf"\s*{re.escape(sign)}\s*(?:\\infty|∞|inf)\s*", text):
        return None
    number = _number(text)
    if number is None:
        raise DeclarationError(f"'{item}': the end {text.strip()!r} of an interval is not a number")
    return number


def _number(text: str) -> Fraction | None:
    try:
        return _constant(parse(re.sub(r"(\d+)\s*/\s*(\d+)", r"\\frac{\1}{\2}", text), Names()))
    except GrammarError:
        return None


def _constant(tree: Expression) -> Fraction | None:
    if isinstance(tree, Number):
        return tree.value
    if isinstance(tree, Negation):
        inner = _constant(tree.operand)
        return None if inner is None else -inner
    if isinstance(tree, Quotient):
        top, bottom = _constant(tree.numerator), _constant(tree.denominator)
        return top / bottom if top is not None and bottom else None
    return None


def _sign(text: str) -> str:
    return {"<=": "\\le", ">=": "\\ge", "!=": "\\ne", "\\leq": "\\le", "\\geq": "\\ge", "\\neq": "\\ne"}.get(text, text)


def _mirrored(sign: str) -> str:
    return {"<": ">", ">": "<", "\\le": "\\ge", "\\ge": "\\le"}[sign]


def _half(sign: str, bound: Fraction | None) -> Range:
    if sign in (">", "\\ge"):
        return Range(lower=bound, lower_open=sign == ">")
    return Range(upper=bound, upper_open=sign == "<")
