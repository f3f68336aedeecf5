"""`python -m sama_bench` is `sama-bench`."""

from sama_bench.cli.main import main

main()
