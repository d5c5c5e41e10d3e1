"""A shelf of goods with rules and campaigns, and a cart for them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from gateway.journeys.world import product
from smarts.gateway.carts.model import (
    Cart,
    CartState,
    CheckView,
    ChosenShipment,
    Head,
    Line,
    PaymentStatus,
    PaymentView,
    Reason,
)
from smarts.wire.control import CheckStatus, Decision
from smarts.wire.money import Currency
from smarts.wire.products import BetweenTime, Campaign, InspectionAction, MaxAmount, MinAge
from smarts.wire.receipts import Receipt, ReceiptProduct
from smarts.wire.shipments import Shipment, ShipmentMethod
from smarts.wire.times import TimeOfDay, TimeZone, UtcMillis

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
LOCK = timedelta(hours=4)
HALF_OFF = Campaign("Every second free", "B00000000001", "amount - Math.floor(amount / 2)")
TWO_PERCENT = Campaign("Two percent off", "B00000000501", "total >= 5 ? total * 0.98 : total")
MOST = MaxAmount(action=InspectionAction.RESTRICT, amount=Decimal(3))
AFTERNOON = BetweenTime(action=InspectionAction.RESTRICT, start=TimeOfDay(12), end=TimeOfDay(18))

BREAD = product("1", "Leib", "1.49")
MILK = product("2", "Piim", "1.24", rate="9", campaigns=(HALF_OFF,))
APPLES = product("3", "Õunad", "2.99", weighed=True)
BEER = product("4", "Õlu", "1.80", inspections=(MinAge(age=18),))
MATCHES = product("5", "Tikud", "0.35", inspections=(MOST,))
CAKE = product("6", "Kook", "7.77", inspections=(AFTERNOON,))
SHELF = (BREAD, MILK, APPLES, BEER, MATCHES, CAKE)


def new_cart(*lines: Line, **changes: Any) -> Cart:
    """An open cart in a store on Greenwich time."""
    cart = Cart(
        id="cart",
        institution_id="store",
        person_id="shopper",
        state=CartState.OPEN,
        version=1,
        head=Head(
            lang_code="ET",
            currency=Currency.EUR,
            time_zone=TimeZone("UTC+0"),
            campaigns=(TWO_PERCENT,),
            invoice_id="invoice-0",
        ),
        lines=lines,
        created_at=NOON,
        updated_at=NOON,
    )
    return replace(cart, **changes)


def a_check(decision: Decision, reasons: tuple[Reason, ...], now: datetime) -> CheckView:
    return CheckView(
        decision=decision,
        status=CheckStatus.PENDING,
        reasons=reasons,
        locked_at=UtcMillis.of(now),
        expires_at=UtcMillis.of(now + LOCK),
    )


def a_delivery(price: Decimal) -> ChosenShipment:
    """Home delivery at a price that has 24 % of VAT in it."""
    shipment = Shipment(method=ShipmentMethod.COURIER, price=price, currency=Currency.EUR)
    return ChosenShipment(shipment, Decimal(24))


def a_receipt(total: Decimal, *products: ReceiptProduct) -> Receipt:
    """The store's own receipt, without any VAT."""
    return Receipt(
        institution_invoice_id="R-1",
        invoice_id="invoice-0",
        institution_id="store",
        customer_id="shopper",
        products=products,
        currency=Currency.EUR,
        total_without_addition=total,
        addition_sum=Decimal(0),
        total_without_vat=total,
        vat_sum=Decimal(0),
        total=total,
    )


def a_payment(status: PaymentStatus) -> PaymentView:
    return PaymentView(
        id="payment", method="SANDBOX", status=status, amount=Decimal(1), currency=Currency.EUR
    )
