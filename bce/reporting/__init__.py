"""Verdicts as data and as text: the report of a step, findings for people and programs, the transcript."""
