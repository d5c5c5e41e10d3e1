"""Products, by way of the stores' nodes."""
