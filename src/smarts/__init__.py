"""Open-source scan-and-go shopping for any store."""
