"""Every address there is, of pages and of all APIs, answers with what protects it, whoever asks."""

import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from gateway.journeys.world import World, small_world
from gateway.web.browsing import add_person
from postgres_fixtures import TEMPLATE, database_urls
from smarts.gateway.parties import Role
from smarts.gateway.storage.embedded import EmbeddedPostgres

OPEN_TO_CACHES = (
    "/static/",
    "/shop/v1/images/",
    "/shop/sw.js",
    "/shop/manifest.webmanifest",
    "/docs",
)  # the same for all
NO_STREAM = "/events"


@pytest.fixture(scope="module")
async def world(postgres: EmbeddedPostgres) -> AsyncIterator[World]:
    async for url in database_urls(postgres, TEMPLATE):
        async with small_world(url) as made:
            yield made


def addresses(world: World) -> list[tuple[str, str, bool]]:
    """Method and address of every row of the APIs and of the pages, and whether it is a page."""
    site: Any = world.gateway.site
    rows = [(route.method, route.path, False) for route in world.gateway.routes]
    rows += [(method, page.path, True) for page in site._app.routes for method in page.methods or ()]
    rows += [("GET", "/nowhere", True), ("GET", "/docs", False), ("GET", "/openapi.json", False)]
    assert len(rows) > 150
    return [
        (method, re.sub(r"{(\w+)(:\w+)?}", world.institution_id, path), page) for method, path, page in rows
    ]


def check(status: int, headers: Any, path: str, *, is_page: bool, tls: bool) -> None:
    about = f"{path} {status}"
    assert status < 500, about
    assert headers["X-Content-Type-Options"] == "nosniff", about
    assert "Server" not in headers, about
    assert "Access-Control-Allow-Origin" not in headers, about
    if not path.startswith(OPEN_TO_CACHES):
        assert headers["Cache-Control"] == "no-store", about
    if is_page and not (path.startswith("/static/") and status == 200):
        assert "default-src 'none'" in headers["Content-Security-Policy"], about
        assert "unsafe" not in headers["Content-Security-Policy"], about
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"], about
        assert headers["Referrer-Policy"] == "same-origin", about
        assert "camera=(self)" in headers["Permissions-Policy"], about
        assert ("Strict-Transport-Security" in headers) == tls, about
    for cookie in headers.getall("Set-Cookie", []):
        assert "HttpOnly" in cookie, about
        assert "samesite" in cookie.lower(), about
        assert ("Secure" in cookie) == tls, about


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
async def test_every_answer_to_strangers_and_to_staff_is_protected(world: World, tls: bool) -> None:
    """No row lacks a header, refused or answered, over http and behind a proxy that ends https."""
    person = await add_person(world, Role.MANAGER)
    session = await world.gateway.accounts.sign_in(person.email, person.password, "10.0.0.9")
    name = "__Host-session" if tls else "session"
    proxied = {"X-Forwarded-Proto": "https"} if tls else {}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        for who in ({}, {"Cookie": f"{name}={session}"}):
            for method, path, is_page in addresses(world):
                if path.endswith(NO_STREAM):
                    continue
                headers = {"Accept": "text/html", **proxied, **who}
                async with browser.request(
                    method, world.url + path, headers=headers, allow_redirects=False
                ) as answer:
                    check(answer.status, answer.headers, path, is_page=is_page, tls=tls)


async def test_a_sign_in_gives_a_new_session_and_the_strictest_cookie(world: World) -> None:
    """Over https no other host can set the cookie, no script can read it; a session from before is not gone on with."""
    person = await add_person(world, Role.MANAGER)
    form = {"email": person.email, "password": person.password}
    sessions = set()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        for _ in range(2):
            async with browser.post(
                f"{world.url}/sign-in",
                data=form,
                headers={"X-Forwarded-Proto": "https", "Cookie": "__Host-session=planted-by-somebody"},
                allow_redirects=False,
            ) as answer:
                assert answer.status == 303
                cookie = answer.headers["Set-Cookie"]
        sessions.add(cookie.partition(";")[0])
        for flag in ("__Host-session=sm_session_", "HttpOnly", "Path=/", "SameSite=lax", "Secure"):
            assert flag in cookie
        assert "Domain" not in cookie
        assert "planted" not in cookie
