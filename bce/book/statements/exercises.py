"""Exercises with folded solutions.

`sphinx-exercise` numbers the exercises and gathers what stands between ``solution-start`` and ``solution-end``.
Here a solution becomes a disclosure: it opens by mouse, keyboard or search, and needs no JavaScript.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_exercise.nodes import exercise_enumerable_node, is_extension_node, solution_node

from . import nodes as blocks


class exercise(blocks.statement):
    """An exercise with its number and title."""

    html_class = "exercise"


class solution(blocks.evidence):
    """A solution, folded away."""

    html_class = "solution"


class UnwrapContents(SphinxTransform):
    """Drop the sections around the contents of exercises and solutions: all of them have the same id."""

    default_priority = 20  # after sphinx-exercise has gathered the contents

    def apply(self, **kwargs: Any) -> None:
        """Change a chapter that was just read."""
        for node in self.document.findall(is_extension_node):
            node[-1:] = node[-1].children


class ShowExercises(SphinxPostTransform):
    """Give exercises the look of the book's other blocks, and fold their solutions."""

    default_priority = 15  # before sphinx-exercise writes titles in its own way
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Change a chapter that is about to be written."""
        for node in list(self.document.findall(exercise_enumerable_node)):
            node.parent.replace(node, self._exercise(node))
        for node in list(self.document.findall(solution_node)):
            node.parent.replace(node, self._solution(node))

    def _exercise(self, node: nodes.Element) -> exercise:
        label, heading = node["label"], node[0]
        title = heading[1].children if len(heading) > 1 else []
        kind = f"Exercise {self._number(node, label)}"
        heading = nodes.paragraph(
            "", "",
            nodes.inline(kind, kind, classes=["kind"]), nodes.Text(" "),
            nodes.inline("", "", *title, classes=["title"]), nodes.Text("\N{NO-BREAK SPACE}"),
            blocks.permalink("", nodes.Text("#"), anchor=label, label=f"Link to {kind.lower()}"),
            classes=["statement-title"],
        )  # fmt: skip
        return exercise("", heading, *node[1:], ids=[label], label=kind)

    def _solution(self, node: nodes.Element) -> solution:
        label = node["target_label"]
        summary = f"Solution of exercise {self._number(node, label)}"
        return solution("", blocks.evidence_summary("", nodes.Text(summary)), *node[1:], ids=[f"{label}-solution"])

    def _number(self, node: nodes.Element, label: str) -> str:
        numbers = self.env.toc_fignumbers.get(node["docname"], {}).get("exercise", {})
        return ".".join(map(str, numbers.get(label, ())))


def setup(app: Sphinx) -> None:
    """Register exercises, without sphinx-exercise's style sheet, which is made for another theme."""
    app.setup_extension("sphinx_exercise")
    app.registry.css_files = [entry for entry in app.registry.css_files if entry[0] != "exercise.css"]
    app.add_transform(UnwrapContents)
    app.add_post_transform(ShowExercises)
