"""The book: cell magics for Jupyter, the Sphinx extension that sets the pages, and the figures' style.

Only this part of the package knows Jupyter and Sphinx. A notebook loads the magics with ``%load_ext bce.book``;
a book of one's own lists ``bce.book.domain`` among its Sphinx extensions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell


def formula(identifier: str) -> Callable[..., object]:
    """Compile the last right side of a proved derivation to a NumPy function.

    Parameters
    ----------
    identifier : str
        The derivation's id. The function takes its symbols as keyword arguments.
    """
    from . import magic

    return magic.formula(identifier)


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """Register ``%%definition`` and ``%%derivation`` and the figures' style (called by ``%load_ext bce.book``).

    The losses are computed by the reference from then on: what a page shows does not depend on a compiler.
    """
    from ..losses import _engine
    from . import magic
    from .kernel import figures

    _engine.use_reference("the book shows what its chapters prove")
    figures.use_style(ipython)
    magic.load_ipython_extension(ipython)
