"""What is required of the node's security (section 1)."""

from smarts.kit.requirement import must
from smarts.wire.nodes import Feature

_NODE = Feature.NODE

REQUIREMENTS = (
    must("tokens.missing", "1, 2 errors", _NODE, "No operation is done without a token: 401."),
    must("tokens.empty", "1, 2 errors", _NODE, "An empty token is refused with 401."),
    must(
        "tokens.wrong", "1, 2 errors", _NODE, "No operation is done with a token that is not the node's: 401."
    ),
    must(
        "tokens.near",
        "1, 2 errors",
        _NODE,
        "A token that lacks a character of the right one, has one more, or another case is refused with 401.",
    ),
    must(
        "tokens.node",
        "1, 2 errors",
        _NODE,
        "The node's version and health are told with the right token only: 401.",
    ),
    must(
        "tokens.first",
        "2 errors",
        _NODE,
        "The token is looked at before the body: nonsense without it gets 401.",
    ),
    must("tokens.problem", "2 errors", _NODE, "A refused token is told in a problem document."),
    must("tokens.header", "1", _NODE, "The header's name is read in any case, as HTTP wants it."),
)
