"""Formulas: LaTeX to trees, the exact field that decides them, and certified counterexamples.

This part knows nothing of NumPy, Jupyter or Sphinx; it needs SymPy's polynomials and mpmath's intervals.
"""
