"""Carts: what a shopper has scanned, what it costs, and in which state it is."""
