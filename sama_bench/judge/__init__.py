"""A language model that judges answers against references: what it is asked, what it said, what it costs."""
