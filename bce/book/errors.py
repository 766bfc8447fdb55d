"""What an author is told when the book cannot be built: short, last, and without tracebacks of other programs."""

from __future__ import annotations

import errno
import logging
import re
import sys
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, NoReturn, ParamSpec, TypeVar

from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.logging import WarningStreamHandler

from bce.reading.files import UnreadablePath

HEADING = "The book was not built:"
LONGEST = 7
"""Lines of what is told below the heading; one or two more may say the cure."""

_CURES = {
    errno.ENOSPC: "Make room on the disk and build again; the site from before is untouched.",
    errno.EDQUOT: "Make room on the disk and build again; the site from before is untouched.",
    errno.EROFS: "Build elsewhere: jupyter-book build . --path-output FOLDER",
    errno.EACCES: "Allow this user to write there, or build elsewhere: jupyter-book build . --path-output FOLDER",
}

_WARNED = re.compile(r":* WARNING: ")  # after the place, whose line may be missing

P = ParamSpec("P")
R = TypeVar("R")


class BookError(SphinxError):
    """The book cannot be built as it stands; the message says where, why, and what to do."""


def shortened(message: str) -> str:
    """Cut a message to a few lines."""
    lines = message.splitlines()
    return "\n".join([*lines[: LONGEST - 1], "…"] if len(lines) > LONGEST else lines)


def explained(listener: Callable[Concatenate[Sphinx, P], R]) -> Callable[Concatenate[Sphinx, P], R]:
    """Let a listener to an event before the build say what is wrong, where Sphinx would print a traceback."""

    @wraps(listener)
    def listen(app: Sphinx, /, *arguments: P.args, **options: P.kwargs) -> R:
        try:
            return listener(app, *arguments, **options)
        except (BookError, UnreadablePath) as error:
            _end(app, str(error))
        except OSError as error:
            _end(app, explanation(error))

    return listen


def _end(app: Sphinx, message: str) -> NoReturn:
    """Tell the author, naming files as they lie in the book, and end: other programs have nothing to add."""
    print(f"\n{HEADING}\n{message.replace(f'{app.srcdir}/', '')}", file=sys.stderr)
    raise SystemExit(1)


def explanation(error: OSError) -> str:
    """Say which file cannot be read or written, and the cure if there is one."""
    said = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    cure = _CURES.get(error.errno or 0)
    return f"{said}\n{cure}" if cure else said


def collect_warnings(app: Sphinx) -> None:
    """Remember what Sphinx warns of, to say it again at the end."""
    app.bce_warnings = seen = []  # type: ignore[attr-defined]

    def note(record: logging.LogRecord) -> bool:
        seen.append(record.getMessage())
        return True

    for handler in logging.getLogger("sphinx").handlers:
        if isinstance(handler, WarningStreamHandler):
            handler.addFilter(note)  # after Sphinx's own, which drop what is suppressed and find the line


def explain_end(app: Sphinx, exception: Exception | None) -> None:
    """Say last why a build failed, where Sphinx would say it above many lines or with a traceback."""
    reason = getattr(exception, "orig_exc", None) or exception
    if isinstance(reason, OSError) and reason.errno in _CURES:
        _end(app, explanation(reason))
    if isinstance(reason, SphinxError):
        _end(app, str(reason))
    if reason is None and warnings_are_errors(app) and (count := app._warncount):
        shown = [_WARNED.sub(": ", line.split("\n")[0]) for line in app.bce_warnings]  # type: ignore[attr-defined]
        head = "A warning counts as an error:" if count == 1 else f"{count} warnings count as errors:"
        _end(app, shortened("\n".join([head, *shown])))


def warnings_are_errors(app: Sphinx) -> bool:
    """Say whether the build was asked to fail because of a warning."""
    return bool(app.warningiserror or app.keep_going)


def setup(app: Sphinx) -> None:
    """Collect warnings from the start, and speak after everything else has ended."""
    collect_warnings(app)
    app.connect("build-finished", explain_end, priority=2_000_000)
