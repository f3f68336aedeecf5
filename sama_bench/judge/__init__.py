"""A language model that judges answers against references: what it is asked, what it said, what it costs."""

DEFAULT_TEMPLATE = "dialogue"
DEFAULT_CONCURRENCY = 32
