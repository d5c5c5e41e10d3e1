"""The published schemas agree with the golden documents, and with all that our own side writes."""

import json
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema_rs import meta

from smarts.kit.schemas import response_schema, schema_document, schema_names, violations
from smarts.wire.codec import encode
from smarts.wire.examples import example, example_names
from smarts.wire.offers import Offer
from smarts.wire.operations import OPERATIONS
from smarts.wire.products import Inspection
from wire.documents import STRUCTS
from wire.strategies import objects

# Golden documents in a form that is read and never sent, with the field that shows it.
ONLY_READ = {
    "Invoice.dates": "$.createdAt",
    "Invoice.iso": "$.createdAt",
    "Invoice.seconds": "$.createdAt",
    "LoyaltyCard.card-number": "$.validationTypes[0]",
    "LoyaltyCard.validation-type": "$",
    "Order.create": "$",
    "PageRequest.asc": "$.orderBy",
    "PurchaseControlResult.expired": "$.status",
}
EXAMPLES = example_names()
# The columns "Req" of the contract's tables [D].
REQUIRED = {
    "Quantity": "unit value",
    "Price": "vat total",
    "VAT": "sumWithoutVAT VATSum sumWithVAT VATRate",
    "Order": "id customerId institutionId shipment products currency orderTotalPrice created closed statusChangelogs",
    "Total": "vat totalToPay",
    "TotalVAT": "sumWithVAT sumWithoutVAT VATSum",
    "Receipt": "institutionInvoiceId invoiceId institutionId customerId products currency totalWithoutAddition "
    "additionSum totalWithoutVAT vatSum total",
    "ReceiptProduct": "id barcode productName amount rowPrice",
    "CreateReceiptRequest": "invoiceId products langCode personId institutionId",
    "PurchaseControlCheckRequest": "invoiceId langCode personId institutionId products",
    "PurchaseControlCheckResponse": "decision",
    "PurchaseControlResult": "invoiceId institutionId status",
    "PurchaseControlCheckResendRequest": "invoiceId institutionId",
    "Address": "level1",
}
UNIONS: dict[str, Any] = {"Inspection": Inspection, "Offer": Offer}
IN_UNIONS = {member.__name__: name for name, union in UNIONS.items() for member in get_args(union)}


def plain(data: bytes) -> Any:
    return json.loads(data)


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in ONLY_READ])
def test_golden_documents_validate(name: str) -> None:
    """Each golden document that may be sent is valid."""
    assert violations(name.partition(".")[0], plain(example(name))) == []


@pytest.mark.parametrize(("name", "path"), ONLY_READ.items())
def test_what_is_only_read_is_a_violation(name: str, path: str) -> None:
    """A form that is read but never sent is found, at its field."""
    assert violations(name.partition(".")[0], plain(example(name)))[0][0] == path


@pytest.mark.parametrize("name", sorted(set(STRUCTS) - IN_UNIONS.keys() - {"Problem"}))
def test_what_we_write_validates(name: str) -> None:
    """Whatever our own side can write is valid: the schemas and the data objects were written apart."""

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(objects(STRUCTS[name]))
    def every(document: Any) -> None:
        assert violations(name, plain(encode(document))) == []

    every()


@pytest.mark.parametrize("name", sorted(UNIONS))
def test_what_is_told_apart_by_its_type_validates(name: str) -> None:
    """Any inspection and any offer is valid as one of its kind, with its type beside it."""

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(objects(UNIONS[name]))
    def every(document: Any) -> None:
        assert violations(name, plain(encode(document))) == []

    every()


def test_every_struct_has_a_schema() -> None:
    """No document of the contract lacks a schema."""
    assert set(STRUCTS) <= set(schema_names())


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_answer_has_a_schema(operation: Any) -> None:
    """An operation that is answered with a document names the schema of it, one without names none."""
    name = response_schema(operation)
    assert (name in schema_names()) if operation.response is not None else name == ""


@pytest.mark.parametrize("name", schema_names())
def test_schemas_are_schemas(name: str) -> None:
    """Each schema is one by the rules of draft 2020-12, and accepts no document of another kind."""
    assert meta.is_valid(schema_document(name))
    assert violations(name, 17.5 if name not in {"Number", "LooseNumber"} else [])


@pytest.mark.parametrize("name", sorted(set(STRUCTS) - {"Addition", "Campaign"}))
def test_a_wrong_type_is_found(name: str) -> None:
    """A list in place of any text, number or word of a golden document is found at its field."""
    document = plain(example(name))
    document.pop("retryable", None)  # our own
    schema = IN_UNIONS.get(name, name)
    for field in [field for field, value in document.items() if not isinstance(value, list | dict)]:
        assert f"$.{field}" in {path for path, _ in violations(schema, document | {field: [1]})}


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_what_must_be_there(name: str) -> None:
    """The fields that the contract marks as required are missed, each by its name, and no others are."""
    told = {words.split('"')[1] for path, words in violations(name, {})}
    assert told == set(REQUIRED[name].split())
