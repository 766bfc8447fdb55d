"""The exact field: elements, signs, sums, derivatives and limits, without rounding and without search."""
