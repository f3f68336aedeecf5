"""Submissions: a run as one file that others can check, and a leaderboard kept as plain files."""
