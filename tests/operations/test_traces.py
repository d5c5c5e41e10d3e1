"""Traces: what one request sets off is one trace, in whichever processes it happens."""

import pytest

from operations.conftest import Running
from operations.processes import soon
from operations.receiver import Span
from smarts.gateway.invoices.service import INVOICE_PAID

pytestmark = pytest.mark.timeout(300)  # the first one waits for three processes
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


async def test_a_payment_is_one_trace_over_gateway_worker_and_node(running: Running) -> None:
    """The receiver sees the payment, its message, the delivery and the node's part, each below what caused it.

    The first of them is below the caller's own span.
    """
    caller = "00f067aa0ba902b7"
    await running.purchase(traceparent=f"00-{TRACE_ID}-{caller}-01")

    def whole() -> list[Span]:
        spans = running.receiver.trace(TRACE_ID)
        return [each for each in spans.values() if each.service == "smarts-node" and _root(each, spans)]

    (at_node,) = await soon(whole)
    spans = running.receiver.trace(TRACE_ID)
    assert [(each.service, each.name) for each in _line(at_node, spans)] == [
        ("smarts-node", "POST /invoice"),
        ("smarts-worker", "invoice"),
        ("smarts-worker", f"deliver {INVOICE_PAID}"),
        ("smarts-gateway", "database"),
        ("smarts-gateway", "POST /shop/v1/carts/{id}/payment"),
    ]
    root = _line(at_node, spans)[-1]
    assert root.parent_id == caller
    assert root.attributes["http.response.status_code"] == 200


def _line(span: Span, spans: dict[str, Span]) -> list[Span]:
    """A span and those above it."""
    line = [span]
    while line[-1].parent_id in spans:
        line.append(spans[line[-1].parent_id])
    return line


def _root(span: Span, spans: dict[str, Span]) -> bool:
    return _line(span, spans)[-1].service == "smarts-gateway"
