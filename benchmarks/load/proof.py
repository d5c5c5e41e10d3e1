"""The proof at the end: every purchase at the node and in the ledger, to the cent."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec
from benchmarks.load.goods import Goods
from benchmarks.load.records import Bought
from benchmarks.load.world import NODE_TOKEN, World

from smarts.demo.replay.purchases import Purchase, differences
from smarts.wire.codec import decode
from smarts.wire.control import Decision
from smarts.wire.invoices import Invoice
from smarts.wire.operations import TOKEN_HEADER

_SECONDS = 600.0  # that the last invoices may take to their nodes
_AT_ONCE = 32


class _KeptInvoice(msgspec.Struct, frozen=True, rename="camel"):
    invoice: Invoice
    times_received: int


@dataclass(frozen=True)
class Proof:
    """What was looked at, and what is not as it must be."""

    purchases: int
    paid: Decimal
    received_again: int
    faults: Sequence[str]


async def prove(world: World, goods: Goods, bought: Sequence[Bought]) -> Proof:
    """Compares what shoppers paid with the ledger, with the nodes' invoices, and with what it must cost."""
    ledger = await _ledger(world)
    paid = [each for each in bought if each.paid is not None]
    faults = list(_ledger_faults(ledger, goods, bought))
    invoices = await _invoices(world, paid, faults)
    for each in paid:
        if each.invoice_id in invoices:
            basket = goods.baskets[each.basket]
            assert each.paid is not None
            purchase = Purchase(basket, each.paid, Decision.NO, invoices[each.invoice_id].invoice)
            faults += differences(purchase, goods.reckoning)
    again = sum(each.times_received - 1 for each in invoices.values())
    return Proof(len(paid), sum((each.paid or Decimal(0) for each in paid), Decimal(0)), again, faults)


async def _ledger(world: World) -> dict[str, Decimal]:
    """What each purchase was charged."""
    async with world.database.connection() as connection:
        rows = await connection.fetch(
            "SELECT invoice_id, -sum(amount) FROM ledger_entries WHERE account = 'sales' GROUP BY invoice_id",
            timeout=300,
        )
    return {row[0]: row[1] for row in rows}


def _ledger_faults(ledger: dict[str, Decimal], goods: Goods, bought: Sequence[Bought]) -> Iterator[str]:
    """What the ledger has that nobody paid, has otherwise, or lacks; also where the shopper was not told the end."""
    twice = [invoice for invoice, times in Counter(each.invoice_id for each in bought).items() if times > 1]
    yield from (f"{invoice}: two purchases of one invoice" for invoice in twice)
    known = {each.invoice_id: each for each in bought}
    for invoice_id in ledger.keys() - known.keys():
        yield f"{invoice_id}: in the ledger, and no shopper paid it"
    for invoice_id, each in known.items():
        charged = ledger.get(invoice_id)
        if each.paid is None:
            expected = goods.reckoning.total(goods.baskets[each.basket].contents)
            if charged is not None and charged != expected:
                yield f"{invoice_id}: {charged} in the ledger, it must be {expected}"
        elif (charged or 0) != each.paid:
            yield f"{invoice_id}: {charged} in the ledger, {each.paid} was paid"


async def _invoices(world: World, paid: Sequence[Bought], faults: list[str]) -> dict[str, _KeptInvoice]:
    """The nodes' invoices, once they are there; what never comes is a fault."""
    found: dict[str, _KeptInvoice] = {}
    gate = asyncio.Semaphore(_AT_ONCE)

    async def look(each: Bought) -> None:
        async with gate:
            kept = await _invoice(world, each)
        if kept:
            found[each.invoice_id] = kept

    missing = list(paid)
    try:
        async with asyncio.timeout(_SECONDS):
            while missing:
                await asyncio.gather(*map(look, missing))
                missing = [each for each in missing if each.invoice_id not in found]
                await asyncio.sleep(0.5 if missing else 0)
    except TimeoutError:
        faults += [
            f"{each.invoice_id}: never came to its node" for each in paid if each.invoice_id not in found
        ]
    return found


async def _invoice(world: World, each: Bought) -> _KeptInvoice | None:
    url = f"{world.node_of(each.store)}/invoices/{each.invoice_id}"
    async with world.session.get(url, headers={TOKEN_HEADER: NODE_TOKEN}) as response:
        return decode(await response.read(), _KeptInvoice) if response.status == 200 else None
