from typing import Any

instructions: str

def evaluate(
    operation: int,
    logits: Any,
    labels: Any,
    weight: Any,
    pos_weight: Any,
    smoothing: float,
    divisor: float,
    out: Any,
    mine: bool,
    /,
) -> float | None: ...
