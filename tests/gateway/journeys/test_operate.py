"""What operators do over HTTP about messages that were given up."""

from typing import Any

import pytest

from gateway.journeys.world import BREAD, Client, World, until
from smarts.gateway.parties import Role
from smarts.node import Refused

LETTERS = "/operate/v1/dead-letters"


async def dead_letters(world: World, count: int) -> tuple[Client, list[dict[str, Any]]]:
    """An operator, and the dead letters of purchases whose invoices the node refused."""
    world.merchant.trouble_with_invoices = Refused("The books are closed")
    operator, shopper = await world.staff(Role.OPERATOR), await world.shopper()
    for _ in range(count):
        await shopper.pay(await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))

    async def all_dead() -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = (await operator.get(LETTERS)).body
        return found if len(found) == count else None

    letters = await until(all_dead)
    world.merchant.trouble_with_invoices = None
    return operator, letters


async def test_dead_letters_are_paged(world: World) -> None:
    """The latest first, so many at a time, of a store or a kind where asked for."""
    operator, letters = await dead_letters(world, 3)
    first = (await operator.get(f"{LETTERS}?limit=2")).body
    rest = (await operator.get(f"{LETTERS}?limit=2&after={first[-1]['id']}")).body
    assert first + rest == letters
    assert (
        await operator.get(f"{LETTERS}?lane={world.institution_id}&kind={letters[0]['kind']}")
    ).body == letters
    assert (await operator.get(f"{LETTERS}?lane=elsewhere")).body == []
    assert (await operator.get(f"{LETTERS}?limit=0")).status == 422


async def test_many_dead_letters_are_replayed_at_once(world: World) -> None:
    """After a node was mended, all that it refused is delivered by one request, and none twice."""
    operator, letters = await dead_letters(world, 3)
    nothing = await operator.post(f"{LETTERS}/replay", {"diedTo": letters[-1]["diedAt"]})
    assert (nothing.status, nothing.body) == (200, {"replayed": 0})
    replayed = await operator.post(
        f"{LETTERS}/replay", {"lane": world.institution_id, "kind": letters[0]["kind"]}
    )
    assert replayed.body == {"replayed": 3}
    await until(lambda: len(world.merchant.invoices) == 3)
    assert (await operator.get(LETTERS)).body == []
    assert (await operator.post(f"{LETTERS}/replay", {})).body == {"replayed": 0}


@pytest.mark.parametrize(
    ("body", "path"), [({"diedFrom": "yesterday"}, "$.diedFrom"), ({"lane": 5}, "$.lane"), ([], "$")]
)
async def test_what_to_replay_is_read_strictly(world: World, body: Any, path: str) -> None:
    """422 that names the field, and 403 for who is no operator."""
    operator, manager = await world.staff(Role.OPERATOR), await world.staff(Role.MANAGER)
    reply = await operator.post(f"{LETTERS}/replay", body)
    assert (reply.status, reply.body["errors"][0]["path"]) == (422, path)
    assert (await manager.post(f"{LETTERS}/replay", {})).status == 403
