"""The merchants' nodes: where each store's is, and calls to it."""
