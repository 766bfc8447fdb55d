"""What stands behind the commands of the grammar: fractions, derivatives, logarithms, sums, cases.

Each construction is called after its command was consumed, and returns the tree.
"""

from __future__ import annotations

from fractions import Fraction

from bce.algebra.errors import GrammarError
from bce.algebra.expression import (
    OPERATORS,
    Call,
    Cases,
    Derivative,
    Expression,
    Indexed,
    Infinity,
    Limit,
    Negation,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Side,
    Symbol,
    Total,
    TotalKind,
)

from .applications import bracketed_arguments, is_square, prefix_argument, refuse_power
from .lexer import CLOSING, GREEK, TIMES, Token
from .parser import Construction, Parser
from .token_stream import MAX_ORDER


def _fraction(parser: Parser) -> Expression:
    r"""Read ``\frac{a}{b}``, or a derivative that is written as a fraction."""
    command, mark = parser.here(-1), parser.position
    numerator, denominator = parser.group_tokens(), parser.group_tokens()
    derivative = _derivative(parser, numerator, denominator, command)
    if derivative is not None:
        return derivative
    parser.position = mark
    top = parser.argument("numerator")
    return Quotient(top, parser.argument("denominator"))


def _derivative(parser: Parser, above: list[Token], below: list[Token], command: Token) -> Expression | None:
    variables = _differentials(parser, below)
    if variables is None or not above or above[0].text != below[0].text:
        return None
    if above[0].text in parser.names.symbols:
        parser.ambiguous("a derivative", "a quotient", "d is declared as a symbol; rename it", command)
    order, rest = _leading_power(above[1:])
    if order != len(variables):
        parser.fail("the order of the derivative differs above and below the line", command)
    if order > MAX_ORDER:
        parser.fail(f"a derivative of order {order}; at most {MAX_ORDER} is read", command)
    if rest:
        return _nested_derivative(parser.parse_tokens(rest), variables)
    start = parser.position
    bracketed = parser.at(*CLOSING)
    body = parser.factor()
    if not bracketed and (parser.begins_factor() or parser.at(*TIMES)):
        inside, following = parser.written(start), parser.here().text
        parser.ambiguous(
            f"the derivative of {inside} times {following}…",
            f"the derivative of {inside}{following}…",
            "put the derivative or its whole operand in brackets",
        )
    return _nested_derivative(body, variables)


def _differentials(parser: Parser, tokens: list[Token]) -> list[Expression] | None:
    r"""Read ``dx``, ``\partial x^2`` or ``\partial x \partial y``; None if it is something else."""
    if len(tokens) < 2 or tokens[0].text not in ("d", "\\partial") or tokens[1].text == "(":
        return None
    inner = parser.sub_parser(tokens)
    variables: list[Expression] = []
    try:
        while inner.here().kind != "end":
            if inner.next().text != tokens[0].text:
                return None
            variable = inner.parse_tokens(inner.group_tokens()) if inner.at("{") else inner.named()
            order, rest = _leading_power(inner.tokens[inner.position :])
            inner.position = len(inner.tokens) - len(rest)
            variables += [variable] * order
    except GrammarError:
        if tokens[0].text == "\\partial":
            raise
        return None
    return variables if all(isinstance(variable, (Symbol, Indexed)) for variable in variables) else None


def _leading_power(tokens: list[Token]) -> tuple[int, list[Token]]:
    """Split ``^2 …`` or ``^{2} …`` into the power and the rest; no power is 1."""
    texts = [token.text for token in tokens[:4]]
    if texts[:1] == ["^"] and len(texts) > 1 and texts[1].isdecimal():
        if len(texts[1]) > 1:
            message = f"TeX raises only the first digit of {texts[1]}; write ^{{{texts[1]}}}"
            raise GrammarError(message, tokens[1].start, tokens[1].end)
        return int(texts[1]), tokens[2:]
    if texts[:2] == ["^", "{"] and texts[3:] == ["}"] and texts[2].isdecimal() and len(texts[2]) < 3:
        return int(texts[2]), tokens[4:]
    return 1, tokens


def _nested_derivative(body: Expression, variables: list[Expression]) -> Expression:
    """Differentiate by the rightmost variable below the line first."""
    position = len(variables)
    while position:
        variable, order = variables[position - 1], 0
        while position and variables[position - 1] == variable:
            position, order = position - 1, order + 1
        body = Derivative(body, variable, order)
    return body


def _root(parser: Parser) -> Expression:
    if not parser.at("["):
        return Call("sqrt", (parser.argument("radicand"),))
    parser.next()
    degree = parser.sum()
    parser.expect("]", "after the degree of the root")
    return Power(parser.argument("radicand"), Quotient(Number(Fraction(1)), degree))


def _logarithm(parser: Parser) -> Expression:
    base: tuple[Expression, ...] = ()
    if parser.at("_"):
        parser.next()
        natural = parser.here().text == "e" or [parser.here(k).text for k in range(3)] == ["{", "e", "}"]
        if natural:
            parser.group_tokens()
        else:
            base = (parser.argument("base of the logarithm"),)
    if not parser.at("^"):
        return Call("log", (prefix_argument(parser, "\\log"), *base))
    if not parser.names.lenient:
        parser.ambiguous("a power of the logarithm", "a logarithm applied again", "use brackets")
    sign = parser.here()
    exponent = parser.exponent()
    if not is_square(exponent):
        refuse_power(parser, "\\log", sign)
    return Power(Call("log", (prefix_argument(parser, "\\log"), *base)), exponent)


def _exponential(parser: Parser) -> Expression:
    return Call("exp", (prefix_argument(parser, "\\exp"),))


def _extremum(name: str) -> Construction:
    def read(parser: Parser) -> Expression:
        start = parser.here()
        arguments = bracketed_arguments(parser)
        if len(arguments) < 2:
            parser.fail(f"\\{name} needs two arguments or more", start)
        return Call(name, tuple(arguments))

    return read


def _total(kind: TotalKind) -> Construction:
    def read(parser: Parser) -> Expression:
        command = parser.here(-1)
        index, lower, upper = _bounds(parser, kind, command)
        negative = parser.names.lenient and parser.at("-")
        if negative:
            parser.next()
        if parser.at("+", "-"):
            parser.fail(f"a sign right after \\{kind}; put its terms in brackets")
        outer, parser.names = parser.names, parser.names.with_symbol(index)
        start = parser.position
        body = parser.product()
        parser.names = outer
        if kind == "prod":
            _refuse_open_end(parser, index, body, start)
        body = Negation(body) if negative else body
        return Total(kind, index, lower, upper, body)

    return read


def _refuse_open_end(parser: Parser, index: str, body: Expression, start: int) -> None:
    r"""Refuse ``\\prod_i p_i \\cdot 2``: the last factor, free of the index, may stand inside or behind."""
    tokens = parser.tokens[start : parser.position]
    last = body.factors[-1] if isinstance(body, Product) and not _is_bracketed(tokens) else None
    free = last is not None and all(not isinstance(n, Symbol) or n.name != index for n in last.walk())
    if free or _has_slash(tokens):
        inside = parser.written(start)
        first, second = f"the product of all ({inside})", "a product with a factor behind it"
        parser.ambiguous(first, second, "use brackets, or write the factor first", parser.tokens[start])


def _is_bracketed(tokens: list[Token]) -> bool:
    """Tell whether one pair of brackets is around all."""
    depth = 0
    for token in tokens[:-1]:
        depth += (token.text in CLOSING) - (token.text in CLOSING.values())
        if depth == 0:
            return False
    return True


def _has_slash(tokens: list[Token]) -> bool:
    depth = 0
    for token in tokens:
        depth += (token.text in ("{", "(", "[")) - (token.text in ("}", ")", "]"))
        if depth == 0 and token.text == "/":
            return True
    return False


def _bounds(parser: Parser, kind: TotalKind, command: Token) -> tuple[str, Expression, Expression]:
    """Read ``_{i=1}^{n}``, in either order; without bounds the sum is over a whole family."""
    below: list[Token] = []
    above: list[Token] = []
    while parser.at("_", "^"):
        is_below = parser.next().text == "_"
        group = parser.group_tokens()
        below, above = (group, above) if is_below else (below, group)
    if below:
        _refuse_declared(parser, below[0])
    if len(below) >= 3 and below[1].text == "=" and above:
        return below[0].text, parser.parse_tokens(below[2:]), parser.parse_tokens(above)
    if len(below) == 1 and above and parser.names.lenient:
        return below[0].text, Number(Fraction(1)), parser.parse_tokens(above)
    if len(below) == 1 and not above and parser.names.lenient and parser.names.length is not None:
        return below[0].text, Number(Fraction(1)), Symbol(parser.names.length)
    return parser.fail(f"write the index and the bounds: \\{kind}_{{i=1}}^{{n}}", command)


def _refuse_declared(parser: Parser, variable: Token) -> None:
    """Refuse a bound variable that has a meaning already, or that is no name."""
    names = parser.names
    if variable.kind != "letter" and variable.text not in GREEK:
        parser.fail(f"the index {variable.text!r} is not a letter", variable)
    if variable.text in names.symbols | names.families | frozenset(names.functions):
        parser.fail(f"the index {variable.text} has another meaning already; choose another letter", variable)


def _limit(parser: Parser) -> Expression:
    command = parser.here(-1)
    parser.expect("_", "with the variable of \\lim")
    below = parser.group_tokens()
    if len(below) < 3 or below[1].text != "\\to":
        parser.fail("write the limit as \\lim_{x \\to a}", command)
    if not parser.names.lenient:
        _refuse_declared(parser, below[0])
    target = below[2:]
    side: Side = ""
    if len(target) > 2 and target[-2].text == "^" and target[-1].text in ("+", "-"):
        target, side = target[:-2], "+" if target[-1].text == "+" else "-"
    tree = parser.parse_tokens(target)
    outer, parser.names = parser.names, parser.names.with_symbol(below[0].text)
    body = parser.product()
    parser.names = outer
    return Limit(below[0].text, tree, side, body)


def _gradient(parser: Parser) -> Expression:
    r"""Read ``\nabla_{x} f``, the derivative by one quantity."""
    command = parser.here(-1)
    parser.expect("_", "with the quantity that \\nabla differentiates by")
    variable = parser.parse_tokens(parser.group_tokens())
    if not isinstance(variable, (Symbol, Indexed)):
        parser.fail("\\nabla differentiates by one symbol or one member of a family", command)
    body = parser.factor()
    if parser.begins_factor() or parser.at(*TIMES):
        parser.ambiguous("the gradient of the first factor", "the gradient of the product", "use brackets", command)
    return Derivative(body, variable, 1)


def _cases(parser: Parser) -> Expression:
    branches: list[tuple[Expression, Relation | None]] = []
    while True:
        value = parser.sum()
        if parser.at(","):
            parser.next()
        parser.expect("&", "between a value and its condition")
        branches.append((value, _condition(parser)))
        if parser.at(",", "."):
            parser.next()
        if parser.at("\\\\"):
            parser.next()
        if parser.at("\\end{cases}"):
            parser.next()
            return Cases(tuple(branches))


def _condition(parser: Parser) -> Relation | None:
    word = parser.here().text.partition("{")[2].rstrip("}").strip() if parser.here().kind == "text" else ""
    if word in ("otherwise", "else"):
        parser.next()
        return None
    if word in ("if", "for", "when"):
        parser.next()
    left = parser.sum()
    if not parser.at_relation():
        parser.fail("expected a condition such as x \\ge 0")
    operator = OPERATORS[parser.next().text]
    return Relation(operator, left, parser.sum())


CONSTRUCTIONS: dict[str, Construction] = {
    "\\frac": _fraction,
    "\\sqrt": _root,
    "\\log": _logarithm,
    "\\exp": _exponential,
    "\\max": _extremum("max"),
    "\\min": _extremum("min"),
    "\\sum": _total("sum"),
    "\\prod": _total("prod"),
    "\\lim": _limit,
    "\\nabla": _gradient,
    "\\infty": lambda parser: Infinity(),
    "\\begin{cases}": _cases,
}
