r"""Functions and their arguments: ``f(x, y)``, ``f'(x)``, ``\log x``, and a bare ``L`` for ``L(p)``."""

from __future__ import annotations

from typing import NoReturn

from bce.algebra.expression import Call, Expression, Number, Power, Symbol

from .lexer import CLOSING, FUNCTION_COMMANDS, SEPARATORS, TIMES, Token
from .parser import Parser


def applied(parser: Parser, name: str, start: Token) -> Expression:
    """Read a function that was named at ``start``, from its primes to its arguments."""
    order = parser.count_primes()
    power = _power_of_function(parser, name, order)
    if not parser.at("(", "[") and not (parser.at("{") and parser.here(1).text in ("(", "[")):
        if name in parser.names.symbols:
            return Symbol(name)
        if not parser.names.lenient:
            parser.fail(f"the function {name} needs its arguments in brackets: {name}(…)", start)
        arguments = _own_arguments(parser, name) or [prefix_argument(parser, name)]
        parser.bare_functions.add(name)
    else:
        if name in parser.names.symbols:
            advice = "give one of them another name"
            parser.ambiguous(f"the product {name} · (…)", f"the function {name} at (…)", advice, start)
        arguments = bracketed_arguments(parser)
        if tuple(arguments) != tuple(Symbol(p) for p in parser.names.parameters.get(name, ())):
            parser.called_functions.setdefault(name, start)
    allowed = parser.names.functions[name]
    if len(arguments) not in allowed:
        wanted = " or ".join(str(n) for n in sorted(allowed))
        parser.fail(f"{name} takes {wanted} argument(s), {len(arguments)} given", start)
    if order and len(arguments) != 1:
        parser.fail("a prime on a function of several arguments; write \\frac{\\partial}{\\partial x}", start)
    application = Call(name, tuple(arguments), order)
    return application if power is None else Power(application, power)


def _own_arguments(parser: Parser, name: str) -> list[Expression]:
    """Read a bare ``L`` as ``L(p)``, when ``p`` is what L was defined for and has a meaning here."""
    parameters = parser.names.parameters.get(name, ())
    if parser.begins_factor() or not set(parameters) <= parser.names.symbols | parser.names.families:
        return []
    return [Symbol(parameter) for parameter in parameters]


def _power_of_function(parser: Parser, name: str, order: int) -> Expression | None:
    r"""Read ``\tanh^2(z)``, the square of ``\tanh(z)``; a power of any other function has two readings."""
    if not parser.at("^") or not parser.names.lenient:
        return None
    start = parser.tokens[parser.position]
    exponent = parser.exponent()
    if order or name not in FUNCTION_COMMANDS or not is_square(exponent):
        refuse_power(parser, name, start)
    if not parser.at("(", "["):
        parser.fail(f"a power of the function {name}; write ({name}(…))^{{…}}", start)
    return exponent


def is_square(exponent: Expression) -> bool:
    r"""Tell whether an exponent on a function's name means a power: 2, 3 and so on, as in ``\log^2 x``."""
    return isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value >= 2


def refuse_power(parser: Parser, name: str, sign: Token) -> NoReturn:
    r"""Refuse ``f^2(x)`` and ``\log^{-1} x``."""
    parser.ambiguous(f"a power of {name}(…)", f"{name} applied again, or undone", f"write ({name}(…))^{{…}}", sign)


def bracketed_arguments(parser: Parser) -> list[Expression]:
    """Read arguments in brackets, with commas (or the bars of a divergence) between them."""
    braced = parser.at("{") and parser.here(1).text in CLOSING
    if braced:
        parser.next()
    opening = parser.next()
    closing = CLOSING.get(opening.text)
    if closing is None or closing in ("|", "\\rvert"):
        parser.fail("expected the arguments in brackets", opening)
    outer, parser.open_bars = parser.open_bars, 0
    arguments = [parser.sum()]
    while parser.at(*SEPARATORS):
        _refuse_thousands(parser)
        parser.next()
        arguments.append(parser.sum())
    parser.open_bars = outer
    parser.expect(closing, "after the arguments")
    if braced:
        parser.expect("}", "after the arguments")
    return arguments


def _refuse_thousands(parser: Parser) -> None:
    r"""Refuse the comma of ``\\max(1,000)``, which may part thousands."""
    before, comma, after = parser.here(-1), parser.here(), parser.here(1)
    adjacent = before.end == comma.start and comma.end == after.start
    if before.kind == after.kind == "number" and len(after.text) == 3 and (adjacent or after.text[0] == "0"):
        one, two = f"the number {before.text}{after.text}", f"the two numbers {before.text} and {after.text}"
        parser.ambiguous(one, two, "write the number without a comma, or a blank behind it", comma)


def prefix_argument(parser: Parser, function: str) -> Expression:
    r"""Read the argument of a function written before it without need of brackets, ``\log x``."""
    start = parser.position
    if parser.at("(", "[", "\\{") or (parser.at("{") and parser.here(1).text in ("(", "[", "\\{")):
        argument = parser.invisible_group() if parser.at("{") else parser.bracketed()
        if parser.at("(", "["):
            inside, advice = parser.written(start), f"write the factor before {function}"
            parser.ambiguous(f"({function}{inside}) (…)", f"{function}({inside}(…))", advice)
        return argument
    if parser.names.lenient and parser.at("\\sum", "\\prod"):
        return parser.factor()
    operators = ("\\log", "\\exp", "\\sum", "\\prod", "\\lim", "\\nabla")
    if parser.at(*operators) or (parser.at("{") and parser.here(1).text in operators):
        parser.fail(f"{function} of {parser.here(1 if parser.at('{') else 0).text} needs brackets")
    argument = parser.invisible_group() if parser.at("{") else parser.factor()
    if parser.begins_factor() or parser.at("/", *TIMES):
        inside, rest = parser.written(start), parser.here().text
        advice = f"write the factor before {function}, or bracket the argument"
        parser.ambiguous(f"({function} {inside}) {rest}…", f"{function}({inside} {rest}…)", advice)
    return argument
