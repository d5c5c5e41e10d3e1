"""Orders: goods that the store brings to the shopper, how far they have come, and how the store delivers."""
