"""The manager's pages."""

import re
from html import unescape

import pytest

from gateway.journeys.world import BREAD, NODE_TOKEN, World
from gateway.web.browsing import Browser, Person, add_person, browser, signed_in
from gateway.web.manage.parts import TABS, form_at, marked, secret
from smarts.gateway.parties import Role, Switches


@pytest.fixture
def here(world: World) -> str:
    return f"/manage/stores/{world.institution_id}"


@pytest.mark.parametrize("tab", TABS)
async def test_a_store_is_shown_to_its_manager_and_hidden_from_others(
    world: World, manager: Browser, here: str, tab: str
) -> None:
    """A manager sees the merchant's stores; another merchant's look as if they did not exist."""
    assert (await manager.get(here + tab)).status == 200
    other, _ = await world.add_store("http://127.0.0.1:9", name="Somebody else's")
    assert (await manager.get(f"/manage/stores/{other}{tab}")).status == 404
    assert "Somebody else" not in (await manager.get("/manage")).text
    async with signed_in(world, Role.WORKER) as worker:
        assert (await worker.get(here + tab)).status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/node",
        "/token",
        "/settings",
        "/staff",
        "/staff/x",
        "/staff/x/password",
        "/staff/x/token",
        "/staff/x/dismiss",
    ],
)
async def test_another_merchants_store_cannot_be_changed(world: World, manager: Browser, path: str) -> None:
    """What is hidden cannot be acted on either, with a form that is right in all else."""
    other, _ = await world.add_store("http://127.0.0.1:9")
    csrf = (await manager.get("/manage")).csrf()
    fields = {"csrf": csrf, "name": "x", "email": "x@x.ee", "role": "worker"}
    assert (await manager.post(f"/manage/stores/{other}{path}", fields)).status == 404


async def test_settings_are_saved(world: World, manager: Browser, here: str) -> None:
    """Name and switches become what was typed; an empty token leaves the node as it is."""
    target = await world.gateway.registry.target(world.institution_id)
    changed = {"name": " Uus nimi ", "nodeToken": "", "merchantSideInvoicing": "on"}
    fields = await form_at(manager, f"{here}/settings", **changed)
    fields = [(name, value) for name, value in fields if name != "merchantSidePurchaseControl"]
    assert (await manager.post(f"{here}/settings", fields)).location == f"{here}/settings?done=saved"
    store = await world.gateway.stores.get(world.institution_id)
    assert (store.name, store.switches) == (
        "Uus nimi",
        Switches(merchant_side_purchase_control=False, merchant_side_invoicing=True),
    )
    assert await world.gateway.registry.target(world.institution_id) == target


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"nodeUrl": "http://127.0.0.1:1"}, "nodeToken"),
        ({"nodeUrl": "ftp://x", "nodeToken": "t"}, "nodeUrl"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field(
    world: World, manager: Browser, here: str, changed: dict[str, str], field: str
) -> None:
    """The page comes back with what was typed and the field marked, and nothing is saved.

    A new address without a token is refused, or the token could be sent to an address of somebody else's.
    """
    target = await world.gateway.registry.target(world.institution_id)
    assert target
    fields = await form_at(manager, f"{here}/settings", **{"name": "Typed", **changed})
    page = await manager.post(f"{here}/settings", fields)
    assert page.status == 422
    assert marked(page) == [field]
    assert f'value="{dict(fields)["name"]}"' in page.text
    assert NODE_TOKEN not in page.text
    store = await world.gateway.stores.get(world.institution_id)
    assert store.name == "Nurgapood"
    assert await world.gateway.registry.target(world.institution_id) == target


async def test_a_new_access_token_is_shown_once(world: World, manager: Browser, here: str) -> None:
    """The token works, the one before it goes on, and no page shows it again."""
    csrf = (await manager.get(here)).csrf()
    page = await manager.post(f"{here}/token", {"csrf": csrf})
    token = secret(page.text)
    body = {"invoiceId": "x", "institutionId": world.institution_id}
    for each in (token, world.access_token):
        assert (await world.as_store(each).post("/v1/control/resend", body)).status == 404
    assert token not in (await manager.get(here)).text


async def test_a_signing_secret_is_shown_once(world: World, manager: Browser, here: str) -> None:
    """Requests are signed with it from then on, with the one before for a day, and with none when that is wanted."""
    csrf = {"csrf": (await manager.get(here)).csrf()}
    shown = [secret((await manager.post(f"{here}/signing-secret", csrf)).text) for _ in range(2)]
    target = await world.gateway.registry.target(world.institution_id)
    assert target is not None
    assert list(target.signing_secrets) == shown[::-1]
    page = (await manager.get(here)).text
    assert ("The secret of before signs them too" in page, shown[0] in page, shown[1] in page) == (
        True,
        False,
        False,
    )
    stopped = await manager.post(f"{here}/signing-secret/remove", csrf)
    assert stopped.location == f"{here}?done=unsigned"
    target = await world.gateway.registry.target(world.institution_id)
    assert target is not None
    assert target.signing_secrets == ()


async def test_the_node_is_asked_and_told_of(world: World, manager: Browser, here: str) -> None:
    """The page shows what the node says of itself, by the store's own clocks, and what does not work there."""
    csrf = (await manager.get(here)).csrf()
    assert (await manager.post(f"{here}/node", {"csrf": csrf})).status == 303
    page = (await manager.get(here)).text
    assert "tests 1" in page
    assert "purchase-control" in page
    assert '<span class="badge good">works</span>' in page


async def test_somebody_is_added_to_the_staff_and_taken_off(
    world: World, manager: Browser, here: str
) -> None:
    """A new worker signs in with the password that was shown once; taken off, the worker is signed out."""
    fields = {
        "csrf": (await manager.get(here)).csrf(),
        "name": "Uus <b>",
        "email": "uus@pood.ee",
        "role": "worker",
        "institutionIds": world.institution_id,
    }
    page = await manager.post(f"{here}/staff", fields)
    assert "Uus &lt;b&gt;" in page.text
    async with browser(world) as worker:
        assert (await worker.sign_in(Person("", "uus@pood.ee", secret(page.text)))).location == "/work"
        assert (await worker.get("/account")).status == 200
        found = await world.gateway.accounts.colleague_with_email("uus@pood.ee")
        dismiss = f"{here}/staff/{found.staff.person_id}/dismiss"
        assert f'action="{dismiss}"' in (await manager.get(dismiss.removesuffix("/dismiss"))).text
        done = await manager.post(dismiss, {"csrf": page.csrf()})
        assert done.location == f"{here}/staff?done=dismissed"
        assert (await worker.get("/account")).status == 303


async def test_a_new_password_replaces_the_old_one(world: World, manager: Browser, here: str) -> None:
    """Whoever forgot the password gets another, and sessions under the old one end."""
    person = await add_person(world, Role.WORKER)
    async with browser(world) as worker:
        await worker.sign_in(person)
        csrf = (await manager.get(here)).csrf()
        page = await manager.post(f"{here}/staff/{person.person_id}/password", {"csrf": csrf})
        assert (await worker.get("/account")).status == 303
        assert (await worker.sign_in(person)).status == 401
        assert (await worker.sign_in(Person("", person.email, secret(page.text)))).status == 303


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "nobody"}, "email"),
        ({"email": ""}, "email"),
        ({"role": "operator"}, None),
    ],
)
async def test_nobody_impossible_is_added(
    world: World, manager: Browser, here: str, changed: dict[str, str], field: str | None
) -> None:
    """A person needs a name and an email, and managers make no operators."""
    csrf = (await manager.get(here)).csrf()
    fields = {"csrf": csrf, "name": "Name", "email": "name@pood.ee", "role": "worker"} | changed
    fields["institutionIds"] = world.institution_id
    page = await manager.post(f"{here}/staff", fields)
    assert page.status == 422
    assert re.findall(r'<input id="f-(\w+)"[^>]*aria-invalid="true"', page.text) == ([field] if field else [])
    assert "name@pood.ee</small>" not in page.text


async def test_an_email_in_use_is_told_at_its_field(world: World, manager: Browser, here: str) -> None:
    """Two people cannot sign in with one email, and the second one is not half added."""
    taken = await add_person(world, Role.WORKER)
    csrf = (await manager.get(here)).csrf()
    fields = {"csrf": csrf, "name": "Second", "email": taken.email.upper(), "role": "worker"}
    fields["institutionIds"] = world.institution_id
    page = await manager.post(f"{here}/staff", fields)
    assert (page.status, page.text.count('aria-invalid="true"')) == (422, 1)
    assert "<strong>Second</strong>" not in page.text


async def test_other_merchants_staff_and_oneself_are_out_of_reach(world: World, here: str) -> None:
    """A manager neither takes themself off nor touches operators, who belong to no merchant."""
    me, operator = await add_person(world, Role.MANAGER), await add_person(world, Role.OPERATOR)
    async with browser(world) as manager:
        await manager.sign_in(me)
        csrf = {"csrf": (await manager.get(here)).csrf()}
        assert (await manager.post(f"{here}/staff/{me.person_id}/dismiss", csrf)).status == 403
        for act in ("dismiss", "password"):
            assert (await manager.post(f"{here}/staff/{operator.person_id}/{act}", csrf)).status == 404


async def test_purchases_are_listed_in_the_readers_language(
    world: World, manager: Browser, here: str
) -> None:
    """A paid purchase is in the list, its sum written as people of the language write it."""
    shopper = await world.shopper()
    await shopper.pay(await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))
    assert "€1.49" in (await manager.get(f"{here}/purchases")).text
    assert "1,49\N{NO-BREAK SPACE}€" in unescape((await manager.get(f"{here}/purchases?lang=et")).text)
