"""Text with formulas in it, and the words for verdicts: as nodes, as HTML, as plain text."""
