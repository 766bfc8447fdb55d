"""Definitions and derivations on the pages: their nodes, and the pages that are made from all of them."""
