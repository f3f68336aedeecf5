"""Models, baselines and grounders, each found by an entry point, and what they share."""
