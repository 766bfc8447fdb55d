from collections.abc import Callable
from typing import Any

instructions: str
interface: int

def expect(ndarray: type, empty: Callable[..., Any], dtypes: tuple[Any, Any], zeros: tuple[Any, Any], /) -> None: ...
def evaluate(
    operation: int,
    logits: Any,
    labels: Any,
    weight: Any,
    pos_weight: Any,
    smoothing: Any,
    base: Any,
    reduction: Any,
    axis: Any,
    where: Any,
    out: Any,
    /,
) -> Any: ...
