"""Signing in and out, sessions and what protects them, as browsers see it."""

import pytest

from gateway.journeys.world import World
from gateway.web.browsing import Browser, add_person, browser
from smarts.edge.tokens import hashed
from smarts.gateway.parties import Role


@pytest.mark.parametrize(
    ("role", "home"), [(Role.OPERATOR, "/operate"), (Role.MANAGER, "/manage"), (Role.WORKER, "/work")]
)
async def test_each_role_is_led_to_its_own_page(
    world: World, visitor: Browser, role: Role, home: str
) -> None:
    """Whoever signs in sees what they may do, and is not asked a second time."""
    assert (await visitor.sign_in(await add_person(world, role))).location == home
    assert (await visitor.get("/sign-in")).location == home


async def test_the_session_cookie_is_for_this_site_alone(world: World, visitor: Browser) -> None:
    """Scripts cannot read it, other sites' forms do not send it, and over https it never goes without."""
    person = await add_person(world, Role.OPERATOR)
    plain = (await visitor.sign_in(person)).headers["Set-Cookie"]
    assert plain.startswith("session=sm_session_")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(plain.split("; "))
    secure = (await visitor.sign_in(person, **{"X-Forwarded-Proto": "https"})).headers["Set-Cookie"]
    assert secure.startswith("__Host-session=")
    assert "Secure" in secure.split("; ")


async def test_a_wrong_password_is_told_on_the_page(world: World, visitor: Browser) -> None:
    """The page says so, keeps the email, and gives no session."""
    person = await add_person(world, Role.MANAGER)
    page = await visitor.post("/sign-in", {"email": person.email, "password": "wrong"})
    assert page.status == 401
    assert "Email or password is wrong" in page.text
    assert person.email in page.text
    assert "Set-Cookie" not in page.headers


async def test_too_many_attempts_are_told_on_the_page(world: World, visitor: Browser) -> None:
    """After ten wrong passwords the right one is refused too, with the words to wait."""
    person = await add_person(world, Role.MANAGER)
    for _ in range(10):
        await visitor.post("/sign-in", {"email": person.email, "password": "wrong"})
    page = await visitor.sign_in(person)
    assert page.status == 429
    assert "Wait a while" in page.text


async def test_the_page_that_was_wanted_comes_after_signing_in(world: World, visitor: Browser) -> None:
    """A bookmark leads to its page by way of the sign-in page, with its query."""
    to_sign_in = (await visitor.get("/account?from=here")).location
    assert to_sign_in == "/sign-in?next=%2Faccount%3Ffrom%3Dhere"
    person = await add_person(world, Role.WORKER)
    fields = {"email": person.email, "password": person.password}
    assert (await visitor.post(to_sign_in, fields)).location == "/account?from=here"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/\tevil", ""]
)
async def test_nobody_is_led_elsewhere(manager: Browser, elsewhere: str) -> None:
    """A link to the sign-in page cannot lead on to another site."""
    page = await manager.session.get(
        f"{manager.url}/sign-in", params={"next": elsewhere}, allow_redirects=False
    )
    assert page.headers["Location"] == "/manage"


async def test_signing_out_ends_the_session_itself(manager: Browser) -> None:
    """Who kept a copy of the cookie is signed out too."""
    stolen = manager.cookie()
    csrf = (await manager.get("/manage")).csrf()
    assert (await manager.post("/sign-out", {"csrf": csrf})).location == "/sign-in?done=out"
    again = await manager.get("/manage", Cookie=f"session={stolen}")
    assert again.location == "/sign-in?next=%2Fmanage"


async def test_what_the_database_keeps_opens_nothing(
    world: World, manager: Browser, visitor: Browser
) -> None:
    """Only the hash of a session is written anywhere, and the hash is no session."""
    token = manager.cookie()
    async with world.gateway.database.connection() as connection:
        kept = await connection.fetchval("SELECT string_agg(encode(hash, 'hex'), ',') FROM staff_sessions")
    assert kept == hashed(token).hex()
    for guess in (kept, "", "x" * 10_000, "session"):
        assert (await visitor.get("/manage", Cookie=f"session={guess}")).status == 303


async def test_a_changed_password_ends_other_sessions(world: World, visitor: Browser) -> None:
    """The browser that changed it goes on, all others are signed out."""
    person = await add_person(world, Role.MANAGER)
    await visitor.sign_in(person)
    async with browser(world) as other:
        await other.sign_in(person)
        csrf = (await visitor.get("/account")).csrf()
        fields = {"csrf": csrf, "current": person.password, "new": "something better"}
        assert (await visitor.post("/account", fields)).location == "/account?done=changed"
        assert (await visitor.get("/manage")).status == 200
        assert (await other.get("/manage")).status == 303


async def test_a_wrong_current_password_is_told_at_its_field(world: World, visitor: Browser) -> None:
    """The page marks the field and says what is wrong with it."""
    await visitor.sign_in(await add_person(world, Role.WORKER))
    csrf = (await visitor.get("/account")).csrf()
    page = await visitor.post("/account", {"csrf": csrf, "current": "wrong", "new": "something better"})
    assert page.status == 422
    assert 'id="f-current" name="current" type="password" value="" required aria-invalid="true"' in page.text
    assert page.text.count("aria-invalid") == 1


@pytest.mark.parametrize("csrf", ["", "0" * 64, "ä"])
async def test_a_form_without_the_sessions_own_token_is_refused(manager: Browser, csrf: str) -> None:
    """What another site makes a browser send changes nothing."""
    assert (await manager.post("/sign-out", {"csrf": csrf})).status == 403
    assert (await manager.post("/sign-out", {})).status == 403
    assert (await manager.get("/manage")).status == 200


async def test_the_token_of_another_session_is_refused(world: World, manager: Browser) -> None:
    """An attacker with an account of their own has no use of its token; scripts may send theirs as a header."""
    async with browser(world) as attacker:
        await attacker.sign_in(await add_person(world, Role.MANAGER))
        foreign = (await attacker.get("/manage")).csrf()
    assert (await manager.post("/sign-out", {"csrf": foreign})).status == 403
    own = (await manager.get("/manage")).csrf()
    assert (await manager.post("/sign-out", {}, **{"X-CSRF-Token": own})).status == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_nobody_is_signed_in_by_another_site(
    world: World, visitor: Browser, headers: dict[str, str]
) -> None:
    """An attacker cannot sign a victim in to the attacker's own account."""
    assert (await visitor.sign_in(await add_person(world, Role.MANAGER), **headers)).status == 403


async def test_a_browser_may_sign_in_from_our_own_page(world: World, visitor: Browser) -> None:
    """What browsers say of our own page is taken."""
    headers = {"Origin": visitor.url, "Sec-Fetch-Site": "same-origin"}
    assert (await visitor.sign_in(await add_person(world, Role.MANAGER), **headers)).status == 303


async def test_scripts_are_told_to_sign_in_by_status(visitor: Browser) -> None:
    """A script that asks for data is not led to a page."""
    answer = await visitor.get("/manage", Accept="application/json")
    assert (answer.status, answer.headers["Content-Type"]) == (401, "application/problem+json")


async def test_a_form_too_large_or_malformed_is_refused(manager: Browser) -> None:
    """No form brings the server down or costs it much."""
    assert (await manager.post("/sign-in", {"email": "x" * 1_100_000})).status == 413
    for body in ("email=%ff", "email=%00", "&".join("a=1" for _ in range(1001))):
        async with manager.session.post(
            f"{manager.url}/sign-in", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
        ) as answer:
            assert answer.status == 422
