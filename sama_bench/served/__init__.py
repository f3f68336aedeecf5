"""Models behind an HTTP server: requests, limits, cache, and what they cost."""

from sama_bench.served.bill import Bill, BudgetSpent
from sama_bench.served.cache import ResponseCache
from sama_bench.served.prices import Prices
from sama_bench.served.requests import Failure, Reply, Request
from sama_bench.served.server import Server

__all__ = ["Bill", "BudgetSpent", "Failure", "Prices", "Reply", "Request", "ResponseCache", "Server"]
