"""The benchmarks that come with this package, one folder each, found by their entry points as a stranger's are."""
