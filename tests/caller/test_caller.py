"""The outgoing caller, against real servers that behave and servers that do not."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from email.utils import formatdate
from time import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving import serving, talking
from smarts.caller import (
    Answered,
    Caller,
    CallFailed,
    Nonsense,
    Refused,
    Target,
    TooSlow,
    Unreachable,
    check_address,
)
from smarts.edge.app import EdgeApp
from smarts.edge.problems import CONFLICT, NODE_DOWN, NODE_SLOW, NOT_FOUND, TOO_MANY
from smarts.edge.routes import Answer, Call, serve
from smarts.wire.codec import decode
from smarts.wire.examples import example
from smarts.wire.loyalty import LoyaltyCardRegistrationRequest
from smarts.wire.nodes import NodeVersionResponse
from smarts.wire.operations import (
    FIND_ORDER_BY_INSTITUTION_INVOICE,
    PRODUCT_BY_BARCODE,
    RECEIVE_INVOICE,
    REGISTER_CARD,
    VERSION,
    Operation,
)
from smarts.wire.orders import Order
from smarts.wire.products import Product, ProductSearchRequest

TOKEN = "a-token-that-must-never-be-seen"
BARCODE = ProductSearchRequest(barcode="1")
CARD = decode(example("LoyaltyCardRegistrationRequest"), LoyaltyCardRegistrationRequest)
VERSION_ANSWER = NodeVersionResponse("Shop", "1", "1.0", ())
Handler = Callable[[Call[Any, Any]], Awaitable[Any]]


@contextlib.asynccontextmanager
async def calling(**settings: Any) -> AsyncIterator[Caller]:
    caller = Caller(**settings)
    try:
        yield caller
    finally:
        await caller.close()


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling(allow_private_addresses=True, answer_limit=100_000) as caller:
        yield caller


@contextlib.asynccontextmanager
async def other_side(operation: Operation, handler: Handler) -> AsyncIterator[Target]:
    """A proper server of one operation."""
    async with serving(EdgeApp([serve(operation, handler, None)])) as address:
        yield Target(address, TOKEN)


@contextlib.asynccontextmanager
async def odd_side(*answers: bytes, pause: float = 0.0, hang_up: bool = True) -> AsyncIterator[Target]:
    """A server that answers each connection's first request with the next bytes, whatever they are."""
    remaining = list(answers)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(remaining.pop(0) if len(remaining) > 1 else remaining[0])
        await writer.drain()
        if not hang_up:
            await reader.read()

    async with talking(answer) as port:
        yield Target(f"http://127.0.0.1:{port}", TOKEN)


def ok(body: bytes, *headers: bytes) -> bytes:
    head = [
        b"HTTP/1.1 200 OK",
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(body),
        *headers,
    ]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def times(failures: int, error: Exception) -> tuple[Handler, list[int]]:
    """A handler that fails so many times before it answers the version, and its count of calls."""
    calls: list[int] = []

    async def handle(_: Call[Any, Any]) -> Any:
        calls.append(1)
        if len(calls) <= failures:
            raise error
        return VERSION_ANSWER

    return handle, calls


async def test_an_operation_is_called_with_token_and_typed_answer(caller: Caller) -> None:
    """A call carries the token and the contract's content type, and gives an object of the row's type."""
    seen: list[Call[ProductSearchRequest, None]] = []

    async def find(call: Call[ProductSearchRequest, None]) -> Answer:
        seen.append(call)
        return Answer(200, example("Product"))

    async with other_side(PRODUCT_BY_BARCODE, find) as target:
        product = await caller.call(target, PRODUCT_BY_BARCODE, BARCODE, idempotency_key="k-1")
    assert product == decode(example("Product"), Product)
    (call,) = seen
    assert call.body == BARCODE
    assert call.headers["accesstoken"] == TOKEN
    assert call.headers["content-type"] == "application/json;charset=UTF-8"
    assert call.headers["idempotency-key"] == "k-1"


async def test_path_parameters_may_hold_anything(caller: Caller) -> None:
    """A parameter of the path arrives as it was, slashes and spaces and letters of any language."""
    seen: list[str] = []

    async def find(call: Call[None, None]) -> Answer:
        seen.append(call.path["institutionInvoiceId"])
        return Answer(200, example("Order"))

    async with other_side(FIND_ORDER_BY_INSTITUTION_INVOICE, find) as target:
        for number in ("R/2026/17", "õ #?&=%2F", ".."):
            path = {"institutionInvoiceId": number}
            order = await caller.call(target, FIND_ORDER_BY_INSTITUTION_INVOICE, path=path)
            assert isinstance(order, Order)
    assert seen == ["R/2026/17", "õ #?&=%2F", ".."]


async def test_an_answer_of_nothing_is_none(caller: Caller) -> None:
    """An operation without response gives None, also where the other side says something all the same."""
    async with odd_side(ok(b'{"thanks":true}')) as target:
        assert await caller.call(target, RECEIVE_INVOICE, CARD) == Answered(200)


async def test_a_refusal_carries_its_problem(caller: Caller) -> None:
    """A 4xx is a refusal with the problem that was sent, not to be tried again."""

    async def refuse(_: Call[Any, Any]) -> None:
        raise NOT_FOUND.error("We do not sell this.")

    async with other_side(PRODUCT_BY_BARCODE, refuse) as target:
        with pytest.raises(Refused, match="We do not sell this") as refused:
            await caller.call(target, PRODUCT_BY_BARCODE, BARCODE)
    assert (refused.value.problem.status, refused.value.problem.type) == (404, "not-found")
    assert refused.value.retryable is False


async def test_a_refusal_without_a_problem_is_told_apart(caller: Caller) -> None:
    """A 4xx that does not explain itself is a refusal of a kind of its own, whatever its body claims."""
    page = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 10\r\n\r\n<h1>no</h1"
    liar = b'HTTP/1.1 403 No\r\nContent-Type: application/problem+json\r\nContent-Length: 14\r\n\r\n{"status":200}'
    async with odd_side(page, liar) as target:
        for status in (404, 403):
            with pytest.raises(Refused) as refused:
                await caller.call(target, PRODUCT_BY_BARCODE, BARCODE)
            assert (refused.value.problem.type, refused.value.problem.status) == ("about:blank", status)


@pytest.mark.parametrize("is_date", [False, True])
async def test_a_pause_that_is_asked_for_is_told(caller: Caller, *, is_date: bool) -> None:
    """`Retry-After` reaches the caller in seconds, whether it came as seconds or as a date."""
    header = formatdate(time() + 8, usegmt=True).encode() if is_date else b"7"
    answer = b"HTTP/1.1 429 Slowly\r\nContent-Length: 0\r\nRetry-After: " + header + b"\r\n\r\n"
    async with odd_side(answer) as target:
        with pytest.raises(Refused) as refused:
            await caller.call(target, VERSION)
    assert refused.value.retryable
    assert refused.value.retry_after is not None
    assert 5 <= refused.value.retry_after <= 9


@pytest.mark.parametrize("header", [b"soon", b"-1", b"1e9", b"9" * 30, b"\xff"])
async def test_an_odd_pause_is_no_pause(caller: Caller, header: bytes) -> None:
    """A `Retry-After` that says nothing is ignored."""
    answer = b"HTTP/1.1 429 Slowly\r\nContent-Length: 0\r\nRetry-After: " + header + b"\r\n\r\n"
    async with odd_side(answer) as target:
        with pytest.raises(Refused) as refused:
            await caller.call(target, VERSION)
    assert refused.value.retry_after is None


@pytest.mark.parametrize("error", [NODE_DOWN.error(), NODE_SLOW.error()])
async def test_repeatable_operations_are_tried_three_times(caller: Caller, error: Exception) -> None:
    """After a 503 or 504 the same call is made again, twice at most."""
    handler, calls = times(2, error)
    async with other_side(VERSION, handler) as target:
        assert await caller.call(target, VERSION) == VERSION_ANSWER
    assert len(calls) == 3


async def test_trying_ends_after_the_third_time(caller: Caller) -> None:
    """A side that stays down is reported as such, with what it said."""
    handler, calls = times(9, NODE_DOWN.error("Back soon."))
    async with other_side(VERSION, handler) as target:
        with pytest.raises(Unreachable, match=r"Back soon\.") as down:
            await caller.call(target, VERSION)
    assert len(calls) == 3
    assert down.value.retryable


async def test_a_pause_longer_than_the_deadline_is_not_waited_for(caller: Caller) -> None:
    """Where the other side wants a longer pause than there is patience, the caller is told at once."""
    handler, calls = times(9, NODE_DOWN.error(retry_after=60))
    async with other_side(VERSION, handler) as target:
        with pytest.raises(Unreachable) as down:
            await caller.call(target, VERSION, deadline=3)
    assert (len(calls), down.value.retry_after) == (1, 60)


async def test_accidents_on_the_other_side_are_not_repeated_at_once(caller: Caller) -> None:
    """A 500 is nonsense: not repeated now, worth another try later."""
    handler, calls = times(9, RuntimeError("oops"))
    async with other_side(VERSION, handler) as target:
        with pytest.raises(Nonsense, match="500") as nonsense:
            await caller.call(target, VERSION)
    assert (len(calls), nonsense.value.retryable) == (1, True)


async def test_what_may_not_be_done_twice_is_not_repeated(caller: Caller) -> None:
    """An operation that is not repeatable is not sent again once the other side may have seen it."""
    handler, calls = times(9, NODE_DOWN.error())
    async with other_side(REGISTER_CARD, handler) as target:
        with pytest.raises(Unreachable):
            await caller.call(target, REGISTER_CARD, CARD)
    assert len(calls) == 1
    async with odd_side(b"", ok(example("LoyaltyCardRegistrationResponse"))) as target:
        with pytest.raises(Unreachable) as broken:
            await caller.call(target, REGISTER_CARD, CARD)
    assert broken.value.sent


async def test_a_key_makes_repeating_safe(caller: Caller) -> None:
    """With an idempotency key any operation is repeated, after a lost answer too."""
    async with odd_side(b"", ok(example("LoyaltyCardRegistrationResponse"))) as target:
        response = await caller.call(target, REGISTER_CARD, CARD, idempotency_key="k-1")
    assert response.card_number


async def test_what_was_surely_not_sent_is_repeated(caller: Caller) -> None:
    """Where no connection came about any operation is tried again, and found when the other side comes up."""
    with socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    tried = asyncio.ensure_future(caller.call(Target(f"http://127.0.0.1:{port}", TOKEN), REGISTER_CARD, CARD))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ok(example("LoyaltyCardRegistrationResponse")))
        await writer.drain()

    await asyncio.sleep(0)
    async with talking(answer, port):
        assert (await tried).card_number


async def test_nobody_there_is_unreachable(caller: Caller) -> None:
    """A refused connection and an unknown name are unreachable, and surely unsent."""
    for url in ("http://127.0.0.1:1", "http://no-such-host.invalid"):
        with pytest.raises(Unreachable, match="cannot be reached") as gone:
            await caller.call(Target(url, TOKEN), VERSION)
        assert (gone.value.sent, gone.value.retryable) == (False, True)


async def test_a_side_without_tls_is_told_apart(caller: Caller) -> None:
    """An https address where nobody speaks TLS is unreachable, nothing was sent, and the words say why."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with talking(greet) as port:
        target = Target(f"https://127.0.0.1:{port}", TOKEN)
        with pytest.raises(Unreachable, match="TLS failed") as failed:
            await caller.call(target, VERSION)
    assert not failed.value.sent


async def test_a_silent_side_is_too_slow(caller: Caller) -> None:
    """One deadline holds for everything together, and what it says is kept."""
    started = time()
    async with odd_side(b"", hang_up=False) as target:
        with pytest.raises(TooSlow, match=r"within 0\.3 s"):
            await caller.call(target, VERSION, deadline=0.3)
    assert 0.25 < time() - started < 2


async def test_an_answer_that_drips_is_too_slow(caller: Caller) -> None:
    """The deadline holds while the answer is read, too."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    async with odd_side(head, hang_up=False) as target:
        with pytest.raises(TooSlow):
            await caller.call(target, VERSION, deadline=0.3)


@pytest.mark.parametrize(
    "status", [b"301 Moved", b"302 Found", b"307 Temporary", b"308 Permanent", b"304 Same"]
)
async def test_redirects_are_not_followed(caller: Caller, status: bytes) -> None:
    """An answer that points elsewhere is nonsense; the token is not shown elsewhere."""
    visits = asyncio.Event()

    async def elsewhere(_: Call[Any, Any]) -> NodeVersionResponse:
        visits.set()
        return VERSION_ANSWER

    async with other_side(VERSION, elsewhere) as trap:
        moved = b"HTTP/1.1 %b\r\nLocation: %b/version\r\nContent-Length: 0\r\n\r\n" % (
            status,
            trap.base_url.encode(),
        )
        async with odd_side(moved) as target:
            with pytest.raises(Nonsense, match=status[:3].decode()):
                await caller.call(target, VERSION)
    assert not visits.is_set()


BIG = b'{"name":"' + b"x" * 200_000 + b'","version":"1","contract":"1.0","features":[]}'


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (ok(b"{"), "wrongly at"),
        (ok(b""), "wrongly at"),
        (ok(b"[]"), r"wrongly at \$: Expected `object`"),
        (ok(b'{"name":1}'), r"wrongly at \$\.name"),
        (ok(b"\xff"), "wrongly at"),
        (ok(b"[" * 50_000), "wrongly at"),
        (ok(BIG), "more than 100000 bytes"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"%x\r\n%b\r\n0\r\n\r\n" % (len(BIG), BIG),
            "more than 100000 bytes",
        ),
        (ok(b"\x1f\x8b", b"Content-Encoding: gzip"), "compressed"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n{}", "text/html, not JSON"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "not JSON"),
        (b"HTTP/1.1 599 Odd\r\nContent-Length: 0\r\n\r\n", "599"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", "does not speak HTTP"),
    ],
)
async def test_nonsense_is_nonsense(caller: Caller, answer: bytes, words: str) -> None:
    """Whatever is not an answer of the row's type is nonsense, says what it was, and is not repeated."""
    async with odd_side(answer) as target:
        with pytest.raises(Nonsense, match=words):
            await caller.call(target, VERSION)


async def test_a_broken_off_answer_is_repeated(caller: Caller) -> None:
    """An answer that breaks off is asked for again."""
    half = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    whole = ok(msgspec.json.encode({"name": "Shop", "version": "1", "contract": "1.0", "features": []}))
    async with odd_side(half, b"", whole) as target:
        assert await caller.call(target, VERSION) == VERSION_ANSWER


async def test_connections_are_kept_and_bounded() -> None:
    """Calls to one side share a bounded number of connections, which stay open."""
    connections, now, most = set(), 0, 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal now, most
        if scope["type"] != "http":
            return
        connections.add(scope["client"])
        now, most = now + 1, max(most, now + 1)
        await asyncio.sleep(0.01)
        now -= 1
        body = b'{"name":"Shop","version":"1","contract":"1.0","features":[]}'
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-type", b"application/json")],
            }
        )
        await send({"type": "http.response.body", "body": body})

    async with (
        serving(app, lifespan="off") as address,
        calling(allow_private_addresses=True, connections_per_host=3) as caller,
    ):
        await asyncio.gather(*(caller.call(Target(address, TOKEN), VERSION) for _ in range(20)))
    assert most == 3
    assert len(connections) == 3


PRIVATE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1",
    "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fd12::1]", "[ff02::1]", "[2001:db8::1]",
    "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
    "[64:ff9b:1::7f00:1]", "[::7f00:1]", "[fec0::1]", "[3fff::1]", "[5f00::1]", "[2001:0:7f00:1::]",
    "localhost", "LOCALHOST.", "printer.local", "metadata.google.internal", "api.localhost",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_private_addresses_are_refused_when_they_are_typed_in(host: str) -> None:
    """Where only public addresses may be called, a private one is refused as soon as it is typed in."""
    with pytest.raises(ValueError, match="public address"):
        check_address(f"http://{host}:8080/node")


@pytest.mark.parametrize("host", PRIVATE)
async def test_private_addresses_are_never_called(host: str) -> None:
    """A private address that was stored all the same is not called."""
    async with calling() as caller:
        with pytest.raises(Unreachable) as refused:
            await caller.call(Target(f"http://{host}:9", TOKEN), VERSION, deadline=2)
    assert (refused.value.retryable, refused.value.sent) == (False, False)


@pytest.mark.parametrize("host", ["shop.example", "0x7f.1"])
async def test_names_that_lead_to_private_addresses_are_not_called(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """What counts is where the connection goes, whatever the name said before."""
    visits: list[int] = []

    async def greet(_: Call[Any, Any]) -> NodeVersionResponse:
        visits.append(1)
        return VERSION_ANSWER

    async with (
        other_side(VERSION, greet) as target,
        calling() as caller,
        calling(allow_private_addresses=True) as careless,
    ):
        port = int(target.base_url.rpartition(":")[2])

        def look_up(*_: Any, **__: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        at_name = replace(target, base_url=f"http://{host}:{port}")
        with pytest.raises(Unreachable, match="not a public address") as refused:
            await caller.call(at_name, VERSION)
        assert not refused.value.retryable
        assert not visits
        assert await careless.call(at_name, VERSION) == VERSION_ANSWER


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("https://shop.example/node/", "https://shop.example/node"),
        (" http://8.8.8.8:8080 ", "http://8.8.8.8:8080"),
        ("https://[2606:4700::1111]", "https://[2606:4700::1111]"),
        ("https://pood.õun.ee", "https://pood.xn--un-bka.ee"),
    ],
)
def test_public_addresses_are_taken(url: str, checked: str) -> None:
    """A public address is taken as it is called later."""
    assert check_address(url) == checked


@pytest.mark.parametrize(
    "url",
    [
        "", "shop.example", "//shop.example", "ftp://shop.example", "file:///etc/passwd", "http://", "http:///x",
        "http://user:secret@shop.example", "http://shop.example?a=1", "http://shop.example/#a",
        "http://shop.example:99999", "http://shop.example:0", "http://a b/", "http://[::1", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    """Only plain http and https addresses are taken, private ones or not."""
    with pytest.raises(ValueError, match=r"Expected|Not an address"):
        check_address(url, allow_private=True)


@given(st.text(max_size=60))
def test_any_text_is_taken_or_refused(text: str) -> None:
    """No text breaks the check: it is an address or it is refused with words."""
    for url in (text, f"http://{text}", f"http://shop.example/{text}"):
        with contextlib.suppress(ValueError):
            assert check_address(url).startswith("http")


@pytest.mark.parametrize("token", ["line\nbreak", "tõken", "nul\0"])
async def test_a_token_that_no_header_can_hold_is_not_sent(caller: Caller, token: str) -> None:
    """A token with odd characters is a failed call, not an accident."""
    with pytest.raises(Unreachable, match="token") as refused:
        await caller.call(Target("http://127.0.0.1:1", token), VERSION)
    assert not refused.value.retryable


async def test_tokens_are_not_in_failures(caller: Caller) -> None:
    """No failure and no repr shows a token."""

    async def echo(call: Call[Any, Any]) -> None:
        raise CONFLICT.error("No.")

    async def busy(call: Call[Any, Any]) -> None:
        raise TOO_MANY.error("Slowly.")

    failures: list[CallFailed] = []
    for handler in (echo, busy):
        async with other_side(VERSION, handler) as target:
            assert TOKEN not in repr(target)
            with pytest.raises(CallFailed) as failed:
                await caller.call(target, VERSION)
            failures.append(failed.value)
    async with odd_side(b"", ok(b"{"), hang_up=False) as target:
        for _ in range(2):
            with pytest.raises(CallFailed) as failed:
                await caller.call(target, VERSION, deadline=0.2)
            failures.append(failed.value)
    assert not [failure for failure in failures if TOKEN in str(failure) + repr(failure) + failure.detail]
