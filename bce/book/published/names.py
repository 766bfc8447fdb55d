"""Names of files that whoever builds the site and whoever prints it have to agree on."""

EDITION = "binary-cross-entropy-proved.pdf"
"""The printed edition, in the site."""

SHEET = "style.css"
"""The style sheet that all others are joined in."""
