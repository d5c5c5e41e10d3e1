"""The checks of nodes: a file an area; importing this package registers all."""

from smarts.kit.checks import errors, finding, goods, node, products, times, tokens

__all__ = ["errors", "finding", "goods", "node", "products", "times", "tokens"]
