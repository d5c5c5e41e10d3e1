"""A rehearsal without a shopper: what a gateway sends to a node, sent by hand; and what a gateway sends, looked at.

Importing it puts every command into the table of `play`.
"""

from smarts.kit.rehearsal import commands, stories

__all__ = ["commands", "stories"]
