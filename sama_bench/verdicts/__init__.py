"""Judges' verdicts on answers, as runs keep them and scores count them; `judge` is what asks for them."""
