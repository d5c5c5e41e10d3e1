"""Merchant side invoicing: is a node's receipt sense, and the word to the node that it is paid."""
