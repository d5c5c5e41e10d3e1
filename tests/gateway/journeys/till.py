"""A merchant who makes receipts, for tests: what the node was asked, what it answers, what it was told is paid."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from gateway.journeys.world import NODE_TOKEN, Client, Merchant, World
from smarts.caller import Target
from smarts.gateway.parties import Role, Switches
from smarts.wire.money import Currency, rounded
from smarts.wire.receipts import CreateReceiptRequest, Receipt, ReceiptPaymentConfirmationRequest

RECEIPTS = Switches(merchant_side_invoicing=True)
NOBODY_THERE = "http://127.0.0.1:9"


def receipt_for(request: CreateReceiptRequest, **changes: Any) -> Receipt:
    """A receipt that makes sense: the cart's goods for the cart's prices."""
    gross = sum((row.row_price for row in request.products), Decimal(0))
    vat = rounded(gross * 24 / 124, Currency.EUR)
    receipt = Receipt(
        institution_invoice_id=f"R-{request.invoice_id[-8:]}",
        invoice_id=request.invoice_id,
        institution_id=request.institution_id,
        customer_id=request.person_id,
        products=request.products,
        currency=Currency.EUR,
        total_without_addition=gross,
        addition_sum=Decimal(0),
        total_without_vat=gross - vat,
        vat_sum=vat,
        total=gross,
    )
    return replace(receipt, **changes)


def cheaper(request: CreateReceiptRequest) -> Receipt:
    """A receipt on which each row costs half a euro less than on the shelf."""
    rows = tuple(replace(row, row_price=row.row_price - Decimal("0.50")) for row in request.products)
    return receipt_for(replace(request, products=rows))


class Till(Merchant):
    """A node that makes receipts by `make`; `trouble` is raised instead of taking a confirmation."""

    def __init__(self) -> None:
        super().__init__()
        self.make: Callable[[CreateReceiptRequest], Receipt] = receipt_for
        self.before_making: Callable[[], Awaitable[Any]] | None = None
        self.asked: list[CreateReceiptRequest] = []
        self.confirmations: list[ReceiptPaymentConfirmationRequest] = []
        self.trouble: Exception | None = None
        self.confirmation_tries = 0

    async def create_receipt(self, request: CreateReceiptRequest) -> Receipt:
        self.asked.append(request)
        if self.before_making:
            await self.before_making()
        return self.make(request)

    async def confirm_receipt(self, confirmation: ReceiptPaymentConfirmationRequest) -> None:
        self.confirmation_tries += 1
        if self.trouble:
            raise self.trouble
        self.confirmations.append(confirmation)


class TillWorld:
    """A world whose store makes its own receipts."""

    def __init__(self, world: World, till: Till, manager: Client, node_url: str) -> None:
        self.world = world
        self.till = till
        self.manager = manager
        self.store_id = world.institution_id
        self._node_url = node_url

    @classmethod
    async def of(cls, world: World, till: Till) -> "TillWorld":
        await world.change_store(switches=RECEIPTS)
        target = await world.gateway.registry.target(world.institution_id)
        assert target
        return cls(world, till, await world.staff(Role.MANAGER), target.base_url)

    async def node_goes(self) -> None:
        """From now on nobody answers where the node was."""
        await self._move(NOBODY_THERE)

    async def node_comes_back(self) -> None:
        await self._move(self._node_url)

    async def _move(self, url: str) -> None:
        async with self.world.gateway.database.transaction() as tx:
            await self.world.gateway.registry.set(tx, self.store_id, Target(url, NODE_TOKEN))

    async def reports(self) -> list[str]:
        """What the store's manager is told of receipts."""
        reply = await self.manager.get(f"/manage/v1/stores/{self.store_id}/reports")
        assert reply.status == 200, reply.text
        return [each["detail"] for each in reply.body if each["operation"] == "receipt"]
