"""For all tests: a busy machine is no failure, and CI tries the same examples each time."""

import os

from hypothesis import settings

settings.register_profile("without a clock", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("without a clock")
