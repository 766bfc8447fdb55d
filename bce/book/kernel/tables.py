"""Tables that a cell computes, set like those of the text: a box that scrolls, names of rows, numbers to the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

Row = Sequence[str | int | float]


@dataclass(frozen=True)
class Table:
    """Rows under a head, in groups with a name each; a single group without a name is ``{"": rows}``.

    The first entry of a row is its name.

    Examples
    --------
    >>> print(Table(("Verdict", "Mutants"), {"": [("refuted", 1234)]}))
    Verdict  Mutants
    refuted    1,234
    """

    head: Sequence[str]
    groups: Mapping[str, Sequence[Row]]

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(title)}</th>' for title in self.head)
        bodies = "".join(
            f"<tbody>{self._name(name)}{''.join(map(_html, rows))}</tbody>" for name, rows in self.groups.items()
        )
        return (
            f'<div class="table-wrapper docutils container"><table class="docutils"><thead><tr>{head}</tr></thead>'
            f"{bodies}</table></div>"
        )

    def _name(self, group: str) -> str:
        if not group:
            return ""
        return f'<tr><th class="group" colspan="{len(self.head)}" scope="rowgroup">{escape(group)}</th></tr>'

    def __str__(self) -> str:
        lines = [list(self.head)]
        for name, rows in self.groups.items():
            lines += [[name, *[""] * (len(self.head) - 1)]] if name else []
            lines += [[_text(cell) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        padded = ([cell.rjust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
        return "\n".join(
            "  ".join([line[0].ljust(widths[0]), *right[1:]]) for line, right in zip(lines, padded, strict=True)
        )


def _html(row: Row) -> str:
    name, *cells = row
    data = "".join(
        f'<td class="number">{_text(cell)}</td>' if isinstance(cell, int | float) else f"<td>{escape(cell)}</td>"
        for cell in cells
    )
    return f'<tr><th scope="row">{escape(_text(name))}</th>{data}</tr>'


def _text(cell: str | float) -> str:
    """Write whole numbers with separators of the thousands, others with three digits."""
    if isinstance(cell, int):
        return f"{cell:,}"
    return f"{cell:.3g}" if isinstance(cell, float) else cell
