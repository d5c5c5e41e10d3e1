"""The ready node over a live shop system: goods are mirrored, prices asked for live, sales passed on."""
