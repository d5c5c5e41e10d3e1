"""The cluster's demonstration: every machine a network namespace, machines lost under load, the crash test's checker.

Run it with `make cluster-demo`, or `python -m cluster --help` in `tests`.
"""
