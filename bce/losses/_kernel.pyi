from typing import Any

instructions: str

def expect(type: type, /) -> None: ...
def evaluate(
    operation: int,
    logits: Any,
    labels: Any,
    weight: Any,
    pos_weight: Any,
    smoothing: Any,
    base: Any,
    mean: bool,
    out: Any,
    mine: bool,
    /,
) -> float | None: ...
