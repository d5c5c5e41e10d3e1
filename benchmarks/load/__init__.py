"""Shoppers by the thousand on a gateway of real processes; `python -m benchmarks.load --help`."""
