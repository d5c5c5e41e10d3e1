"""The checks of nodes: a file an area; importing this package registers all."""

from smarts.kit.checks import errors, node, products, tokens

__all__ = ["errors", "node", "products", "tokens"]
