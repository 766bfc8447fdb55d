"""A Sphinx domain for definitions, derivations and their steps.

It puts every one of them into ``objects.inv``, so that this book and others can link to them, and gives the roles
``{definition}``, ``{derivation}`` and ``{step}``. A link that leads nowhere is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.domains import Domain, ObjType
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from bce.book.inline import inline_nodes, plain_text

KINDS = ("definition", "derivation", "step")

logger = logging.getLogger(__name__)


class Entry(NamedTuple):
    """Where an object stands and what a link to it says."""

    kind: str
    docname: str
    anchor: str
    text: str
    is_alias: bool = False


class DerivationDomain(Domain):
    """All definitions, derivations and steps of the book, by id."""

    name = "bce"
    label = "Binary cross-entropy"
    object_types = {kind: ObjType(kind, kind) for kind in KINDS}
    roles = {kind: XRefRole(warn_dangling=True, innernodeclass=nodes.inline) for kind in KINDS}
    dangling_warnings = {
        **{kind: f"there is no {kind} with the id '%(target)s'" for kind in KINDS},
        "statement": "there is no definition or derivation with the id '%(target)s'",
    }
    initial_data: dict[str, dict[str, Entry]] = {"entries": {}}
    data_version = 1

    @property
    def entries(self) -> dict[str, Entry]:
        """Every known object, by id."""
        return self.data["entries"]

    def note(self, identifier: str, entry: Entry, location: Any = None) -> None:
        """Record an object; a second one with the same id is a warning, and the first one stays."""
        first = self.entries.setdefault(identifier, entry)
        if first is not entry:
            logger.warning(
                "duplicate id '%s': it already names a %s in %s; choose another id",
                identifier, first.kind, self.env.doc2path(first.docname, base=False),
                location=location, type="bce", subtype="duplicate",
            )  # fmt: skip

    def clear_doc(self, docname: str) -> None:
        """Forget what a document defined, before it is read again."""
        for identifier in [i for i, entry in self.entries.items() if entry.docname == docname]:
            del self.entries[identifier]

    def merge_domaindata(self, docnames: Iterable[str], otherdata: dict[str, Any]) -> None:
        """Take over what a parallel reader found in its documents."""
        own_documents = set(docnames)
        for identifier, entry in otherdata["entries"].items():
            if entry.docname in own_documents:
                self.note(identifier, entry, location=entry.docname)

    def resolve_xref(
        self, env: BuildEnvironment, fromdocname: str, builder: Builder, typ: str, target: str,
        node: pending_xref, contnode: nodes.Element,
    ) -> nodes.reference | None:  # fmt: skip
        """Turn a role into a link; None if nothing of that kind has the id."""
        entry = self.entries.get(target)
        kinds = ("definition", "derivation") if typ == "statement" else (typ,)
        if entry is None or entry.kind not in kinds:
            return None
        return _link(builder, fromdocname, entry, None if not node.get("refexplicit") else contnode)

    def resolve_any_xref(
        self, env: BuildEnvironment, fromdocname: str, builder: Builder, target: str,
        node: pending_xref, contnode: nodes.Element,
    ) -> list[tuple[str, nodes.reference]]:  # fmt: skip
        """Let ``{any}`` and Markdown links find an id as well."""
        entry = self.entries.get(target)
        if entry is None:
            return []
        content = contnode if node.get("refexplicit") else None
        return [(f"bce:{entry.kind}", _link(builder, fromdocname, entry, content))]

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        """List everything for ``objects.inv`` and the search; a named step's number is not searched for."""
        for identifier, entry in sorted(self.entries.items()):
            priority = -1 if entry.is_alias else 1
            yield identifier, plain_text(entry.text), entry.kind, entry.docname, entry.anchor, priority


class _ShortRole(XRefRole):
    """A role of the domain that needs no ``bce:`` before its name."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        self.name = f"{DerivationDomain.name}:{self.name}"
        return super().run()


def _link(builder: Builder, fromdocname: str, entry: Entry, content: nodes.Element | None) -> nodes.reference:
    if content is None:
        content = nodes.inline("", "", *inline_nodes(entry.text))
    return make_refnode(builder, fromdocname, entry.docname, entry.anchor, content)


def setup(app: Sphinx) -> None:
    """Register the domain and its roles, also under their short names."""
    app.add_domain(DerivationDomain)
    for kind in KINDS:
        app.add_role(kind, _ShortRole(warn_dangling=True, innernodeclass=nodes.inline))
