"""Checks of the learner's answers: one module for each notebook, and the machinery that they share."""
