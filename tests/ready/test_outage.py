"""A database that goes away and comes back: said, waited for, and then all goes on."""

from postgres_fixtures import QUICK
from ready.parts import BREAD, calling, cart, invoice, ready_store, row
from smarts.gateway.storage.embedded import embedded_postgres
from smarts.wire.receipts import Receipt


async def assert_away(node):
    """What has to be kept is refused for now, products are found, and the node says how it is."""
    problem = await node.post("/invoice", invoice(), status=503)
    assert problem["retryable"] is True
    assert (await node.post("/product/search/barcode", {"barcode": BREAD}))["barcode"] == BREAD
    health = await node.get("/health")
    assert (health["status"], health["checks"]["database"]["status"]) == ("DEGRADED", "DEGRADED")


async def assert_back(node):
    await node.post("/invoice", invoice())
    receipt = await node.post("/receipt", cart(row(BREAD)), Receipt)
    assert receipt.institution_invoice_id == "R-000001"
    health = await node.get("/health")
    assert health["checks"]["database"]["status"] == "UP"


async def test_a_postgresql_that_is_stopped_and_started(directory, tmp_path):
    """A node that was there before its database, and one whose database was away meanwhile, need no restart."""

    def server():
        return embedded_postgres(directory, settings=QUICK, on_progress=lambda _: None)

    async with server() as first:
        url = first.url()
    store = ready_store(tmp_path, f'[receipts]\n[database]\nurl = "{url}"')
    async with calling(store) as node:
        await assert_away(node)
        async with server():
            await assert_back(node)
        await assert_away(node)
        async with server():
            await assert_back(node)


async def test_a_file_whose_folder_is_gone(tmp_path):
    """An SQLite file that is moved away is missed, not written on; back in its place it is used again."""
    store = ready_store(tmp_path, '[receipts]\n[node]\ndata = "data"')
    async with calling(store) as node:
        await assert_back(node)
        (tmp_path / "data").rename(tmp_path / "elsewhere")
        await assert_away(node)
        (tmp_path / "elsewhere").rename(tmp_path / "data")
        await assert_back(node)
