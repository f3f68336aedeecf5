"""What the benchmarks of the field have in common: an expression, and the one mask or track that it means."""
