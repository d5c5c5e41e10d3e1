"""What a bare program reaches on the hot paths, and how far from it the gateway is."""
