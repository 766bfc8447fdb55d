"""The two ways to a verdict: proof by normal form, refutation by a certified counterexample."""
