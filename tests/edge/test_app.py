"""What an application made from routes answers, over real HTTP."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import ClientSession
from structlog.contextvars import merge_contextvars
from yarl import URL

from edge.parts import TOKEN, example_app
from serving import serving
from smarts.edge.app import EdgeApp
from smarts.edge.routes import Route
from smarts.wire.codec import decode
from smarts.wire.errors import Problem

BEARER = {"Authorization": f"Bearer {TOKEN}"}


async def problem_of(response: aiohttp.ClientResponse) -> Problem:
    assert response.content_type == "application/problem+json"
    problem = decode(await response.read(), Problem)
    assert problem.status == response.status
    return problem


async def test_a_body_is_decoded_and_the_answer_encoded(http: ClientSession) -> None:
    """A body reaches the handler as an object, and what the handler returns is written in the contract's spelling."""
    async with http.post("/echo", json={"name": "tea", "amount": "1.10", "new": 1}) as response:
        assert (response.status, response.content_type) == (200, "application/json")
        assert await response.read() == b'{"name":"tea","amount":1.10}'


async def test_answers_may_not_be_guessed_or_kept(http: ClientSession) -> None:
    """Every JSON answer forbids guessing its type and keeping it."""
    async with http.get("/things") as response:
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"


async def test_a_ready_answer_goes_out_as_it_is(http: ClientSession) -> None:
    """A ready answer has its own status, bytes and headers, which win over the usual ones."""
    async with http.get("/things/known") as response:
        assert (response.status, await response.read()) == (201, b'{"kept":true}')
        assert response.headers["Location"] == "/things/7"
        assert response.headers.getall("Cache-Control") == ["max-age=60"]


async def test_a_route_without_response_answers_204(http: ClientSession) -> None:
    """Where there is nothing to say the answer is 204 and has no content type."""
    async with http.delete("/things/9") as response:
        assert (response.status, await response.read()) == (204, b"")
        assert "Content-Type" not in response.headers


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/things/9", {"id": "9"}),
        ("/things/2026%2F17", {"id": "2026/17"}),
        ("/things/%C3%B5un/parts/a%20b", {"id": "õun", "part": "a b"}),
        ("/things/%2E%2E", {"id": ".."}),
    ],
)
async def test_path_parameters_are_unquoted(address: str, path: str, parameters: dict[str, str]) -> None:
    """A parameter may hold anything that is encoded, a slash too."""
    async with ClientSession() as session, session.get(URL(address + path, encoded=True)) as response:
        assert await response.json() == parameters


@pytest.mark.parametrize(
    "path", ["/nothing", "/things/", "/things/%00", "/things/%FF", "/things/" + "9" * 201]
)
async def test_unknown_addresses_and_odd_parameters_are_not_found(address: str, path: str) -> None:
    """What no route knows is 404, and so are parameters with NUL, broken UTF-8, or of absurd length."""
    async with ClientSession() as session, session.get(URL(address + path, encoded=True)) as response:
        assert (await problem_of(response)).type == "not-found"


async def test_other_methods_are_not_allowed(http: ClientSession) -> None:
    """A known address answers other methods with 405 and names those it has."""
    async with http.put("/things/9") as response:
        assert (await problem_of(response)).type == "method-not-allowed"
        assert response.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS"


async def test_options_names_the_methods(http: ClientSession) -> None:
    """OPTIONS is answered everywhere, with the methods of the address."""
    async with http.options("/echo") as response:
        assert (response.status, response.headers["Allow"]) == (204, "OPTIONS, POST")


async def test_head_is_get_without_the_body(http: ClientSession) -> None:
    """HEAD has the status and the headers of GET."""
    async with http.head("/things/9") as response:
        assert (response.status, await response.read()) == (200, b"")
        assert response.headers["Content-Length"] == str(len(b'{"id":"9"}'))


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer no"}, {"Authorization": f"Basic {TOKEN}"}])
async def test_who_does_not_show_the_token_is_refused(http: ClientSession, headers: dict[str, str]) -> None:
    """Without the right token the answer is 401 and says how to authenticate, whatever the body is."""
    async with http.post("/secret", data=b"not even JSON", headers=headers) as response:
        assert (await problem_of(response)).type == "token-unknown"
        assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_handlers_get_who_calls_the_key_and_the_raw_body(http: ClientSession) -> None:
    """A handler sees who calls, the idempotency key, and the very bytes that were sent."""
    body = b'{"name": "tea",  "amount": 1}'
    headers = BEARER | {"Idempotency-Key": "k-1", "Content-Type": "application/json;charset=UTF-8"}
    async with http.post("/secret", data=body, headers=headers) as response:
        assert await response.json() == {"who": "the shopper", "key": "k-1", "raw": body.decode()}


@pytest.mark.parametrize("key", ["", "a" * 256, "a b", "võti"])
async def test_odd_idempotency_keys_are_refused(http: ClientSession, key: str) -> None:
    """A key is 1 to 255 visible ASCII characters."""
    async with http.post(
        "/secret", json={"name": "tea", "amount": 1}, headers=BEARER | {"Idempotency-Key": key}
    ) as response:
        assert (await problem_of(response)).errors[0].path == "header.Idempotency-Key"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json;charset=UTF-8",
        'Application/JSON; charset="utf-8"',
        "application/json;",
    ],
)
async def test_json_may_be_declared_in_several_ways(http: ClientSession, content_type: str) -> None:
    """The contract's own content type and its usual relatives are taken."""
    async with http.post(
        "/echo", data=b'{"name":"tea","amount":1}', headers={"Content-Type": content_type}
    ) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/jsonp", "application/json;charset=latin-1", "application/xml"]
)
async def test_other_content_types_are_refused(http: ClientSession, content_type: str) -> None:
    """What does not say that it is JSON in UTF-8 is 415."""
    async with http.post(
        "/echo", data=b'{"name":"tea","amount":1}', headers={"Content-Type": content_type}
    ) as response:
        assert (await problem_of(response)).type == "not-json-type"


@pytest.mark.parametrize(
    ("body", "kind", "path"),
    [
        (b"", "not-json", None),
        (b"{", "not-json", None),
        (b'{"name":"\xff","amount":1}', "not-json", None),
        (b"[" * 5000, "not-json", None),
        (b'{"x":' * 1900, "not-json", None),
        (b"[]", "wrong-shape", "$"),
        (b'{"name":"tea"}', "wrong-shape", "$"),
        (b'{"name":7,"amount":1}', "wrong-shape", "$.name"),
        (b'{"name":"tea","amount":"NaN"}', "wrong-shape", "$.amount"),
        (b'{"name":"tea","amount":1,"parts":[{"name":"x","amount":[]}]}', "wrong-shape", "$.parts[0].amount"),
        (b'{"name":"te\\u0000a","amount":1}', "wrong-shape", "$.name"),
    ],
)
async def test_bad_bodies_are_told_apart(
    http: ClientSession, body: bytes, kind: str, path: str | None
) -> None:
    """What is no JSON is 400; JSON of the wrong shape is 422 and names the field."""
    async with http.post("/echo", data=body, headers={"Content-Type": "application/json"}) as response:
        problem = await problem_of(response)
        assert problem.type == kind
        assert [error.path for error in problem.errors] == ([path] if path else [])


async def test_queries_are_decoded(http: ClientSession) -> None:
    """A query reaches the handler as an object; unknown fields are ignored."""
    async with http.get("/things?limit=5&name=%C3%B5un&new=1") as response:
        assert await response.json() == {"limit": 5, "name": "õun"}


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("limit=many", "query.limit"),
        ("limit=", "query.limit"),
        ("name=%00", "query.name"),
        ("name=%FF", "query"),
        ("&".join(f"f{number}=1" for number in range(101)), "query"),
    ],
)
async def test_bad_queries_name_the_field(address: str, query: str, path: str) -> None:
    """A query that cannot be read is 422 and names the field."""
    async with (
        ClientSession() as session,
        session.get(URL(f"{address}/things?{query}", encoded=True)) as response,
    ):
        assert (await problem_of(response)).errors[0].path == path


async def test_problems_of_handlers_are_answered(http: ClientSession) -> None:
    """A handler's error reaches the caller with its detail, and with the pause in whole seconds, rounded up."""
    async with http.get("/closed") as response:
        problem = await problem_of(response)
        assert (problem.type, problem.detail) == ("conflict", "It is over.")
    async with http.get("/busy") as response:
        assert (await problem_of(response)).retryable is True
        assert response.headers["Retry-After"] == "2"


@pytest.mark.parametrize("path", ["/broken", "/unwritable"])
async def test_accidents_are_logged_and_not_told(http: ClientSession, path: str) -> None:
    """An accident is a 500 that tells only the number under which the log has the rest."""
    with structlog.testing.capture_logs([merge_contextvars]) as logs:
        async with http.get(path) as response:
            problem = await problem_of(response)
    assert problem.type == "internal"
    assert "hunter2" not in await response.text()
    (entry,) = logs
    assert entry["route"] == f"GET {path}"
    assert entry["request_id"] in problem.detail
    assert problem.request_id == entry["request_id"] == response.headers["X-Request-Id"]


async def test_observers_are_told_route_status_and_time() -> None:
    """Each answered request of a route is told to the observer, failed ones too."""
    seen: list[tuple[str, int]] = []

    def observe(route: Route, status: int, seconds: float) -> None:
        assert 0 <= seconds < 5
        seen.append((route.path, status))

    async with serving(example_app(observe=observe)) as address, ClientSession(address) as http:
        for path in ("/things/9", "/things/8", "/closed", "/nothing"):
            async with http.get(path) as response:
                await response.read()
    assert seen == [("/things/{id}", 200), ("/things/{id}", 200), ("/closed", 409)]


async def test_what_no_route_knows_goes_to_the_fallback() -> None:
    """The fallback serves all other addresses; known ones stay with their routes, with all their methods."""

    async def pages(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    async with serving(example_app(fallback=pages)) as address, ClientSession(address) as http:
        async with http.get("/a/page") as response:
            assert await response.text() == "/a/page"
        async with http.get("/echo") as response:
            assert response.status == 405


async def test_websockets_are_refused(http: ClientSession) -> None:
    """There are no websockets; a handshake is refused, not hung up on."""
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await http.ws_connect("/ticks")


async def test_lifespan_is_entered_and_left() -> None:
    """What the application needs is opened before the first request and closed after the last."""
    steps: list[str] = []

    @contextlib.asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        steps.append("open")
        yield
        steps.append("closed")

    async with serving(EdgeApp([], lifespan=lifespan)):
        assert steps == ["open"]
    assert steps == ["open", "closed"]


async def test_a_start_that_fails_stops_the_server() -> None:
    """A server whose application cannot start does not pretend to serve."""

    @contextlib.asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        raise RuntimeError("no database")
        yield

    with structlog.testing.capture_logs() as logs, pytest.raises(RuntimeError, match="cannot serve"):
        async with serving(EdgeApp([], lifespan=lifespan)):
            pass
    assert logs[0]["event"] == "startup failed"


def test_two_routes_for_the_same_are_a_mistake() -> None:
    """Two rows for one method and address are found when the application is made."""

    async def nothing(_: Any) -> None:
        return None

    row = Route("GET", "/things/{id}", nothing, None, None, "", "", None)
    other = Route("GET", "/things/{other}", nothing, None, None, "", "", None)
    with pytest.raises(ValueError, match="two routes"):
        EdgeApp([row, other])


async def test_numbers_stay_exact(http: ClientSession) -> None:
    """A number passes through without becoming a float."""
    async with http.post(
        "/echo",
        data=b'{"name":"x","amount":0.100000000000000005}',
        headers={"Content-Type": "application/json"},
    ) as response:
        assert b"0.100000000000000005" in await response.read()
