"""Loyalty cards: the kinds that merchants define, and which shopper has linked which card."""
