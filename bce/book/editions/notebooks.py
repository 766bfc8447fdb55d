"""Each chapter as a notebook to download, which runs wherever the package is installed.

A chapter may use definitions and results of other chapters. Its notebook begins with those, so that it needs no
other file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode
from sphinx.application import Sphinx

from bce.book.citing.publication import publication_of
from bce.book.domain import derivation_domain
from bce.book.published.publication import Publication
from bce.reading.catalogue import Catalogue
from bce.reading.cells import NAME, Cell, magic_id

FOLDER = "notebooks"

_CELL = "```{code-cell}"
_FILE = re.compile(r'"\.\./([\w-]+/([\w.-]+))"')
_INCLUDED = re.compile(r"^```\{literalinclude\} \.\./(.*)\n(?::\w+:.*\n)*```$", re.MULTILINE)
_FORMULA_OF = re.compile(rf"\bformula\(\s*[\"']({NAME})[\"']")
_LOAD = "%load_ext bce.book"
_NEEDS = """\
It runs wherever the package `bce` of that version is installed, with IPython and Matplotlib.
In the folder of the book's source, `pip install '.[notebook]'` installs all three."""
_READS_BOOK = "reads-book"
_NEEDS_BOOK = """\
It reads the whole book, so it runs only among its chapters.
In the folder of the book's source, `pip install '.[book]'` installs what it needs."""

_MARKUP: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^\([\w-]+\)=\n", re.MULTILINE), ""),
    (re.compile(r"^```\{exercise\} (.*)\n(?::\w+:.*\n)*\n?((?:.*\n)*?)```$", re.MULTILINE), r"**Exercise: \1.**\n\n\2"),
    (re.compile(r"^```\{solution-start\}.*\n(?::\w+:.*\n)*```$", re.MULTILINE), "**Solution.**"),
    (re.compile(r"^```\{solution-end\}\n```$", re.MULTILINE), ""),
    (re.compile(r"^```\{claim\} .*\n```$", re.MULTILINE), "*(Its rows stand in the next cell with a derivation.)*"),
    (re.compile(r"^```\{[\w-]+\}.*\n(?:.*\n)*?```$", re.MULTILINE), "*(Something to try stands here in the book.)*"),
    (re.compile(r"\{[\w:+-]+\}`([^`<]+?)\s*<[^`>]+>`"), r"\1"),
    (re.compile(r"\{cite(?::\w+)?\}`([^`]+)`"), r"[\1]"),
)
_ROLE = re.compile(r"\{(?:definition|derivation|step|mistake|ref|exr)\}`([^`]+)`")
_LINK = re.compile(r"\[([^\]]*)\]\((?:chapters/|\.\./)?([\w-]+)\.md(#[\w.-]+)?\)")


def notebook(text: str, catalogue: Catalogue, titles: Mapping[str, str], book: Path, publication: Publication) -> str:
    """Return a chapter as the text of an ``.ipynb`` file.

    Parameters
    ----------
    text : str
        The chapter, in MyST Markdown.
    catalogue : Catalogue
        All definitions and derivations of the book.
    titles : mapping of str to str
        What a link without words of its own says: by id, and by the name of a page.
    book : Path
        The folder of the book. Files of it that cells read, such as ``"../data/…"``, become a part of the notebook.
    publication : Publication
        What the first cell says of the notebook's origin.
    """
    found: NotebookNode = jupytext.reads(text, fmt="md:myst")
    cells = []
    for cell in found.cells:
        if cell.cell_type == "markdown":
            cell.source = plain_markdown(_INCLUDED.sub(partial(_quoted, book), cell.source), titles).strip()
        if cell.source and cell.source != _LOAD:
            cells.append(cell)
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    files = {name: path for source in sources for path, name in _FILE.findall(source)}
    opening = [
        nbformat.v4.new_markdown_cell(_origin(publication, cells)),
        nbformat.v4.new_code_cell(_preparation(book, files)),
    ]
    if borrowed := list(needed(sources, catalogue)):
        words = "What this chapter uses before it comes to it, most of it from other chapters:"
        opening.append(nbformat.v4.new_markdown_cell(words))
        opening += [nbformat.v4.new_code_cell(_source(cell)) for cell in borrowed]
    for cell in cells:
        if cell.cell_type == "code":
            cell.source = _FILE.sub(r'str(book_files / "\2")', cell.source)
    found.cells = [*opening, *cells]
    for position, cell in enumerate(found.cells):
        cell.id = f"cell-{position}"
    found.metadata.pop("jupytext", None)
    found.metadata["language_info"] = {"name": "python"}
    found.nbformat, found.nbformat_minor = 4, 5
    return nbformat.writes(found) + "\n"


def plain_markdown(text: str, titles: Mapping[str, str]) -> str:
    """Write what only this book understands in the Markdown that every notebook shows.

    Examples
    --------
    >>> plain_markdown("See {step}`the result <gradient.result>` of [](gradient.md).", {"gradient": "The gradient"})
    'See the result of *The gradient*.'
    """
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    text = _ROLE.sub(lambda match: titles.get(match[1], match[1]), text)
    return _LINK.sub(lambda match: f"*{match[1] or titles.get(match[2], match[2])}*", text)


def needed(sources: list[str], catalogue: Catalogue) -> Iterator[Cell]:
    """Yield what code cells use before they define it themselves, each after all that it rests on."""
    done: set[str] = set()

    def with_foundations(identifier: str) -> Iterator[Cell]:
        if identifier not in done and identifier in catalogue.cells:
            done.add(identifier)
            for used in catalogue.cells[identifier].uses:
                yield from with_foundations(used)
            yield catalogue.cells[identifier]

    defined: set[str] = set()
    for source in sources:
        own = magic_id(source)
        wanted = catalogue.cells[own].uses if own in catalogue.cells else _FORMULA_OF.findall(source)
        for identifier in wanted:
            if identifier not in defined:
                yield from with_foundations(identifier)
        if own:
            defined.add(own)


def _source(cell: Cell) -> str:
    """Return a cell's magic as its author could have written it."""
    header = "".join(f"{key}: {item.text}\n" for key, items in cell.header.items() for item in items)
    return f"%%{cell.kind} {cell.id}\n{header}\n{cell.body.text.strip(chr(10))}"


def _origin(publication: Publication, cells: Iterable[NotebookNode]) -> str:
    reads_book = any(_READS_BOOK in cell.metadata.get("tags", ()) for cell in cells)
    needs = _NEEDS_BOOK if reads_book else _NEEDS
    commit = f", commit {publication.commit}" if publication.commit else ""
    place = f" {publication.url}" if publication.url else ""
    return f"*A chapter of* {publication.title}, *version {publication.version}{commit}.*{place}\n\n{needs}"


def _preparation(book: Path, files: Mapping[str, str]) -> str:
    lines = [_LOAD]
    if files:
        lines += ["from pathlib import Path", "from tempfile import mkdtemp", ""]
        lines += ["# The files that this chapter reads.", "book_files = Path(mkdtemp())"]
        for name, path in sorted(files.items()):
            text = (book / path).read_text(encoding="utf-8")
            lines.append(f'(book_files / "{name}").write_text({text!r}, encoding="utf-8")')
    return "\n".join(lines)


def _quoted(book: Path, included: re.Match[str]) -> str:
    text = (book / included[1]).read_text(encoding="utf-8").rstrip()
    return f"````\n{text}\n````"


# In the book ----------------------------------------------------------------------------------------------------------


def chapters_with_cells(app: Sphinx) -> Iterator[tuple[str, Path]]:
    """Yield the documents that have cells, and their files."""
    for docname in sorted(app.env.found_docs):
        path = Path(app.env.doc2path(docname))
        if path.suffix == ".md" and _CELL in path.read_text(encoding="utf-8"):
            yield docname, path


def address(docname: str) -> str:
    """Return where the notebook of a document stands in the site."""
    return f"{FOLDER}/{docname.rpartition('/')[2]}.ipynb"


def write_notebooks(app: Sphinx, exception: Exception | None) -> None:
    """Write a notebook for every chapter that has cells."""
    if exception is not None or app.builder.name != "html":
        return
    folder = Path(app.srcdir)
    catalogue, publication = Catalogue.of_book(folder), publication_of(app.config)
    entries = derivation_domain(app.env).entries
    titles = {identifier: entry.text for identifier, entry in entries.items()}
    titles |= {name.rpartition("/")[2]: title.astext() for name, title in app.env.titles.items()}
    for docname, path in chapters_with_cells(app):
        text = notebook(path.read_text(encoding="utf-8"), catalogue, titles, folder, publication)
        target = Path(app.outdir) / address(docname)
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8")


def link_notebook(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """End each page that has cells with a link to its notebook."""
    if doctree is None or pagename not in app.env.found_docs:
        return
    if _CELL not in Path(app.env.doc2path(pagename)).read_text(encoding="utf-8"):
        return
    link = escape(context["pathto"](address(pagename), resource=True))
    context["body"] += f'<p class="notebook"><a href="{link}" download>This chapter as a notebook</a></p>\n'


def setup(app: Sphinx) -> None:
    """Link the notebooks from their pages, and write them after all pages."""
    app.connect("html-page-context", link_notebook, priority=600)
    app.connect("build-finished", write_notebooks)
