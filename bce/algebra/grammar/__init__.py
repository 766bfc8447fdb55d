"""LaTeX to expression trees: tokens, constructions, functions, and the notation that people publish."""
