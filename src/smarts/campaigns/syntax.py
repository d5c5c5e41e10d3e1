"""An operation's text to a JavaScript syntax tree, within bounds that are checked before any heavy work."""

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

LARGEST_SOURCE = 2000
"""Characters of an operation. The documentation's have sixty; a ladder of forty prices still fits."""

LARGEST_TREE = 1500
"""Nodes of an operation's syntax tree, operators and brackets included."""

LARGEST_DEPTH = 64
"""How deep expressions may stand in each other."""

_LANGUAGE = Language(tree_sitter_javascript.language())
_LAYOUT = "\t\n\r\u00a0"
# The documentation's page prints an en dash for the minus; other pages and word processors write U+2212.
_DASHES = str.maketrans("\u2013\u2212", "--")
# As JavaScript's own strings; and so an Estonian comment does not shift the positions after it.
_ENCODING = "utf-16-le"


class OperationRefusedError(ValueError):
    """An operation that is not run; tells the store manager why.

    `reason` is a sentence. `position` counts the operation's characters from 1; it is None where the operation as a
    whole is meant.
    """

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason if position is None else f"{reason} (At character {position}.)")
        self.reason = reason
        self.position = position


def refused(reason: str, node: Node) -> OperationRefusedError:
    """The error that blames this node."""
    return OperationRefusedError(reason, node.start_byte // 2 + 1)


def text_of(node: Node) -> str:
    """What stands in the operation at this node."""
    return (node.text or b"").decode(_ENCODING)


def parts_of(node: Node) -> list[Node]:
    """The node's children, operators and brackets too, but not comments."""
    return [child for child in node.children if child.type != "comment"]


def parse_expression(source: str) -> Node:
    """The one expression that an operation is; a semicolon may end it.

    Raises:
        OperationRefusedError: too long, too large, not JavaScript, or not one expression.
    """
    check_length(source)
    _check_characters(source)
    text = source.translate(_DASHES).encode(_ENCODING)
    root = Parser(_LANGUAGE).parse(text, encoding="utf16le").root_node
    if root.has_error:
        raise refused("This is not a JavaScript expression.", _first_error(root))
    if root.descendant_count > LARGEST_TREE:
        raise OperationRefusedError(f"The operation has more than {LARGEST_TREE} parts.")
    return _only_expression(root)


def check_length(source: str) -> None:
    """Refuses a text that is too long to look at; raises `OperationRefusedError`."""
    if len(source) > LARGEST_SOURCE:
        raise OperationRefusedError(f"The operation is longer than {LARGEST_SOURCE} characters.")


def _check_characters(source: str) -> None:
    # What looks empty or runs backwards could hide what an operation does; and the grammar takes other characters
    # for spaces than JavaScript does.
    for position, character in enumerate(source, start=1):
        if not (character.isprintable() or character in _LAYOUT):
            raise OperationRefusedError(f"The character U+{ord(character):04X} is not allowed.", position)


def _first_error(node: Node) -> Node:
    # A loop, since the tree of a text full of brackets is as deep as the text is long.
    while not (node.is_error or node.is_missing):
        node = next(child for child in node.children if child.has_error)
    return node


def _only_expression(root: Node) -> Node:
    statements = parts_of(root)
    if not statements:
        raise OperationRefusedError("The operation is empty.")
    first, *others = statements
    if first.type != "expression_statement":
        raise refused(f"An operation is an expression, not `{shortened(first)}`.", first)
    expression, *end = parts_of(first)
    surplus = [part for part in end if part.type != ";"] + others
    if surplus:
        raise refused("An operation is one expression; here a second one begins.", surplus[0])
    return expression


def shortened(node: Node) -> str:
    """The beginning of what stands at this node, short enough for a sentence."""
    text = text_of(node)
    return text if len(text) <= 30 else f"{text[:29]}…"
