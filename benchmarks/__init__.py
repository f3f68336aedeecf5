"""Speed and memory of scoring, each against what a user has today, as ratios in one run (README.md)."""
