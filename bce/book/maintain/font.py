"""Make the book's mathematical font out of Latin Modern Math: ``python -m bce.book.maintain.font SOURCE.otf``.

Needs fontTools with Brotli (``pip install fonttools[woff]``), which the book itself does not. The source is
``latinmodern-math.otf`` of Debian's package fonts-lmodern. The result has another name, as its licence asks.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.misc.transform import Identity
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

NAME = "Book Math"
TARGET = Path(__file__).parents[1] / "static" / "fonts" / "book-math.woff2"
# Latin, Greek, arrows, operators, and the italic, bold, script and double-struck letters of formulas.
CHARACTERS = """
0020-007E 00A0 00AC 00AF 00B1 00B7 00D7 00F7 0131 0237 02C6 02DC 0302-0308 0332 0391-03C9 03D1 03D5 03F5
2016 2026 2032-2034 2061-2064 210B 210E 2110 2112 2113 2115 211A 211B 211D 2124 212C 2130 2131 2133
2190-2194 21A6 21D2 21D4 2200 2202 2203 2205 2207-2209 220B 220F 2211-2213 2215-221A 221D 221E 2223 2225
2227-222B 223C 2243 2248 2254 2260-2262 2264 2265 226A 226B 2282 2286 2295 22A4 22A5 22C5 22EE 22EF 22F1
2308-230B 27E8 27E9 27F5-27F9 2A7D 2A7E 1D400-1D467 1D49C-1D4B5 1D538-1D550 1D6A4 1D6A5 1D6E2-1D71B
"""

# TeX sets an index or exponent of a single letter at one height. Browsers go by the letter's depth and height, and by
# these two numbers of the font; so they are chosen such that no letter reaches them.
INDEX_BELOW_DEPTH, EXPONENT_BELOW_HEIGHT = 0, 386
# Browsers set primes as an exponent, but few take the glyph that is drawn for that place.
PRIME = "minute.st"
DISTANCE_OF_PRIMES = 240


def make_font(source: Path, target: Path) -> None:
    """Write the subset of a font that formulas need, as WOFF2."""
    options = subset.Options(flavor="woff2", layout_features=[], hinting=False, drop_tables=["FFTM"])
    font = subset.load_font(str(source), options)
    for table in font["cmap"].tables:
        if 0x2032 in table.cmap:
            table.cmap[0x2032] = PRIME
    for count, name in ((2, "uni2033"), (3, "uni2034")):
        _draw_primes(font, name, count)
    constants = font["MATH"].table.MathConstants
    constants.SubscriptBaselineDropMin.Value = INDEX_BELOW_DEPTH
    constants.SuperscriptBaselineDropMax.Value = EXPONENT_BELOW_HEIGHT
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(CHARACTERS))
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6, 16):
            record.string = NAME.replace(" ", "") if record.nameID == 6 else NAME
    subset.save_font(font, str(target), options)


def _draw_primes(font: TTFont, name: str, count: int) -> None:
    """Draw a glyph anew as so many primes side by side."""
    glyphs = font.getGlyphSet()
    strings = font["CFF "].cff.topDictIndex[0].CharStrings
    width, left = font["hmtx"][PRIME]
    width += (count - 1) * DISTANCE_OF_PRIMES
    pen = T2CharStringPen(width, glyphs)
    for position in range(count):
        glyphs[PRIME].draw(TransformPen(pen, Identity.translate(position * DISTANCE_OF_PRIMES, 0)))
    old = strings[name]
    strings[name] = pen.getCharString(old.private, old.globalSubrs)
    font["hmtx"][name] = (width, left)


if __name__ == "__main__":
    make_font(Path(sys.argv[1]), TARGET)
