"""A small library for learning how a neural network reads handwriting."""

__version__ = "1.0.0"
