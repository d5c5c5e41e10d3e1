"""An operation's text to a JavaScript syntax tree, within bounds that are checked before any heavy work."""

import re
from itertools import count, pairwise

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser, Tree

from smarts.campaigns.sentences import RefusedError

LARGEST_SOURCE = 2000
"""Characters of an operation. The documentation's have sixty; a ladder of forty prices still fits."""

LARGEST_TREE = 1500
"""Nodes of an operation's syntax tree, operators and brackets included."""

LARGEST_DEPTH = 64
"""How deep expressions may stand in each other."""

_MOST_STEPS = 150
"""The parser's steps; an expression needs at most one for every 20 of its characters."""

_LANGUAGE = Language(tree_sitter_javascript.language())
_NOT_AN_EXPRESSION = "This is not a JavaScript expression."
_COMMENT = re.compile(r"//[^\n\r\u2028\u2029]*|/\*.*?\*/", re.DOTALL)
_FOREIGN = re.compile(r"[^A-Za-z0-9_$ \t\n\r.,;?:()+\-*/%<>=!&|^~]")
# The documentation's page prints an en dash for the minus, others U+2212; copied text has no-break spaces.
_PRINTED = str.maketrans("\u2013\u2212\u00a0", "-- ")


class OperationRefusedError(RefusedError):
    """An operation that is not run; tells the store manager why."""


def refused(text: str, node: Node, **values: object) -> OperationRefusedError:
    """The error that blames this node."""
    return OperationRefusedError(text, node.start_byte + 1, **values)


def text_of(node: Node) -> str:
    """What stands in the operation at this node."""
    return (node.text or b"").decode()


def shortened(node: Node) -> str:
    """The beginning of what stands at this node, short enough for a sentence."""
    return brief(text_of(node))


def brief(text: str) -> str:
    """The beginning of a text, short enough for a sentence."""
    return text if len(text) <= 30 else f"{text[:29]}…"


def parse_expression(source: str) -> Node:
    """The one expression that an operation is; a semicolon may end it, comments may stand anywhere.

    Raises:
        OperationRefusedError: too long, too large, not JavaScript, or not one expression.
    """
    check_length(source)
    # Blanks for comments and one character for one keep every position where the author sees it.
    text = _COMMENT.sub(_blank, source).translate(_PRINTED)
    foreign = _FOREIGN.search(text)
    if foreign:
        raise OperationRefusedError(
            "The character %(character)s is not allowed.", foreign.start() + 1, character=_shown(foreign[0])
        )
    root = _tree(text.encode("ascii")).root_node
    if root.has_error:
        raise _unreadable(_first_error(root), len(text.rstrip()))
    if root.descendant_count > LARGEST_TREE:
        raise OperationRefusedError("The operation has more than %(most)s parts.", most=LARGEST_TREE)
    return _only_expression(root)


def check_length(source: str) -> None:
    """Refuses a text that is too long to look at; raises `OperationRefusedError`."""
    if len(source) > LARGEST_SOURCE:
        raise OperationRefusedError("The operation is longer than %(most)s characters.", most=LARGEST_SOURCE)


def _blank(comment: re.Match[str]) -> str:
    # A comment over several lines parts what it stands between as a line end does.
    return re.sub(r"[^\n\r]", " ", comment[0])


def _shown(character: str) -> str:
    code_point = f"U+{ord(character):04X}"
    return f"`{character}` ({code_point})" if character.isprintable() else code_point


def _tree(text: bytes) -> Tree:
    # On garbage the parser tries many repairs: its steps are counted, so that the bound is the same everywhere.
    steps = count(1)
    try:
        return Parser(_LANGUAGE).parse(
            lambda offset, _: text[offset:],
            progress_callback=lambda _offset, _has_error: next(steps) > _MOST_STEPS,
        )
    except ValueError:
        raise OperationRefusedError(_NOT_AN_EXPRESSION) from None


def _first_error(node: Node) -> Node:
    # A loop, since the tree of a text full of brackets is as deep as the text is long.
    while not (node.is_error or node.is_missing):
        node = next(child for child in node.children if child.has_error)
    return node


def _unreadable(error: Node, end: int) -> OperationRefusedError:
    """Blames the first place that made no sense: the parser blames all that it had read when it gave up."""
    inner = next((child for child in error.children if child.is_error or child.is_missing), None)
    if inner:
        return refused(_NOT_AN_EXPRESSION, inner)
    for before, after in pairwise(error.children):
        if before.is_named and after.is_named:
            return refused(_NOT_AN_EXPRESSION, after)
    if error.end_byte == end and error.child_count > 1:
        return OperationRefusedError("Something is missing at the end of the operation.", end + 1)
    return refused(_NOT_AN_EXPRESSION, error)


def _only_expression(root: Node) -> Node:
    if not root.children:
        raise OperationRefusedError("The operation is empty.")
    statement, *others = root.children
    if statement.type != "expression_statement":
        raise refused("An operation is an expression, not `%(part)s`.", statement, part=shortened(statement))
    expression, *end = statement.children
    surplus = [part for part in end if part.type != ";"] + others
    if surplus:
        raise refused("An operation is one expression; here a second one begins.", surplus[0])
    return expression
