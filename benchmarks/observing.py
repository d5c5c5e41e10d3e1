"""What logs, ids and traces cost a request, part by part, without anybody else on the way.

Run: `python benchmarks/observing.py`. With traces on, spans are exported to a receiver in another process.
"""

import contextvars
import multiprocessing
import os
import timeit
from collections.abc import Callable
from contextlib import redirect_stderr
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

import structlog

from smarts.edge import context, tracing
from smarts.edge.logs import log_to_standard_error

TIMES = 200
HEADERS = [(b"host", b"x"), (b"authorization", b"Bearer x"), (b"content-type", b"application/json")]
CART = {"institution": "7d3f0a", "cart": "0b6e1c", "invoice": "91ac77"}


class Receiver(BaseHTTPRequestHandler):
    """Takes whatever comes."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def receive(port: Connection) -> None:
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    port.send(server.server_port)
    server.serve_forever()


def request() -> None:
    context.begin_request(HEADERS, from_gateway=False)


def cart() -> None:
    context.about(**CART)


def call() -> None:
    context.headers_to_pass_on()


def spans() -> None:
    """Those of a scan: the request, two borrowed connections, the question to the node."""
    with tracing.server_span("POST", "/shop/v1/carts/{id}/lines", None):
        for name in ("database", "product.search.barcode", "database"):
            with tracing.span(name, "CLIENT"):
                pass


def line() -> None:
    structlog.get_logger().info("cart", state="PAID", before="READY")


def microseconds(work: Callable[[], None]) -> float:
    def fresh() -> None:
        contextvars.copy_context().run(work)

    return min(timeit.repeat(fresh, number=TIMES, repeat=5)) / TIMES * 1e6


def main() -> None:
    request()
    cart()
    here, there = multiprocessing.Pipe()
    receiver = multiprocessing.Process(target=receive, args=(there,), daemon=True)
    receiver.start()
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        log_to_standard_error("gateway")
        rows = {
            "the ids of a request are bound": microseconds(request),
            "those of its cart are bound": microseconds(cart),
            "they are put into headers to the node": microseconds(call),
            "a scan's four spans, traces off": microseconds(spans),
            "a line of the log": microseconds(line),
        }
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{here.recv()}"
        with tracing.traced("benchmark"):
            rows["a scan's four spans, traces on"] = microseconds(spans)
    receiver.terminate()
    for name, took in rows.items():
        print(f"{name:40}{took:>8.1f} µs")
    off = sum(list(rows.values())[:4])
    print(f"\nA scan without traces: {off:.0f} µs of it; it writes no line of the log.")


if __name__ == "__main__":
    main()
