"""A merchant's node: features found, operations served, mistakes told."""

import asyncio
import threading
from collections.abc import Mapping
from typing import Any, cast

import pytest
import structlog

from node.stores import MILK, TOKEN, Books, Club, Control, GoldenStore, Shop, golden, node_of
from serving import serving
from smarts.caller import Answered, Caller, Nonsense, Refused, Target
from smarts.edge.signatures import new_secret
from smarts.node.features import METHODS
from smarts.wire import operations
from smarts.wire.control import Decision, PurchaseControlCheckResponse
from smarts.wire.loyalty import LoyaltyCardRegistrationRequest
from smarts.wire.nodes import Feature, HealthStatus, NodeHealthResponse, NodeVersionResponse, PartHealth
from smarts.wire.operations import Operation
from smarts.wire.products import Product, ProductSearchRequest

MILK_PLEASE = ProductSearchRequest(barcode=MILK.barcode)


@pytest.mark.parametrize("operation", METHODS.values(), ids=lambda operation: operation.name)
async def test_every_operation_reaches_its_method(
    golden_store: GoldenStore, golden_node: Any, operation: Operation
) -> None:
    """Each operation of the contract hands its request to the store's method and its answer back, unchanged."""
    request = golden(operation.request)
    answer = await golden_node(operation, request)
    assert golden_store.asked[operation.name] == request
    assert answer == (Answered(204) if operation.response is None else golden(operation.response))


def test_every_operation_of_a_node_has_a_method() -> None:
    """The methods of the features are the contract's operations, each once; version and health are made here."""
    ours = {operations.VERSION.name, operations.HEALTH.name}
    names = [operation.name for operation in METHODS.values()]
    assert sorted(names) == sorted({row.name for row in operations.TO_NODE} - ours)


async def test_version_names_the_optional_features(ask: Any) -> None:
    """The version answer names exactly the optional features that the store objects have, and the contract."""
    call = await ask(node_of(Shop(), Control(), Books()))
    assert await call(operations.VERSION) == NodeVersionResponse(
        "Test store", "7.1", "1.0", (Feature.INVOICES.value, Feature.PURCHASE_CONTROL.value)
    )


async def test_features_that_are_not_there_are_absent(shop_node: Any) -> None:
    """An operation of a feature that the store does not have is 404 of its own kind, not broken."""
    with pytest.raises(Refused) as refused:
        await shop_node(operations.CHECK_PURCHASE, golden(operations.CHECK_PURCHASE.request))
    assert (refused.value.problem.status, refused.value.problem.type) == (404, "feature-absent")


@pytest.mark.parametrize("operation", operations.TO_NODE, ids=lambda operation: operation.name)
async def test_nothing_is_answered_without_the_token(shop_node: Any, operation: Operation) -> None:
    """Every operation needs the token, version and health and absent ones too."""
    body = None if operation.request is None else golden(operation.request)
    for token in ("", "wrong", TOKEN + "x"):
        with pytest.raises(Refused) as refused:
            await shop_node(operation, body, token=token)
        assert refused.value.problem.status == 401


async def test_two_tokens_while_they_are_exchanged(ask: Any) -> None:
    """While the token is exchanged both the new and the old one are taken."""
    call = await ask(node_of(Shop(), token=["new-token", "old-token"]))
    for token in ("new-token", "old-token"):
        assert await call(operations.PRODUCT_BY_BARCODE, MILK_PLEASE, token=token) == MILK


@pytest.mark.parametrize("token", ["", [], ["good", ""], "line\nbreak", "tõken"])
def test_a_node_needs_a_token(token: Any) -> None:
    """A node without a token, or with one that no header can hold, is not made."""
    with pytest.raises(ValueError, match="token"):
        node_of(Shop(), token=token)


def test_a_half_feature_is_a_mistake() -> None:
    """A feature with some of its methods is told when the node is made, naming what is missing."""

    class HalfOrders:
        def receive_order(self, order: Any) -> None: ...

    with pytest.raises(ValueError, match="orders needs these methods too: receive_order_update"):
        node_of(Shop(), HalfOrders())


def test_product_search_is_required() -> None:
    """A node without product search is told when it is made, naming the methods."""
    with pytest.raises(
        ValueError, match="product-search needs these methods too: search, by_barcode, by_name, categories"
    ):
        node_of(Control())


def test_a_class_is_no_store() -> None:
    """Whoever gives the class instead of an object of it is told so."""
    with pytest.raises(TypeError, match=r"such as Shop\(\)"):
        node_of(Shop)


def test_an_operation_is_done_in_one_place() -> None:
    """Two store objects with the same method are a mistake."""
    with pytest.raises(ValueError, match=r"control\.check is there twice"):
        node_of(Shop(), Control(), Control())


async def test_functions_make_a_node_too(ask: Any) -> None:
    """Operations may be given as functions, plain and async."""
    node, shop = node_of(), Shop()
    node.handles(operations.PRODUCT_SEARCH)(shop.search)
    node.handles(operations.PRODUCTS_BY_NAME)(shop.by_name)
    node.handles(operations.CATEGORIES)(shop.categories)

    @node.handles(operations.PRODUCT_BY_BARCODE)
    async def by_barcode(request: ProductSearchRequest) -> Product:
        return MILK

    call = await ask(node)
    assert node.features == (Feature.PRODUCT_SEARCH,)
    assert await call(operations.PRODUCT_BY_BARCODE, ProductSearchRequest(barcode="any")) == MILK


async def test_functions_that_make_half_a_node_are_told_at_the_start() -> None:
    """What functions leave out is told when the server starts, not at the first sale."""
    node = node_of()
    node.handles(operations.PRODUCT_SEARCH)(Shop().search)
    with pytest.raises(ValueError, match="by_barcode"):
        await node({"type": "lifespan"}, cast("Any", None), cast("Any", None))


def test_functions_for_the_other_direction_are_a_mistake() -> None:
    """A store handles what the gateway asks of it, nothing else."""
    with pytest.raises(ValueError, match="not for a store"):
        node_of(Shop()).handles(operations.SEND_CHECK_RESULT)(Shop().by_barcode)


async def test_not_found_and_refused_reach_the_gateway(ask: Any) -> None:
    """What a store raises on purpose arrives with its words."""
    call = await ask(node_of(Shop(), Club()))
    with pytest.raises(Refused) as unknown:
        await call(operations.PRODUCT_BY_BARCODE, ProductSearchRequest(barcode="1"))
    assert (unknown.value.problem.status, unknown.value.problem.detail) == (404, "Not sold here.")
    with pytest.raises(Refused) as refused:
        await call(operations.REGISTER_CARD, golden(LoyaltyCardRegistrationRequest))
    problem = refused.value.problem
    assert (problem.status, problem.type, problem.detail) == (422, "refused", "See kaart ei ole teie oma.")


async def test_accidents_in_the_store_are_not_told(ask: Any) -> None:
    """Any other exception is a 500 that may be tried again; the log has it, the gateway does not."""

    class Broken:
        async def receive_invoice(self, invoice: Any) -> None:
            raise RuntimeError("the password is hunter2")

    call = await ask(node_of(Shop(), Broken()))
    with structlog.testing.capture_logs() as logs, pytest.raises(Nonsense) as failed:
        await call(operations.RECEIVE_INVOICE, golden(operations.RECEIVE_INVOICE.request))
    assert failed.value.retryable
    assert "hunter2" not in failed.value.detail
    assert logs[0]["route"] == "POST /invoice"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "check_purchase returned NoneType"),
        (PurchaseControlCheckResponse(cast("Decision", "MAYBE")), "$.decision"),
        (object(), "check_purchase returned object"),
        ({"decision": "MAYBE"}, "check_purchase returned dict"),
    ],
)
async def test_a_wrong_answer_of_the_store_does_not_leave(ask: Any, answer: Any, words: str) -> None:
    """A method that returns the wrong thing is a 500, and the log says which method returned what."""

    class Mistaken:
        async def check_purchase(self, request: Any) -> Any:
            return answer

    call = await ask(node_of(Shop(), Mistaken()))
    with structlog.testing.capture_logs() as logs, pytest.raises(Nonsense, match="500"):
        await call(operations.CHECK_PURCHASE, golden(operations.CHECK_PURCHASE.request))
    assert words in str(logs[0]["exc_info"])
    assert "no answer to control.check" in str(logs[0]["exc_info"])


@pytest.mark.timeout(10)
async def test_plain_methods_may_wait(ask: Any) -> None:
    """Plain methods run in threads: one that waits for another does not stop the node."""

    class Slow(Shop):
        def __init__(self) -> None:
            self.both = threading.Barrier(2, timeout=5)

        def by_barcode(self, request: ProductSearchRequest) -> Product:
            self.both.wait()
            return MILK

    call = await ask(node_of(Slow()))
    both = [call(operations.PRODUCT_BY_BARCODE, MILK_PLEASE) for _ in range(2)]
    assert await asyncio.gather(*both) == [MILK, MILK]


async def test_health_without_a_check_is_up(shop_node: Any) -> None:
    """A node that answers and knows no parts is well."""
    assert await shop_node(operations.HEALTH) == NodeHealthResponse(HealthStatus.UP)


async def test_health_is_that_of_the_worst_part(ask: Any) -> None:
    """The parts of all store objects are told; the whole is as well as the worst of them."""

    class Till:
        def health(self) -> Mapping[str, PartHealth]:
            return {
                "till": PartHealth(HealthStatus.UP),
                "printer": PartHealth(HealthStatus.DEGRADED, "no paper"),
            }

    class Stock:
        async def health(self) -> Mapping[str, PartHealth]:
            return {"stock": PartHealth(HealthStatus.UP)}

    call = await ask(node_of(Shop(), Till(), Stock()))
    health = await call(operations.HEALTH)
    assert health.status is HealthStatus.DEGRADED
    assert health.checks["printer"] == PartHealth(HealthStatus.DEGRADED, "no paper")
    assert set(health.checks) == {"till", "printer", "stock"}


async def test_a_health_check_that_fails_or_hangs_is_down(ask: Any) -> None:
    """A part that cannot tell how it is is down; the node still answers, within the caller's patience."""

    class Broken:
        async def health(self) -> Mapping[str, PartHealth]:
            raise RuntimeError("the password is hunter2")

    class Hanging:
        async def health(self) -> Mapping[str, PartHealth]:
            return await asyncio.Future()

    call = await ask(node_of(Shop(), Broken(), Hanging()))
    with structlog.testing.capture_logs() as logs:
        health = await call(operations.HEALTH)
    assert health.status is HealthStatus.DOWN
    assert health.checks["Broken"] == PartHealth(HealthStatus.DOWN, "the health check failed")
    assert health.checks["Hanging"].status is HealthStatus.DOWN
    assert [entry["part"] for entry in logs] == ["Broken"]


async def test_a_node_with_signing_secrets_serves_signed_requests_alone() -> None:
    """Questions, documents, health and version are answered where a secret of the node has signed them, else 401."""
    old, new, another = new_secret(), new_secret(), new_secret()
    caller = Caller(allow_private_addresses=True)
    async with serving(node_of(Shop(), Books(), signing_secrets=[new, old])) as address:

        async def tell(*signing_secrets: str) -> list[str]:
            target, told = Target(address, TOKEN, signing_secrets), []
            for operation, body in (
                (operations.HEALTH, None),
                (operations.VERSION, None),
                (operations.PRODUCT_BY_BARCODE, MILK_PLEASE),
                (operations.RECEIVE_INVOICE, golden(operations.RECEIVE_INVOICE.request)),
                (operations.RECEIVE_ORDER, golden(operations.RECEIVE_ORDER.request)),
            ):
                try:
                    await caller.call(target, operation, body, message_id="m-1")
                    told.append("answered")
                except Refused as refused:
                    told.append(refused.problem.type)
            return told

        for secrets in ((new,), (old,), (another, old)):
            assert await tell(*secrets) == ["answered"] * 4 + ["feature-absent"]
        for secrets in ((), (another,)):
            assert await tell(*secrets) == ["signature-refused"] * 4 + ["feature-absent"]
    await caller.close()


def test_what_is_no_signing_secret_is_told_when_the_node_is_made() -> None:
    """Not at the first request."""
    with pytest.raises(ValueError, match="Expected a signing secret"):
        node_of(Shop(), signing_secrets=["secret"])
