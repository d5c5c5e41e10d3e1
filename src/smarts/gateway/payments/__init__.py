"""Payments: providers, and what was asked of them."""
