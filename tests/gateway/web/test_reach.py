"""Nobody sees or changes what is another merchant's, another store's, or not theirs to do: every page, every row."""

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from gateway.journeys.delivering import Delivering
from gateway.journeys.delivering import delivering_world as delivers
from gateway.journeys.world import BREAD, MILK, Client, World
from gateway.web.browsing import Browser, add_person, browser, signed_in
from smarts.gateway.parties import Role
from smarts.gateway.stores.campaigns import keyed
from smarts.wire.control import Decision
from smarts.wire.products import Campaign

_CARD = {
    "type": "DEFAULT",
    "name": {"originalText": "Kliendikaart"},
    "validationTypes": ["CARD_NUMER"],
}
_TERMS = {
    "price": 1,
    "vatRate": 24,
    "weekdays": ["MONDAY"],
    "hoursFrom": "00:00",
    "hoursTo": "00:00",
    "reactWithinMinutes": 60,
    "deliverWithinMinutes": 60,
}
# Fields that are unknown are ignored, so one document is right for all rows.
_BODY = _TERMS | {
    "status": "PASSED",
    "amount": 0.5,
    "campaign": {"name": "x", "code": "B00000000004", "operation": "total"},
    "since": "2026-01-01T00:00:00Z",
    "products": [],
    "policy": {},
}  # fmt: skip
_FORM = {
    "status": "PASSED",
    "amount": "0.5",
    "barcode": BREAD,
    "replaces": MILK,
    "name": "Piim",
    "role": "worker",
    "direction": "up",
    "rescanned": '{"differs": true, "products": []}',
}
_SEEN_BY_NATURE = ("staff_sessions", "sign_in_attempts")


@dataclass
class Shop:
    """A store in which something of every kind has happened, with the ids of it all by their names in addresses."""

    world: World
    ids: Mapping[str, str]

    def pages(self, *prefixes: str, about_one: bool = False) -> list[tuple[str, str]]:
        """Method and address of all pages that begin so, or of those among them that are about one thing."""
        site: Any = self.world.gateway.site
        pages = ((route.path, method) for route in site._app.routes for method in route.methods or ())
        return self._addresses(pages, prefixes, about_one=about_one)

    def rows(self, *prefixes: str, about_one: bool = False) -> list[tuple[str, str]]:
        """The same of the API."""
        rows = ((route.path, route.method) for route in self.world.gateway.routes)
        return self._addresses(rows, prefixes, about_one=about_one)

    def _addresses(
        self, lines: Iterable[tuple[str, str]], prefixes: tuple[str, ...], *, about_one: bool
    ) -> list[tuple[str, str]]:
        found = [
            (method, self._filled(path))
            for path, method in lines
            if path.startswith(prefixes) and method != "HEAD" and ("{" in path or not about_one)
        ]
        assert found
        return found

    def _filled(self, path: str) -> str:
        by_path = {"/work/checks": "open", "/work/v1/checks": "open", "/work/orders": "order"}
        by_path |= {"/work/v1/orders": "order", "/manage/v1/loyalty-kinds": "kind"}
        own = next((name for prefix, name in by_path.items() if path.startswith(prefix)), "id")
        ids = dict(self.ids) | {"id": self.ids[own]}
        if own == "open":
            ids["invoiceId"] = ids["id"]
        return re.sub(r"{(\w+)}", lambda found: ids[found[1]], path)

    async def kept(self) -> dict[str, str]:
        """What stands in each table."""
        async with self.world.gateway.database.connection() as connection:
            names = await connection.fetch(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
            )
            return {
                name: await connection.fetchval(
                    f"SELECT md5(coalesce(string_agg(each::text, '' ORDER BY each::text), '')) FROM {name} AS each"
                )
                for (name,) in names
                if name not in _SEEN_BY_NATURE
            }


async def _happened(made: Delivering) -> Shop:
    world, manager = made.world, made.manager
    await world.change_store(campaigns=(Campaign("Kampaania", "B00000000004", "total"),))
    kind = (await manager.post("/manage/v1/loyalty-kinds", _CARD)).body
    order = await made.order()
    cart = await made.shopper.check_out(await made.shopper.cart(world.institution_id, BREAD))
    assert (await made.shopper.pay(cart)).status == 200
    made.merchant.decision = Decision.FULL
    waiting = await made.shopper.check_out(await made.shopper.cart(world.institution_id, MILK))
    person = await add_person(world, Role.WORKER)
    sent = (await manager.get(f"/manage/v1/stores/{world.institution_id}/messages")).body
    store = await world.gateway.stores.get(world.institution_id)
    return Shop(
        world,
        {
            "id": world.institution_id,
            "order": order["id"],
            "orderId": order["id"],
            "invoice": cart["invoiceId"],
            "invoiceId": cart["invoiceId"],
            "open": waiting["invoiceId"],
            "person": person.person_id,
            "kind": kind["id"],
            "key": next(iter(keyed(store.campaigns))),
            "message": sent[0]["id"],
            "version": "1",
            "messageId": sent[0]["id"],
            "method": "COURIER",
        },
    )


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Shop]:
    """Nothing is delivered meanwhile."""
    async with delivers(database_url) as made:
        yield await _happened(made)


async def _strangers(world: World) -> World:
    """The same gateway, seen by another merchant with a store of their own."""
    other, _ = await world.add_store("http://127.0.0.1:9", name="Somebody else's")
    return replace(world, institution_id=other)


def _body(address: str) -> dict[str, Any]:
    """A document that is right for the row of this address."""
    if "loyalty-kinds" in address:
        return _CARD
    return _BODY | ({"status": "CONFIRMED"} if "/orders/" in address else {})


async def _send(browser: Browser, method: str, address: str, csrf: str = "") -> tuple[str, int]:
    """Opens a page, or sends it a form that is right in all else."""
    seen = await (browser.get(address) if method == "GET" else browser.post(address, _FORM | {"csrf": csrf}))
    return f"{method} {address}", seen.status


async def test_strangers_have_to_sign_in(shop: Shop) -> None:
    """No page of staff shows anything, and no row of the staff's API answers, to whoever has not signed in."""
    before = await shop.kept()
    async with browser(shop.world) as nobody:
        for method, address in shop.pages("/manage", "/work", "/operate", "/account"):
            assert await _send(nobody, method, address) == (f"{method} {address}", 303)
    anybody = Client(shop.world.session, shop.world.url, {})
    for method, address in shop.rows("/manage/v1", "/work/v1", "/operate/v1"):
        assert (await anybody.call(method, address, _body(address))).status == 401, address
    assert await shop.kept() == before


@pytest.mark.parametrize("role", [Role.MANAGER, Role.WORKER])
async def test_another_merchants_staff_find_nothing(shop: Shop, role: Role) -> None:
    """With a session or a token of another merchant all of a store is hidden."""
    world = await _strangers(shop.world)
    token = await world.staff(role, world.institution_id)
    async with signed_in(world, role) as browser:
        csrf, before = (await browser.get("/account")).csrf(), await shop.kept()
        manages = 404 if role is Role.MANAGER else 403
        for prefix, status in (("/manage/stores/", manages), ("/work/", 404), ("/operate", 403)):
            for method, address in shop.pages(prefix, about_one=prefix != "/operate"):
                assert await _send(browser, method, address, csrf) == (f"{method} {address}", status)
        for prefix, status in (("/manage/v1", manages), ("/work/v1", 404), ("/operate/v1", 403)):
            for method, address in shop.rows(prefix, about_one=prefix != "/operate/v1"):
                reply = await token.call(method, address, _body(address))
                assert (address, reply.status) == (address, status), reply.text
        assert await shop.kept() == before


async def test_forms_of_other_sites_change_nothing(shop: Shop) -> None:
    """Whatever staff may do is refused where it does not come from a page of their own session."""
    for role, prefix in ((Role.MANAGER, "/manage"), (Role.WORKER, "/work"), (Role.OPERATOR, "/operate")):
        async with signed_in(shop.world, role) as browser:
            before = await shop.kept()
            for method, address in shop.pages(prefix, "/account", "/sign-out"):
                if method == "POST":
                    assert await _send(browser, method, address) == (f"POST {address}", 403)
            assert await shop.kept() == before
