"""What several models, baselines or grounders need."""
