"""Models behind an HTTP server: requests, limits, cache, and what they cost."""

from sama_bench.llm_client.cache import ResponseCache
from sama_bench.llm_client.prices import Prices
from sama_bench.llm_client.requests import Failure, Reply, Request
from sama_bench.llm_client.server import Server
from sama_bench.llm_client.usage import Bill, BudgetSpent

__all__ = ["Bill", "BudgetSpent", "Failure", "Prices", "Reply", "Request", "ResponseCache", "Server"]
