"""Every door of the gateway against everybody whose it is not: nobody is let in, told anything, or changes anything."""

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from gateway.journeys.world import small_world
from isolation import callers
from isolation.asgi import Asked
from isolation.asking import Request, Secrets, Watch, choices, is_for_looking, request_at, sent
from isolation.books import Rows
from isolation.callers import Caller
from isolation.estates import Estate, WholeMerchant, hired, signed_in
from isolation.lines import Door, Id, unused_lines
from isolation.street import Street, made_street
from postgres_fixtures import TEMPLATE, database_urls
from smarts.gateway.parties import Role
from smarts.gateway.storage.embedded import EmbeddedPostgres

_log = logging.getLogger(__name__)
# There is a door for its webhooks only where Stripe is set up.
STRIPE = {"stripe_key": "sk_test_none", "stripe_webhook_secret": "whsec_none"}
REFUSED = {401, 403, 404}
NAMED = {409, 422}
MANY, FEW = 200, 50  # fewer requests than these, and the matrix has shrunk
ASKED_IN_VAIN = {"GET /static/{digest}/{name:path}", "POST /sign-in"}  # for no file, with no password
TAKES_AWAY = (
    "/dismiss",
    "/delete",
    "/retire",
    "/password",
    "/resend",
    "/sent",
    "letters/replay",
    "operate/replay",
)
# What shoppers see of any store, and what is no secret of anybody.
FOR_SHOPPERS = {"store", "kind", "image"}
FOR_ALL = {"image"}
ABOUT_ONESELF = {
    "PATCH /shop/v1/shoppers/me",
    "DELETE /shop/v1/shoppers/me",
    "POST /shop/v1/shoppers/me/token",
    "POST /account",
    "POST /sign-out",
}


@pytest.fixture(scope="module")
async def street(postgres: EmbeddedPostgres) -> AsyncIterator[Street]:
    """All of it in one database, behind one gateway that delivers nothing meanwhile."""
    async for url in database_urls(postgres, TEMPLATE):
        async with small_world(url, merchant=WholeMerchant(), **STRIPE) as world:
            yield await made_street(world)


def test_every_line_belongs_to_a_row(street: Street) -> None:
    """The matrix has no line of a row that is no more; that every row has one is seen when the street is made."""
    assert unused_lines(street.doors) == set()


@pytest.mark.timeout(240)
async def test_whoever_is_let_in_reaches_their_own_things_alone(street: Street) -> None:
    """Whose ids of others, in any place of any path and body, name nothing: not a byte is told, and nothing changes.

    Shoppers, workers, managers and stores name them in every way there is, one at a time and together.
    """
    watch = await Watch.of(street)
    asked = 0
    for caller, estate, known, secrets in _meetings(street, watch.first):
        for door in (door for door in street.doors if door.needs in caller.opens):
            for foreign in choices(door, known):
                request = request_at(door, caller, street.ours.ids, estate.ids, foreign)
                answer = await sent(street, request)
                about = f"{caller.name}, {door.name} with another's {sorted(foreign)}: {answer.status}"
                assert _says_no(request, answer), f"{about} {answer.whole}"
                assert not secrets.told_in(answer, request.said), about
                asked += 1
            await watch.nothing_changed(door, secrets)
    _log.info("%d requests", asked)
    assert asked > MANY


@pytest.mark.timeout(240)
async def test_what_is_one_s_own_tells_nothing_of_others(street: Street) -> None:
    """Lists, searches and pages hold one's own things alone, whatever is searched for and wherever one begins.

    What newcomers do about themselves changes nothing of others.
    """
    watch = await Watch.of(street)
    asked = 0
    for caller, estate, known, secrets in _meetings(street, watch.first):
        for door in (door for door in street.doors if door.needs in caller.opens):
            if not is_for_looking(door, known):
                continue
            somebody = await _newcomer(street, caller) if door.name in ABOUT_ONESELF else caller
            ids = street.ours.ids | {place: estate.ids[place] for place in known}
            request = request_at(door, somebody, ids, estate.ids, frozenset())
            answer = await sent(street, request)
            about = f"{caller.name}, {door.name}: {answer.status}"
            assert answer.status < 500, f"{about} {answer.whole}"
            assert not secrets.told_in(answer, request.said), f"{about} {answer.whole}"
            asked += 1
            await watch.nothing_changed(door, secrets)
    _log.info("%d requests", asked)
    assert asked > FEW


def _meetings(street: Street, rows: Rows) -> Iterator[tuple[Caller, Estate, set[str], Secrets]]:
    """Who meets whose things, what of them is known to the caller, and what must not be."""
    ours = street.ours
    recognised = [(callers.shopper(ours), None), (callers.store(ours), None)]
    for role in (Role.WORKER, Role.MANAGER):
        recognised += [(callers.staff(ours, role), role), (callers.session(ours, role), role)]
    for caller, role in recognised:
        known = FOR_SHOPPERS if caller.shops else FOR_ALL
        for estate in street.foreign_to(caller, role):
            yield caller, estate, known, Secrets.of(estate, rows, known, [ours])


async def _newcomer(street: Street, caller: Caller) -> Caller:
    """Somebody like the caller, with nothing yet, who may change what they like about themselves."""
    if caller.shops:
        return replace(caller, headers=(await street.world.shopper()).headers)
    role = Role.MANAGER if "manager session" in caller.opens else Role.WORKER
    person_id, _ = await hired(street.world, street.ours.store, role, "Newcomer")
    return callers.signed_in(caller.name, await signed_in(street.world, person_id), role)


def _says_no(request: Request, answer: Asked) -> bool:
    """Whether an answer refuses; what is named in a body alone may be refused by naming the field, or on the page."""
    if answer.status in REFUSED:
        return True
    in_path = {part.of for part in request.door.parts if isinstance(part, Id)}
    if request.foreign == {"campaign"}:
        return (
            answer.status == 409
        )  # its key is a digest of what it says: like one that was changed meanwhile
    if request.foreign & in_path:
        return False
    return answer.status in NAMED or (request.door.is_page and answer.status < 400)


@pytest.mark.timeout(240)
async def test_nobody_else_is_let_in(street: Street) -> None:
    """Without what a door asks for, everything is refused there, whatever is named.

    That is: with nothing, with a token of another kind, in the wrong place, of a lower role, of somebody who is gone.
    """
    watch = await Watch.of(street)
    ours = street.ours
    others = [callers.shopper(ours), callers.store(ours), *street.gone]
    others += [
        make(ours, role) for role in (Role.WORKER, Role.MANAGER) for make in (callers.staff, callers.session)
    ]
    asked = 0
    for estate in (street.other, street.ours):
        secrets = Secrets.of(estate, watch.first, FOR_ALL, [])
        for door in street.doors:
            if door.needs is None:
                continue
            for caller in [*others, *callers.strangers(estate)]:
                if door.needs in caller.opens:
                    continue
                request = request_at(door, caller, estate.ids, estate.ids, frozenset(door.places()))
                answer = await sent(street, request)
                asked += 1
                about = f"{caller.name}, {door.name}: {answer.status}"
                assert answer.status in {401, 403}, f"{about} {answer.whole}"
                assert not secrets.told_in(answer, request.said), about
            await watch.nothing_changed(door)
    _log.info("%d requests", asked)
    assert asked > MANY


async def test_a_form_of_another_page_is_refused(street: Street) -> None:
    """A form that carries nothing, or what the pages of another session carry, changes nothing."""
    watch = await Watch.of(street)
    for role in (Role.WORKER, Role.MANAGER):
        caller, stranger = callers.session(street.ours, role), callers.session(street.other, role)
        for door in street.doors:
            if not door.is_page or door.method != "POST" or door.needs not in caller.opens:
                continue
            for csrf in ("", stranger.csrf):
                ids = street.ours.ids
                answer = await sent(
                    street, request_at(door, replace(caller, csrf=csrf), ids, ids, frozenset())
                )
                assert answer.status == 403, door.name
            await watch.nothing_changed(door)


async def test_the_owners_are_let_in(street: Street) -> None:
    """The same requests are answered when they come from whom they are for: they were refused because of who sent them.

    This is the last test, for it changes much.
    """
    made = street.other
    owners = [callers.shopper(made), callers.store(made), *street.operators]
    owners += [
        make(made, role) for role in (Role.WORKER, Role.MANAGER) for make in (callers.staff, callers.session)
    ]
    refused = {}
    for door in sorted(street.doors, key=_destroys):
        caller = next(each for each in owners if door.needs is None or door.needs in each.opens)
        answer = await sent(street, request_at(door, caller, made.ids, made.ids, frozenset()))
        assert answer.status < 500, f"{door.name}: {answer.status} {answer.whole}"
        if answer.status in REFUSED and door.name not in ASKED_IN_VAIN:
            refused[door.name] = answer.status, answer.body
    assert not refused


def _destroys(door: Door) -> tuple[bool, bool, bool, bool]:
    """What is looked at first; last, whatever ends what others ask for."""
    ends = door.method == "DELETE" or f"{door.method} {door.path}".endswith(TAKES_AWAY)
    ends = (
        ends and door.name != "DELETE /work/v1/tokens/{id}"
    )  # a new token of the person's own ends all of them
    return door.method != "GET", ends and door.path.endswith("/me"), ends, door.path.endswith("/sign-out")
