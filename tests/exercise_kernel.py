"""Run the compiled kernel over lengths, types and odd arguments, for `make sanitize`, which watches its memory."""

from pathlib import Path

import numpy as np

import bce
from bce.losses import _engine


def main() -> None:
    """Call the kernel with everything it takes, and with what it must leave alone."""
    assert bce.engine.startswith("compiled"), bce.engine
    count = 0
    for size in [*range(1, 70), 511, 512, 513, 1023, 1025, 5000]:
        for dtype in (np.float32, np.float64):
            x = np.linspace(-900, 900, size).astype(dtype)
            soft = np.linspace(0, 1, size).astype(dtype)
            for labels in (soft, 1, 0.5, *((soft > 0.5).astype(kind) for kind in "?bBhHiIqQ"), np.full(size, 7), -soft):
                for weight in (None, 2.0, soft, soft[:1], soft[1:], -1.0):
                    for operation in (_engine.LOSS, _engine.GRADIENT, _engine.BOTH):
                        for reduction in ("mean", "none"):
                            for out in (np.empty_like(x), x.copy(), x[1:], x[:0], None):
                                given = (operation, x, labels, weight, None, 0.0, None, reduction, None, None, out)
                                count += _engine.evaluate(*given) is not None
    for operation in (_engine.LOSS, _engine.GRADIENT, _engine.BOTH):
        given = (operation, np.array(0.5), 1, None, None, 0.0, None, "sum", None, None, None)
        assert (_engine.evaluate(*given) is None) == (operation != _engine.LOSS)
        for wrong in (None, "x", b"x", [1.0], x[::2], x[:0], x.astype(complex), x.astype(">f8"), np.ma.masked_array(x)):
            for place in range(1, 11):
                given = [operation, x, 1, None, None, 0.0, None, "mean", None, None, None]
                given[place] = wrong if wrong is not None else object()
                assert _engine.evaluate(*given) is None
    print(f"The kernel in {Path(bce.__file__).parent} took {count} calls.")


if __name__ == "__main__":
    main()
