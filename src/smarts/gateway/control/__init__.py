"""Purchase control: the checks of carts, what was sent to the node, and how each ended."""
