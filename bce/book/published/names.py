"""Names of files that whoever builds the site and whoever prints it have to agree on."""

EDITION = "binary-cross-entropy-proved.pdf"
"""The printed edition, in the site."""

SHEET = "style.css"
"""The style sheet that all others are joined in."""

WANTED = "BCE_PDF"
"""The environment variable with which a build prints the edition: ``make pdf`` sets it."""
