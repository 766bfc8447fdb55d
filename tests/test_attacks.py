"""No attack gets a false statement proved, a true one refuted, or a traceback; none takes more work than its share."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from attacks import FORBIDDEN, Attack, attacks
from trial_notebook import Notebook

#: Calls of functions that the largest inputs may cost. Some take a tenth of it; what grows too fast takes all.
MOST_CALLS = 20_000_000
#: Ends what hangs where no function is called, in seconds of this process; what is sound needs a small part of it.
HANGS = 120

ALL = list(attacks())
IN_TEXT = [attack for attack in ALL if not attack.cells]
IN_CELLS = [attack for attack in ALL if attack.cells]


def named(some: list[Attack]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("attack", some, ids=lambda attack: attack.name)


class TooMuchWork(BaseException):
    """Raised where an input takes more work than any sound reading of it."""


@contextmanager
def limited_work() -> Iterator[None]:
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")
        if calls > MOST_CALLS:
            sys.setprofile(None)
            raise TooMuchWork

    def hangs(number: int, frame: object) -> None:
        raise TooMuchWork

    before = signal.signal(signal.SIGVTALRM, hangs)
    signal.setitimer(signal.ITIMER_VIRTUAL, HANGS)
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@named([attack for attack in IN_TEXT if not attack.name.startswith("resources")])
def test_verdict_on_it_is_sound(attack: Attack):
    complaint = attack.complaint(attack.checked())
    assert attack.documented or complaint is None, f"{complaint}\n{attack.text}"


@named(list(attacks("resources")))
def test_it_is_decided_or_refused_with_bounded_work(attack: Attack):
    with limited_work():
        result = attack.checked()
    assert attack.complaint(result) is None


@named(IN_CELLS)
def test_cells_run_one_after_another_are_decided_as_they_stand(attack: Attack, notebook: Notebook):
    *before, last = attack.cells
    for cell in before:
        notebook.run(cell)
    shown = notebook.run(last)
    kinds = [step["verdict"] for step in shown["steps"]]
    assert attack.complaint_about_note(kinds, reported=shown["error"] is not None) is None


def test_every_attack_says_what_is_true_and_no_two_are_the_same():
    assert {attack.truth for attack in ALL} == set(FORBIDDEN)
    assert len({(attack.text, attack.cells) for attack in ALL}) == len(ALL) >= 240
