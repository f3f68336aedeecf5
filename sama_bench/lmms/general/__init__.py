"""Benchmarks of general understanding, driven by lmms-eval."""
