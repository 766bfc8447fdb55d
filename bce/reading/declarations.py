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
from bce.algebra.expression import Expression, Indexed, Number, Relation, Symbol, called_functions, symbols_of
from bce.algebra.grammar.lexer import INDEX_LETTERS, RELATIONS, tokenize, typed_relations, without_comments
from bce.algebra.grammar.read import Names, parse, parse_chain, parse_head
from bce.algebra.ranges import NEGATIVE_REALS, NON_NEGATIVE_REALS, POSITIVE_REALS, REAL, Range

from .conditions import MIRRORED, constant, half_line, written

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
_REAL_LINE = {"\\mathbb{R}": "real", "ℝ": "real", "\\R": "real", "\\mathbb{Z}": "integer", "ℤ": "integer"}
_IN = re.compile(r"\s+in\s+|\\in(?![a-zA-Z])|∈")
_INTERVAL = re.compile(r"^(?P<left>[(\[])(?P<low>[^,]+),(?P<high>[^,]+)(?P<right>[)\]])$", re.DOTALL)
_FINITE = re.compile(r"^\\?\{\s*0\s*,\s*1\s*\\?\}$")
_EXAMPLES = "write for example 'x real', '0 < p < 1', 'y in {0, 1}' or 'n positive integer'"
_ANY_NAME = Names(undeclared=True)


class DeclarationError(Exception):
    """An item of ``given`` or ``where`` that cannot be read; ``earlier`` is one that it contradicts."""

    def __init__(self, message: str, earlier: str | None = None) -> None:
        super().__init__(message)
        self.earlier = earlier


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
        item = typed_relations(" ".join(without_comments(item).replace("\\quad", " ").split()))
        member = _IN.search(item)
        names, kind = _kind(item)
        if kind is not None:
            self._declare(names, KINDS[kind], item)
        elif member is not None:
            self._declare(item[: member.start()], _set(item[member.end() :].strip(), item), item)
        elif not self._bound(item):
            self.later.append(item)

    def finish(self) -> Domain:
        symbols, families, members = self._by_kind()
        names = names_of(Domain(symbols, families), Helpers(), self.functions, lenient=self.lenient)
        conditions: list[Relation] = []
        for item in self.later:
            first, links = parse_chain(item, names)
            if first is None or not links:
                raise DeclarationError(f"'{item}' is no declaration; {_EXAMPLES}")
            for link in links:
                assert first is not None
                conditions.append(Relation(link.operator, first, link.right))
                first = link.right
        for member, values in members.items():
            conditions += _member_bounds(member, values, families[member.family])
        return Domain(symbols, families, tuple(dict.fromkeys(conditions)))

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
        signs = [token for token in tokenize(item) if token.text in RELATIONS]
        if not signs:
            raise DeclarationError(f"'{item}' is no declaration; {_EXAMPLES}")
        ends = [0, *(sign.end for sign in signs)]
        places = [item[start:end].strip() for start, end in zip(ends, [*(s.start for s in signs), None], strict=True)]
        numbers = [_number(place) for place in places]
        named = [k for k, number in enumerate(numbers) if number is None]
        if len(named) != 1 or any(sign.text in ("=", "\\ne") for sign in signs):
            return False
        try:
            trees = [_name(name, item) for name in places[named[0]].split(",")]
        except (DeclarationError, GrammarError):
            return False
        values = REAL
        for k, sign in enumerate(signs):
            if k + 1 == named[0]:
                values = values.intersect(half_line(MIRRORED[sign.text], numbers[k]))
            elif k == named[0]:
                values = values.intersect(half_line(sign.text, numbers[k + 1]))
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
    return [Relation(operator, member, written(bound)) for operator, bound in bounds]


def with_values(domain: Domain, helpers: Helpers) -> Domain:
    """Return the domain in which a member with a value under ``where`` has to lie in the range of its family."""
    conditions = []
    for (family, index), _ in helpers.members.items():
        if family in domain.families:
            bounds = domain.families[family].bounds()
            conditions += [Relation(operator, Indexed(family, index), written(bound)) for operator, bound in bounds]
    return replace(domain, conditions=(*domain.conditions, *conditions)) if conditions else domain


def read_helpers(
    items: Iterable[str], domain: Domain, functions: Functions, *, lenient: bool = False
) -> tuple[Helpers, Functions]:
    """Read the items of ``where``: ``name = formula``; for ``f(x) = formula`` there is a new function.

    Raises
    ------
    DeclarationError
        If an item is no definition, or defines what has a meaning already.
    GrammarError
        If a formula cannot be read.
    """
    quantities: list[tuple[Symbol | Indexed, str]] = []
    heads: list[tuple[str, tuple[str, ...], str]] = []
    said: dict[object, str] = {}
    for item in items:
        left, sign, right = without_comments(item).partition("=")
        if not sign:
            raise DeclarationError(f"'{item}' is not of the form name = formula")
        target = _target(left, domain, lenient)
        if target is None:
            heads.append((*parse_head(left, lenient=lenient), right))
            key: object = heads[-1][0], len(heads[-1][1])
            _refuse_taken_over(heads[-1], functions)
        else:
            quantities.append((target, right))
            family = isinstance(target, Indexed) and _is_letter(target.index)
            key = target.family if isinstance(target, Indexed) and family else target
        if key in said:
            raise DeclarationError(f"'{item}' gives a second meaning to what '{said[key]}' defines", said[key])
        said[key] = item
    names = _with_heads(names_of(domain, _named(quantities), functions, lenient=lenient), heads)
    helpers = _read_quantities(quantities, names)
    _refuse_circles(dict(helpers.symbols))
    new = dict(functions)
    for head in heads:
        function = _function(head, domain, names)
        new[function.signature] = function
    return helpers, new


def remember(
    item: str, domain: Domain, helpers: Helpers, functions: Functions
) -> tuple[Helpers, Functions, str | None]:
    """Add a quantity that an earlier formula introduced, if its name is free here.

    Returns
    -------
    helpers, functions, name
        With the quantity, and its name; unchanged and None if the name has a meaning already.
    """
    left, _, right = item.partition("=")
    target = _target(left, domain, True)
    names = names_of(domain, helpers, functions, lenient=True)
    if target is None:
        head = (*parse_head(left, lenient=True), right)
        if (head[0], len(head[1])) in functions or head[0] in names.symbols | names.families:
            return helpers, functions, None
        function = _function(head, domain, _with_heads(names, [head]))
        return helpers, {**functions, function.signature: function}, head[0]
    name = target.name if isinstance(target, Symbol) else target.family
    if name in names.symbols | names.families or name in names.functions:
        return helpers, functions, None
    more = _read_quantities([(target, right)], names)
    merged = Helpers(
        {**helpers.symbols, **more.symbols},
        {**helpers.members, **more.members},
        {**helpers.families, **more.families},
    )
    return merged, functions, name


def _refuse_taken_over(head: tuple[str, tuple[str, ...], str], functions: Functions) -> None:
    """Refuse a second meaning for a function of another cell; those of the library may be taken over."""
    known = functions.get((head[0], len(head[1])))
    if known is not None and known.place:
        raise DeclarationError(
            f"{head[0]} is defined under 'where', and by {known.place} under 'uses'; keep one of them"
        )


def _function(head: tuple[str, tuple[str, ...], str], domain: Domain, names: Names) -> Function:
    name, parameters, right = head
    body, families = _function_body(right, parameters, names)
    ranges = {p: domain.symbols.get(p, REAL) for p in parameters if p not in families}
    if (name, len(parameters)) in called_functions(body):
        raise DeclarationError(f"{name} is defined through itself under 'where'")
    return Function(name, parameters, body, Domain(ranges, {p: domain.families[p] for p in families}), Helpers())


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


def _kind(item: str) -> tuple[str, str | None]:
    """Split ``x, y positive integer`` into the names and the kind; no kind is None."""
    words = item.split()
    for count in (2, 1):
        kind = " ".join(words[-count:])
        if len(words) > count and kind in KINDS:
            return " ".join(words[:-count]), kind
    return item, None


def _set(text: str, item: str) -> Range:
    if text.replace(" ", "") in _REAL_LINE:
        return KINDS[_REAL_LINE[text.replace(" ", "")]]
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
        return constant(parse(re.sub(r"(\d+)\s*/\s*(\d+)", r"\\frac{\1}{\2}", text), Names()))
    except GrammarError:
        return None
