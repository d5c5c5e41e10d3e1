"""A paid cart as the invoice that the store's node receives."""
