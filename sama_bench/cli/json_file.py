"""Where a command writes JSON: `sama_bench.json_option`, at the place of before."""

from sama_bench.json_option import STDOUT, check_writable, json_option, put, write

__all__ = ["STDOUT", "check_writable", "json_option", "put", "write"]
