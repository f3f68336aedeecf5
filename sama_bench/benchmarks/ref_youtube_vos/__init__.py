"""Ref-YouTube-VOS, valid: scored where the user has its truth, else asked only."""
