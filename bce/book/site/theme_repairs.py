"""What the theme and the extensions write into a page that hinders readers, put right on the finished page.

Where it is about accessibility, it names the rule of axe-core, or of the Web Content Accessibility Guidelines.
"""

from __future__ import annotations

import re

_FORMULA = "<math>(?:(?!</math>).)*</math>"
REPAIRS = (
    # aria-required-attr: a heading says its level. The captions of the contents are no headings of the page.
    (r'<p class="caption" role="heading">', '<p class="caption">'),
    # landmark-unique: both columns beside the text are complementary landmarks, so they need names.
    (r'<aside class="sidebar-drawer">', '<aside class="sidebar-drawer" aria-label="Site">'),
    (r'<aside class="toc-drawer', '<aside aria-label="On this page" class="toc-drawer'),
    # aria-deprecated-role, aria-required-children: a bibliography is a plain list.
    (r' role="doc-biblioentry"', ' role="listitem"'),
    # definition-list: the parameters of a signature on lines of their own define nothing.
    (r"<dl>(?=\s*<dd><em class=\"sig-param\">)((?:\s*<dd>.*?</dd>)+)\s*</dl>", r'<span class="sig-lines">\1</span>'),
    (r'<dd>(<em class="sig-param">.*?)</dd>', r'<span class="sig-line">\1</span>'),
    # WCAG 2.5.3, label in name: the visible words are the name.
    (r'(<summary)( aria-label="[^"]*")(?=[^>]*>)', r"\1"),
    # Browsers break the line between a formula and its full stop or bracket.
    (rf"([(“]+{_FORMULA}[.,;:?!)”]*|{_FORMULA}[.,;:?!)”]+)", r'<span class="with-punctuation">\1</span>'),
)


def repair(page: str) -> str:
    """Return a page with all repairs made.

    Examples
    --------
    >>> repair('<p class="caption" role="heading">The derivations</p>')
    '<p class="caption">The derivations</p>'
    >>> repair("for <math>x</math>.")
    'for <span class="with-punctuation"><math>x</math>.</span>'
    """
    for pattern, replacement in REPAIRS:
        page = re.sub(pattern, replacement, page)
    return page
