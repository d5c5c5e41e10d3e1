"""The OpenAPI document says what is read and written, no more and no less."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator, meta

from edge.parts import example_app
from smarts.edge.openapi import openapi_document
from smarts.edge.routes import Call, Route, serve
from smarts.edge.security import ACCESS_TOKEN
from smarts.wire.model import Model
from smarts.wire.operations import OPERATIONS, Direction


class AccessToken:
    scheme = ACCESS_TOKEN

    async def __call__(self, _: Any) -> None:
        return None


async def nothing(_: Call[Any, Any]) -> None:
    return None


def contract() -> dict[str, Any]:
    routes = [
        serve(row, nothing, AccessToken(), "" if row.direction is Direction.TO_NODE else "/v1")
        for row in OPERATIONS
    ]
    return openapi_document(routes, title="The contract", version="1.0")


CONTRACT = contract()
OURS = openapi_document(example_app().routes, title="Ours", version="1")


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": CONTRACT["components"]})


def test_every_operation_of_the_contract_is_there_once() -> None:
    """Each row of the contract is one operation, with an id of its own and the token's scheme."""
    described = [(method.upper(), path) for method, path, _ in operations(CONTRACT)]
    prefix = {Direction.TO_NODE: "", Direction.TO_GATEWAY: "/v1"}
    assert sorted(described) == sorted((row.method, prefix[row.direction] + row.path) for row in OPERATIONS)
    ids = [operation["operationId"] for _, _, operation in operations(CONTRACT)]
    assert len(set(ids)) == len(ids)
    assert all(operation["security"] == [{"accessToken": []}] for _, _, operation in operations(CONTRACT))
    assert CONTRACT["components"]["securitySchemes"]["accessToken"]["name"] == "accessToken"


@pytest.mark.parametrize("schema", CONTRACT["components"]["schemas"].items(), ids=lambda item: item[0])
def test_every_schema_is_a_schema(schema: tuple[str, dict[str, Any]]) -> None:
    """Each component is a valid schema whose references lead somewhere."""
    _, definition = schema
    assert meta.is_valid(definition)
    for reference in re.findall(r"'\$ref': '([^']+)'", str(definition)):
        assert reference.removeprefix("#/components/schemas/") in CONTRACT["components"]["schemas"]


def media_types(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for _, _, operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for content in body.get("content", {}).values():
                yield operation["operationId"], content


def test_every_example_fits_its_schema() -> None:
    """The golden examples, and those of problems, are valid where they are shown."""
    shown = 0
    for operation, content in media_types(CONTRACT):
        for name, example in content.get("examples", {}).items():
            errors = [error.message for error in validator(content["schema"]).iter_errors(example["value"])]
            assert not errors, (operation, name)
            shown += 1
    assert shown > 100


def test_every_body_has_a_golden_example() -> None:
    """No request and no answer of the contract is without an example."""
    assert not [operation for operation, content in media_types(CONTRACT) if not content.get("examples")]


def test_other_spellings_are_not_advertised() -> None:
    """What is only read for kindness is not in the document, and what is always written is required."""
    schemas = CONTRACT["components"]["schemas"]
    assert "create" not in schemas["Order"]["properties"]
    assert "created" in schemas["Order"]["required"]
    assert "validationType" not in schemas["LoyaltyCard"]["properties"]
    assert set(schemas["InspectionAction"]["enum"]) == {"INSPECT", "RESTRICT"}
    assert set(schemas["OrderBy"]["enum"]) == {"ACS", "DESC"}


def test_numbers_may_be_strings_where_the_contract_says_so() -> None:
    """Amounts are numbers or decimal numbers in strings; prices are numbers alone."""
    amount = validator(CONTRACT["components"]["schemas"]["ReceiptProduct"]["properties"]["amount"])
    total = validator(CONTRACT["components"]["schemas"]["Price"]["properties"]["total"])
    for value in (1, 1.03, "1.03", "-2"):
        assert amount.is_valid(value)
    for value in ("NaN", "1_000", " 1", "", "1e5", None, True):
        assert not amount.is_valid(value)
    assert total.is_valid(1.24)
    assert not total.is_valid("1.24")


def test_descriptions_speak_of_fields_as_they_are_written() -> None:
    """Names in descriptions are those of the wire, not those of our code."""
    texts = [schema.get("description", "") for schema in CONTRACT["components"]["schemas"].values()]
    names = {name for text in texts for name in re.findall(r"`(\w+)`", text)}
    assert "orderTotalPrice" in names
    assert not [name for name in names if "_" in name]


def answers(path: str, method: str) -> set[str]:
    return set(OURS["paths"][path][method]["responses"])


def test_every_status_is_documented() -> None:
    """An operation names every status that it may answer, from what it reads and what its row says."""
    assert answers("/echo", "post") == {"200", "400", "408", "413", "415", "422", "500"}
    assert answers("/secret", "post") == {"200", "400", "401", "408", "413", "415", "422", "500"}
    assert answers("/things", "get") == {"200", "422", "500"}
    assert answers("/things/{id}", "get") == {"200", "404", "500"}
    assert answers("/things/{id}", "delete") == {"204", "404", "500"}
    assert answers("/things/known", "get") == {"201", "500"}
    assert answers("/busy", "get") == {"204", "429", "500"}
    assert answers("/ticks", "get") == {"200", "500"}


def test_parameters_are_described() -> None:
    """Path, query and key are parameters with their types; only those without a default are required."""
    (identity,) = OURS["paths"]["/things/{id}"]["get"]["parameters"]
    assert (identity["name"], identity["in"], identity["required"]) == ("id", "path", True)
    limit, name = OURS["paths"]["/things"]["get"]["parameters"]
    assert (limit["name"], limit["in"], limit["required"], limit["schema"]["type"]) == (
        "limit",
        "query",
        False,
        "integer",
    )
    assert name["name"] == "name"
    (key,) = OURS["paths"]["/secret"]["post"]["parameters"]
    assert (key["name"], key["in"], key["required"]) == ("Idempotency-Key", "header", False)


def test_two_operations_of_one_id_are_refused() -> None:
    """Generated clients name their functions by the ids, so a document in which two are the same is not made."""
    routes = [
        Route("GET", path, nothing, None, None, "Something", "things", None) for path in ("/one", "/two")
    ]
    with pytest.raises(ValueError, match="nothing: GET /one and GET /two"):
        openapi_document(routes, title="Doubled", version="1")


def test_event_streams_are_described_as_such() -> None:
    """A stream of events is text/event-stream, and only where there is a token is one asked for."""
    ticks = OURS["paths"]["/ticks"]["get"]
    assert list(ticks["responses"]["200"]["content"]) == ["text/event-stream"]
    assert ticks["security"] == []
    assert OURS["paths"]["/secret"]["post"]["security"] == [{"shopper": []}]
    assert OURS["components"]["securitySchemes"]["shopper"]["scheme"] == "bearer"


def test_what_was_made_leads_to_what_can_be_done_with_it() -> None:
    """Whoever makes, lists or names a thing finds links to all that stands at its address, with its id filled in."""

    class Basket(Model, frozen=True):
        basket_id: str
        order_id: str | None = None

    class Parcel(Model, frozen=True):
        id: str

    def route(line: str, response: Any, name: str) -> Route:
        method, path = line.split()
        return Route(method, path, nothing, None, response, "", "things", None, operation_id=name)

    document = openapi_document(
        [
            route("POST /shop/baskets", Basket, "make"),
            route("GET /shop/baskets/{basketId}", Basket, "look"),
            route("POST /shop/baskets/{basketId}/pay", Basket, "pay"),
            route("GET /shop/orders", tuple[Parcel, ...], "orders"),
            route("GET /shop/orders/{id}", Parcel, "order"),
            route("GET /elsewhere/orders/{id}", Parcel, "elsewhere"),
        ],
        title="Links",
        version="1",
    )

    def links(method: str, path: str) -> dict[str, dict[str, str]]:
        found = document["paths"][path][method]["responses"]["200"].get("links", {})
        assert all(name == link["operationId"] for name, link in found.items())
        return {name: link["parameters"] for name, link in found.items()}

    order = {"order": {"id": "$response.body#/orderId"}}
    basket = {"basketId": "$response.body#/basketId"}
    assert links("post", "/shop/baskets") == {"look": basket, "pay": basket, **order}
    assert links("post", "/shop/baskets/{basketId}/pay") == {"look": basket, "pay": basket, **order}
    assert links("get", "/shop/orders") == {"order": {"id": "$response.body#/0/id"}}
    assert links("get", "/shop/orders/{id}") == {}
