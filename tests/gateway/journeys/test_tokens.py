"""Tokens for programs do as little as they are for, end, and are ended; a shopper signs out everywhere."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.journeys.world import BREAD, Client, Shopper, World, small_world
from postgres_fixtures import TEMPLATE, database_urls
from smarts.gateway.parties import Role
from smarts.gateway.people.programs import MOST_TOKENS
from smarts.gateway.storage.embedded import EmbeddedPostgres
from smarts.wire.control import Decision

TOKENS = "/work/v1/tokens"


@pytest.fixture(scope="module")
async def world(postgres: EmbeddedPostgres) -> AsyncIterator[World]:
    async for url in database_urls(postgres, TEMPLATE):
        async with small_world(url) as made:
            yield made


async def program(world: World, person: Client, **wanted: Any) -> Client:
    """A program with a token of its own."""
    reply = await person.post(TOKENS, {"name": "till"} | wanted)
    assert reply.status == 201, reply.text
    return Client(world.session, world.url, {"Authorization": f"Bearer {reply.body['token']}"})


async def stores_seen(program: Client) -> set[str]:
    """The stores whose waiting carts a program sees."""
    reply = await program.get("/work/v1/checks")
    assert reply.status == 200, reply.text
    return {check["institutionId"] for check in reply.body}


async def two_stores(world: World) -> tuple[str, str]:
    """The store and another one of its merchant, in each of which a cart waits."""
    node = await world.gateway.registry.target(world.institution_id)
    assert node
    other, _ = await world.add_store(node.base_url)
    async with world.gateway.database.connection() as connection:
        await connection.execute(
            "UPDATE institutions SET merchant_id = (SELECT merchant_id FROM institutions WHERE id = $1) WHERE id = $2",
            world.institution_id,
            other,
        )
    world.merchant.decision = Decision.FULL
    shopper = await world.shopper()
    for institution_id in (world.institution_id, other):
        await shopper.check_out(await shopper.cart(institution_id, BREAD))
    return world.institution_id, other


async def test_a_program_acts_with_the_rights_that_its_token_has(world: World) -> None:
    """A manager's program for one store works there, in no other store, and manages nothing."""
    ours, _ = await two_stores(world)
    manager = await world.staff(Role.MANAGER)
    till = await program(world, manager, institutionIds=[ours])
    assert await stores_seen(till) == {ours}
    assert (await till.get("/manage/v1/stores")).status == 403
    assert (await manager.get("/manage/v1/stores")).status == 200


async def test_a_token_for_reading_changes_nothing(world: World) -> None:
    """With it everything that the person sees is seen, and every row that could change something is refused."""
    manager = await world.staff(Role.MANAGER)
    reader = await program(world, manager, readsOnly=True)
    assert (await reader.get(f"/manage/v1/stores/{world.institution_id}")).status == 200
    for route in world.gateway.routes:
        if route.path.startswith(("/manage/v1", "/work/v1", "/operate/v1")) and route.method != "GET":
            path = route.path.replace("{id}", world.institution_id)
            reply = await reader.call(route.method, path, {})
            assert (route.path, reply.status) == (route.path, 403)


async def test_a_token_has_no_more_rights_than_its_person(world: World) -> None:
    """A worker gets no manager's token, none for a store elsewhere, and a program makes and ends no tokens."""
    worker = await world.staff(Role.WORKER, world.institution_id)
    other, _ = await world.add_store("http://127.0.0.1:9")
    for wanted, status in (
        ({"role": "manager"}, 422),
        ({"role": "operator"}, 422),
        ({"institutionIds": [other]}, 404),
        ({"role": "worker", "institutionIds": []}, 422),
        ({"institutionIds": [world.institution_id], "days": 0}, 422),
        ({"institutionIds": [world.institution_id], "days": 367}, 422),
        ({"institutionIds": [world.institution_id], "name": ""}, 422),
    ):
        assert (await worker.post(TOKENS, {"name": "x"} | wanted)).status == status, wanted
    till = await program(world, worker, institutionIds=[world.institution_id])
    assert (await till.post(TOKENS, {"name": "x", "institutionIds": [world.institution_id]})).status == 403
    (token,) = (await worker.get(TOKENS)).body
    assert (await till.call("DELETE", f"{TOKENS}/{token['id']}")).status == 403


async def test_rights_that_a_person_loses_are_lost_to_the_programs_at_once(world: World) -> None:
    """A worker who is taken out of a store takes the tokens along; one who is dismissed takes all of them."""
    ours, other = await two_stores(world)
    worker = await world.staff(Role.WORKER, ours, other)
    till = await program(world, worker, institutionIds=[ours, other])
    assert await stores_seen(till) == {ours, other}
    database = world.gateway.database
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE staff SET institution_ids = ARRAY[$1] WHERE id = (SELECT staff_id FROM staff_tokens ORDER BY"
            " created_at DESC LIMIT 1)",
            other,
        )
    assert await stores_seen(till) == {other}
    async with database.connection() as connection:
        await connection.execute(
            "DELETE FROM staff WHERE id = (SELECT staff_id FROM staff_tokens ORDER BY created_at DESC LIMIT 1)"
        )
    assert (await till.get("/work/v1/checks")).status == 401


async def test_tokens_are_listed_with_their_last_use_and_ended(world: World) -> None:
    """A person sees what each token may do and when it was used, never the token itself, and can end it at once."""
    manager, colleague = await world.staff(Role.MANAGER), await world.staff(Role.MANAGER)
    reader = await program(world, manager, name="reports", readsOnly=True, days=1)
    (told,) = (await manager.get(TOKENS)).body
    assert (told["name"], told["role"], told["readsOnly"], told["usedAt"]) == (
        "reports",
        "manager",
        True,
        None,
    )
    assert "token" not in told
    await reader.get("/manage/v1/stores")
    (told,) = (await manager.get(TOKENS)).body
    assert told["usedAt"] is not None
    assert (await colleague.get(TOKENS)).body == []
    assert (await colleague.call("DELETE", f"{TOKENS}/{told['id']}")).status == 404
    assert (await manager.call("DELETE", f"{TOKENS}/{told['id']}")).status == 204
    assert (await reader.get("/manage/v1/stores")).status == 401


async def test_a_token_ends_by_itself(world: World) -> None:
    """After its last day a token is as unknown as one that never was, and makes room for another."""
    manager = await world.staff(Role.MANAGER)
    reader = await program(world, manager, readsOnly=True)
    for _ in range(MOST_TOKENS - 1):
        await program(world, manager, readsOnly=True)
    assert (await manager.post(TOKENS, {"name": "one too many"})).status == 409
    async with world.gateway.database.connection() as connection:
        await connection.execute("UPDATE staff_tokens SET expires_at = now()")
    assert (await reader.get("/manage/v1/stores")).status == 401
    assert (await manager.post(TOKENS, {"name": "the next one"})).status == 201


async def test_a_new_token_of_a_person_ends_all_before(world: World) -> None:
    """Whose token a manager replaces has lost all of them, those for programs included."""
    manager = await world.staff(Role.MANAGER)
    reader = await program(world, manager, readsOnly=True)
    gateway = world.gateway
    async with gateway.database.connection() as connection:
        person = await connection.fetchval(
            "SELECT staff_id FROM staff_tokens ORDER BY created_at DESC LIMIT 1"
        )
    store = await gateway.stores.get(world.institution_id)
    colleague = await gateway.accounts.colleague(store.merchant_id, person)
    async with gateway.database.transaction() as tx:
        await gateway.accounts.new_token(tx, colleague.staff)
    assert (await manager.get(TOKENS)).status == (await reader.get("/manage/v1/stores")).status == 401


async def test_only_hashes_of_tokens_are_kept(world: World) -> None:
    """Whoever reads the whole database finds no token of a program and none of a shopper."""
    manager, shopper = await world.staff(Role.MANAGER), await world.shopper()
    token = (await manager.post(TOKENS, {"name": "x"})).body["token"]
    following = (await shopper.post("/shop/v1/shoppers/me/token")).body["token"]
    async with world.gateway.database.connection() as connection:
        names = [row[0] for row in await connection.fetch(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )]  # fmt: skip
        for name in names:
            rows = await connection.fetchval(f"SELECT string_agg(each::text, ' ') FROM {name} AS each") or ""
            for secret in (token, following, shopper.headers["Authorization"].split()[1]):
                assert secret not in rows, name
                assert secret.encode().hex() not in rows, name


async def test_a_shopper_signs_out_everywhere_else(world: World) -> None:
    """The new token ends the old one with its first use, and until then an answer that got lost locks nobody out."""
    shopper = await world.shopper(name="Mari")
    cart = await shopper.cart(world.institution_id, BREAD)
    lost = await shopper.post("/shop/v1/shoppers/me/token")
    assert lost.status == 201
    assert (await shopper.get("/shop/v1/shoppers/me")).status == 200, "nothing has used the new one"
    token = (await shopper.post("/shop/v1/shoppers/me/token")).body["token"]
    renewed = Shopper(world.session, world.url, {"Authorization": f"Bearer {token}"})
    assert (await renewed.look(cart))["lines"]
    world.gateway.people._shoppers._rows.clear()  # what other processes do within two seconds
    assert (await shopper.get("/shop/v1/shoppers/me")).status == 401
    thief = Shopper(world.session, world.url, {"Authorization": f"Bearer {lost.body['token']}"})
    assert (await thief.get("/shop/v1/shoppers/me")).status == 401
    assert (await renewed.get("/shop/v1/shoppers/me")).body["name"] == "Mari"
