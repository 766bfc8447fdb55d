"""Permanent ids and how to cite them: citations, short links, the index for programs."""
