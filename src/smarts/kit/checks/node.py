"""Checks of what every node tells of itself, and how it serves."""

import asyncio
import json
from typing import Any

from smarts.kit.asked import golden, page, search
from smarts.kit.check import Unmet, Unseen, check
from smarts.kit.exchange import Answer
from smarts.kit.expect import document, excerpt, needed, read, require_refusal, require_status
from smarts.kit.goods import products
from smarts.kit.subject import Case
from smarts.wire import operations
from smarts.wire.nodes import CONTRACT_VERSION, Feature
from smarts.wire.operations import TO_NODE, Operation

NOT_JSON = b'{"never": '
_ABSENT = (404, 405, 501)
_READING = (
    operations.PRODUCT_SEARCH,
    operations.PRODUCT_BY_BARCODE,
    operations.PRODUCTS_BY_NAME,
    operations.CATEGORIES,
)
_TOGETHER = 12
_PIECES, _PAUSE = 4, 0.1


async def version(case: Case) -> Any:
    """The node's version document, for checks that need it."""
    with needed("node.version.shape"):
        return await document(case, operations.VERSION)


@check("node.version.shape")
async def version_shape(case: Case) -> None:
    """Asks for the version."""
    await document(case, operations.VERSION)


@check("node.version.contract")
async def version_contract(case: Case) -> None:
    """Looks at the major version of the contract."""
    said = (await version(case))["contract"]
    major = CONTRACT_VERSION.partition(".")[0]
    if said.partition(".")[0] != major:
        raise Unmet(f"contract {CONTRACT_VERSION}, or another that begins with {major}.", said)


@check("node.version.features")
async def version_features(case: Case) -> None:
    """Compares the features with the contract's."""
    named = (await version(case))["features"]
    unknown = sorted({name for name in named if name not in set(Feature)})
    if unknown:
        raise Unmet(f"features out of {', '.join(Feature)}", ", ".join(unknown))
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise Unmet("each feature once", f"{', '.join(twice)} more than once")


@check("node.version.names")
async def version_names(case: Case) -> None:
    """Looks whether the node says who it is."""
    said = await version(case)
    for field in ("name", "version"):
        if not said[field].strip():
            raise Unmet(f"a {field}", "an empty text")


@check("node.health.shape")
async def health_shape(case: Case) -> None:
    """Asks for the health."""
    await document(case, operations.HEALTH)


@check("node.health.whole")
async def health_whole(case: Case) -> None:
    """Compares the whole with its parts."""
    with needed("node.health.shape"):
        health = await document(case, operations.HEALTH)
    unwell = [name for name, part in health.get("checks", {}).items() if part["status"] != "UP"]
    if health["status"] == "UP" and unwell:
        raise Unmet("DEGRADED or DOWN", f"UP, while {', '.join(unwell)} is not")


@check("node.features.served")
async def features_served(case: Case) -> None:
    """Sends nonsense to each declared operation: the endpoint must be there to refuse it."""
    for operation in case.subject.operations:
        answer = await _ask_nonsense(case, operation)
        if answer.status in _ABSENT:
            raise Unmet(f"{operation.method} {operation.path} of {operation.feature}", excerpt(answer))


@check("node.features.absent")
async def features_absent(case: Case) -> None:
    """Sends nonsense to each operation that is not declared."""
    absent = [operation for operation in TO_NODE if operation not in case.subject.operations]
    if not absent:
        raise Unseen("the node declares every feature")
    for operation in absent:
        require_refusal(await _ask_nonsense(case, operation))


async def _ask_nonsense(case: Case, operation: Operation) -> Answer:
    return await case.ask(operation, body=None if operation.request is None else NOT_JSON)


@check("node.answers.type")
async def answers_type(case: Case) -> None:
    """Looks at the content types of all reading operations."""
    for operation in (operations.VERSION, operations.HEALTH, *_READING):
        answer = await case.ask(operation, _reading_request(case, operation))
        if answer.status == 200:
            _require_json_type(answer)


def _require_json_type(answer: Answer) -> None:
    said = answer.headers.get("content-type", "")
    if answer.content_type != "application/json":
        raise Unmet("the content type application/json", said or "none")
    charset = said.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in ("", "utf-8", "utf8"):
        raise Unmet("UTF-8", said)
    if answer.body.startswith(b"\xef\xbb\xbf"):
        raise Unmet("JSON without a byte order mark", "a byte order mark")


def _reading_request(case: Case, operation: Operation) -> Any:
    if operation is operations.PRODUCT_SEARCH:
        return page(case)
    return golden(case, operation)


@check("node.content-type")
async def content_type(case: Case) -> None:
    """Sends the same request under each name of its type."""
    for name in (
        "application/json",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "Application/JSON",
    ):
        answer = await case.ask(operations.PRODUCT_SEARCH, page(case), headers={"Content-Type": name})
        require_status(answer, 200, words=f"200 for {name}")


@check("node.concurrent")
async def concurrent(case: Case) -> None:
    """Asks for several products at once, and compares each answer with the one that comes alone."""
    asked = [product["barcode"] for product in (await products(case))[:_TOGETHER]]
    alone = [await _by_barcode(case, barcode) for barcode in asked]
    together = await asyncio.gather(*(_by_barcode(case, barcode) for barcode in asked))
    for barcode, one, other in zip(asked, alone, together, strict=True):
        if one != other:
            raise Unmet(f"{barcode} as when it is asked for alone", json.dumps(other)[:200])


async def _by_barcode(case: Case, barcode: str) -> Any:
    answer = await case.ask(operations.PRODUCT_BY_BARCODE, search(case, barcode=barcode))
    return read(answer, operations.PRODUCT_BY_BARCODE) if answer.status == 200 else answer.status


@check("node.slow-sender")
async def slow_sender(case: Case) -> None:
    """Sends a body drop by drop, and meanwhile asks as others do."""
    body = json.dumps(page(case)).encode()
    size = -(-len(body) // _PIECES)
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    slow = asyncio.create_task(
        case.ask(operations.PRODUCT_SEARCH, body=body, pieces=pieces, pause=_PAUSE),
    )
    await asyncio.sleep(_PAUSE)
    try:
        await asyncio.gather(*(case.ask(operations.VERSION) for _ in range(3)))
        if slow.done():
            raise Unmet("answers to others while a body arrives slowly", "answers only after it had arrived")
        require_status(await slow, 200)
    finally:
        slow.cancel()
