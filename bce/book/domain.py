"""A Sphinx domain for definitions, derivations, their steps and their expected mistakes.

It puts every one of them into ``objects.inv``, so that this book and others can link to them, and gives the roles
``{definition}``, ``{derivation}``, ``{step}`` and ``{mistake}``. A link that leads nowhere is a warning. A mistake is a
step too, so ``{step}`` finds it.

As an extension it brings all that checked cells need in a book of one's own: ``extensions = ["bce.book.domain"]``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.domains import Domain, ObjType
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from bce import __version__
from bce.book.words.nodes import inline_nodes
from bce.book.words.text import plain_text

if TYPE_CHECKING:
    from bce.reporting.report import Report

KINDS = ("definition", "derivation", "step", "mistake")
_KINDS_OF_ROLE = {"statement": ("definition", "derivation"), "step": ("step", "mistake")}

logger = logging.getLogger(__name__)


class Entry(NamedTuple):
    """Where an object stands and what a link to it says; ``number`` is that of a step of the titled derivation."""

    kind: str
    docname: str
    anchor: str
    title: str
    number: int = 0
    is_alias: bool = False
    is_retired: bool = False

    @property
    def text(self) -> str:
        """What a link says, as plain text."""
        return plain_text(f"{self.prefix}{self.title}{self.suffix}")

    @property
    def prefix(self) -> str:
        """The words before the title."""
        return f"step {self.number} of " if self.number else ""

    @property
    def suffix(self) -> str:
        """The words after the title."""
        return " (a mistake)" if self.kind == "mistake" else ""


class DerivationDomain(Domain):
    """All definitions, derivations and steps of the book, by id."""

    name = "bce"
    label = "Binary cross-entropy"
    object_types = {
        **{kind: ObjType(kind, kind) for kind in KINDS},
        "mistake": ObjType("expected mistake", "mistake", "step"),
    }
    roles = {kind: XRefRole(warn_dangling=True, innernodeclass=nodes.inline) for kind in KINDS}
    dangling_warnings = {
        **{kind: f"there is no {kind} with the id '%(target)s'" for kind in KINDS},
        "statement": "there is no definition or derivation with the id '%(target)s'",
    }
    initial_data: dict[str, dict[str, Any]] = {"entries": {}, "reports": {}, "overviews": {}}
    data_version = 3

    def get_type_name(self, type: ObjType, primary: bool = False) -> str:
        """Call a step a step: the search shows this word beside each one that it finds."""
        return type.lname

    @property
    def entries(self) -> dict[str, Entry]:
        """Every known object, by id."""
        return self.data["entries"]

    @property
    def reports(self) -> dict[str, tuple[str, Report]]:
        """The document and the report of every definition and derivation, by id."""
        return self.data["reports"]

    def address(self, builder: StandaloneHTMLBuilder, identifier: str) -> str:
        """Return where an id stands, as a link of the page that is being written."""
        entry = self.entries[identifier]
        return f"{builder.get_relative_uri(builder.current_docname, entry.docname)}#{entry.anchor}"

    def note_overview(self, name: str) -> None:
        """Record that the document that is being read shows the whole book in some way, which has a name."""
        self.overviews.setdefault(name, set()).add(self.env.docname)

    @property
    def overviews(self) -> dict[str, set[str]]:
        """The documents that show the whole book, by the way in which they do."""
        return self.data["overviews"]

    def note_report(self, docname: str, report: Report) -> None:
        """Record what a cell reported; `note` warns when another one has the same id."""
        self.reports.setdefault(report["id"], (docname, report))

    def reports_in_order(self) -> list[tuple[str, Report]]:
        """Return all reports with their documents, in the order of the book's contents."""
        order = {name: position for position, name in enumerate(documents_in_order(self.env))}
        return sorted(self.reports.values(), key=lambda item: (order.get(item[0], len(order)), item[0]))

    def used_by(self) -> dict[str, list[str]]:
        """Return, for each definition and derivation, the ids of those that rest on it, in the book's order."""
        users: dict[str, list[str]] = {identifier: [] for identifier in self.reports}
        for _, report in self.reports_in_order():
            for used in report["uses"]:
                users.setdefault(used, []).append(report["id"])
        return users

    def note(self, identifier: str, entry: Entry, location: Any = None) -> None:
        """Record an object; a second one with the same id is a warning, and the first one stays."""
        if entry.is_retired:
            # A page that had the id may not have been read again yet.
            self.entries[identifier] = entry
            return
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
        for identifier in [i for i, (name, _) in self.reports.items() if name == docname]:
            del self.reports[identifier]
        for documents in self.overviews.values():
            documents.discard(docname)

    def merge_domaindata(self, docnames: Iterable[str], otherdata: dict[str, Any]) -> None:
        """Take over what a parallel reader found in its documents."""
        own_documents = set(docnames)
        for identifier, entry in otherdata["entries"].items():
            if entry.docname in own_documents:
                self.note(identifier, entry, location=entry.docname)
        for docname, report in otherdata["reports"].values():
            if docname in own_documents:
                self.note_report(docname, report)
        for name, documents in otherdata["overviews"].items():
            self.overviews.setdefault(name, set()).update(documents & own_documents)

    def resolve_xref(
        self, env: BuildEnvironment, fromdocname: str, builder: Builder, typ: str, target: str,
        node: pending_xref, contnode: nodes.Element,
    ) -> nodes.reference | None:  # fmt: skip
        """Turn a role into a link; None if nothing of that kind has the id."""
        entry = self.entries.get(target)
        if entry is None or entry.is_retired or entry.kind not in _KINDS_OF_ROLE.get(typ, (typ,)):
            return None
        return _link(builder, fromdocname, entry, None if not node.get("refexplicit") else contnode)

    def resolve_any_xref(
        self, env: BuildEnvironment, fromdocname: str, builder: Builder, target: str,
        node: pending_xref, contnode: nodes.Element,
    ) -> list[tuple[str, nodes.reference]]:  # fmt: skip
        """Let ``{any}`` and Markdown links find an id as well."""
        entry = self.entries.get(target)
        if entry is None or entry.is_retired:
            return []
        content = contnode if node.get("refexplicit") else None
        return [(f"bce:{entry.kind}", _link(builder, fromdocname, entry, content))]

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        """List everything for ``objects.inv`` and the search; a named step's number is not searched for."""
        for identifier, entry in sorted(self.entries.items()):
            priority = -1 if entry.is_alias else 1
            yield identifier, entry.text, entry.kind, entry.docname, entry.anchor, priority


class _ShortRole(XRefRole):
    """A role of the domain that needs no ``bce:`` before its name."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        self.name = f"{DerivationDomain.name}:{self.name}"
        return super().run()


def _link(builder: Builder, fromdocname: str, entry: Entry, content: nodes.Element | None) -> nodes.reference:
    if content is None:
        title = nodes.emphasis if entry.number else nodes.inline
        content = nodes.inline(
            "", "", nodes.Text(entry.prefix), title("", "", *inline_nodes(entry.title)), nodes.Text(entry.suffix)
        )
    return make_refnode(builder, fromdocname, entry.docname, entry.anchor, content)


def derivation_domain(env: BuildEnvironment) -> DerivationDomain:
    """Return the domain of a book that is being built."""
    domain = env.get_domain(DerivationDomain.name)
    assert isinstance(domain, DerivationDomain)
    return domain


def documents_in_order(env: BuildEnvironment) -> list[str]:
    """Return all documents in the order of the table of contents."""

    def below(docname: str) -> Iterator[str]:
        yield docname
        for child in env.toctree_includes.get(docname, ()):
            yield from below(child)

    return list(below(env.config.root_doc))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the domain, its roles, also under their short names, and what checked cells need on a page."""
    app.add_domain(DerivationDomain)
    app.add_config_value("bce_retired", {}, "env", dict)  # set by bce.book.citing.redirects
    for kind in KINDS:
        app.add_role(kind, _ShortRole(warn_dangling=True, innernodeclass=nodes.inline))
    # Named, not imported: the pages rest on the domain.
    app.setup_extension("bce.book.statements.extension")
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
