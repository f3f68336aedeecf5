"""The page: a folder that shows scored runs in a browser, from the file system and without network."""

from sama_bench.leaderboard.page.page_writer import write_page
from sama_bench.leaderboard.page.samples import SAMPLES

__all__ = ["SAMPLES", "write_page"]
