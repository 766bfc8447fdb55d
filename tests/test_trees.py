r"""Random formulas: what is proved holds, what is refuted fails, and what is true is not refuted.

``tests/fuzz.py`` tries the same properties on many more.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from random_pairs import PROPERTIES

EXAMPLES = {"trees survive writing and reading": 400, "equal by true laws": 120}


@pytest.mark.parametrize("name", PROPERTIES)
def test_property_holds_of_random_formulas(name: str) -> None:
    strategy, holds = PROPERTIES[name]
    tried = settings(
        max_examples=EXAMPLES.get(name, 80),
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    tried(given(strategy)(holds))()
