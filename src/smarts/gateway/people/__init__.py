"""People: shoppers and staff, and the tokens they act with."""
