"""Drawing variants and grading, as pure functions."""
