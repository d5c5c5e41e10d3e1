"""Nodes that tell nonsense of themselves, or serve badly."""

import asyncio
from dataclasses import replace
from typing import Any

from kit.broken.breakage import Breakage, breakage, remembering
from kit.broken.layer import Answer, Asked, How, Reply, document, header, reply, request
from smarts.wire.operations import FIND_OFFERS, HEALTH, PRODUCT_BY_BARCODE, PRODUCT_SEARCH, VERSION


def _hides_offers(status: int) -> How:
    hidden = document(VERSION, lambda found: found["features"].remove("offers"))

    async def how(asked: Asked, answer: Answer) -> Reply:
        return Reply(status) if asked.of(FIND_OFFERS) else await hidden(asked, answer)

    return how


def _mixes_up_what_comes_together() -> How:
    last: list[Asked] = []

    async def how(asked: Asked, answer: Answer) -> Reply:
        if not asked.of(PRODUCT_BY_BARCODE):
            return await answer(asked)
        last[:] = [asked]
        await asyncio.sleep(0.02)  # what comes meanwhile is mistaken for what was asked
        return await answer(last[0])

    return how


def _serves_one_connection_at_a_time(app: Any) -> Any:
    turn = asyncio.Lock()

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        async with turn:
            await app(scope, receive, send)

    return serve


def _refuses_without_charset(asked: Asked, found: Reply) -> Reply:
    is_bare = asked.headers.get("content-type") == "application/json"
    return replace(found, status=415) if is_bare else found


def _says_it_is_up(found: Any) -> None:
    found["status"] = "UP"
    found["checks"]["till"] = {"status": "DOWN"}


def _to_nowhere(asked: Asked) -> Asked:
    return replace(asked, path="/no-such-place")


BREAKAGES = (
    breakage(
        "has no version",
        "node.version.shape node.features.served",
        request(_to_nowhere, VERSION),
    ),
    breakage(
        "tells a version without features",
        "node.version.shape",
        document(VERSION, lambda found: {"name": "n", "version": "1", "contract": "1.0"}),
    ),
    breakage(
        "has no health",
        "node.health.shape node.features.served",
        request(_to_nowhere, HEALTH),
    ),
    breakage(
        "tells its features in one text",
        "node.version.shape",
        document(VERSION, lambda found: found | {"features": "invoices,orders"}),
    ),
    breakage(
        "speaks version 2 of the contract",
        "node.version.contract",
        document(VERSION, lambda found: found | {"contract": "2.0"}),
    ),
    breakage(
        "declares a feature that nobody knows",
        "node.version.features",
        document(VERSION, lambda found: found["features"].append("teleporting")),
    ),
    breakage(
        "declares a feature twice",
        "node.version.features",
        document(VERSION, lambda found: found["features"].append("offers")),
    ),
    breakage("has no name", "node.version.names", document(VERSION, lambda found: found | {"name": " "})),
    breakage(
        "tells its health in a word that nobody knows",
        "node.health.shape",
        document(HEALTH, lambda found: found | {"status": "OK"}),
    ),
    breakage(
        "tells its health as a list of parts",
        "node.health.shape",
        document(HEALTH, lambda found: found | {"checks": [{"name": "till", "status": "UP"}]}),
    ),
    breakage(
        "says that it is up while its till is down", "node.health.whole", document(HEALTH, _says_it_is_up)
    ),
    breakage(
        "declares offers and does not have them",
        "node.features.served",
        request(_to_nowhere, FIND_OFFERS),
    ),
    remembering(
        "breaks over a feature that it does not declare", "node.features.absent", lambda: _hides_offers(500)
    ),
    remembering("does what it does not declare", "node.features.absent", lambda: _hides_offers(200)),
    breakage(
        "answers JSON as a page", "node.answers.type", header("content-type", "text/html", PRODUCT_SEARCH)
    ),
    breakage(
        "answers in Latin-1",
        "node.answers.type",
        header("content-type", "application/json; charset=iso-8859-1", PRODUCT_BY_BARCODE),
    ),
    breakage(
        "puts a byte order mark before its answers",
        "node.answers.type node.health.shape",
        reply(
            lambda asked, found: (
                replace(found, body=b"\xef\xbb\xbf" + bytes(found.body)) if asked.of(HEALTH) else found
            )
        ),  # type: ignore[arg-type]
    ),
    breakage(
        "reads requests only where they name a charset", "node.content-type", reply(_refuses_without_charset)
    ),
    remembering("mixes up what is asked at the same time", "node.concurrent", _mixes_up_what_comes_together),
    Breakage(
        "serves one connection at a time",
        frozenset({"node.slow-sender"}),
        _serves_one_connection_at_a_time,
    ),
)
