"""What of a cart may enter a decision about its check. Nothing here tells who the shopper is."""

from smarts.control.reasons import Reason
from smarts.wire.control import Decision
from smarts.wire.model import Model, none
from smarts.wire.money import Currency, Number
from smarts.wire.times import TimeOfDay, UtcMillis, Weekday


class CheckedLine(Model, frozen=True, kw_only=True):
    """A product in the cart: `pieces` is 1 for what is weighed, `quantity` pieces or weight, money with VAT.

    `categories` are ids, those of the product alone; `inspected` says that it asks to be looked at, whatever its age.
    """

    barcode: str
    categories: tuple[str, ...] = none()
    quantity: Number
    pieces: int
    weighed: bool = False
    unit_price: Number
    total: Number
    inspected: bool = False


class CheckedCart(Model, frozen=True, kw_only=True):
    """A cart at its checkout, as a decision may see it.

    `weekday` and `time` are the store's own clock at `at`; they are kept, since time zones change. `node` is what the
    store's system decided, None where it should have and did not. `goods` are the reasons for which goods ask for a
    look, and a fault that staff have found in this cart. `member` and `card_codes` are what campaigns know too: whether
    a card of the store is linked, and the codes of those in use.
    """

    at: UtcMillis
    weekday: Weekday
    time: TimeOfDay
    currency: Currency
    lines: tuple[CheckedLine, ...] = none()
    total: Number
    pieces: int
    member: bool = False
    card_codes: tuple[str, ...] = none()
    node: Decision | None = Decision.NO
    goods: tuple[Reason, ...] = none()
