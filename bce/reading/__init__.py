"""Text to derivations: chapters, other people's files, declarations, rows, and the catalogue of all of them."""
