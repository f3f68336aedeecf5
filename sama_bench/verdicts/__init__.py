"""What judges said of answers, as runs keep it and scores count it; `judge` is what asks them."""
