"""Names of files that whoever builds the site and whoever prints it have to agree on."""

EDITION = "binary-cross-entropy-proved.pdf"
"""The printed edition, in the site and beside it in ``_build/pdf``."""

LISTING = "pages.txt"
"""The pages of the site in the order of the book, beside the site."""

SHEET = "style.css"
"""The style sheet that all others are joined in."""
