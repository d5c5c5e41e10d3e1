"""The checks of nodes: a file an area; importing this package registers all."""

from smarts.kit.checks import products

__all__ = ["products"]
