"""The catalogue: every definition and derivation of a set of chapters, found by reading them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from bce.algebra.domain import Function
from bce.algebra.grammar.library import library

from .cells import Cell, Item, Problem, ReadError
from .derivation import Derivation, build_definition, build_derivation
from .documents import document_cells
from .files import NotUtf8, ascii_of, book_files, book_folder, files_at, rest_of_book, text_of


class Catalogue:
    """Cells by id, parsed on demand, with the definitions that each one uses.

    Problems are collected, not raised: one unreadable cell does not hide the others.
    """

    def __init__(self, cells: Iterable[Cell | Problem] = ()) -> None:
        self.cells: dict[str, Cell] = {}
        self.context: dict[str, Cell] = {}
        self.problems: list[Problem] = []
        self._built: dict[str, tuple[Derivation, Function | None]] = {}
        self._failed: set[str] = set()
        self._building: list[str] = []
        for cell in cells:
            self.add(cell)

    @classmethod
    def of_book(cls, place: Path | str = ".") -> Catalogue:
        """Read the book that a file or folder belongs to; outside of any book the catalogue is empty.

        Files are named from the book's folder.

        Raises
        ------
        UnreadablePath
            If one of its pages is no text.
        """
        folder = book_folder(place)
        return cls() if folder is None else cls.read(book_files(folder), root=folder)

    @classmethod
    def read(
        cls,
        paths: Iterable[Path | str],
        root: Path | None = None,
        given: str | None = None,
        *,
        allow_empty: bool = False,
    ) -> Catalogue:
        """Read all files at the paths; folders are searched.

        Definitions of the same book that are not at the paths can be used, but are not part
        of the catalogue. ``given`` declares a domain for all marked formulas, beside their own.
        With ``allow_empty`` a file in another encoding is left out if nothing in it is marked.

        Raises
        ------
        UnreadablePath
            If a path does not exist, is no text, or holds no file of a known kind.
        """
        catalogue = cls()
        files = list(dict.fromkeys(files_at(Path(path) for path in paths)))
        for file in files:
            name = str(file.relative_to(root)) if root is not None and file.is_relative_to(root) else str(file)
            for cell in _cells(file, name, allow_empty=allow_empty):
                if given is not None and isinstance(cell, Cell) and cell.lenient:
                    cell.header.setdefault("given", []).append(Item(given, cell.line))
                catalogue.add(cell)
        for file in rest_of_book(files):
            cells = _cells(file, str(file), allow_empty=allow_empty)
            catalogue.context |= {cell.id: cell for cell in cells if isinstance(cell, Cell)}
        return catalogue

    def add(self, cell: Cell | Problem) -> None:
        """Add a cell; a second one with the same id is a problem."""
        if isinstance(cell, Problem):
            self.problems.append(cell)
        elif cell.id in self.cells:
            first = self.cells[cell.id]
            message = f"the id {cell.id!r} is taken by {first.file}:{first.line}; ids are unique in the whole book"
            self.problems.append(cell.error(message).problem)
        else:
            self.cells[cell.id] = cell

    def replace(self, cell: Cell) -> None:
        """Put a cell in the place of an earlier version of itself."""
        self.cells.pop(cell.id, None)
        self._built.clear()
        self._failed.clear()
        self.add(cell)

    def derivations(self) -> Iterator[Derivation]:
        """Yield every cell that can be parsed, in the order of the chapters; note the others as problems."""
        for cell_id in self.cells:
            try:
                yield self.derivation(cell_id)
            except ReadError as error:
                if error.problem not in self.problems:
                    self.problems.append(error.problem)

    def derivation(self, cell_id: str) -> Derivation:
        """Return a parsed cell by its id.

        Raises
        ------
        KeyError
            If there is no such cell.
        ReadError
            If it, or something that it uses, cannot be parsed.
        """
        return self._build(self.cells[cell_id])[0]

    def _build(self, cell: Cell) -> tuple[Derivation, Function | None]:
        if cell.id in self._built:
            return self._built[cell.id]
        if cell.id in self._building:
            circle = " → ".join([*self._building[self._building.index(cell.id) :], cell.id])
            raise cell.error(f"the cells use each other in a circle: {circle}", cell.header["uses"][0])
        self._building.append(cell.id)
        try:
            functions = self._functions(cell)
            if cell.kind == "definition":
                self._built[cell.id] = build_definition(cell, functions)
            else:
                self._built[cell.id] = build_derivation(cell, functions), None
        finally:
            self._building.pop()
        return self._built[cell.id]

    def _functions(self, cell: Cell) -> dict[tuple[str, int], Function]:
        """Return the functions that a cell sees: those of all it uses, and of what these use."""
        found: dict[tuple[str, int], Function] = {}
        for used in self.rests_on(cell):
            function = self._build(self._cell(used))[1]
            if function is None:
                continue
            if function.signature in found:
                name, other = function.name, found[function.signature].place
                message = f"uses two definitions of {name}: {other} and {function.place}"
                raise cell.error(message, cell.header["uses"][0])
            found[function.signature] = function
        named = {name for name, _ in found}
        return {**{key: f for key, f in library().items() if key[0] not in named}, **found}

    def _cell(self, cell_id: str) -> Cell:
        return self.cells[cell_id] if cell_id in self.cells else self.context[cell_id]

    def rests_on(self, cell: Cell) -> list[str]:
        """Return the ids of everything a cell rests on, each once.

        Raises
        ------
        ReadError
            If one of them is unknown, or rests on the cell itself.
        """
        found: dict[str, None] = {}
        pending = [(cell, used) for used in cell.uses]
        while pending:
            user, used = pending.pop()
            if used not in self.cells and used not in self.context:
                message = f"uses {used!r}, which is no definition or derivation of these files"
                raise user.error(message, user.header["uses"][0])
            if used == cell.id:
                raise cell.error(f"{cell.id} rests on itself through {user.id}", cell.header["uses"][0])
            if used not in found:
                found[used] = None
                pending += [(self._cell(used), further) for further in self._cell(used).uses]
        return list(found)


def _cells(file: Path, name: str, *, allow_empty: bool) -> Iterator[Cell | Problem]:
    try:
        text = text_of(file)
    except NotUtf8:
        if not allow_empty or any(document_cells(ascii_of(file), name)):
            raise
        return
    yield from document_cells(text, name)
