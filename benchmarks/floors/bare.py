"""A program that does the unavoidable parts of a scan, a checkout and a check's result, and nothing else.

It is not a gateway: no errors, no limits, no fence, no log, one store, one node that always answers. What it shares
with the gateway is what no program can do without: the tables with their indexes, the documents as they are decoded
and encoded, prices, the rules' decision, a commit before the node is told of a check and one for each answer, which
stands beside what was done under its Idempotency-Key. Each of these commits is one statement, each look one more.
`GET /parts` tells where its time went, `DELETE /parts` begins anew.
"""

import asyncio
import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from statistics import median
from typing import Any

import aiohttp
import asyncpg
import msgspec
import uvicorn

from smarts.control import History, Inputs, Policy, Seed, decide, inputs_digest
from smarts.gateway.carts import rules
from smarts.gateway.carts.model import Cart, CheckView
from smarts.gateway.carts.store import DOCUMENT, cart_of
from smarts.gateway.carts.view import cart_document, check_request
from smarts.gateway.ids import new_id
from smarts.gateway.journeys.deciding import checked_cart
from smarts.gateway.journeys.shop_api import Scan
from smarts.gateway.storage.database import SEND_NOTICES
from smarts.wire.codec import decode, encode
from smarts.wire.control import CheckStatus, PurchaseControlCheckResponse, PurchaseControlResult
from smarts.wire.operations import CHECK_PURCHASE, PRODUCT_BY_BARCODE, TOKEN_HEADER
from smarts.wire.products import Product, ProductSearchRequest
from smarts.wire.times import UtcMillis

_OF_SHOPPER = f"""
    SELECT {DOCUMENT} FROM shoppers JOIN carts ON person_id = shoppers.id
     WHERE token_hash = $1 AND carts.id = $2
"""
_OF_CHECK = f"""
    SELECT {DOCUMENT}
      FROM institution_tokens JOIN checks USING (institution_id) JOIN carts ON carts.id = checks.cart_id
     WHERE hash = $1 AND invoice_id = $2 AND status = 'WAITING'
"""
_CHANGED = """
    cart AS (UPDATE carts SET state = $3, version = $4, head = $5, updated_at = $6
              WHERE id = $1 AND version = $2 RETURNING id, institution_id)
"""
_KEPT = """
    kept AS (INSERT INTO kept_answers (scope, key, fingerprint, status, body) SELECT $7, $8, $9, $10, $11 FROM cart)
"""
_SCANNED = f"""
    WITH {_CHANGED}, {_KEPT}, line AS (
        INSERT INTO cart_lines (cart_id, line_id, position, quantity, product) SELECT id, $12, $13, $14, $15 FROM cart)
    SELECT id, institution_id FROM cart
"""
_ASKED = f"""
    WITH {_CHANGED}, asked AS (
        INSERT INTO checks (invoice_id, institution_id, cart_id, status, request, created_at)
        SELECT $7, institution_id, id, 'ASKED', $8, $6 FROM cart)
    SELECT id, institution_id FROM cart
"""
_LOCKED = f"""
    WITH {_CHANGED}, {_KEPT}, locked AS (
        UPDATE checks SET status = 'WAITING', decision = $13, expires_at = $14, reasons = $15 WHERE invoice_id = $12
    ), made AS (
        INSERT INTO check_decisions (invoice_id, institution_id, person_id, inputs, outcome, policy_version, digest,
                                     by_chance, pieces, decided_at, probe, estimate_chance)
        SELECT $12, institution_id, $7, $16, $17, 0, $18, false, $19, $6, false, 0 FROM cart
    ), lane AS (
        INSERT INTO outbox_lanes AS lane (name, due) SELECT 'timers:' || institution_id, $14::timestamptz FROM cart
        ON CONFLICT (name) DO UPDATE SET generation = lane.generation + 1, due = least(lane.due, excluded.due)
        RETURNING name
    ), timer AS (
        INSERT INTO outbox_messages (id, lane, kind, order_key, payload, due, waiting_since, context)
        SELECT $20, name, 'control.lock-expires', $12, $21, $14, $14, '{{}}' FROM lane)
    SELECT id, institution_id FROM cart
"""
_ENDED = f"""
    WITH {_CHANGED}, {_KEPT}, ended AS (
        UPDATE checks SET status = $13, closed_at = $6, changed = false, differences = '[]' WHERE invoice_id = $12
    ), timer AS (
        UPDATE outbox_messages SET state = 'cancelled', finished_at = now() WHERE id = $14 AND state = 'waiting')
    SELECT id, institution_id FROM cart
"""


class Parts:
    """How long each part took, in microseconds, since it was begun anew."""

    def __init__(self) -> None:
        self._taken: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))

    @contextmanager
    def of(self, path: str, part: str) -> Iterator[None]:
        """The time of the block counts for a part of a path."""
        began = time.perf_counter()
        yield
        self._taken[path][part].append((time.perf_counter() - began) * 1e6)

    def forget(self) -> None:
        """Begins anew."""
        self._taken.clear()

    def told(self) -> dict[str, dict[str, float]]:
        """The median of each part of each path."""
        return {
            path: {part: median(taken) for part, taken in parts.items()}
            for path, parts in self._taken.items()
        }


class Bare:
    """The program; the store has no rules of its own, which it knows by heart."""

    def __init__(self, node: str, node_token: str) -> None:
        self._node = node
        self._headers = {TOKEN_HEADER: node_token, "Content-Type": "application/json"}
        self._policy = Policy()
        self._pool: Any = None
        self._session: Any = None
        self._told: dict[tuple[str, str], None] = {}
        self._some = asyncio.Event()
        self.parts = Parts()

    async def open(self, url: str, connections: int) -> None:
        """Connects."""
        self._pool = await asyncpg.create_pool(url, min_size=1, max_size=connections)
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._telling = asyncio.create_task(self._tell_forever())

    async def scan(self, headers: Mapping[bytes, bytes], cart_id: str, raw: bytes) -> bytes:
        """POST /carts/{id}/lines."""
        of = self.parts.of
        with of("scan", "decode the request"):
            barcode = decode(raw, Scan).barcode
        with of("scan", "read the cart"):
            row = await self._pool.fetchrow(_OF_SHOPPER, _hash(headers[b"authorization"][7:]), cart_id)
        with of("scan", "decode it"):
            cart, now = cart_of(row), datetime.now(UTC)
        with of("scan", "ask the node"):
            body = encode(
                ProductSearchRequest(
                    barcode=barcode,
                    lang_code="EN",
                    person_id=cart.person_id,
                    institution_id=cart.institution_id,
                )
            )
            answer = await self._ask(PRODUCT_BY_BARCODE.path, body)
        with of("scan", "decode its answer"):
            product = decode(answer, Product)
        with of("scan", "apply the rule"):
            after = rules.with_product(cart, product, Decimal(1), new_id(), now)
        with of("scan", "price it, encode the answer"):
            document = encode(cart_document(after))
        line = after.lines[-1]
        with of("scan", "write it, commit"):
            await self._write(
                "cart", _SCANNED, *_changed(cart, after), *_claim(headers, cart, raw), 200, document,
                line.line_id, after.version * 1000, line.quantity, encode(line.product).decode(),
            )  # fmt: skip
        return document

    async def check_out(self, headers: Mapping[bytes, bytes], cart_id: str, _: bytes) -> bytes:
        """POST /carts/{id}/checkout, where the node wants a check."""
        of = self.parts.of
        with of("check", "read the cart"):
            row = await self._pool.fetchrow(_OF_SHOPPER, _hash(headers[b"authorization"][7:]), cart_id)
        with of("check", "decode it"):
            cart, now = cart_of(row), datetime.now(UTC)
        with of("check", "price it, encode the question"):
            begun = rules.attempted(cart, new_id(), now)
            question = encode(check_request(begun))
        invoice_id = begun.head.invoice_id
        with of("check", "write it, commit"):
            await self._write("cart", _ASKED, *_changed(cart, begun), invoice_id, question)
        with of("check", "ask the node"):
            answer = await self._ask(CHECK_PURCHASE.path, question)
        with of("check", "decide by the rules"):
            said = decode(answer, PurchaseControlCheckResponse).decision
            inputs = Inputs(cart=checked_cart(begun, said, now), history=History(), seed="00")
            outcome = decide(self._policy, inputs.cart, inputs.history, Seed(bytes(1)))
            digest = inputs_digest(self._policy, inputs)
        with of("check", "price it, encode the answer"):
            expires_at = UtcMillis.of(now + timedelta(minutes=10))
            check = CheckView(
                decision=outcome.decision, status=CheckStatus.PENDING, reasons=outcome.reasons,
                locked_at=UtcMillis.of(now), expires_at=expires_at,
            )  # fmt: skip
            after = rules.locked(begun, check, now)
            document = encode(cart_document(after))
        with of("check", "write the decision, commit"):
            await self._write(
                "cart work", _LOCKED, *_changed(begun, after), *_claim(headers, cart, b""), 200, document,
                invoice_id, outcome.decision, expires_at, encode(outcome.reasons).decode(),
                encode(inputs).decode(), encode(outcome).decode(), digest, inputs.cart.pieces,
                f"bare:{invoice_id}", invoice_id.encode(),
            )  # fmt: skip
        return document

    async def result(self, headers: Mapping[bytes, bytes], _: str, raw: bytes) -> bytes:
        """POST /v1/control/result."""
        of = self.parts.of
        with of("result", "decode the request"):
            result = decode(raw, PurchaseControlResult)
        with of("result", "read check and cart"):
            token = headers[TOKEN_HEADER.lower().encode()]
            row = await self._pool.fetchrow(_OF_CHECK, _hash(token), result.invoice_id)
        with of("result", "decode it"):
            cart, now = cart_of(row), datetime.now(UTC)
        with of("result", "apply the rule"):
            after = rules.decided(cart, result.status, None, now)
        with of("result", "write it, commit"):
            await self._write(
                "cart work", _ENDED, *_changed(cart, after), *_claim(headers, cart, raw), 204, b"",
                result.invoice_id, result.status, f"bare:{result.invoice_id}",
            )  # fmt: skip
        return b""

    async def _write(self, channels: str, statement: str, *values: Any) -> None:
        cart_id, institution_id = await self._pool.fetchrow(statement, *values)
        keys = {"cart": cart_id, "work": institution_id}
        self._told |= {(channel, keys[channel]): None for channel in channels.split()}
        self._some.set()

    async def _tell_forever(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            told, self._told = self._told, {}
            await self._pool.execute(SEND_NOTICES, *zip(*told, strict=True))

    async def _ask(self, path: str, body: bytes) -> bytes:
        async with self._session.post(self._node + path, data=body, headers=self._headers) as response:
            answer: bytes = await response.read()
        return answer


def _hash(token: bytes) -> bytes:
    return sha256(token).digest()


def _changed(before: Cart, after: Cart) -> tuple[Any, ...]:
    return after.id, before.version, after.state, after.version, encode(after.head).decode(), after.updated_at


def _claim(headers: Mapping[bytes, bytes], cart: Cart, raw: bytes) -> tuple[Any, ...]:
    return cart.person_id, headers[b"idempotency-key"].decode(), sha256(raw).digest()


async def _body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


def application(bare: Bare, url: str, connections: int) -> Any:
    """The program as an ASGI application."""
    work: dict[str, Callable[..., Any]] = {
        "lines": bare.scan,
        "checkout": bare.check_out,
        "result": bare.result,
    }

    async def answer(scope: Any, receive: Any) -> tuple[int, bytes]:
        if scope["path"] == "/parts":
            told = json.dumps(bare.parts.told()).encode()
            if scope["method"] == "DELETE":
                bare.parts.forget()
            return 200, told
        raw, places = await _body(receive), scope["path"].split("/")
        document = await work[places[-1]](dict(scope["headers"]), places[-2], raw)
        return (200, document) if document else (204, b"")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await bare.open(url, connections)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        status, document = await answer(scope, receive)
        length = (b"content-length", b"%d" % len(document))
        await send({"type": "http.response.start", "status": status, "headers": [length] if document else []})
        await send({"type": "http.response.body", "body": document})

    return app


def main() -> None:
    """Serves, as the environment says."""
    settings = msgspec.json.decode(os.environ["BARE"])
    bare = Bare(settings["node"], settings["nodeToken"])
    app = application(bare, settings["database"], settings["connections"])
    uvicorn.run(app, port=settings["port"], access_log=False, log_config=None)


if __name__ == "__main__":
    main()
