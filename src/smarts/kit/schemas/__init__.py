"""The published schemas: JSON Schema documents written from the contract, not from our own data objects.

They say what may be sent, so that they allow both forms where the contract does, and know no other. Unknown fields are
no violation.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

from jsonschema_rs import Draft202012Validator, Registry, ValidationError, ValidationErrorKind

from smarts.wire.operations import Operation

_BASE = "json-schema:///"  # the files refer to each other by name; nothing is fetched
_MOST = 20  # violations that are told of one document
_LONGEST = 300  # characters of one of them
_RESPONSES = {
    "version": "NodeVersionResponse",
    "health": "NodeHealthResponse",
    "product.search": "Pageable",
    "product.search.barcode": "Product",
    "product.search.name": "Products",
    "product.search.category": "Categories",
    "receipt": "Receipt",
    "control.check": "PurchaseControlCheckResponse",
    "card.loyalty": "LoyaltyCardRegistrationResponse",
    "card.loyalty.bonus": "LoyaltyCardBonusResponse",
    "offer.search": "Offers",
    "control.resend": "PurchaseControlCheckRequest",
    "pickup.order.status": "Order",
    "pickup.order.find": "Order",
    "pickup.order.find-by-invoice": "Order",
    "pickup.order.find-by-institution-invoice": "Order",
}


def schema_names() -> list[str]:
    """The names of all documents that there is a schema of: `Product`, and `Products` for a list of them."""
    return sorted(_places())


def schema_document(name: str) -> Any:
    """The published file that holds the schema of a document, under `$defs`."""
    return _documents()[_places()[name]]


def response_schema(operation: Operation) -> str:
    """The name of the schema of an operation's answer; empty where the answer has no document."""
    return _RESPONSES.get(operation.name, "")


def violations(name: str, document: Any) -> list[tuple[str, str]]:
    """What of a plain JSON document is not as its schema says: JSON paths, each with a sentence; at most twenty."""
    try:
        errors = islice(_innermost(_validator(name).iter_errors(document)), _MOST)
        return [(_path(error), _shortened(error.message)) for error in errors]
    except ValueError as error:  # nested too deeply, or with half of a character
        return [("$", str(error))]


def _innermost(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """What lies within a choice that failed: that none of two forms fits helps nobody."""
    for error in errors:
        choices = error.kind.context if isinstance(error.kind, ValidationErrorKind.AnyOf) else []
        deeper = [
            each
            for choice in choices
            for each in choice
            if len(each.instance_path) > len(error.instance_path)
        ]
        missing = [each for choice in choices for each in choice if each.kind.name == "required"]
        yield from deeper or missing or [error]


def _path(error: ValidationError) -> str:
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path)


def _shortened(message: str) -> str:
    return (
        message if len(message) <= _LONGEST else f"{message[: _LONGEST // 2]} … {message[-_LONGEST // 2 :]}"
    )


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"{_BASE}{_places()[name]}#/$defs/{name}"}, registry=_registry())


@cache
def _places() -> Mapping[str, str]:
    return {name: place for place, document in _documents().items() for name in document["$defs"]}


@cache
def _registry() -> Registry:
    return Registry([(f"{_BASE}{place}", document) for place, document in _documents().items()])


@cache
def _documents() -> Mapping[str, Any]:
    found = sorted(files(__name__).iterdir(), key=lambda file: file.name)
    return {
        file.name: json.loads(file.read_text(encoding="utf-8"))
        for file in found
        if file.name.endswith(".json")
    }
