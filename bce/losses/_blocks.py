"""Evaluation in cache-sized blocks.

A formula of a dozen array operations, applied to whole arrays, moves every intermediate result through main
memory. Applied to blocks that stay in the cache it does not, and needs no memory that grows with the input.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ROW_BYTES = 128 * 1024  # one operand's part of a block; four of them fit a second-level cache of 1 MiB
_SCRATCH_BYTES = 768 * 1024  # all that one evaluation allocates besides its result

FloatArray = NDArray[np.floating[Any]]
Index = tuple[slice, ...]
#: The place of a block, its operands, where its results go, and scratch rows to compute in.
Block = tuple[Index, list[Any], list[FloatArray], list[FloatArray]]


def blocks(
    operands: Sequence[NDArray[Any] | None],
    outputs: Sequence[NDArray[Any] | None],
    *,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    scratch_rows: int,
    flatten: bool = True,
    writable: bool = False,
) -> Iterator[Block]:
    """Walk over broadcast operands, one contiguous one-dimensional block of type `dtype` at a time.

    An operand that is None or a single number is handed on as it is, but for the first, which fills a block.
    An output that is None gets a row that is forgotten. `flatten` allows blocks that cross the ends of axes;
    `writable` promises that the blocks of operands are copies.
    """
    operands, hidden = _without_overlap(operands, outputs)
    first, *others = operands
    assert first is not None
    arrays: list[Any] = [np.atleast_1d(first)]
    arrays += [other if other is None or other.ndim else other.astype(dtype) for other in others]
    targets: list[Any] = [None if output is None else np.atleast_1d(output) for output in outputs]
    shape = shape or (1,)
    sized = [array for array in (*arrays, *targets) if array is not None and array.ndim]
    flat = flatten and all(array.shape == shape and array.flags.c_contiguous for array in sized)
    if flat:
        arrays = [array.reshape(-1) if array is not None and array.ndim else array for array in arrays]
        targets = [None if target is None else target.reshape(-1) for target in targets]
        shape = arrays[0].shape
    else:
        arrays = [np.broadcast_to(array, shape) if array is not None and array.ndim else array for array in arrays]

    def in_place(array: Any) -> bool:
        """Tell whether the array's own memory can serve as blocks."""
        return flat and array.dtype == dtype

    copied = [array is not None and array.ndim > 0 and (writable or not in_place(array)) for array in arrays]
    held_back = [target is None or hidden or not in_place(target) for target in targets]
    rows = scratch_rows + sum(copied) + sum(held_back)
    limit = min(_ROW_BYTES, _SCRATCH_BYTES // max(rows, 1)) // dtype.itemsize
    scratch = np.empty((rows, min(limit, math.prod(shape))), dtype)

    for index in tiles(shape, limit):
        lengths = [part.stop - part.start for part in index]
        spare = list(scratch[:, : math.prod(lengths)])
        values = []
        for array, copy in zip(arrays, copied, strict=True):
            if copy:
                row = spare.pop()
                np.copyto(row.reshape(lengths), array[index], casting="unsafe")
                values.append(row)
            else:
                values.append(array if array is None or not array.ndim else array[index])
        results = [spare.pop() if hold else target[index] for target, hold in zip(targets, held_back, strict=True)]
        yield index, values, results, spare
        for target, hold, row in zip(targets, held_back, results, strict=True):
            if hold and target is not None:
                np.copyto(target[index], row.reshape(lengths), casting="same_kind")


def tiles(shape: tuple[int, ...], limit: int) -> Iterator[Index]:
    """Cut an array of this shape, in C order, into pieces of at most `limit` elements."""
    inner = 1  # elements in the trailing axes, which are kept whole
    axis = len(shape)
    while axis > 0 and inner * shape[axis - 1] <= limit:
        axis -= 1
        inner *= shape[axis]
    whole = tuple(slice(0, length) for length in shape[axis:])
    if axis == 0:
        yield whole
        return
    length = shape[axis - 1]
    step = limit // inner
    for outer in itertools.product(*map(range, shape[: axis - 1])):
        fixed = tuple(slice(i, i + 1) for i in outer)
        for start in range(0, length, step):
            yield (*fixed, slice(start, min(start + step, length)), *whole)


def _without_overlap(
    operands: Sequence[NDArray[Any] | None], outputs: Sequence[NDArray[Any] | None]
) -> tuple[Sequence[NDArray[Any] | None], bool]:
    """Copy operands that results would overwrite before they are read.

    An output that is an operand, element for element, needs no copy, only results that are held back until
    their block is done: the second value says so.
    """
    hidden = False
    operands = list(operands)
    for output in outputs:
        for position, operand in enumerate(operands):
            if output is None or operand is None or not np.may_share_memory(output, operand):
                continue
            hidden = True
            same = (
                operand.shape == output.shape
                and operand.strides == output.strides
                and operand.dtype == output.dtype
                and operand.__array_interface__["data"] == output.__array_interface__["data"]
            )
            if not same:
                operands[position] = operand.copy()
    return operands, hidden
