"""Derivations shown without their verdicts, for a reader who looks for the mistake.

``{claim} ID`` shows the rows of a derivation of the same chapter up to its last mistake. They are the rows of the
checked cell itself, so that nothing is written twice; the cell with verdicts and corrections may be folded away.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from . import nodes as blocks

logger = logging.getLogger(__name__)


class claim(nodes.General, nodes.Element):
    """The place of a derivation that is shown without its verdicts."""


class Claim(SphinxDirective):
    """The directive ``{claim} ID``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Keep the place, for the derivation may come later in the chapter."""
        place = claim(derivation=self.arguments[0])
        self.set_source_info(place)
        return [place]


class FillInClaims(SphinxTransform):
    """Show the rows at their places once the whole chapter has been read."""

    default_priority = 30

    def apply(self, **kwargs: Any) -> None:
        """Fill in all places of a chapter; an unknown id is a warning."""
        for place in list(self.document.findall(claim)):
            derivation = self.document.ids.get(place["derivation"])
            if isinstance(derivation, blocks.statement):
                place.parent.replace(place, _without_verdicts(derivation))
            else:
                message = "no derivation of this chapter has the id '%s'"
                logger.warning(message, place["derivation"], location=place, type="bce", subtype="claim")
                place.parent.remove(place)


def _without_verdicts(derivation: blocks.statement) -> blocks.statement:
    shown = blocks.statement(classes=["claim"], label="A derivation with a mistake")
    for part in derivation:
        if isinstance(part, blocks.step_list):
            mistakes = [position for position, step in enumerate(part) if "refuted-as-expected" in step["classes"]]
            shown += blocks.step_list("", *map(_claimed_step, part[: mistakes[-1] + 1] if mistakes else part))
        elif {"conditions", "head"}.intersection(part["classes"]):
            shown += part.deepcopy()
    return shown


def _claimed_step(step: blocks.step) -> blocks.step:
    number, *parts = (part.deepcopy() for part in step)
    claimed = blocks.step("", nodes.inline("", number.astext(), classes=["permalink"]), *parts)
    for evidence in list(claimed.findall(blocks.evidence)):
        evidence.parent.remove(evidence)
    return claimed


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("claim", Claim)
    app.add_transform(FillInClaims)
