"""The table of proof rules, and the trace of those that a proof rests on.

A rule is one function with a name and a sentence. `rule` puts it into the table; the page *What is trusted*
prints the table, and the evidence beside a step names the rules of its trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from .errors import Unsupported
from .ranges import ANY, Signs

#: The groups of the table, in the order in which a method is written.
GROUPS = {
    "relation": "what decides a relation",
    "formula": "what a formula is turned into",
    "case": "how the domain is split",
    "structure": "signs of a formula as it was arranged",
    "sign": "signs of a normal form",
}

Method = TypeVar("Method", bound=Callable[..., Any])


@dataclass(frozen=True, eq=False)
class Rule:
    """A step of reasoning that the verifier may take."""

    name: str
    group: str
    sentence: str


#: All rules by name.
TABLE: dict[str, Rule] = {}


def new_rule(group: str, name: str, sentence: str) -> Rule:
    """Put a rule into the table; two rules of one name are an error of the program."""
    assert group in GROUPS, group
    assert name not in TABLE, f"two rules have the name {name}"
    TABLE[name] = Rule(name, group, sentence)
    return TABLE[name]


def rules_of(group: str) -> list[Rule]:
    """Return the rules of a group, in the order in which they are tried."""
    return [rule for rule in TABLE.values() if rule.group == group]


class Use(NamedTuple):
    """A rule that was applied, and what to: a relation that was shown, or nothing where no short text says it."""

    rule: str
    to: str = ""


Uses = dict[Use, None]


class Trace:
    """The rules that a proof rests on, while it is made. Rules ``without`` are left aside."""

    def __init__(self, without: frozenset[str] = frozenset()) -> None:
        self.without = without
        self.uses: Uses = {}

    def allows(self, rule: Rule) -> bool:
        return rule.name not in self.without

    def rely_on(self, rule: Rule, to: str = "") -> None:
        """Note that nothing is shown without a rule.

        Raises
        ------
        Unsupported
            If the rule is left aside.
        """
        if not self.allows(rule):
            raise Unsupported(f"the rule '{rule.name}' is left aside")
        self.uses[Use(rule.name, to)] = None

    @contextmanager
    def apart(self) -> Iterator[Uses]:
        """Collect the uses of a question apart, so that they count only if its answer does."""
        before, self.uses = self.uses, {}
        try:
            yield self.uses
        finally:
            self.uses = before

    def narrowed(
        self,
        ways: Iterable[tuple[Rule | None, Callable[[], Signs]]],
        enough: Callable[[Signs], bool] = lambda signs: len(signs) <= 1,
    ) -> Signs:
        """Return the signs that all ways to an answer leave, and note the rules of those that had a say.

        An answer that says nothing new has no say, nor has one that a later answer contains.
        """
        signs, kept = ANY, list[tuple[Signs, Uses]]()
        for rule, ask in ways:
            if rule is not None and not self.allows(rule):
                continue
            before, self.uses = self.uses, {}
            try:
                answer = ask()
            finally:
                uses, self.uses = self.uses, before
            if signs <= answer:
                continue
            signs &= answer
            if rule is not None:
                uses[Use(rule.name)] = None
            kept = [(other, its) for other, its in kept if not answer <= other] + [(answer, uses)]
            if enough(signs):
                break
        for _, uses in kept:
            self.uses.update(uses)
        return signs


def relies_on(group: str, name: str, sentence: str) -> Callable[[Method], Method]:
    """Make a method of an object with a ``trace`` a rule: who calls it relies on the rule."""
    rule = new_rule(group, name, sentence)

    def decorate(method: Method) -> Method:
        @wraps(method)
        def recorded(self: Any, *arguments: Any, **options: Any) -> Any:
            self.trace.rely_on(rule)
            return method(self, *arguments, **options)

        return recorded  # type: ignore[return-value]

    return decorate


def in_words(uses: Iterable[Use]) -> str:
    """Return the names of the rules, group by group: ``same normal form; terms, ranges``."""
    named: dict[str, dict[str, None]] = {group: {} for group in GROUPS}
    for use in uses:
        rule = TABLE[use.rule]
        of_what = f" ({use.to})" if use.to and rule.group == "relation" else ""
        named[rule.group][f"{rule.name}{of_what}"] = None
    order = {name: place for place, name in enumerate(TABLE)}
    lines = [sorted(names, key=lambda text: order[text.partition(" (")[0]]) for names in named.values()]
    return "; ".join(", ".join(line) for line in lines if line)
