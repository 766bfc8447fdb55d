"""A cell that fails, hangs or takes its kernel along: the author is told where, what happened and the cure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import NoSuchKernel
from myst_nb.core.execute import cache, direct
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from sphinx.application import Sphinx

from bce.book.errors import BookError, shortened
from bce.reading.files import text_of

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_TEMPORARY = re.compile(r" \([^()]*\.py, line \d+\)$")  # of a syntax error, in a file that only the kernel knows
_IN_CELL = re.compile(r"^cell:(\d+)", re.MULTILINE)

_TIMED_OUT = (
    "it ran for {timeout} seconds and was stopped.\n"
    "Make it quicker, or allow more: `timeout` below `execute` in _config.yml, nb_execution_timeout in conf.py."
)
_DIED = (
    "its kernel ended while it ran: out of memory, a crash in compiled code, or an exit.\n"
    "Run the chapter as a notebook up to this cell to see which."
)
_FAILED = "Run the chapter as a notebook to look into it. A cell that is meant to fail has the tag `raises-exception`."
_CHECK = "To check this chapter without building the book: bce check {name}"
_NO_KERNEL = "{error}.\nWrite `name: python3` below `kernelspec` at the top of the chapter."


class CellError(BookError):
    """A chapter could not be executed; the message names the chapter, the cell and the line."""


def explain_failures(app: Sphinx) -> None:
    """Let MyST-NB raise a `CellError` instead of printing a traceback of its own."""
    execute = cache.single_nb_execution

    def executed(notebook: Any, *arguments: Any, **options: Any) -> Any:
        started: list[int] = []
        options["on_cell_start"] = lambda cell, cell_index: started.append(cell_index)
        path = Path(str(app.env.doc2path(app.env.docname)))
        try:
            result = execute(notebook, *arguments, **options)
            failure = result.err
        except (DeadKernelError, NoSuchKernel) as error:
            failure = error
        if failure is not None and app.config.nb_execution_raise_on_error:
            name = path.relative_to(app.srcdir).as_posix()
            raise CellError(explanation(failure, notebook, path, name, started, options.get("timeout"))) from None
        if failure is not None and isinstance(failure, DeadKernelError | NoSuchKernel):
            raise failure
        return result

    cache.single_nb_execution = direct.single_nb_execution = executed


def explanation(error: Exception, notebook: Any, path: Path, name: str, started: list[int], timeout: Any) -> str:
    """Say where a notebook failed, what happened, and what to do."""
    if not started:
        return f"{name}: {_NO_KERNEL.format(error=error)}" if isinstance(error, NoSuchKernel) else f"{name}: {error}"
    cell = notebook.cells[started[-1]]
    number = sum(one.cell_type == "code" for one in notebook.cells[: started[-1] + 1])
    first = _first_line(notebook, started[-1], path)
    if not isinstance(error, CellExecutionError):
        what = _TIMED_OUT.format(timeout=timeout) if isinstance(error, CellTimeoutError) else _DIED
        return f"{_place(name, first)}: cell {number}: {what}"
    said = _IN_CELL.sub(lambda found: _place(name, first and first + int(found[1]) - 1), error.evalue.strip())
    if error.ename == "UsageError":  # of a checked cell, which says itself where
        said = said if said.startswith(name) else f"{_place(name, first)}: cell {number}: {said}"
        return f"{shortened(said)}\n{_CHECK.format(name=name)}"
    inner = _failing_line(cell)
    lines = [f"{_place(name, first and first + inner - 1)}: cell {number}: {error.ename}: {_TEMPORARY.sub('', said)}"]
    source = cell.source.splitlines()
    if 0 < inner <= len(source):
        lines.append(f"    {source[inner - 1].strip()}")
    return f"{shortened(chr(10).join(lines))}\n{_FAILED}"


def _place(name: str, line: int | None) -> str:
    return f"{name}:{line}" if line else name


def _first_line(notebook: Any, index: int, path: Path) -> int | None:
    """Return the line on which a cell's source begins in its chapter; None in a notebook, which has no lines."""
    lines = notebook.metadata.get("source_map")
    if lines is None:
        return None
    text = text_of(path)
    fence = max(0, lines[index] - 1)
    offset = sum(map(len, text.splitlines(keepends=True)[:fence]))
    place = text.find(notebook.cells[index].source, offset)
    return int(lines[index]) + 1 if place < 0 else 1 + text.count("\n", 0, place)


def _failing_line(cell: Any) -> int:
    """Return the line of a cell at which it raised, as its traceback says; the first one if it does not."""
    said = _ANSI.sub("", "\n".join(line for output in cell.outputs for line in output.get("traceback", ())))
    found = re.findall(rf"Cell In\[{cell.execution_count}\], line (\d+)", said)
    return int(found[-1]) if found else 1


def setup(app: Sphinx) -> None:
    """Explain failures from the first chapter on."""
    app.connect("builder-inited", explain_failures)
