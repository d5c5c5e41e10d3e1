"""A browser as far as pages need one: it keeps cookies, follows nothing by itself, and sends forms."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from urllib.parse import urlencode
from uuid import uuid4

import aiohttp

from gateway.journeys.world import World
from smarts.gateway.parties import Role

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Seen:
    """A page as it was answered."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def location(self) -> str:
        return self.headers["Location"]

    def csrf(self) -> str:
        """What the page's forms carry."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.text)
        assert found, self.text
        return unescape(found[1])


class Browser:
    """Somebody who looks at pages."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def get(self, path: str, **headers: str) -> Seen:
        return await self._request("GET", path, None, headers)

    async def post(
        self, path: str, fields: Mapping[str, str] | list[tuple[str, str]], **headers: str
    ) -> Seen:
        return await self._request("POST", path, urlencode(fields), {"Content-Type": FORM, **headers})

    async def _request(self, method: str, path: str, data: str | None, headers: Mapping[str, str]) -> Seen:
        sent = {"Accept": "text/html", **headers}
        body = None if data is None else BytesIO(data.encode())
        async with self.session.request(
            method, self.url + path, data=body, headers=sent, allow_redirects=False
        ) as response:
            return Seen(response.status, await response.text(), response.headers)

    async def sign_in(self, person: "Person", **headers: str) -> Seen:
        return await self.post("/sign-in", {"email": person.email, "password": person.password}, **headers)

    def cookie(self, name: str = "session") -> str:
        return next(cookie.value for cookie in self.session.cookie_jar if cookie.key == name)


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    person_id: str
    email: str
    password: str


async def add_person(world: World, role: Role, name: str = "Somebody") -> Person:
    """Somebody of the staff of the world's merchant, who can sign in; workers of its store, operators of none."""
    store = await world.gateway.stores.get(world.institution_id)
    merchant_id = None if role is Role.OPERATOR else store.merchant_id
    person_id, email = str(uuid4()), f"{uuid4()}@Example.ee"
    places = frozenset({world.institution_id}) if role is Role.WORKER else frozenset[str]()
    async with world.gateway.database.transaction() as tx:
        await world.gateway.people.add_staff(tx, name, role, merchant_id, places, person_id)
        password = await world.gateway.accounts.open(tx, person_id, email)
    return Person(person_id, email, password)


@asynccontextmanager
async def browser(world: World) -> AsyncIterator[Browser]:
    """A browser without any cookies."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        yield Browser(session, world.url)


@asynccontextmanager
async def signed_in(world: World, role: Role) -> AsyncIterator[Browser]:
    """A browser of somebody new who has signed in."""
    async with browser(world) as made:
        assert (await made.sign_in(await add_person(world, role))).status == 303
        yield made
