"""The staff's tab: somebody with several stores, another role, another email, another token."""

import re

import pytest

from gateway.journeys.world import World
from gateway.web.browsing import Browser, Person, add_person, browser
from gateway.web.manage.parts import form_at, marked, secret
from smarts.gateway.parties import Role


async def second_store(world: World) -> str:
    """Another store of the same merchant; its id."""
    manager = await world.staff(Role.MANAGER)
    reply = await manager.post("/manage/v1/stores", {"name": "Teine pood", "timeZone": "Europe/Tallinn"})
    found: str = reply.body["institutionId"]
    return found


async def test_a_worker_works_in_several_stores(world: World, manager: Browser, here: str) -> None:
    """Hired for both, the worker has both; then for one, from the next request on."""
    other = await second_store(world)
    fields = await form_at(manager, f"{here}/staff", name="Uus", email="uus@pood.ee")
    page = await manager.post(f"{here}/staff", [*fields, ("institutionIds", other)])
    assert "2 stores · uus@pood.ee" in page.text
    found = await world.gateway.accounts.colleague_with_email("uus@pood.ee")
    assert found.staff.institution_ids == {world.institution_id, other}
    path = f"{here}/staff/{found.staff.person_id}"
    changed = await form_at(manager, path, name="Uuem", email="uuem@pood.ee", institutionIds=other)
    assert (await manager.post(path, changed)).location == f"{here}/staff?done=changed"
    async with browser(world) as worker:
        assert (await worker.sign_in(Person("", "uuem@pood.ee", secret(page.text)))).location == "/work"
    found = await world.gateway.accounts.colleague_with_email("uuem@pood.ee")
    assert (found.staff.name, found.staff.institution_ids) == ("Uuem", {other})


async def test_a_worker_becomes_a_manager(world: World, manager: Browser, here: str) -> None:
    """Whoever is signed in sees the manager's pages with the next request, and no more after the way back."""
    person = await add_person(world, Role.WORKER)
    path = f"{here}/staff/{person.person_id}"
    async with browser(world) as worker:
        await worker.sign_in(person)
        for role, status in (("manager", 200), ("worker", 403)):
            changed = await form_at(manager, path, role=role, institutionIds=world.institution_id)
            assert (await manager.post(path, changed)).status == 303
            assert (await worker.get(here)).status == status


async def test_a_new_api_token_ends_the_one_before(world: World, manager: Browser, here: str) -> None:
    """It is shown once."""
    old = await world.staff(Role.WORKER, world.institution_id)
    (person,) = [
        each for each in await world.gateway.accounts.colleagues(None) if each.staff.name == "Someone"
    ]
    path = f"{here}/staff/{person.staff.person_id}"
    assert "API token only" in (await manager.get(f"{here}/staff")).text
    assert (await old.get("/work/v1/checks")).status == 200
    page = await manager.post(f"{path}/token", {"csrf": (await manager.get(path)).csrf()})
    token = secret(page.text)
    assert (await old.get("/work/v1/checks")).status == 401
    old.headers = {"Authorization": f"Bearer {token}"}
    assert (await old.get("/work/v1/checks")).status == 200
    assert token not in (await manager.get(path)).text


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"name": ""}, ["name"]),
        ({"email": ""}, ["email"]),
        ({"email": "nobody"}, ["email"]),
        ({"email": "TAKEN@pood.ee"}, ["email"]),
        ({"role": "operator"}, []),
        ({"institutionIds": "somebody-elses"}, []),
    ],
)
async def test_nobody_becomes_impossible(
    world: World, manager: Browser, here: str, changed: dict[str, str], fields: list[str]
) -> None:
    """The page comes back with what is wrong, and the person is as before."""
    taken, person = await add_person(world, Role.WORKER), await add_person(world, Role.WORKER, "Toomas")
    async with world.gateway.database.transaction() as tx:
        await world.gateway.accounts.open(tx, taken.person_id, "taken@pood.ee")
    path = f"{here}/staff/{person.person_id}"
    page = await manager.post(path, await form_at(manager, path, **changed))
    assert (page.status, marked(page)) == (422, fields)
    assert 'class="field-error"' in page.text
    store = await world.gateway.stores.get(world.institution_id)
    after = await world.gateway.accounts.colleague(store.merchant_id, person.person_id)
    assert (after.staff.name, after.email, after.staff.role) == ("Toomas", person.email, Role.WORKER)
    assert after.staff.institution_ids == {world.institution_id}


async def test_a_worker_needs_a_store(world: World, manager: Browser, here: str) -> None:
    """It is told at the stores."""
    fields = await form_at(manager, f"{here}/staff", name="Uus", email="uus@pood.ee")
    without = [(name, value) for name, value in fields if name != "institutionIds"]
    page = await manager.post(f"{here}/staff", without)
    assert page.status == 422
    assert "A worker works in one of your stores at least" in page.text


async def test_nobody_changes_their_own_role(world: World, here: str) -> None:
    """A manager who made themself a worker could not take it back; the name may change."""
    me = await add_person(world, Role.MANAGER)
    path = f"{here}/staff/{me.person_id}"
    async with browser(world) as manager:
        await manager.sign_in(me)
        fields = await form_at(manager, path, role="worker", institutionIds=world.institution_id)
        assert (await manager.post(path, fields)).status == 403
        assert (await manager.post(path, await form_at(manager, path, name="Mari"))).status == 303
        assert re.search(r"<strong>Mari</strong>", (await manager.get(f"{here}/staff")).text)


async def test_operators_cannot_be_changed(world: World, manager: Browser, here: str) -> None:
    """They belong to no merchant, so a manager does not see them."""
    operator = await add_person(world, Role.OPERATOR)
    csrf = {"csrf": (await manager.get(here)).csrf(), "name": "x", "role": "worker"}
    assert (await manager.get(f"{here}/staff/{operator.person_id}")).status == 404
    for act in ("", "/token", "/password"):
        assert (await manager.post(f"{here}/staff/{operator.person_id}{act}", csrf)).status == 404
