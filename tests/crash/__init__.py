"""The crash test: real processes under a seeded plan of faults, and a checker with books of its own.

Run it with `make crash-test`, or `python -m tests.crash --help`.
"""
