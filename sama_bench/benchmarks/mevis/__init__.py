"""MeViS: expressions of motion. `valid_u` has its truth with it (v1, v2); `valid` is scored by a server."""
