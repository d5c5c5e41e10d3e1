"""Clients that do not play by the rules, over raw sockets."""

import asyncio

import pytest

from edge.parts import BODY_LIMIT, example_app
from serving import raw_request, serving
from smarts.wire.codec import decode
from smarts.wire.errors import Problem

HEAD = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def test_a_body_that_is_said_to_be_too_large_is_not_read(address: str) -> None:
    """A huge Content-Length is refused before a byte of the body, and the connection ends."""
    answer = await raw_request(address, HEAD + b"Content-Length: 99999999999\r\n\r\n")
    assert (answer.status, decode(answer.body, Problem).type) == (413, "too-large")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("times", [1, 3])
async def test_a_body_that_is_a_little_too_large_is_answered(address: str, times: int) -> None:
    """A client that writes all before it reads still sees that its body was too large."""
    body = b"[" * (BODY_LIMIT * times + 1)
    answer = await raw_request(address, HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert (answer.status, decode(answer.body, Problem).type) == (413, "too-large")


async def test_an_endless_body_is_not_read_to_the_end(address: str) -> None:
    """Without a Content-Length too, reading stops a little above the limit."""
    answer = await raw_request(address, CHUNKED, *[chunk(b"[" * BODY_LIMIT)] * 5)
    assert (answer.status, decode(answer.body, Problem).type) == (413, "too-large")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("start", [b"", b'{"name":'])
async def test_a_slow_body_is_not_waited_for(address: str, start: bytes) -> None:
    """A body that does not arrive in time is 408, whether it has begun or not, and the connection ends."""
    answer = await raw_request(address, HEAD + b"Content-Length: 30\r\n\r\n" + start)
    assert (answer.status, decode(answer.body, Problem).type) == (408, "body-slow")
    assert answer.headers["connection"] == "close"


async def test_a_body_in_small_pieces_is_read(address: str) -> None:
    """A body may come in as many pieces as it likes."""
    pieces = [chunk(bytes([byte])) for byte in b'{"name":"tea","amount":1}']
    answer = await raw_request(address, CHUNKED, *pieces, b"0\r\n\r\n")
    assert (answer.status, answer.body) == (200, b'{"name":"tea","amount":1}')


async def test_tokens_are_looked_at_before_the_body(address: str) -> None:
    """Who is unknown is told so at once, without the body being waited for."""
    head = b"POST /secret HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n"
    answer = await raw_request(address, head, seconds=0.25)
    assert answer.status == 401


async def test_a_client_that_hangs_up_in_its_body_is_forgotten() -> None:
    """What a client sent before it went away is not taken for the whole, and the server serves on."""
    served: list[str] = []
    async with serving(example_app(observe=lambda route, *_: served.append(route.path))) as address:
        host, port = address.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(HEAD + b'Content-Length: 30\r\n\r\n{"name":"tea","amount":1}')
        await writer.drain()
        writer.transport.abort()
        assert (await raw_request(address, b"GET /things/9 HTTP/1.1\r\nHost: x\r\n\r\n")).status == 200
    assert served == ["/things/{id}"]


async def test_what_is_no_http_is_400(address: str) -> None:
    """Bytes that are not HTTP are refused by the server."""
    answer = await raw_request(address, b"\x16\x03\x01\x02\x00 hello\r\n\r\n")
    assert answer.status == 400
