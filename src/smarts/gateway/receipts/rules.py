"""Is a node's receipt sense for the cart that it was asked for (contract sections 3, 4 and 6.3)?

The contract names a receipt's sums without saying how they hang together, so any reading that a merchant may have is
taken. A bonus counts as money (the sums are those before it) or as a discount (those after it).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from smarts.wire.loyalty import ClientCard
from smarts.wire.money import Currency
from smarts.wire.receipts import CreateReceiptRequest, Receipt, ReceiptLoyaltyCard, ReceiptProduct

_LONGEST_ID = 200
_NOTHING = Decimal(0)
_NEXT_TO_NOTHING = Decimal("0.0005")  # carts count in thousandths; a merchant may reckon in doubles


def faults(receipt: Receipt, request: CreateReceiptRequest, currency: Currency) -> tuple[str, ...]:
    """What does not fit, each a sentence for the merchant; empty where the receipt is sense.

    Sums may be off by one minor unit a row and one more, since merchants round in different places. That the total is
    not what the gateway reckoned is no fault: the shopper sees it and pays it.
    """
    return (
        *_strangers(receipt, request, currency),
        *_other_goods(receipt, request),
        *_other_shipment(receipt, request, currency),
        *_wrong_bonus(receipt, request),
        *_impossible_sums(receipt, currency),
        *_wrong_sums(receipt, currency),
    )


def _strangers(receipt: Receipt, request: CreateReceiptRequest, currency: Currency) -> Iterator[str]:
    ids = (
        ("invoiceId", receipt.invoice_id, request.invoice_id),
        ("institutionId", receipt.institution_id, request.institution_id),
        ("customerId", receipt.customer_id, request.person_id),
    )
    for name, got, wanted in ids:
        if got != wanted:
            yield f"{name} is not that of the request"  # whose ids they are is not told: reports outlive shoppers
    if receipt.currency is not currency:
        yield f"currency is {receipt.currency.value!r}, expected {currency.value!r}"
    length = len(receipt.institution_invoice_id)
    if not 1 <= length <= _LONGEST_ID:
        yield f"institutionInvoiceId has {length} characters, expected 1 to {_LONGEST_ID}"


def _other_goods(receipt: Receipt, request: CreateReceiptRequest) -> Iterator[str]:
    got, wanted = _amounts(receipt.products), _amounts(request.products)
    for barcode in sorted(got.keys() | wanted.keys()):
        if abs(got[barcode] - wanted[barcode]) >= _NEXT_TO_NOTHING:
            yield f"products has {got[barcode]:f} of {barcode!r}, the cart has {wanted[barcode]:f}"
    for place, row in enumerate(receipt.products):
        if row.amount <= 0:
            yield f"products[{place}].amount is {row.amount:f}, expected more than 0"


def _amounts(rows: Iterable[ReceiptProduct]) -> defaultdict[str, Decimal]:
    """How much there is of each barcode: a merchant may split rows, or put them together."""
    amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        amounts[row.barcode] += row.amount
    return amounts


def _other_shipment(receipt: Receipt, request: CreateReceiptRequest, currency: Currency) -> Iterator[str]:
    got = receipt.shipment and receipt.shipment.method
    wanted = request.shipment and request.shipment.method
    if got != wanted:
        yield f"shipment is {got or 'missing'}, the cart has {wanted or 'none'}"
    if receipt.shipment and receipt.shipment.currency not in (None, currency):
        yield f"shipment.currency is {str(receipt.shipment.currency)!r}, expected {currency.value!r}"


def _wrong_bonus(receipt: Receipt, request: CreateReceiptRequest) -> Iterator[str]:
    may_pay = {_key(card) for card in request.loyalty_cards if card.use_bonus_on_payment}
    for place, card in enumerate(receipt.loyalty_cards):
        if card.bonus_used and _key(card) not in may_pay:
            yield f"loyaltyCards[{place}].bonusUsed is {card.bonus_used:f}, but the shopper does not pay with this card"


def _key(card: ClientCard | ReceiptLoyaltyCard) -> tuple[str, str]:
    return card.id, card.card_number


def _impossible_sums(receipt: Receipt, currency: Currency) -> Iterator[str]:
    for name, amount in _named_sums(receipt):
        if amount < 0:
            yield f"{name} is {amount:f}, expected 0 or more"
    for name, amount in _paid_sums(receipt):
        if amount % currency.minor_unit:
            yield f"{name} is {amount:f}, which cannot be paid in {currency.value}"


def _named_sums(receipt: Receipt) -> Iterator[tuple[str, Decimal]]:
    yield from _paid_sums(receipt)
    for place, card in enumerate(receipt.loyalty_cards):
        yield f"loyaltyCards[{place}].bonusEarned", card.bonus_earned or _NOTHING
    yield "totalWithoutAddition", receipt.total_without_addition
    yield "totalWithoutVAT", receipt.total_without_vat
    yield "vatSum", receipt.vat_sum


def _paid_sums(receipt: Receipt) -> Iterator[tuple[str, Decimal]]:
    """What is paid, and what for: whole minor units, of which less is taken where something is missing."""
    for place, row in enumerate(receipt.products):
        yield f"products[{place}].rowPrice", row.row_price
    for place, card in enumerate(receipt.loyalty_cards):
        yield f"loyaltyCards[{place}].bonusUsed", card.bonus_used or _NOTHING
    yield "shipment.price", _shipping(receipt)
    yield "total", receipt.total


def _wrong_sums(receipt: Receipt, currency: Currency) -> Iterator[str]:
    near = currency.minor_unit * (len(receipt.products) + 1)
    bonus = sum((card.bonus_used or _NOTHING for card in receipt.loyalty_cards), _NOTHING)
    before_bonus = receipt.total + bonus
    rows = sum((row.row_price for row in receipt.products), _NOTHING) + _shipping(receipt)
    if not _any_near(rows, (before_bonus,), near):
        yield f"the rows and the shipment cost {rows:f}, total and bonus are {before_bonus:f}"
    with_vat = receipt.total_without_vat + receipt.vat_sum
    if not _any_near(with_vat, (before_bonus, receipt.total), near):
        yield f"totalWithoutVAT and vatSum are {with_vat:f}, total is {receipt.total:f} and the bonus {bonus:f}"
    ends = (before_bonus, receipt.total, receipt.total_without_vat)
    change = abs(receipt.addition_sum)
    if not _any_near(change, [abs(receipt.total_without_addition - end) for end in ends], near):
        yield (
            f"additionSum is {receipt.addition_sum:f}, which leads from totalWithoutAddition"
            f" {receipt.total_without_addition:f} neither to total nor to totalWithoutVAT"
        )


def _any_near(amount: Decimal, wanted: Iterable[Decimal], near: Decimal) -> bool:
    return any(abs(amount - each) <= near for each in wanted)


def _shipping(receipt: Receipt) -> Decimal:
    return (receipt.shipment and receipt.shipment.price) or _NOTHING
