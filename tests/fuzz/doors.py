"""A whole gateway with its database, asked at every door by those who may come in, in ways that no client would."""

import argparse
import asyncio
import time
from collections import Counter
from dataclasses import replace
from random import Random
from urllib.parse import quote

from fuzz.databases import migrated_database
from fuzz.mutations import WORDS, spoiled
from gateway.journeys.world import small_world
from isolation import callers
from isolation.asking import Request, request_at, sent
from isolation.callers import Caller
from isolation.estates import WholeMerchant
from isolation.lines import Door
from isolation.street import Street, made_street
from smarts.gateway.parties import Role

SECONDS = 3.0  # of processor time for a request
STRIPE = {"stripe_key": "sk_test_none", "stripe_webhook_secret": "whsec_none"}
# What would end those who ask: they are fuzzed without a database.
_ENDS = ("/me", "/sign-out", "/dismiss", "/password", "/token", "/account")
_HEADERS = (
    *(
        "Accept",
        "Accept-Language",
        "Cookie",
        "Content-Type",
        "Content-Length",
        "Idempotency-Key",
        "Last-Event-ID",
    ),
    *(
        "Origin",
        "Sec-Fetch-Site",
        "X-CSRF-Token",
        "X-Request-Id",
        "traceparent",
        "baggage",
        "Stripe-Signature",
    ),
    *("Authorization", "accessToken", "Host", "Range", "If-None-Match", "X-Forwarded-For"),
)


def _owners(street: Street) -> list[Caller]:
    made = street.ours
    staff = [
        make(made, role) for role in (Role.WORKER, Role.MANAGER) for make in (callers.staff, callers.session)
    ]
    return [callers.shopper(made), callers.store(made), *street.operators, *staff]


def spoiled_request(random: Random, street: Street, door: Door, owners: list[Caller]) -> Request:
    """A request at a door of somebody who may come in, spoiled in one place or in many."""
    caller = next(each for each in owners if door.needs is None or door.needs in each.opens)
    ids = street.ours.ids
    request = request_at(door, caller, ids, ids, frozenset())
    path, headers, body = request.path, dict(request.headers), request.body
    while True:
        what = random.choice(("path", "query", "header", "body"))
        if what == "path" and "/" in path[1:]:
            place, _, query = path.partition("?")
            parts = place.split("/")
            parts[random.randrange(1, len(parts))] = quote(random.choice(WORDS)[:100] or b"x", safe="%")
            path = "/".join(parts) + (f"?{query}" if query else "")
        elif what == "query":
            name = random.choice(
                ("after", "limit", "page", "text", "from", "to", "store", "lang", "days", "state", "name")
            )
            path += f"{'&' if '?' in path else '?'}{name}={quote(spoiled(random, WORDS)[:300], safe='%&=')}"
        elif what == "header":
            value = (
                spoiled(random, WORDS)[:300]
                .decode("latin-1")
                .replace("\r", "")
                .replace("\n", "")
                .replace("\0", "")
            )
            headers[random.choice(_HEADERS)] = value
        elif body:
            body = spoiled(random, (body,))
        if random.random() < 0.6:
            return replace(request, path=path, headers=headers, body=body)


async def fuzz_doors(street: Street, inputs: int, seconds: float, seed: int) -> Counter[int]:
    """Asks so many times, and counts the answers by their status.

    Raises:
        AssertionError: an answer of 500 or more that is not about a node, or one that took too long.
    """
    random, owners, answers = Random(seed), _owners(street), Counter[int]()
    doors = [door for door in street.doors if not door.path.endswith(_ENDS)]
    ends = time.monotonic() + seconds
    for number in range(inputs):
        if time.monotonic() > ends:
            break
        request = spoiled_request(random, street, doors[number % len(doors)], owners)
        started = time.process_time()
        answer = await sent(street, request)
        took = time.process_time() - started
        about = f"{request.door.name}: {request.path} {request.headers} {request.body[:1000]!r}"
        assert answer.status < 500 or answer.status in (502, 503, 504), (
            f"{answer.status} at {about}\n{answer.whole[:2000]}"
        )
        assert took < SECONDS, f"{took:.1f} s at {about}"
        answers[answer.status] += 1
    return answers


async def _main(inputs: int, seconds: float, seed: int) -> Counter[int]:
    async with migrated_database() as url, small_world(url, merchant=WholeMerchant(), **STRIPE) as world:
        return await fuzz_doors(await made_street(world), inputs, seconds, seed)


def main(told: argparse.Namespace) -> int:
    """As many requests as each decoder gets inputs, in ten times the time."""
    started = time.monotonic()
    answers = asyncio.run(_main(told.inputs, 10 * told.seconds, told.seed))
    by_status = ", ".join(f"{status}: {count:,}" for status, count in sorted(answers.items()))
    print(
        f"{answers.total():,} requests at the doors of a gateway, {time.monotonic() - started:.0f} s: {by_status}"
    )
    return 0
