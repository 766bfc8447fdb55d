"""Functions that need no definition of their own, because everyone means the same by them.

Each is written in the book's own notation and read by the grammar like any definition. An
author who defines one of these names takes it over.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from bce.algebra.domain import Domain, Function, Functions, Helpers, names_of
from bce.algebra.ranges import REAL, Range

from .read import parse, parse_head

#: The whole library: head, body, and the range of the parameters. A new function is a line here and nothing else.
DEFINITIONS = (
    (r"\tanh(x)", r"\frac{e^{x} - e^{-x}}{e^{x} + e^{-x}}", REAL),
    (r"\sinh(x)", r"\frac{e^{x} - e^{-x}}{2}", REAL),
    (r"\cosh(x)", r"\frac{e^{x} + e^{-x}}{2}", REAL),
    (r"\operatorname{softplus}(x)", r"\log(1 + e^{x})", REAL),
    (r"\operatorname{logit}(p)", r"\log\frac{p}{1 - p}", Range(Fraction(0), Fraction(1))),
    (r"\operatorname{log1p}(x)", r"\log(1 + x)", Range(lower=Fraction(-1))),
    (r"\operatorname{expm1}(x)", r"e^{x} - 1", REAL),
    (r"\operatorname{logsumexp}(a, b)", r"\log(e^{a} + e^{b})", REAL),
)


@lru_cache(maxsize=1)
def library() -> Functions:
    """Return the functions of the library by name and number of arguments."""
    functions = {}
    for head, body, values in DEFINITIONS:
        name, parameters = parse_head(head)
        domain = Domain(dict.fromkeys(parameters, values))
        tree = parse(body, names_of(domain, Helpers(), {}))
        function = Function(name, parameters, tree, domain, Helpers())
        functions[function.signature] = function
    return functions
