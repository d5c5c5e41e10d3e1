"""All broken nodes: a file an area, as the requirements have."""

from kit.broken import errors, goods, node, products, times, tokens
from kit.broken.breakage import Breakage

BREAKAGES: tuple[Breakage, ...] = (
    *node.BREAKAGES,
    *tokens.BREAKAGES,
    *errors.BREAKAGES,
    *products.BREAKAGES,
    *goods.BREAKAGES,
    *times.BREAKAGES,
)
