"""SAMA-Bench: grounded dialogue (G) and region description (C) on videos of four source data sets."""
