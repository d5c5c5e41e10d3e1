"""The log of all processes: one id finds what happened everywhere."""

from pathlib import Path

from cli.commands import free_ports
from gateway.journeys.world import BREAD
from operations.processes import installation, soon


async def test_an_invoice_id_finds_lines_of_all_processes(tmp_path: Path, database_url: str) -> None:
    """Gateway, worker and node name the purchase, its store and the request that paid for it, a JSON object a line."""
    async with installation(tmp_path, database_url) as all_of_it:
        (port,) = free_ports(1)
        node, node_url = await all_of_it.node()
        gateway = await all_of_it.gateway("gateway", port)
        worker, _ = await all_of_it.worker()
        store_id = await all_of_it.store(node_url)
        shopper = await all_of_it.shopper(f"http://127.0.0.1:{port}")
        cart = await shopper.check_out(await shopper.cart(store_id, BREAD))
        trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        paid = await shopper.pay(cart, **{"X-Request-Id": "till-17/4", "traceparent": trace})
        assert paid.headers["X-Request-Id"] == "till-17/4"
        about = {"invoice": paid.body["invoiceId"], "institution": store_id, "cart": cart["id"]}
        request = {"request_id": "till-17/4", "traceparent": trace}
        for process, event in ((gateway, "cart"), (worker, "message"), (node, "answered the gateway")):
            line = await soon(
                lambda process=process, event=event: [
                    line
                    for line in process.lines
                    if line["event"] == event and request.items() <= line.items()
                ]
            )
            assert about.items() <= line[0].items()
            assert line[0]["process"] == process.name
        assert not any("4740000000014" in process.log.read_text() for process in (gateway, worker, node))
