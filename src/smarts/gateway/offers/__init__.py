"""Offers to shoppers, by way of the stores' nodes."""
