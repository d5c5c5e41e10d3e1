"""What a user would pick instead, on the same work and machine; `python -m benchmarks.against --help`."""
