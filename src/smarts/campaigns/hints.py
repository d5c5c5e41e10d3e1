"""Near misses: what a little more of something would save, promised at the price of the cart with it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from math import ceil, inf

import msgspec

from smarts.campaigns.code import Buyer, CodeRefusedError, Kind
from smarts.campaigns.effects import Reason, plain
from smarts.campaigns.index import index_of
from smarts.campaigns.operation import Operation, compile_operation
from smarts.campaigns.pricing import PRECISE, PricedCart, PricedLine
from smarts.campaigns.purchase import Purchase
from smarts.campaigns.reading import read_campaign
from smarts.campaigns.rows import CartLine, Row
from smarts.campaigns.striking import strike, strike_listed
from smarts.campaigns.syntax import OperationRefusedError
from smarts.wire.money import Currency, rounded
from smarts.wire.products import Campaign

MOST_HINTS = 2
MOST_MORE = 10
"""Nobody is advised to take more pieces than these."""

LEAST_WORTH = Decimal("0.2")
"""What is saved must be at least this part of what the additional pieces cost without it."""

_NEARLY_WORTH = 0.9 * float(LEAST_WORTH)  # guesses are made without VAT and the other campaigns
_LATEST_LINES = 30
_NEXT_CAMPAIGNS = 2
_MOST_PRICED = 4  # carts that are really priced, of the many that are guessed at
_KEPT_NEAREST = 4096
_LESS = 1 - 1e-9

MayHave = Callable[[CartLine], bool]
"""Whether the shopper may have so much of it without anybody's looking."""


class Nudge(StrEnum):
    """What more of something would change; one word for machines, from which every language can make its sentence."""

    EACH_CHEAPER = "EACH_CHEAPER"
    PAY_FOR_FEWER = "PAY_FOR_FEWER"
    ROW_CHEAPER = "ROW_CHEAPER"
    PURCHASE_CHEAPER = "PURCHASE_CHEAPER"


_SENTENCES = {
    Nudge.EACH_CHEAPER: "{more} more and each costs {eachLess} {currency} less.",
    Nudge.PAY_FOR_FEWER: "{more} more and you pay for {payFor} of {quantity}.",
    Nudge.ROW_CHEAPER: "{more} more and all {quantity} cost {rowTotal} {currency}: {saving} {currency} saved.",
    Nudge.PURCHASE_CHEAPER: "{more} more and the purchase costs {total} {currency}: {saving} {currency} saved.",
}


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """With `more` pieces of a line, `quantity` of it in all, the goods cost `total` and the row `row_total`, with VAT.

    `saving` is by how much less the additional pieces cost than without any campaign. `each_less` is by how much each
    piece gets cheaper, `pay_for` so many are paid for.
    """

    line: str
    campaign: Campaign
    nudge: Nudge
    currency: Currency
    more: int
    quantity: Decimal
    row_total: Decimal
    total: Decimal
    saving: Decimal
    each_less: Decimal
    pay_for: Decimal

    @property
    def words(self) -> str:
        """An English sentence."""
        return self.told(self.parameters)

    def told(self, parameters: Mapping[str, str]) -> str:
        """The same, of a purchase that has more to it than goods."""
        return _SENTENCES[self.nudge].format_map(parameters)

    @property
    def parameters(self) -> dict[str, str]:
        """What a sentence is made with."""
        return {
            "more": str(self.more),
            "quantity": plain(self.quantity),
            "rowTotal": str(self.row_total),
            "total": str(self.total),
            "saving": str(self.saving),
            "eachLess": str(self.each_less),
            "payFor": plain(self.pay_for),
            "currency": self.currency.value,
        }


@dataclass(frozen=True)
class _Guess:
    """That so many more of a line would bring a campaign about, and save about so much, without VAT."""

    saving: float
    more: int
    place: int
    line: PricedLine
    campaign: Campaign
    kind: Kind
    of_purchase: bool


def nearest_hints(
    cart: PricedCart, campaigns: Sequence[Campaign], buyer: Buyer, may_have: MayHave
) -> tuple[Hint, ...]:
    """The best one or two, each with the price that the cart then has; goods by weight are never hinted at."""
    growing = [line for line in cart.lines[-_LATEST_LINES:] if not line.line.product.weight_item]
    with localcontext(PRECISE):
        now = _purchase(cart)
        guesses = [*_of_rows(growing, buyer), *_of_purchase(growing, now, campaigns, buyer)]
        allowed = (each for each in sorted(guesses, key=_rank) if may_have(_grown(each)))
        priced = _Priced(cart, now, campaigns, buyer)
        hints = [hint for guess in _distinct(allowed) if (hint := priced.hint(guess))]
    return tuple(sorted(hints, key=lambda hint: -hint.saving)[:MOST_HINTS])


def _rank(guess: _Guess) -> tuple[float, int, int]:
    return -guess.saving, guess.more, guess.place


def _distinct(guesses: Iterable[_Guess]) -> Iterator[_Guess]:
    """A few, at most one a line and one for the whole purchase."""
    seen: set[str | None] = set()
    for guess in guesses:
        about = {guess.line.key, None if guess.of_purchase else guess.line.key}
        if about & seen:
            continue
        seen |= about
        yield guess
        if len(seen) >= _MOST_PRICED:
            return


def _grown(guess: _Guess) -> CartLine:
    line = guess.line.line
    return CartLine(line.key, line.product, line.quantity + guess.more)


def _purchase(cart: PricedCart) -> Purchase:
    """The purchase as it was before the institution campaigns."""
    pieces = Decimal(0)
    sums: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in cart.lines:
        pieces += line.line.pieces
        sums[line.vat.vat_rate] += line.row_total
    return Purchase.of_sums(cart.currency, pieces, sums)


def _of_rows(lines: Sequence[PricedLine], buyer: Buyer) -> Iterator[_Guess]:
    """What more of a line makes of the campaigns that came with it."""
    for place, line in enumerate(lines):
        for campaign in line.line.product.campaigns:
            operation, price = _for(campaign, buyer), _net_price(line)
            found = operation and _nearest(operation.source, operation.kind, float(line.line.quantity), price)
            if operation and found and found[0] >= _NEARLY_WORTH:
                part, more = found
                yield _Guess(
                    part * more * price, more, place, line, campaign, operation.kind, of_purchase=False
                )


def _for(campaign: Campaign, buyer: Buyer) -> Operation | None:
    try:
        read = read_campaign(campaign)
        return read.operation if read.code.strikes(buyer) else None
    except (CodeRefusedError, OperationRefusedError):
        return None


@lru_cache(_KEPT_NEAREST)
def _nearest(source: str, kind: Kind, quantity: float, price: float) -> tuple[float, int] | None:
    """How many more pieces make each cheaper, and which part of their price that saves; None where none do."""
    operation = compile_operation(source, kind)
    now = _part(operation, quantity, price)
    for more in range(1, MOST_MORE + 1):
        then = _part(operation, quantity + more, price)
        if then < now * _LESS:
            return (now * quantity + more - then * (quantity + more)) / more, more
    return None


def _part(operation: Operation, quantity: float, price: float) -> float:
    """Which part of the price a row of so many pieces costs by an operation alone."""
    inputs = {"amount": quantity, "unitPrice": price, "total": quantity * price}
    given = [inputs[name] for name in operation.kind.inputs]
    result = operation.evaluate(*given)
    usable = type(result) is float and 0.0 <= result < inf and given[-1]
    return result / given[-1] if usable else 1.0


def _of_purchase(
    lines: Sequence[PricedLine], now: Purchase, campaigns: Sequence[Campaign], buyer: Buyer
) -> Iterator[_Guess]:
    """What a little more of one line makes of the store's campaigns that begin next."""
    if not campaigns or not lines:
        return
    index, prices = index_of(tuple(campaigns)), [_net_price(line) for line in lines]
    whose, (pieces, total) = index.whose(buyer), now.given
    dearest = {"total": max(prices), "amount": 1.0}
    for name, value in (("total", total), ("amount", pieces)):
        beginning = index.beginning(whose, name, value, value + (MOST_MORE + 1) * dearest[name])
        for begins, at in islice(beginning, _NEXT_CAMPAIGNS):
            operation, campaign, gap = index.operations[at], campaigns[index.order[at]], begins - value
            for place, (line, price) in enumerate(zip(lines, prices, strict=True)):
                more = _enough(gap, price if name == "total" else 1.0)
                if not price or not 0 < more <= MOST_MORE:
                    continue
                then = total + more * price
                inputs = (then,) if operation.kind is Kind.TOTAL else (pieces + more, then)
                saved = then - operation.evaluate(*inputs)
                if saved >= _NEARLY_WORTH * more * price:
                    yield _Guess(saved, more, place, line, campaign, operation.kind, of_purchase=True)


def _net_price(line: PricedLine) -> float:
    return float(line.line.product.price.vat.sum_without_vat)


def _enough(gap: float, each: float) -> int:
    """How many make up for a gap; one too many to be advised where none do."""
    needed = gap / each if each else inf
    return ceil(needed) if needed <= MOST_MORE else MOST_MORE + 1


@dataclass(frozen=True)
class _Priced:
    cart: PricedCart
    now: Purchase
    campaigns: Sequence[Campaign]
    buyer: Buyer

    def hint(self, guess: _Guess) -> Hint | None:
        """The guess as a hint, where the cart with it is really worth it."""
        line, currency = _grown(guess), self.cart.currency
        row, _ = strike(Row.of(line, currency), line.product.campaigns, self.buyer)
        sums = {**self.now.sums, row.rate: self.now.sums[row.rate] + row.total - guess.line.row_total}
        more = Purchase.of_sums(currency, self.now.pieces + guess.more, sums)
        then, _ = strike_listed(more, self.campaigns, self.buyer, silent=True)
        usual = rounded(line.product.price.total * guess.more, currency)
        saving = usual - (then.total - self.cart.total.total_to_pay)
        if saving <= 0 or saving < LEAST_WORTH * usual:
            return None
        each_less = rounded(_each(guess.line), currency) - rounded(row.unit_price, currency)
        return Hint(
            line=line.key,
            campaign=guess.campaign,
            nudge=_nudge(guess, row, each_less),
            currency=currency,
            more=guess.more,
            quantity=line.quantity,
            row_total=row.total,
            total=then.total,
            saving=saving,
            each_less=each_less,
            pay_for=row.amount,
        )


def _each(line: PricedLine) -> Decimal:
    """What one piece costs now."""
    changes = [each.measures for each in line.effects if each.reason is Reason.CHANGED_UNIT_PRICE]
    return changes[-1][1] if changes and changes[-1] else line.line.product.price.total


def _nudge(guess: _Guess, row: Row, each_less: Decimal) -> Nudge:
    if guess.of_purchase:
        return Nudge.PURCHASE_CHEAPER
    if guess.kind is Kind.UNIT_PRICE and each_less > 0:
        return Nudge.EACH_CHEAPER
    if guess.kind is Kind.AMOUNT and row.amount < row.line.quantity:
        return Nudge.PAY_FOR_FEWER
    return Nudge.ROW_CHEAPER
