"""A campaign as a manager types it, and on what it is tried meanwhile."""

from dataclasses import dataclass
from decimal import Decimal

from smarts.campaigns import Buyer, CampaignCode, Client, CodeRefusedError, Kind
from smarts.edge.problems import invalid
from smarts.gateway.journeys.trial import MOST_LINES, Example, ExampleLine
from smarts.gateway.web.forms import Form, number_or_text
from smarts.wire.products import Campaign

LIMITS = (50, 100, 500)
BEGINNINGS = {
    "percent": (Kind.TOTAL, "total >= 50 ? total * 0.98 : total"),
    "steps": (Kind.TOTAL, "total >= 100 ? total * 0.95 : total >= 50 ? total * 0.97 : total"),
    "capped": (Kind.TOTAL, "total - Math.min(total * 0.1, 10)"),
    "money": (Kind.TOTAL, "total >= 50 ? total - 5 : total"),
    "pieces": (Kind.AMOUNT_TOTAL, "amount >= 10 ? Math.max(total - 1, 0) : total"),
    "each": (Kind.AMOUNT_TOTAL, "total * (1 - Math.min(Math.floor(amount / 5) * 0.01, 0.05))"),
}
"""Operations to begin with, by the names under which the page words them."""

INVENTED, TYPED = "", "typed"
_LONGEST_BARCODE = 100


@dataclass(frozen=True)
class Typed:
    """The editor's fields; `key` is that of the campaign that is edited, empty for a new one.

    `example` is the id of a cart, `TYPED` for the goods in `barcodes`, `INVENTED` for goods that no store sells.
    """

    key: str = ""
    name: str = ""
    client: str = Client.BOTH.value
    card: str = ""
    kind: str = Kind.TOTAL.value
    operation: str = ""
    example: str = INVENTED
    barcodes: str = ""
    shopper: str = Client.UNAUTHENTICATED.value
    shopper_card: str = ""
    limit: int = LIMITS[1]

    @property
    def campaign(self) -> Campaign:
        """What the fields say; a code that is none where they make no sense."""
        return Campaign(self.name, f"{self.client}{self.card.rjust(8, '0')}{self.kind}", self.operation)

    def tried_on(self) -> Example:
        """On what to try it.

        Raises:
            ProblemError: 422, the typed goods make no sense.
        """
        cards = frozenset({self.shopper_card} if self.shopper == "CARD" and self.shopper_card else ())
        buyer = Buyer(self.shopper != Client.UNAUTHENTICATED, cards)
        if self.example == TYPED:
            return Example(buyer, lines=_lines(self.barcodes))
        return Example(buyer, cart_id=self.example or None)


def typed_of(form: Form) -> Typed:
    """What was typed; positions in the operation are counted as the field shows it."""
    limit = form.get("limit", "")
    return Typed(
        key=form.get("key", ""),
        name=form.get("name", "").strip(),
        client=form.get("client", ""),
        card=form.get("card", "").strip(),
        kind=form.get("kind", ""),
        operation=form.get("operation", "").replace("\r\n", "\n"),
        example=form.get("example", INVENTED),
        barcodes=form.get("barcodes", ""),
        shopper=form.get("shopper", Client.UNAUTHENTICATED.value),
        shopper_card=form.get("shopperCard", "").strip(),
        limit=int(limit) if limit in map(str, LIMITS) else LIMITS[1],
    )


def typed_campaign(key: str, campaign: Campaign) -> Typed:
    """A campaign as it would be typed; of a code that is none, what can be read of it."""
    client, card, kind = campaign.code[:1], campaign.code[1:-3], campaign.code[-3:]
    try:
        card = CampaignCode.parse(campaign.code).card.lstrip("0")
    except CodeRefusedError:
        card = card.lstrip("0")
    return Typed(key, campaign.name, client, card, kind, campaign.operation)


def _lines(barcodes: str) -> tuple[ExampleLine, ...]:
    """Goods, one a line: a barcode, and after a blank a quantity."""
    lines = [line.split() for line in barcodes.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        raise invalid("$.lines", f"Expected at most {MOST_LINES} lines")
    return tuple(_line(place, *line) for place, line in enumerate(lines))


def _line(place: int, barcode: str, quantity: str | None = None, *more: str) -> ExampleLine:
    if len(barcode) > _LONGEST_BARCODE:
        raise invalid(f"$.lines[{place}].barcode", "Expected a barcode")
    if quantity is None:
        return ExampleLine(barcode)
    number = number_or_text(quantity)
    if more or not isinstance(number, Decimal):
        raise invalid(f"$.lines[{place}].quantity", "Expected a number")
    return ExampleLine(barcode, number)
