"""Elements of the field as text: a stable way to show and to compare normal forms."""

from __future__ import annotations

from sympy.polys.rings import PolyElement

from .elements import Element, Exponential, Generator, Logarithm, Root, Total, Variable
from .field import Field


def describe(element: Element) -> str:
    """Write a normal form with its generators spelled out, the same for every order of discovery.

    Examples
    --------
    >>> from bce.algebra.exact.field import Field
    >>> from bce.algebra.ranges import POSITIVE_REALS
    >>> field = Field()
    >>> x = field.generator_element(field.variable("x", POSITIVE_REALS))
    >>> describe(field.exp(-x) / (x + field.number(1)))
    '1 / (exp(x) + exp(x)*x)'
    """
    field = element.field
    top = _polynomial(field, element.numerator)
    bottom = _polynomial(field, element.denominator)
    if bottom == "1":
        return top
    return f"{_bracketed(top)} / {_bracketed(bottom)}"


def _bracketed(text: str) -> str:
    return f"({text})" if " " in text else text


def _polynomial(field: Field, polynomial: PolyElement) -> str:
    terms = []
    for monomial, coefficient in polynomial.terms():
        factors = sorted(
            _power(_generator(field, field.generators[position]), power)
            for position, power in enumerate(monomial)
            if power
        )
        number = int(coefficient)
        sign = "-" if number < 0 else "+"
        if abs(number) != 1 or not factors:
            factors.insert(0, str(abs(number)))
        terms.append(("*".join(factors), sign))
    terms.sort()
    text = " ".join(f"{sign} {term}" for term, sign in terms)
    return text.removeprefix("+ ").replace("- ", "-", 1) if text.startswith("- ") else text.removeprefix("+ ") or "0"


def _power(text: str, power: int) -> str:
    return text if power == 1 else f"{text}^{power}"


def _generator(field: Field, generator: Generator) -> str:
    if isinstance(generator, Variable):
        return generator.name if generator.index is None else f"{generator.name}[{describe(generator.index)}]"
    if isinstance(generator, Exponential):
        return f"exp({describe(generator.exponent)})"
    if isinstance(generator, Logarithm):
        return f"log({describe(generator.argument)})"
    if isinstance(generator, Root):
        return f"root{generator.degree}({describe(generator.base)})"
    if isinstance(generator, Total):
        bounds = f"{generator.index.name}={describe(generator.lower)}..{describe(generator.upper)}"
        return f"sum({bounds}: {describe(generator.body)})"
    raise TypeError(f"unknown generator {generator!r}")
