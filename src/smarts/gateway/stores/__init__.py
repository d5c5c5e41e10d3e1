"""Stores (institutions): who they are, what they have switched on, their access tokens."""
