"""Code that several models, baselines or grounders need."""
