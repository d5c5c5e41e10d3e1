"""Calls to shop systems that answer badly: each ends in bounded time, with words that a merchant understands."""

import asyncio
from decimal import Decimal

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from serving import serving
from smarts.caller import CallFailed, Nonsense, Refused, TooSlow, Unreachable
from smarts.ready.connectors import calls as calls_module
from smarts.ready.connectors.calls import ShopCalls
from smarts.ready.connectors.settings import OdooSettings
from smarts.ready.kinds import Secret


@pytest.fixture
async def answering():
    """Serves one answer to everything; gives what a call of it brings."""

    async def ask(answer, *, seconds=5.0, patiently=False, after=lambda: None):
        async def endpoint(_):
            return await answer() if asyncio.iscoroutinefunction(answer) else answer

        async with serving(
            Starlette(routes=[Route("/{path:path}", endpoint, methods=["GET", "POST"])])
        ) as address:
            calls = ShopCalls("The shop", address, {}, allow_private=True)
            try:
                how = calls.ask_patiently if patiently else calls.ask
                return (await how("GET", "/thing", seconds=seconds)).body
            finally:
                after()
                await calls.close()

    return ask


async def test_numbers_are_read_exactly(answering):
    """A price that JSON writes with a fraction is that price, not the nearest double."""
    assert await answering(Response(b'{"price": 0.1}', media_type="application/json")) == {
        "price": Decimal("0.1")
    }


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (HTMLResponse("<h1>Hacked by nobody</h1>"), Nonsense, "no JSON but 'Hacked by nobody'"),
        (
            Response(b"<br />\n<b>Warning</b>: x in y.php\n[]", media_type="application/json"),
            Nonsense,
            "Warning : x in y.php",
        ),
        (Response(b"", media_type="application/json"), Nonsense, "no JSON but nothing"),
        (Response(b"[" * 100_000, media_type="application/json"), Nonsense, "no JSON but"),
        (Response(b'{"a": 1e999999999999}', media_type="application/json"), Nonsense, "no JSON but"),
        (RedirectResponse("https://www.shop.example/"), Nonsense, "https://www.shop.example/"),
        (JSONResponse({"code": "x", "message": "Sorry, <b>no</b>."}, 401), Refused, "Sorry, no."),
        (JSONResponse({"code": "x", "message": 7}, 404), Refused, "no JSON but"),
        (HTMLResponse("<p>Back soon</p>", 503), Unreachable, "'Back soon'"),
        (HTMLResponse("", 500), Nonsense, "answered 500"),
        (HTMLResponse("", 504), TooSlow, "answered 504"),
        (HTMLResponse("", 524), TooSlow, "answered 524"),
        (Response(b"[]", headers={"Content-Encoding": "gzip"}), Nonsense, "compressed"),
    ],
)
async def test_what_is_no_answer_is_told_in_words(answering, answer, kind, says):
    """Pages, warnings before the JSON, redirects and errors are told apart, without mark-up and shortened."""
    with pytest.raises(kind) as failure:
        await answering(answer)
    assert says in failure.value.detail
    assert len(failure.value.detail) < 500


async def test_silence_ends_with_the_deadline(answering):
    """A shop that hangs costs no more than the caller's patience."""
    given_up = asyncio.Event()

    async def silent():
        await given_up.wait()

    with pytest.raises(TooSlow):
        await answering(silent, seconds=0.2, after=given_up.set)


async def test_an_answer_without_end_is_cut_off(answering, monkeypatch):
    """More bytes than any page of goods has are not read."""
    monkeypatch.setattr(calls_module, "_LARGEST", 1000)
    with pytest.raises(Nonsense, match="more than 1000 bytes"):
        await answering(JSONResponse(["x" * 2000]))


async def test_patience_has_an_end(answering):
    """A shop that stays down is asked three times, not for ever; one that refuses is asked once."""
    asked = []

    async def down():
        asked.append(1)
        return HTMLResponse("", 503, {"Retry-After": "0"})

    with pytest.raises(Unreachable):
        await answering(down, patiently=True)
    assert len(asked) == 3

    async def refusing():
        asked.append(1)
        return JSONResponse({"message": "no"}, 403)

    with pytest.raises(Refused):
        await answering(refusing, patiently=True)
    assert len(asked) == 4


async def test_private_addresses_are_not_called_unless_that_is_allowed(answering):
    """Whoever may write a shop's address cannot make the node call into its own network."""
    with pytest.raises(ValueError, match="public"):
        ShopCalls("The shop", "http://127.0.0.1:1", {}, allow_private=False)
    calls = ShopCalls("The shop", "https://localtest.invalid", {}, allow_private=False)
    with pytest.raises(CallFailed):
        await calls.ask("GET", "/")
    await calls.close()


def test_keys_go_over_tls_only():
    """An address without TLS is refused, unless it may be private."""
    with pytest.raises(ValueError, match="https"):
        OdooSettings(url="http://shop.example", key=Secret("k"))
    assert OdooSettings(url="https://shop.example", key=Secret("k")).url == "https://shop.example"


def test_keys_are_in_no_text():
    """Settings can be logged."""
    assert "sesame" not in repr(OdooSettings(url="https://shop.example", key=Secret("sesame")))
