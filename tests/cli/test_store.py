"""`smarts store` and `smarts migrate` on a real database, and the tokens at a real gateway."""

import asyncio
import re
from hashlib import sha256
from typing import Any

from cli.commands import Ended, smarts
from gateway.journeys.world import Merchant, World, small_world, until
from smarts.caller import Target
from smarts.gateway.storage.database import Database
from smarts.wire.nodes import HealthStatus, PartHealth

NODE = ("--node-url", "https://node.example/smarts", "--node-token", "the-nodes-secret")


async def added(database_url: str, name: str, *more: str) -> dict[str, str]:
    """A new store: its `institutionId` and `accessToken`."""
    ended = await smarts("store", "add", name, *NODE, "--json", *more, SMARTS_DATABASE_URL=database_url)
    assert ended.code == 0, ended.err
    document: dict[str, str] = ended.json
    return document


async def everything_in(database: Database) -> str:
    """All rows of all tables as text; bytes are in hexadecimal."""
    async with database.connection() as connection:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows = [await connection.fetch(f"SELECT t::text FROM {table[0]} AS t") for table in tables]
    return "\n".join(row[0] for of_table in rows for row in of_table)


async def test_tokens_are_shown_once_and_kept_as_hashes(database_url: str, database: Database) -> None:
    """Neither the database nor any later answer holds a token that was shown."""
    store = await added(database_url, "Nurgapood")
    another, listed, shown = await asyncio.gather(
        *(
            smarts("store", *command, SMARTS_DATABASE_URL=database_url)
            for command in (
                ("token", store["institutionId"], "--json"),
                ("list", "--json"),
                ("show", store["institutionId"]),
            )
        )
    )
    tokens = [store["accessToken"], another.json["accessToken"]]
    kept = await everything_in(database)
    for token in tokens:
        assert token not in kept + listed.out + shown.out + listed.err + shown.err
        assert sha256(token.encode()).hexdigest() in kept
    assert "the-nodes-secret" not in listed.out + shown.out


async def test_a_signing_secret_is_made_and_taken_away(database_url: str, database: Database) -> None:
    """It is shown once, and `show` says that requests are signed with it, until that is stopped."""
    store = (await added(database_url, "Nurgapood"))["institutionId"]
    command = ("store", "signing-secret", store, "--json")
    made = await smarts(*command, SMARTS_DATABASE_URL=database_url)
    assert made.json["signingSecret"].startswith("whsec_"), made.err
    shown = await smarts("store", "show", store, SMARTS_DATABASE_URL=database_url)
    assert ("signedRequests: True" in shown.out, made.json["signingSecret"] in shown.out) == (True, False)
    gone = await smarts(*command, "--remove", SMARTS_DATABASE_URL=database_url)
    assert gone.json == {"institutionId": store, "signed": False}
    assert made.json["signingSecret"] not in await everything_in(database)


async def test_stores_are_listed_and_shown(database_url: str) -> None:
    """The newest first, with what was given and what was left to us; in lines for people, in JSON for programs."""
    more = ("--time-zone", "UTF+2", "--currency", "usd", "--no-merchant-side-control")
    one = await added(database_url, "Tartu [pood]", *more)
    other = await added(database_url, "Antsla pood")
    listed, for_people, shown = await asyncio.gather(
        *(
            smarts("store", *command, SMARTS_DATABASE_URL=database_url)
            for command in (("list", "--json"), ("list",), ("show", one["institutionId"], "--json"))
        )
    )
    names = {other["institutionId"]: "Antsla pood", one["institutionId"]: "Tartu [pood]"}
    assert [(each["institutionId"], each["name"]) for each in listed.json] == list(names.items())
    assert for_people.out.splitlines() == [f"{identity}  {name}" for identity, name in names.items()]
    facts = {"name": "Tartu [pood]", "timeZone": "UTC+2", "currency": "USD", "nodeUrl": NODE[1]}
    assert {name: shown.json[name] for name in facts} == facts
    assert shown.json["merchantSidePurchaseControl"] is False


async def test_a_store_is_somewhere(database_url: str) -> None:
    """Latitude and longitude go together, and a VAT number has to be right: what is wrong is told and nothing added."""
    place = ("--latitude", "-33.5", "--longitude", "151.25")
    store = await added(database_url, "Kaugel", *place)
    shown = await smarts("store", "show", store["institutionId"], "--json", SMARTS_DATABASE_URL=database_url)
    assert shown.json["place"] == "-33.5, 151.25"
    half, wrong, beyond = await asyncio.gather(
        *(
            smarts("store", "add", "Ei tule", *NODE, *more, SMARTS_DATABASE_URL=database_url)
            for more in (place[:2], ("--vat-number", "EE100594103"), ("--latitude", "91", *place[2:]))
        )
    )
    assert (half.code, "go together" in half.err) == (1, True)
    assert (wrong.code, "vatNumber" in wrong.err) == (1, True)
    assert beyond.code == 2
    listed = await smarts("store", "list", "--json", SMARTS_DATABASE_URL=database_url)
    assert [each["name"] for each in listed.json] == ["Kaugel"]


async def test_a_stores_node_is_shown_as_it_is(database_url: str) -> None:
    """Its state and since when, what it is and can do, how its parts are, what failed last; nothing it cannot say."""

    class Shop(Merchant):
        paper = PartHealth(HealthStatus.UP)

        def health(self) -> dict[str, PartHealth]:
            return {"printer": self.paper}

    shop = Shop()
    async with small_world(database_url, merchant=shop) as world:

        async def shown(*more: str) -> Ended:
            return await smarts(
                "store", "show", world.institution_id, *more, SMARTS_DATABASE_URL=database_url
            )

        new = await shown()
        assert "node: UNKNOWN since 20" in new.out
        await world.gateway.watcher.ask(world.institution_id)
        shop.paper = PartHealth(HealthStatus.DEGRADED, "low on\x1b[31mpaper")
        await world.gateway.watcher.ask(world.institution_id)
        node = (await shown("--json")).json["node"]
        assert (node["state"], node["version"]["name"]) == ("DEGRADED", "tests")
        assert node["health"]["checks"] == {
            "printer": {"status": "DEGRADED", "detail": "low on\x1b[31mpaper"}
        }
        for_people = await shown()
        assert f"node: DEGRADED since {node['since']}\n" in for_people.out
        features = ", ".join(node["version"]["features"])
        assert "purchase-control" in features
        assert f"nodeVersion: tests 1, contract 1.0\nnodeFeatures: {features}\n" in for_people.out
        assert "nodeHealth: printer DEGRADED (low on�[31mpaper)" in for_people.out
        assert "nodeFailure" not in for_people.out
        async with world.gateway.database.transaction() as tx:
            await world.gateway.registry.set(tx, world.institution_id, Target("http://127.0.0.1:9", "t"))
        await world.gateway.watcher.ask(world.institution_id)
        gone = await shown()
        assert "node: UNREACHABLE since 20" in gone.out
        assert re.search(r"nodeFailure: 20.*Z health: .* cannot be reached", gone.out)


async def status(world: World, store: dict[str, str], token: str) -> int:
    """How the gateway answers the store that asks for a check which it does not have: 404, or 401 to a stranger."""
    body: dict[str, Any] = {"invoiceId": "none", "institutionId": store["institutionId"]}
    return (await world.as_store(token).post("/v1/control/resend", body)).status


async def test_an_old_token_works_until_the_end_of_the_overlap(database_url: str) -> None:
    """A rotation stops nobody: the old token goes on for as long as was said, the new one works at once."""

    async def rotated(store: dict[str, str], *overlap: str) -> str:
        ended = await smarts(
            "store", "token", store["institutionId"], "--json", *overlap, SMARTS_DATABASE_URL=database_url
        )
        token: str = ended.json["accessToken"]
        return token

    store = await added(database_url, "Nurgapood")
    async with small_world(database_url) as world:
        first = store["accessToken"]
        second = await rotated(store)
        assert [await status(world, store, token) for token in (first, second)] == [404, 404]
        third = await rotated(store, "--overlap-hours", "0.0003")
        assert await status(world, store, third) == 404

        async def over() -> bool:
            return await status(world, store, first) == await status(world, store, second) == 401

        await until(over)
        assert await status(world, store, third) == 404


async def test_a_node_in_ones_own_network_has_to_be_allowed(database_url: str, database: Database) -> None:
    """The refusal names the address and the setting, and adds nothing; with the setting the store is added."""
    command = ("store", "add", "Nurgapood", "--node-url", "http://10.0.0.7:8081", "--node-token", "t")
    refused = await smarts(*command, SMARTS_DATABASE_URL=database_url)
    assert (refused.code, refused.out) == (1, "")
    for words in ("--node-url", "10.0.0.7", "public", "SMARTS_ALLOW_PRIVATE_NODES"):
        assert words in refused.err
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM institutions") == 0
        assert await connection.fetchval("SELECT count(*) FROM merchants") == 0
    allowed = await smarts(*command, SMARTS_DATABASE_URL=database_url, SMARTS_ALLOW_PRIVATE_NODES="yes")
    assert (allowed.code, "institutionId: " in allowed.out) == (0, True)
    assert "never again" in allowed.out


async def test_a_store_that_is_not_there_is_said_to_be_missing(database_url: str) -> None:
    """Exit code 1 and a sentence."""
    ended = await smarts("store", "show", "nowhere", SMARTS_DATABASE_URL=database_url)
    assert (ended.code, ended.out, ended.err) == (1, "", "smarts: There is no such store\n")


async def test_migrations_are_applied_once_whoever_calls(empty_database_url: str) -> None:
    """Two machines at once share the work, and who comes later is told that there is none."""
    at_once = await asyncio.gather(
        *(smarts("migrate", "--json", SMARTS_DATABASE_URL=empty_database_url) for _ in range(2))
    )
    applied = [name for ended in at_once for name in ended.json["applied"]]
    assert applied
    assert sorted(applied) == sorted(set(applied))
    later = await smarts("migrate", SMARTS_DATABASE_URL=empty_database_url)
    assert (later.code, later.out) == (0, "The database is up to date.\n")
