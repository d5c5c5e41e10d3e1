"""Persons' data: told in full, changed, and erased so that nothing tells any more who bought what."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from gateway.journeys.club import BONUS_CARD, NUMBER, Club, Gate
from gateway.journeys.delivering import CHOICES, TERMS, DeliveringMerchant
from gateway.journeys.till import RECEIPTS
from gateway.journeys.world import BREAD, MILK, Client, Reply, Shopper, World, small_world, until
from smarts.gateway.outbox import resume
from smarts.gateway.parties import Role, Switches
from smarts.gateway.payments.sandbox import DECLINED_CARD, LOST_ANSWER_CARD
from smarts.wire.control import Decision

ME, DATA = "/shop/v1/shoppers/me", "/shop/v1/shoppers/me/data"
KEY = {"Idempotency-Key": "a-key-that-nobody-guesses"}
ABOUT = {"name": "Mari Õunapuu", "email": "mari@example.com", "phone": "+372 5512 3456", "langCode": "ET"}
COURIER = CHOICES["COURIER"] | {"contactName": "Jüri Õunapuu", "contactPhone": "+372 5598 7654"}
SECRETS = (
    *("Mari Õunapuu", "mari@example.com", "+372 5512 3456", NUMBER),
    *("Jüri Õunapuu", "+372 5598 7654", "Pikk 1"),
)


class Everything(Club, DeliveringMerchant):
    """A node with cards, receipts and home delivery."""


class PrivateWorld:
    """A store with all features, and Mari who uses them."""

    def __init__(self, world: World, merchant: Everything, manager: Client) -> None:
        self.world = world
        self.merchant = merchant
        self.manager = manager
        self.store_id = world.institution_id
        self.card_id = ""

    async def prepare(self) -> None:
        delivery = f"/manage/v1/stores/{self.store_id}/delivery/COURIER"
        assert (await self.manager.call("PUT", delivery, TERMS)).status == 200
        kind = await self.manager.post("/manage/v1/loyalty-kinds", BONUS_CARD)
        self.card_id = kind.body["id"]

    async def member(self, **about: Any) -> Shopper:
        shopper = await self.world.shopper(**about)
        assert (await self.link(shopper)).status == 201
        return shopper

    async def link(self, shopper: Shopper) -> Reply:
        body = {"cardId": self.card_id, "institutionId": self.store_id, "value": "77"}
        return await shopper.post("/shop/v1/loyalty-cards", body)

    async def bought(self, shopper: Shopper, *barcodes: str) -> dict[str, Any]:
        cart = await shopper.check_out(await shopper.cart(self.store_id, *(barcodes or (BREAD, MILK))))
        paid = await shopper.pay(cart, **{"Idempotency-Key": cart["id"]})
        assert paid.status == 200, paid.text
        bought: dict[str, Any] = paid.body
        return bought

    async def brought(self, shopper: Shopper) -> dict[str, Any]:
        """A cart to be brought home."""
        cart = await shopper.cart(self.store_id, BREAD)
        chosen = await shopper.call("PUT", f"/shop/v1/carts/{cart['id']}/shipment", COURIER)
        assert chosen.status == 200, chosen.text
        brought: dict[str, Any] = chosen.body
        return brought

    async def ordered(self, shopper: Shopper, *statuses: str) -> dict[str, Any]:
        """An order that the store has moved on."""
        paid = await shopper.pay(await shopper.check_out(await self.brought(shopper)))
        assert paid.status == 200, paid.text
        for status in statuses:
            await self.move(paid.body["orderId"], status)
        ordered: dict[str, Any] = paid.body
        return ordered

    async def move(self, order_id: str, status: str) -> None:
        body = {"orderId": order_id, "institutionId": self.store_id, "status": status}
        key = {"Idempotency-Key": f"{order_id}:{status}"}
        reply = await self.world.as_store().post("/v1/pickup/order/status", body, **key)
        assert reply.status == 200, reply.text

    async def full_life(self, shopper: Shopper) -> dict[str, dict[str, Any]]:
        """Purchases of every kind, carts in every state, a card that was declined, a check, an order."""
        made = {"invoice": await self.bought(shopper)}
        await self.world.change_store(switches=RECEIPTS)
        made["receipt"] = await self.bought(shopper)
        await self.world.change_store(switches=Switches())
        made["order"] = await self.ordered(shopper, "CONFIRMED", "SHIPPING", "COMPLETED")
        made["open"] = await self.brought(shopper)
        made["ready"] = await shopper.check_out(await self.brought(shopper))
        assert (await shopper.pay(made["ready"], DECLINED_CARD)).status == 402
        self.merchant.decision = Decision.FULL
        made["locked"] = await shopper.check_out(await self.brought(shopper))
        self.merchant.decision = Decision.NO
        billed = {made["invoice"]["invoiceId"], made["order"]["invoiceId"]}
        await until(lambda: billed <= {invoice.id for invoice in self.merchant.invoices})
        await until(lambda: self.merchant.confirmations)
        return made

    async def places_of(self, *secrets: str) -> dict[str, list[str]]:
        """Which tables hold any of these texts, in columns of whatever type."""
        found: dict[str, list[str]] = {}
        async with self.world.gateway.database.connection() as connection:
            tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            for secret in secrets:
                spelled = [secret, secret.encode().hex(), msgspec.json.encode(secret).decode().strip('"')]
                for (table,) in tables:
                    holds = f'SELECT EXISTS (SELECT FROM "{table}" AS row WHERE row::text LIKE ANY ($1))'
                    if await connection.fetchval(holds, [f"%{each}%" for each in spelled]):
                        found.setdefault(table, []).append(secret)
        return found

    async def books(self, *invoice_ids: str) -> list[Any]:
        """What bookkeeping has of purchases: the money's books, and the sums that are kept of the invoices."""
        path = f"/manage/v1/stores/{self.store_id}/payments"
        books: list[Any] = [(await self.manager.get(f"{path}/{each}")).body for each in invoice_ids]
        async with self.world.gateway.database.connection() as connection:
            rows = await connection.fetch(
                "SELECT id, institution_id, store_name, currency, total, vat, rates, paid_at, institution_invoice_id"
                " FROM invoices WHERE id = ANY($1) ORDER BY id",
                invoice_ids,
            )
        return [*books, *(dict(row) for row in rows)]

    async def sweep(self) -> None:
        """Lets the minute after an erasure pass."""
        async with self.world.gateway.database.transaction() as tx:
            await tx.execute("UPDATE outbox_messages SET due = '-infinity' WHERE kind = 'person.erased'")
            await resume(tx, "persons")

        async def swept() -> bool:
            async with self.world.gateway.database.connection() as connection:
                query = (
                    "SELECT bool_and(state = 'delivered') FROM outbox_messages WHERE kind = 'person.erased'"
                )
                return bool(await connection.fetchval(query))

        await until(swept)


@asynccontextmanager
async def private_world(database_url: str) -> AsyncIterator[PrivateWorld]:
    merchant = Everything()
    async with small_world(database_url, merchant=merchant) as world:
        made = PrivateWorld(world, merchant, await world.staff(Role.MANAGER))
        await made.prepare()
        yield made


@pytest.fixture
async def private(database_url: str) -> AsyncIterator[PrivateWorld]:
    """A store with all features, whose messages are delivered."""
    async with private_world(database_url) as made, made.world.gateway.working():
        yield made


async def erase(shopper: Shopper) -> Reply:
    return await shopper.call("DELETE", ME)


async def test_a_shopper_reads_and_changes_what_was_told(private: PrivateWorld) -> None:
    """What is not named stays, null takes away, and an email makes a client at once."""
    shopper = await private.world.shopper(**ABOUT)
    profile = (await shopper.get(ME)).body
    assert {name: profile[name] for name in ABOUT} == ABOUT
    changed = await shopper.call("PATCH", ME, {"name": "Mari Ploom", "phone": None})
    assert changed.body == (await shopper.get(ME)).body
    assert (changed.body["name"], changed.body["email"]) == ("Mari Ploom", ABOUT["email"])
    assert "phone" not in changed.body
    cart = await shopper.cart(private.store_id)
    assert cart["langCode"] == "ET"
    await shopper.call("PATCH", ME, {"langCode": "EN"})
    assert (await shopper.cart(private.store_id))["langCode"] == "EN"


@pytest.mark.parametrize("wrong", [{"email": "nonsense"}, {"langCode": None}, {"name": ""}, {"phone": "abc"}])
async def test_nonsense_about_a_person_is_refused(private: PrivateWorld, wrong: dict[str, Any]) -> None:
    """422 that names the field, and nothing is changed."""
    shopper = await private.world.shopper(**ABOUT)
    before = (await shopper.get(ME)).body
    reply = await shopper.call("PATCH", ME, wrong | {"name": "Else"} if "name" not in wrong else wrong)
    assert reply.status == 422
    assert f"$.{next(iter(wrong))}" in reply.text
    assert (await shopper.get(ME)).body == before


async def test_the_export_has_everything_and_nothing_of_others(private: PrivateWorld) -> None:
    """Profile, carts, checks, payments, purchases with details, orders and cards are as the API shows them."""
    stranger = await private.world.shopper(name="Keegi Muu")
    await private.bought(stranger)
    shopper = await private.member(**ABOUT)
    made = await private.full_life(shopper)
    data = (await shopper.get(DATA)).body
    assert data["profile"] == (await shopper.get(ME)).body
    assert {cart["id"]: cart for cart in data["carts"]} == {
        cart["id"]: await shopper.look(cart) for cart in made.values()
    }
    bought = [made["order"], made["receipt"], made["invoice"]]
    assert data["purchases"] == [
        (await shopper.get(f"/shop/v1/purchases/{cart['invoiceId']}")).body for cart in bought
    ]
    assert {"invoice", "receipt"} <= {name for purchase in data["purchases"] for name in purchase}
    assert data["orders"] == (await shopper.get("/shop/v1/orders")).body
    assert [card["cardNumber"] for card in data["loyaltyCards"]] == [NUMBER]
    assert sorted(payment["status"] for payment in data["payments"]) == [*["CAPTURED"] * 3, "DECLINED"]
    assert {check["invoiceId"] for check in data["checks"]} >= {cart["invoiceId"] for cart in bought}
    text = msgspec.json.encode(data).decode()
    assert "Keegi Muu" not in text
    assert shopper.headers["Authorization"].removeprefix("Bearer ") not in text


async def test_what_a_check_found_is_told_and_forgotten(private: PrivateWorld) -> None:
    """The export says why a cart was checked and what staff changed in it, as long as that is kept."""
    shopper, worker = await private.world.shopper(), await private.world.staff(Role.WORKER, private.store_id)
    private.merchant.decision = Decision.FULL
    cart = await shopper.check_out(await shopper.cart(private.store_id, BREAD, BREAD))
    row = {"id": "", "barcode": BREAD, "productName": "", "amount": 1, "rowPrice": 0}
    path, found = f"/work/v1/checks/{cart['invoiceId']}/result", {"status": "FAILED_ALLOW_PAYMENT"}
    assert (await worker.post(path, found | {"products": [row]})).status == 204
    (check,) = (await shopper.get(DATA)).body["checks"]
    (difference,) = check["differences"]
    assert (difference["barcode"], difference["before"], difference["after"]) == (BREAD, 2, 1)
    assert [reason["code"] for reason in check["reasons"]] == ["STORE"]
    manager = await private.world.staff(Role.MANAGER)
    seen = f"/manage/v1/stores/{private.store_id}/checks/{cart['invoiceId']}"
    assert (await manager.get(seen)).body["differences"] == check["differences"]
    assert (await erase(shopper)).status == 204
    assert (await manager.get(seen)).body.get("differences", []) == []


async def test_after_erasing_nothing_tells_who_the_shopper_was(private: PrivateWorld) -> None:
    """No column of any table holds name, email, phone, address or card number; sums, VAT and the ledger stay."""
    other = await private.world.shopper(name="Keegi Muu")
    await private.bought(other)
    others = (await other.get(DATA)).body
    joined = await Client(private.world.session, private.world.url, {}).post(
        "/shop/v1/shoppers", ABOUT, **KEY
    )
    shopper = Shopper(
        private.world.session, private.world.url, {"Authorization": f"Bearer {joined.body['token']}"}
    )
    await private.link(shopper)
    made = await private.full_life(shopper)
    invoice_ids = [made[kind]["invoiceId"] for kind in ("invoice", "receipt", "order")]
    books = await private.books(*invoice_ids)
    places = await private.places_of(*SECRETS)
    assert {"shoppers", "carts", "checks", "invoices", "orders", "loyalty_links", "kept_answers"} <= set(
        places
    )
    assert "outbox_messages" in places

    assert (await erase(shopper)).status == 204
    assert await private.places_of(*SECRETS, joined.body["token"]) == {}
    assert await private.books(*invoice_ids) == books
    assert [book["charged"] for book in books[:3]] == [2.73, 2.73, 5.39]
    assert (await other.get(DATA)).body == others
    again = await Client(private.world.session, private.world.url, {}).post("/shop/v1/shoppers", ABOUT, **KEY)
    assert (again.status, again.body["type"]) == (409, "idempotency-key-reused")


async def test_the_token_of_an_erased_shopper_is_dead_at_once(private: PrivateWorld) -> None:
    """Every door answers 401, the one to erase again too; carts are cancelled, and staff no longer wait for them."""
    private.merchant.decision = Decision.FULL
    shopper = await private.member(**ABOUT)
    cart = await shopper.check_out(await shopper.cart(private.store_id, BREAD))
    worker = await private.world.staff(Role.WORKER, private.store_id)
    assert len((await worker.get("/work/v1/checks")).body) == 1
    assert (await erase(shopper)).status == 204
    replies = [await erase(shopper), await shopper.get(ME), await shopper.get(DATA), await shopper.pay(cart)]
    assert {(reply.status, reply.body["type"]) for reply in replies} == {(401, "token-unknown")}
    assert (await worker.get("/work/v1/checks")).body == []
    result = {"invoiceId": cart["invoiceId"], "institutionId": private.store_id}
    late = await private.world.as_store().post("/v1/control/result", result | {"status": "PASSED"})
    assert (late.status, late.body["type"]) == (409, "check-closed")
    gone = await private.world.as_store().post("/v1/control/resend", result)
    assert gone.status == 404


async def test_nobody_is_erased_while_a_payment_is_under_way(private: PrivateWorld) -> None:
    """Where the money is has to be known first; nothing is changed until then."""
    shopper = await private.member(**ABOUT)
    cart = await shopper.check_out(await shopper.cart(private.store_id, BREAD))
    assert (await shopper.pay(cart, LOST_ANSWER_CARD)).status == 504
    before = (await shopper.get(DATA)).body
    refused = await erase(shopper)
    assert (refused.status, refused.body["type"], refused.body["retryable"]) == (
        409,
        "payment-under-way",
        True,
    )
    assert (await shopper.get(DATA)).body == before
    assert (await shopper.pay(cart)).body["state"] == "PAID"
    assert (await erase(shopper)).status == 204


async def test_nobody_is_erased_while_an_order_is_not_finished(private: PrivateWorld) -> None:
    """Somebody has to be able to bring it; once it is there, the shopper can be erased."""
    shopper = await private.member(**ABOUT)
    order = await private.ordered(shopper, "CONFIRMED", "SHIPPING")
    refused = await erase(shopper)
    assert (refused.status, refused.body["type"]) == (409, "order-open")
    assert (await shopper.get(f"/shop/v1/orders/{order['orderId']}")).body["shipment"]["contactPhone"]
    await private.move(order["orderId"], "COMPLETED")
    assert (await erase(shopper)).status == 204


async def test_an_order_that_was_never_paid_for_ends_with_its_shopper(private: PrivateWorld) -> None:
    """The card was declined, so nobody waits for the order: it is cancelled, and its recipient forgotten."""
    shopper = await private.member(**ABOUT)
    cart = await shopper.check_out(await private.brought(shopper))
    assert (await shopper.pay(cart, DECLINED_CARD)).status == 402
    assert (await erase(shopper)).status == 204
    assert await private.places_of(*SECRETS) == {}
    async with private.world.gateway.database.connection() as connection:
        assert await connection.fetchval("SELECT status FROM orders") == "CANCELLED_BY_CLIENT"


async def test_erasing_twice_at_once_does_no_harm(private: PrivateWorld) -> None:
    """One is answered with 204, the others with 401; nothing is left of the person."""
    shopper = await private.member(**ABOUT)
    await private.bought(shopper)
    replies = await asyncio.gather(*(erase(shopper) for _ in range(5)))
    assert sorted(reply.status for reply in replies) == [204, 401, 401, 401, 401]
    assert await private.places_of(*SECRETS) == {}


async def test_erasing_while_the_shopper_pays_and_scans(private: PrivateWorld) -> None:
    """Whoever comes first: money that was taken is in the books, and after the sweep nothing tells whose it was."""
    shopper = await private.member(**ABOUT)
    cart = await shopper.check_out(await shopper.cart(private.store_id, BREAD))
    line = {"barcode": MILK}
    new = {"institutionId": private.store_id}
    replies = await asyncio.gather(
        shopper.pay(cart),
        *(shopper.post("/shop/v1/carts", new, **{"Idempotency-Key": str(place)}) for place in range(3)),
        erase(shopper),
        shopper.post(f"/shop/v1/carts/{cart['id']}/lines", line),
        private.link(shopper),
    )
    assert all(reply.status < 500 for reply in replies), [reply.text for reply in replies]
    if replies[4].status == 409:
        assert replies[4].body["type"] == "payment-under-way"
        assert (await erase(shopper)).status == 204
    books = await private.books(cart["invoiceId"])
    assert books[0].get("charged", 0) == (1.49 if replies[0].status == 200 else 0)
    assert len(books) == (2 if replies[0].status == 200 else 1)
    await private.sweep()
    assert await private.places_of(*SECRETS) == {}


async def test_what_a_request_under_way_writes_after_its_shopper_is_erased_is_swept(
    private: PrivateWorld,
) -> None:
    """The node confirms a card when its holder is gone already: a moment later anybody can link it again."""
    shopper = await private.world.shopper(**ABOUT)
    gate = private.merchant.before_registering = Gate()
    linking = asyncio.create_task(private.link(shopper))
    await gate.reached.wait()
    assert (await erase(shopper)).status == 204
    gate.open.set()
    assert (await linking).status == 201
    await private.sweep()
    assert await private.places_of(*SECRETS) == {}
    private.merchant.before_registering = None
    assert (await private.link(await private.world.shopper())).status == 201


async def test_what_is_still_on_its_way_to_a_store_goes_there_without_the_person(database_url: str) -> None:
    """The paid invoice and the order's end arrive with their sums, but without the card and the address."""
    async with private_world(database_url) as private:
        shopper = await private.member(**ABOUT)
        bought = await private.bought(shopper)
        order = await private.ordered(shopper, "CONFIRMED", "SHIPPING", "COMPLETED")
        assert (await erase(shopper)).status == 204
        assert await private.places_of(*SECRETS) == {}
        async with private.world.gateway.working():
            told = ["WAITING_FOR_CONFIRMATION", "CONFIRMED", "SHIPPING", "COMPLETED"]
            await until(lambda: private.merchant.told(order["orderId"]) == told)
            await until(lambda: len(private.merchant.invoices) == 2)
    invoices = {invoice.id: invoice for invoice in private.merchant.invoices}
    assert float(invoices[bought["invoiceId"]].total.total_to_pay) == 2.73
    assert {invoice.buyer.loyalty_cards for invoice in invoices.values()} == {()}
    for heard in (*private.merchant.orders, *private.merchant.updates):
        assert (heard.shipment.address, heard.shipment.contact_phone, heard.shipment.name) == (
            None,
            None,
            None,
        )
        assert float(heard.order_total_price) == 5.39
