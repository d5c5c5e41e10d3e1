"""What is required of every node, whatever it sells (sections 2 and 4)."""

from smarts.kit.requirement import must, should
from smarts.wire.nodes import Feature

_NODE = Feature.NODE

REQUIREMENTS = (
    must(
        "node.version.shape",
        "4 NodeVersionResponse",
        _NODE,
        "GET /version is answered with the node's name and version, the contract's version, and its features.",
    ),
    must(
        "node.version.contract", "4 NodeVersionResponse", _NODE, "The node speaks version 1 of the contract."
    ),
    must(
        "node.version.features",
        "4 NodeVersionResponse",
        _NODE,
        "Each declared feature is one that the contract knows, and is named once.",
    ),
    should("node.version.names", "4 NodeVersionResponse", _NODE, "The node has a name and a version."),
    must(
        "node.health.shape", "4 NodeHealthResponse", _NODE, "GET /health is answered with the node's health."
    ),
    should(
        "node.health.whole",
        "4 NodeHealthResponse",
        _NODE,
        "The node is UP as a whole only where each of its parts is.",
    ),
    must("node.features.served", "2 endpoints", _NODE, "Every operation of a declared feature is there."),
    must(
        "node.features.absent",
        "2 endpoints",
        _NODE,
        "An operation of a feature that is not declared is refused with a status from 400 to 499.",
    ),
    must("node.answers.type", "1", _NODE, "Documents are answered as application/json in UTF-8."),
    must(
        "node.content-type",
        "1",
        _NODE,
        "application/json is read with and without charset=UTF-8, in any case.",
    ),
    must(
        "node.concurrent",
        "2",
        _NODE,
        "Requests that come at the same time are each answered as if they came alone.",
    ),
    must(
        "node.slow-sender",
        "2",
        _NODE,
        "A sender whose body arrives slowly is answered, and holds up nobody else.",
    ),
)
