"""The gateway's side of the contract: a played node, played shoppers, a played merchant, and what they look at."""
