"""Ids of what is written all the time."""

from uuid import UUID

from gateway.journeys.world import BREAD, World, small_world
from smarts.gateway.ids import new_id

MANY = 20_000


def test_ids_are_ordered_by_when_they_were_made() -> None:
    """Of two ids, the one made in a later millisecond is the greater one; a UUID of version 7 as others make them."""
    ids = [new_id() for _ in range(MANY)]
    moments = [UUID(each).int >> 80 for each in ids]
    assert moments == sorted(moments)
    assert moments[0] < moments[-1]
    assert {(UUID(each).version, UUID(each).variant) for each in ids} == {(7, UUID(ids[0]).variant)}
    assert UUID(ids[0]).variant == "specified in RFC 4122"


def test_ids_cannot_be_guessed() -> None:
    """What is not time is random: none comes twice, and each of the 74 bits is set in about half of them."""
    ids = [UUID(new_id()).int for _ in range(MANY)]
    assert len(set(ids)) == MANY
    random_bits = [*range(62), *range(64, 76)]
    shares = [sum(each >> bit & 1 for each in ids) / MANY for bit in random_bits]
    assert all(0.45 < share < 0.55 for share in shares)


async def test_what_a_purchase_writes_has_such_ids(database_url: str) -> None:
    """Cart, invoice and payment stand at the end of their indexes; who bought it has an id that tells no time."""
    async with small_world(database_url) as world:
        cart, person = await _purchase(world)
    ids = [cart["id"], cart["invoiceId"], cart["payment"]["id"]]
    assert [UUID(each).version for each in ids] == [7, 7, 7]
    assert UUID(person).version == 4


async def _purchase(world: World) -> tuple[dict[str, object], str]:
    shopper = await world.shopper()
    paid = await shopper.pay(await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))
    return paid.body, (await shopper.get("/shop/v1/shoppers/me")).body["personId"]
