import aiohttp
import pytest

from demo.parts import TOKEN, Office, card, registration, store_on
from serving import serving
from smarts.caller import Caller, Target
from smarts.demo.database import Database
from smarts.demo.office import with_office
from smarts.wire import operations


@pytest.fixture
def kept(tmp_path):
    """The store's own database."""
    database = Database(tmp_path / "store.sqlite3")
    yield database
    database.close()


@pytest.fixture
def store(kept):
    return store_on(kept)


@pytest.fixture
async def address(store):
    async with serving(with_office(store, TOKEN)) as address:
        yield address


@pytest.fixture
async def call(address):
    """Calls the store's node as a gateway does."""
    caller = Caller(allow_private_addresses=True)

    async def call(operation, body=None):
        return await caller.call(Target(address, TOKEN), operation, body)

    yield call
    await caller.close()


@pytest.fixture
async def session():
    async with aiohttp.ClientSession(headers={"accessToken": TOKEN}) as session:
        yield session


@pytest.fixture
def office(session, address):
    return Office(session, address)


@pytest.fixture
def link(call):
    """Links a member's card to the person of the tests; gives the card as it travels with requests."""

    async def link(member, *, pays=False):
        await call(operations.REGISTER_CARD, registration(member, member.email))
        return card(member, pays=pays)

    return link
