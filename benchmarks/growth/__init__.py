"""What a request costs as stores and stored purchases grow; `python -m benchmarks.growth --help`."""
