"""Let the search find definitions, derivations and steps by their ids and by their names.

Sphinx lists an object under its displayed name, and leaves out an anchor that equals its full name; so a search by
id finds nothing, and a result leads nowhere. Here each object is listed with its id, its name and its anchor.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from bce.book.domain import KINDS, DerivationDomain
from bce.book.words.text import plain_text


def list_objects_by_id_and_name(app: Sphinx) -> list[Any]:
    """Replace what the search index says about the objects of the book's domain."""
    indexer = getattr(app.builder, "indexer", None)
    if indexer is not None:
        listed_by_sphinx = indexer.get_objects

        def get_objects(documents: dict[str, int]) -> dict[str, list[tuple[int, int, int, str, str]]]:
            objects = listed_by_sphinx(documents)
            types = {kind: indexer._objtypes.get(("bce", kind)) for kind in KINDS}
            for prefix, entries in list(objects.items()):
                objects[prefix] = [entry for entry in entries if entry[1] not in types.values()]
            domain = app.env.get_domain("bce")
            assert isinstance(domain, DerivationDomain)
            for identifier, entry in sorted(domain.entries.items()):
                kind = types.get(entry.kind)
                if entry.docname in documents and kind is not None and not entry.is_alias:
                    name = f"{identifier}: {plain_text(entry.text)}"
                    objects.setdefault("", []).append((documents[entry.docname], kind, 0, entry.anchor, name))
            return {prefix: entries for prefix, entries in objects.items() if entries}

        indexer.get_objects = get_objects
    return []


def setup(app: Sphinx) -> None:
    """Act after the pages are written, before the index is."""
    app.connect("html-collect-pages", list_objects_by_id_and_name)
