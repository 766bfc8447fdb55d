"""An audit of the verifier by means of its own: single-edit mutants, and a second evaluator.

Nothing here is used to prove or to refute. `bce.audit.independent` reads the expression
trees once more, without a line of the prover's interpreter, and evaluates them in the ball
arithmetic of python-flint. `bce.audit.score` edits every proved step of a catalogue in all
the small ways an author errs, and has each verdict on the result judged by that evaluator.
"""
