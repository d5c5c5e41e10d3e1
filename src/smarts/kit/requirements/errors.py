"""What is required of the answers to bad requests (section 2, Errors)."""

from smarts.kit.requirement import must, should
from smarts.wire.nodes import Feature

_NODE = Feature.NODE

REQUIREMENTS = (
    must("errors.not-json", "2 errors", _NODE, "A body that is not JSON, or is empty, is refused with 400."),
    must(
        "errors.content-type",
        "2 errors",
        _NODE,
        "A body that is not JSON by its content type is refused with 415.",
    ),
    must("errors.shape", "2 errors", _NODE, "JSON of the wrong shape is refused with 422."),
    must(
        "errors.path",
        "2 errors",
        _NODE,
        "A refusal of a wrong shape names the JSON path of the field in errors.",
    ),
    must(
        "errors.problem",
        "2 errors",
        _NODE,
        "Refusals are application/problem+json with type, title and status, and the status is that of the answer.",
    ),
    must(
        "errors.unknown-path",
        "2 errors",
        _NODE,
        "An address that the contract does not have is answered with 404.",
    ),
    must(
        "errors.method",
        "2 endpoints",
        _NODE,
        "Another method than the contract's is refused with 404 or 405.",
    ),
    must("errors.large", "2 errors", _NODE, "A body of 6 MB breaks nothing: the node serves on."),
    should("errors.large.status", "2 errors", _NODE, "A body of 6 MB is refused with 413."),
    must("errors.deep", "2 errors", _NODE, "A body nested 100,000 levels deep is refused with 400 to 499."),
    must("errors.utf8", "1, 2 errors", _NODE, "A body that is not UTF-8 is refused with 400 to 499."),
    must(
        "errors.nul",
        "2 errors",
        _NODE,
        "A text with a NUL character is refused or passed over, and breaks nothing.",
    ),
    must(
        "errors.duplicates",
        "2 errors",
        _NODE,
        "A field that is there twice is refused or read, and breaks nothing.",
    ),
    must(
        "errors.numbers",
        "2 errors",
        _NODE,
        "Numbers that are huge, endlessly long, or none (NaN) are refused with 400 to 499 where a number is read.",
    ),
)
