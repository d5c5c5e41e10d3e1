"""Two merchants, their stores, and who lives there, behind one gateway."""

from dataclasses import dataclass, replace
from typing import Any

from gateway.journeys.world import World
from gateway.web.browsing import add_person
from isolation import callers
from isolation.callers import Caller
from isolation.estates import Estate, add_store, hired, settle_in, sign_in_all, signed_in
from isolation.lines import Door, doors_of
from smarts.gateway.app import application
from smarts.gateway.parties import Role


@dataclass
class Street:
    """Two merchants: ours with two stores, another with one; in each store somebody lives, in our first one two do."""

    world: World
    app: Any
    doors: list[Door]
    ours: Estate
    neighbour: Estate  # another shopper in our first store
    sister: Estate  # another store of our merchant
    other: Estate  # another merchant's
    gone: list[Caller]
    operators: list[Caller]

    def foreign_to(self, caller: Caller, role: Role | None) -> list[Estate]:
        """Whose things are not the caller's."""
        if caller.shops:
            return [self.neighbour, self.sister, self.other]
        return [self.other] if role is Role.MANAGER else [self.sister, self.other]


async def made_street(world: World) -> Street:
    """Everybody moves in."""
    gateway = world.gateway
    target = await gateway.registry.target(world.institution_id)
    assert target
    async with gateway.database.transaction() as tx:
        us, them = [await gateway.stores.merchant(tx, name) for name in ("Our merchant", "Their merchant")]
    first, second, third = [
        await add_store(world, merchant, target.base_url, name)
        for merchant, name in ((us, "First store"), (us, "Second store"), (them, "Third store"))
    ]
    ours, neighbour, sister, other = [
        await settle_in(world, *store) for store in (first, first, second, third)
    ]
    app = application(gateway)
    doors = doors_of(app.routes, _pages(gateway.site))
    for estate in (ours, other):
        await sign_in_all(estate)
    gone = [caller for estate in (ours, other) for caller in await _gone(estate)]
    operators = await _operators(world)
    return Street(world, app, doors, ours, neighbour, sister, other, gone, operators)


async def _operators(world: World) -> list[Caller]:
    """Somebody who runs the gateway, by token and by session."""
    token = await world.staff(Role.OPERATOR)
    person = await add_person(world, Role.OPERATOR)
    session = await world.gateway.accounts.sign_in(person.email, person.password, "10.0.0.3")
    everywhere = frozenset({"operator token", "operator session"})
    return [
        replace(Caller("an operator's token", token.headers), opens=everywhere - {"operator session"}),
        replace(
            callers.signed_in("an operator's session", session, None), opens=everywhere - {"operator token"}
        ),
    ]


def _pages(site: Any) -> list[Any]:
    """The rows of the pages, whatever is wrapped around them."""
    while not hasattr(site, "routes"):
        (site,) = [each for each in vars(site).values() if callable(each)]
    return list(site.routes)


async def _gone(made: Estate) -> list[Caller]:
    """Those whose rights have ended: a shopper erased, staff dismissed and signed out, a token rotated out."""
    world, gateway = made.world, made.world.gateway
    erased = await world.shopper()
    assert (await erased.call("DELETE", "/shop/v1/shoppers/me")).status == 204
    shop = made.store
    async with gateway.database.transaction() as tx:
        token = await gateway.people.add_staff(
            tx, "Dismissed", Role.MANAGER, shop.merchant_id, frozenset(), f"dismissed {made.marker}"
        )
        await gateway.accounts.dismiss(tx, shop.merchant_id, f"dismissed {made.marker}")
        old, new = [
            await gateway.stores.new_token(tx, shop.institution_id, overlap_seconds=0) for _ in range(2)
        ]
    made.access_token = new.token
    session = await signed_in(world, (await hired(world, shop, Role.MANAGER, "Gone"))[0])
    await gateway.accounts.sign_out(session)
    return [
        Caller("an erased shopper's token", erased.headers),
        Caller("a dismissed manager's token", {"Authorization": f"Bearer {token}"}),
        Caller("a store's token that was rotated out", {"accessToken": old.token}),
        callers.signed_in("a session that was ended", session, None),
    ]
