"""The log of all processes: one id finds what happened everywhere."""

from typing import Any

import pytest

from cli.commands import smarts
from gateway.journeys.world import BREAD, Client
from operations.conftest import Running
from operations.processes import Process, soon

pytestmark = pytest.mark.timeout(300)  # the first one waits for three processes
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


async def line_of(process: Process, event: str, **about: str) -> dict[str, Any]:
    """The first line of a process about something."""

    def found() -> list[dict[str, Any]]:
        return [each for each in process.lines if each["event"] == event and about.items() <= each.items()]

    lines: list[dict[str, Any]] = await soon(found)
    return lines[0]


async def test_an_invoice_id_finds_lines_of_all_processes(running: Running) -> None:
    """Gateway, worker and node name the purchase, its store and the request that paid for it, a JSON object a line."""
    trace = f"00-{TRACE_ID}-b7ad6b7169203331-01"
    paid = await running.purchase(**{"X-Request-Id": "till-17/4", "traceparent": trace})
    assert paid.headers["X-Request-Id"] == "till-17/4"
    about = {"cart": paid.body["id"], "institution": running.store_id, "request_id": "till-17/4"}
    events = (
        (running.gateway, "cart"),
        (running.worker, "message"),
        (running.node, "answered the gateway"),
    )
    for process, event in events:
        line = await line_of(process, event, invoice=paid.body["invoiceId"], request_id="till-17/4")
        assert about.items() <= line.items()
        assert line["process"] == process.name
        assert TRACE_ID in line["traceparent"]
    message = (await line_of(running.worker, "message", invoice=paid.body["invoiceId"]))["message"]
    await line_of(running.node, "answered the gateway", message=message)


async def test_scans_are_no_lines_of_the_log(running: Running) -> None:
    """What is asked all the time is counted, not logged."""
    shopper = await running.parts.shopper(running.url)
    cart = await shopper.cart(running.store_id, BREAD, BREAD)
    for process in (running.gateway, running.node):
        assert cart["id"] not in process.log.read_text()


async def test_a_request_id_that_is_none_is_not_taken(running: Running) -> None:
    """Whoever sends something long or strange as an id gets another one: nobody writes into the log as they like."""
    anybody = Client(running.parts.session, running.url, {})
    for strange in ("x" * 129, 'a"b', "a b", "ä"):
        given = (await anybody.call("GET", "/healthz", **{"X-Request-Id": strange})).headers["X-Request-Id"]
        assert given != strange
        assert len(given) == 32


async def test_a_format_that_there_is_not_is_told(running: Running) -> None:
    """A variable with a value that it cannot have stops the command with a sentence."""
    ended = await smarts("worker", SMARTS_LOG_FORMAT="xml")
    assert (ended.code, ended.err) == (
        1,
        "smarts: SMARTS_LOG_FORMAT is 'xml': expected text or json\n",
    )
