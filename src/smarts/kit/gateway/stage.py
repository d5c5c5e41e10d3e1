"""One check's look at a gateway: a played shopper, a played merchant, and the node that the kit plays."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from smarts.kit.check import Unmet, Unseen
from smarts.kit.exchange import Answer, Request
from smarts.kit.gateway.goods import Document
from smarts.kit.gateway.played_node import PlayedNode
from smarts.kit.gateway.subject import GatewaySubject, PlayedStore
from smarts.kit.subject import JSON_CONTENT, Case
from smarts.wire.operations import (
    CHANGE_ORDER_STATUS,
    RESEND_CHECK,
    SEND_CHECK_RESULT,
    Operation,
)

PATIENCE = 15.0  # seconds that any answer may take: whatever a node does, a shopper is answered
_SHOWN = 300


@dataclass
class Stage:
    """Who plays in a check, and with whom."""

    case: Case

    @property
    def subject(self) -> GatewaySubject:
        """The gateway."""
        assert isinstance(self.case.subject, GatewaySubject)
        return self.case.subject

    @property
    def node(self) -> PlayedNode:
        """The node."""
        return self.subject.node

    async def send(
        self,
        method: str,
        path: str,
        document: Any = None,
        *,
        headers: Mapping[str, str],
        secret: str,
        seconds: float = PATIENCE,
    ) -> Answer:
        """Sends a request to the gateway; raises `Unmet` where no whole answer came in time."""
        body = None if document is None else json.dumps(document, ensure_ascii=False).encode()
        lines = {"Accept": "application/json", **headers}
        if body is not None:
            lines["Content-Type"] = JSON_CONTENT
        request = Request(method, self.subject.url + path, lines, body, secret=secret)
        return await self._answer(request, seconds)

    async def shopper(self, **about: Any) -> "Shopper":
        """Somebody new joins, who reads English unless told otherwise."""
        answer = await self.send(
            "POST", "/shop/v1/shoppers", {"langCode": "EN"} | about, headers={}, secret=""
        )
        told = document_of(answer, 201)
        return Shopper(self, told["personId"], told["token"])

    async def result(
        self,
        invoice_id: str,
        status: str,
        *,
        store: PlayedStore | None = None,
        key: str | None = None,
        institution_id: str | None = None,
        **more: Any,
    ) -> Answer:
        """The merchant sends the result of a check."""
        store = store or self.subject.store
        told = {
            "invoiceId": invoice_id,
            "institutionId": institution_id or store.institution_id,
            "status": status,
        }
        return await self.merchant(SEND_CHECK_RESULT, told | more, store=store, key=key)

    async def resend(
        self, invoice_id: str, *, store: PlayedStore | None = None, institution_id: str | None = None
    ) -> Answer:
        """The merchant asks for the document of a check again."""
        store = store or self.subject.store
        told = {"invoiceId": invoice_id, "institutionId": institution_id or store.institution_id}
        return await self.merchant(RESEND_CHECK, told, store=store)

    async def move(
        self,
        order_id: str,
        status: str,
        *,
        store: PlayedStore | None = None,
        key: str | None = None,
        institution_id: str | None = None,
        **more: Any,
    ) -> Answer:
        """The merchant moves an order on."""
        store = store or self.subject.store
        told = {
            "orderId": order_id,
            "institutionId": institution_id or store.institution_id,
            "status": status,
        }
        return await self.merchant(CHANGE_ORDER_STATUS, told | more, store=store, key=key)

    async def find(self, operation: Operation, wanted: str, *, store: PlayedStore | None = None) -> Answer:
        """The merchant looks for an order by one of its ids."""
        head, _, _ = operation.path.rpartition("/")
        return await self.merchant(replace(operation, path=f"{head}/{wanted}"), store=store)

    async def merchant(
        self,
        operation: Operation,
        document: Any = None,
        *,
        store: PlayedStore | None = None,
        key: str | None = None,
        token: str | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: bytes | None = None,
        pieces: Sequence[bytes] = (),
        seconds: float | None = None,
    ) -> Answer:
        """The merchant does an operation of the reversed direction; what is told of it shows no store's token.

        Raises `Unmet` where no whole answer came in time.
        """
        own = (store or self.subject.store).access_token
        headers = {"Idempotency-Key": key, **(headers or {})}
        shown = own if token is None else token
        request = self.case.request(operation, document, body=body, token=shown, headers=headers)
        return await self._answer(replace(request, secret=own), seconds or operation.deadline, pieces)

    async def _answer(self, request: Request, seconds: float, pieces: Sequence[bytes] = ()) -> Answer:
        exchange = await self.case.send(request, seconds, pieces=pieces)
        if exchange.answer is None:
            raise Unmet("an answer", exchange.trouble, exchange)
        return exchange.answer


@dataclass
class Shopper:
    """A shopper with a phone, played through the shopper's API."""

    stage: Stage
    person_id: str
    token: str

    async def send(
        self, method: str, path: str, document: Any = None, *, key: str = "", seconds: float = PATIENCE
    ) -> Answer:
        """Sends a request, whatever the answer is."""
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {})
        return await self.stage.send(
            method, f"/shop/v1{path}", document, headers=headers, secret=self.token, seconds=seconds
        )

    async def does(self, method: str, path: str, document: Any = None, *, status: int = 200) -> Any:
        """The document of an answer that has to have this status."""
        return document_of(await self.send(method, path, document), status)

    async def cart(self, *barcodes: str, store: PlayedStore | None = None) -> Document:
        """A new cart with goods in it."""
        store = store or self.stage.subject.store
        cart: Document = await self.does(
            "POST", "/carts", {"institutionId": store.institution_id}, status=201
        )
        for barcode in barcodes:
            cart = await self.scan(cart, barcode)
        return cart

    async def scan(self, cart: Document, barcode: str, quantity: int | None = None) -> Document:
        """The cart with one more thing in it."""
        scanned: Document = document_of(await self.tries_to_scan(cart, barcode, quantity), 200)
        return scanned

    async def tries_to_scan(self, cart: Document, barcode: str, quantity: int | None = None) -> Answer:
        """Scans, whatever the answer is."""
        told = {"barcode": barcode} | ({"quantity": quantity} if quantity else {})
        return await self.send("POST", f"/carts/{cart['id']}/lines", told)

    async def look(self, cart: Document) -> Document:
        """The cart as it is now."""
        seen: Document = await self.does("GET", f"/carts/{cart['id']}")
        return seen

    async def check_out(self, cart: Document) -> Document:
        """The cart after the checkout."""
        out: Document = await self.does("POST", f"/carts/{cart['id']}/checkout")
        return out

    async def pay(self, cart: Document) -> Document:
        """The cart after it was paid for."""
        paid: Document = document_of(await self.tries_to_pay(cart), 200)
        if paid.get("state") != "PAID":
            raise Unmet("a cart that is PAID", f"{paid.get('state')}")
        return paid

    async def tries_to_pay(self, cart: Document) -> Answer:
        """Pays with what takes no money, whatever the answer is."""
        answer = await self.send("POST", f"/carts/{cart['id']}/payment", {"method": "SANDBOX"})
        if answer.status == 422 and b"method" in answer.body:
            raise Unseen("the gateway does not offer the SANDBOX payment, which takes no money")
        return answer


def document_of(answer: Answer, status: int) -> Any:
    """The document of an answer with this status.

    Raises:
        Unmet: it has another status, or no document.
    """
    require_status(answer, status)
    try:
        return answer.json()
    except (ValueError, RecursionError) as error:
        raise Unmet("a JSON document", f"{answer.body[:_SHOWN]!r} ({error})") from None


def require_status(answer: Answer, *statuses: int) -> None:
    """Raises `Unmet` where the status is none of these."""
    if answer.status not in statuses:
        seen = f"{answer.status} {answer.body[:_SHOWN].decode(errors='replace')}".strip()
        raise Unmet(" or ".join(map(str, statuses)), seen)


def require(condition: object, expected: str, seen: object) -> None:
    """Raises `Unmet` where a condition does not hold."""
    if not condition:
        raise Unmet(expected, str(seen)[:_SHOWN])
