"""Replays real baskets as purchases over HTTP, and proves each total by a sum of its own."""
