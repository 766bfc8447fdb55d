r"""Derivations in other people's files: marked formulas in Markdown, LaTeX and notebooks.

A comment marks the displayed formulas that follow it, and declares their domain::

    <!-- bce: x real; 0 < z < 1 -->          in Markdown
    $$ \log \frac{a}{b} = \log a - \log b $$

    % bce: x real; 0 < z < 1                 in LaTeX
    \begin{align} … \end{align}

The comment may have several lines ``key: value`` (in LaTeX several comments) with the keys
of a cell's header and ``id``. Displays that only blank lines part are one derivation.
``bce-all:`` declares for all that follows, ``bce: skip`` leaves the next display out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from .cells import KEYS, Cell, Item, Problem, ReadError, is_magic, markdown_cells, read_cell
from .latex_text import split_remark, until_relation, without_boxes

SUFFIXES = (".md", ".markdown", ".tex", ".ipynb")

_ENVIRONMENTS = "align|aligned|equation|gather|gathered|eqnarray|split|multline|alignat|flalign|displaymath|math"
_OPEN = re.compile(
    rf"(?P<open>\$\$|\\\[|\\begin\{{(?P<env>(?:{_ENVIRONMENTS})\*?)\}}|(?P<fence>`{{3,}}|~{{3,}})(?:\{{math\}}|math)[^\n]*\n)"
)
_MARKDOWN_MARK = re.compile(r"<!--\s*(?P<kind>bce(?:-all)?)\b:?(?P<text>.*?)-->", re.DOTALL)
_TEX_MARK = re.compile(r"(?:^[ \t]*%[ \t]*bce:[^\n]*(?:\n|$))+|(?:^[ \t]*%[ \t]*bce-all:[^\n]*(?:\n|$))+", re.MULTILINE)
_TEX_LINE = re.compile(r"^[ \t]*%[ \t]*(?P<kind>bce(?:-all)?):[ \t]?(?P<text>[^\n]*)", re.MULTILINE)
_KEY = re.compile(rf"^\s*(?P<key>{'|'.join((*KEYS, 'id', 'by'))})\s*:", re.MULTILINE)
_INNER = re.compile(rf"\\(?:begin|end)\{{(?:{_ENVIRONMENTS})\*?\}}(?:\{{\d*\}})?")
_LAYOUT = re.compile(
    r"\\(?:tag\*?|label|intertext|hspace\*?|vspace\*?|color)\{[^{}]*\}|\\(?:nonumber|notag|hfill)\b"
    r"|(?<=\\\\)(?:\*|\[[^\]\n]*(?:pt|mm|cm|em|ex)\])|\\q?quad\s*\(\d+[a-z]?\)(?=\s*(?:\\\\|$))"
)
_HEAD = re.compile(
    r"^[\s&]*(?P<head>\\?[A-Za-z]+(?:\{[A-Za-z]+\})?(?:_(?:\w|\{[^{}]*\}))?(?:\s*\([A-Za-z0-9\\,;|\s_{}]*\))?)\s*&?\s*=(?P<right>.*)$",
    re.DOTALL,
)
_SLUG = re.compile(r"[^a-z0-9]+")


def document_cells(text: str, file: str) -> Iterator[Cell | Problem]:
    """Yield every derivation in a file, by the kind of file its name says."""
    suffix = PurePath(file).suffix.lower()
    if suffix == ".ipynb":
        yield from _notebook_cells(text, file)
    elif suffix == ".tex":
        yield from _Document(file).cells(text, tex=True)
    else:
        yield from markdown_cells(text, file)
        yield from _Document(file).cells(text)


def _notebook_cells(text: str, file: str) -> Iterator[Cell | Problem]:
    try:
        cells = json.loads(text)["cells"]
        sources = [(str(c["cell_type"]), "".join(c["source"])) for c in cells]
    except (ValueError, KeyError, TypeError, RecursionError):
        yield Problem(file, 1, 1, "not a notebook: the file is no JSON object with a list of cells")
        return
    document, position = _Document(file), 0
    for kind, source in sources:
        first = json.dumps(source.split("\n", 1)[0])[1:-1]
        found = text.find(first, position)
        line = text.count("\n", 0, max(found, position)) + 1
        position = max(found + len(first), position)
        if kind == "code" and is_magic(source):
            try:
                yield read_cell(source.rstrip(), file, line)
            except ReadError as error:
                yield error.problem
        elif kind == "markdown":
            yield from document.cells(source, line)


@dataclass
class _Mark:
    """A comment: what it declares, and where it stands."""

    start: int
    end: int
    for_all: bool
    header: dict[str, list[Item]] = field(default_factory=dict)
    skip: bool = False


@dataclass
class _Document:
    """A file that is read from top to bottom: what it has declared and introduced so far."""

    file: str
    common: dict[str, list[Item]] = field(default_factory=dict)
    remembered: list[Item] = field(default_factory=list)

    def cells(self, text: str, first_line: int = 1, *, tex: bool = False) -> Iterator[Cell | Problem]:
        """Yield a cell for every mark and the displays that follow it."""
        page = Item(text, first_line)
        pattern = _TEX_MARK if tex else _MARKDOWN_MARK
        marks = [_read_mark(page, match, tex) for match in pattern.finditer(_without_code(text, tex))]
        skipped = [mark.end for mark in marks if mark.skip]
        for number, mark in enumerate(marks):
            if mark.for_all:
                _merge(self.common, mark.header)
            elif not mark.skip:
                limit = next((m.start for m in marks[number + 1 :] if not m.skip), len(text))
                yield self._cell(page, mark, _displays(text, mark.end, limit, skipped))

    def _cell(self, page: Item, mark: _Mark, body: tuple[int, str] | None) -> Cell | Problem:
        line, column = page.place(mark.start)
        if body is None:
            message = "this comment marks no formula: a displayed formula ($$, \\[, align, …) has to follow it"
            return Problem(self.file, line, column, message)
        header: dict[str, list[Item]] = {key: list(items) for key, items in self.common.items()}
        _merge(header, mark.header)
        stem = _SLUG.sub("-", PurePath(self.file).stem.lower()).strip("-")
        default = f"{stem if stem[:1].isalpha() else 'file-' + stem}-line-{line}"
        name = header.pop("id", [Item(default, line)])[-1].text
        header.setdefault("title", [Item(f"{PurePath(self.file).name}, line {line}", line)])
        formula = Item(body[1], *page.place(body[0]))
        cell = Cell("derivation", name, self.file, line, formula, header, True, tuple(self.remembered))
        self.remembered += _head_definition(cell)
        return replace(cell, remembered=tuple(self.remembered))


def _without_code(text: str, tex: bool) -> str:
    """Blank out code blocks of Markdown, in which a comment is an example and not a mark."""
    if tex:
        return text
    fences = re.compile(r"^(`{3,}|~{3,})(?!math|\{math\})[^\n]*\n.*?^\1[`~]*[ \t]*$", re.MULTILINE | re.DOTALL)
    text = fences.sub(lambda match: _blank(match.group()), text)
    return re.sub(r"`[^`\n]+`", lambda match: _blank(match.group()), text)


def _read_mark(page: Item, match: re.Match[str], tex: bool) -> _Mark:
    if tex:
        lines = list(_TEX_LINE.finditer(page.text, match.start(), match.end()))
        parts = [(line["text"], line.start("text")) for line in lines]
        for_all = lines[0]["kind"] == "bce-all"
    else:
        parts, offset = [], match.start("text")
        for line in match["text"].split("\n"):
            parts.append((line, offset))
            offset += len(line) + 1
        for_all = match["kind"] == "bce-all"
    mark = _Mark(match.start(), match.end(), for_all)
    for text, start in parts:
        key = _KEY.match(text)
        value = text[key.end() :] if key else text
        if not key and value.strip() == "skip":
            mark.skip = True
        elif value.strip():
            start += (key.end() if key else 0) + len(value) - len(value.lstrip())
            item = Item(value.strip(), *page.place(start))
            mark.header.setdefault(key["key"] if key else "given", []).append(item)
    return mark


def _displays(text: str, start: int, limit: int, skipped: list[int]) -> tuple[int, str] | None:
    """Return the run of displays after a mark: its offset, and the text with everything else blanked."""
    position, pieces, first = start, [], None
    while True:
        opening = _OPEN.search(text, position, limit)
        between = text[position : opening.start() if opening else limit]
        blank = _MARKDOWN_MARK.sub("", _TEX_MARK.sub("", between))
        if opening is None or blank.strip():
            break
        end, inner_end = _end_of_display(text, opening, limit)
        if end is None:
            break
        if any(position <= s <= opening.start() for s in skipped):
            position = end
            continue
        first = opening.end() if first is None else first
        pieces.append((opening.end(), inner_end))
        position = end
    if first is None:
        return None
    body = list(_blank(text[first : pieces[-1][1]]))
    for a, b in pieces:
        body[a - first : b - first] = list(_masked(text[a:b]))
        if b < pieces[-1][1]:
            body[b - first : b - first + 2] = "\\\\"
    return first, "".join(body)


def _end_of_display(text: str, opening: re.Match[str], limit: int) -> tuple[int | None, int]:
    """Return the end of a display and the end of the formula in it."""
    if opening["open"] == "$$":
        closing = "$$"
    elif opening["env"]:
        closing = f"\\end{{{opening['env']}}}"
    else:
        closing = "\n" + opening["fence"] if opening["fence"] else "\\]"
    found = text.find(closing, opening.end(), limit)
    return (None, 0) if found < 0 else (found + len(closing), found)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _masked(text: str) -> str:
    """Blank what is layout and not mathematics: inner environments, tags, labels, final punctuation."""
    for pattern in (_INNER, _LAYOUT):
        text = pattern.sub(lambda m: _blank(m.group()), text)
    text = without_boxes(text)
    return re.sub(r"(?<!\\)[.,;](?=\s*(?:\\\\|$))", " ", text)


def _merge(header: dict[str, list[Item]], more: dict[str, list[Item]]) -> None:
    for key, items in more.items():
        header.setdefault(key, []).extend(items)


def _head_definition(cell: Cell) -> list[Item]:
    """Read ``L = …`` in the first row, for a name that nothing declares, as what L is."""
    match = _HEAD.match(cell.body.text.split("\\\\", 1)[0])
    if match is None:
        return []
    name = re.split(r"\s*\(", match["head"])[0].strip()
    declared = [item.text for key in ("given", "where") for item in cell.header.get(key, [])]
    declared += [item.text.partition("=")[0] for item in cell.remembered]
    base = name.partition("_")[0]
    known = any(_mentions(text, part) for text in declared for part in (name, base))
    if name in ("\\frac", "\\log", "\\partial", "d") or known:
        return []
    right, _ = split_remark(until_relation(match["right"]))
    text = f"{match['head'].strip()} = {' '.join(right.replace('&', ' ').split())}"
    return [Item(text, *cell.body.place(match.start("head")))]


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<![A-Za-z\\]){re.escape(name)}(?![A-Za-z])", text) is not None
