"""Predictions: who makes them, how a run keeps them, and files of them."""
