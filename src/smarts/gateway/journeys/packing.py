"""Putting an order together: what could be picked, what goes out in place of what is out, and moving it on.

What replaces what, and for how much, is decided when the store tells what it picked, and kept in the order: the money
that is taken, the invoice and all documents follow from there (`docs/decisions/0010-replacing-what-is-out.md`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from msgspec.structs import replace

from smarts.edge.problems import invalid
from smarts.gateway.carts import rules as cart_rules
from smarts.gateway.carts.inspections import age_limit, as_strict, refusals
from smarts.gateway.carts.model import Cart, Line
from smarts.gateway.carts.service import Carts
from smarts.gateway.carts.view import priced
from smarts.gateway.journeys.invoicing import amount_of, amounts_of, went_out
from smarts.gateway.journeys.order import Ordering
from smarts.gateway.journeys.shop import Shopping
from smarts.gateway.orders import rules
from smarts.gateway.orders.model import Change, OrderRecord, PickedRow, Picking, Replacement
from smarts.gateway.orders.replacing import Gap, price_in_place_of
from smarts.gateway.storage.answers import Claim
from smarts.wire.errors import ProblemError
from smarts.wire.orders import OrderProduct
from smarts.wire.products import Product
from smarts.wire.shipments import ShipmentStatus

_MOST_REPLACEMENTS = 100


@dataclass(frozen=True)
class Handling:
    """From how many years on an order's goods may be handed over, and the barcodes of those that are weighed."""

    min_age: int | None
    weighed: frozenset[str]


class Packing:
    """The store's side of an order."""

    def __init__(self, carts: Carts, shopping: Shopping, ordering: Ordering) -> None:
        self._carts = carts
        self._shopping = shopping
        self._ordering = ordering

    async def move_on(
        self, order: OrderRecord, wanted: Change, picked: Sequence[PickedRow] | None, claim: Claim | None
    ) -> OrderRecord:
        """The store moves an order on, and may tell what could really be picked for it.

        Raises:
            ProblemError: as `Ordering.change`, and 422: a row makes no sense, nothing at all was picked, or it is not
                the time to tell; 502 to 504 where the node fails that is asked about replacements.
        """
        picking = None if picked is None else await self._picking(order, wanted.status, picked)
        return await self._ordering.change(order.id, replace(wanted, picking=picking), claim)

    async def handling(self, order: OrderRecord) -> Handling:
        """What staff have to know of the goods of an order."""
        cart = await self._carts.get(order.cart_id)
        going = {row.barcode for row in order.details.products if row.replaces is None}
        goods = [line.product for line in cart.lines if line.product.barcode in going]
        return Handling(
            age_limit([*goods, *(each.product for each in order.details.replacements)]),
            frozenset(line.product.barcode for line in cart.lines if line.product.weight_item),
        )

    async def replacement(
        self, order: OrderRecord, barcode: str, replaces: str, amount: Decimal | None = None
    ) -> Product:
        """What the store sells under a barcode, if that may go out in place of a row of the order.

        `amount` is how much of it; None is what its barcode says, or one piece.

        Raises:
            ProblemError: 404 the store does not sell it, 422 it may not.
        """
        cart = await self._carts.get(order.cart_id)
        _require_welcome(order, cart, "replaces")
        line = next((line for line in cart.lines if line.product.barcode == replaces), None)
        if line is None:
            raise invalid("replaces", "Expected one of the order's barcodes")
        product = await self._shopping.product(cart, barcode)
        self._require_fit(cart, line.product, Line("", product, amount or _one(product)), "barcode")
        return product

    async def _picking(
        self, order: OrderRecord, status: ShipmentStatus, rows: Sequence[PickedRow]
    ) -> Picking:
        if not rules.takes_picking(order.status, status):
            raise invalid("$.products", "Expected only while the goods are put together or go out")
        cart, ordered = await self._carts.get(order.cart_id), order.details.ordered
        amounts = rules.picked_amounts(ordered, rows)
        _require_pieces(cart, rows)
        replacements = await self._replacements(order, cart, amounts, rows)
        own = (OrderProduct.from_row(row) for row in went_out(ordered, amounts, order.details.currency))
        products = (*own, *_replacing_rows(cart, replacements))
        return Picking(amounts, products, amount_of(cart, amounts, replacements), replacements)

    async def _replacements(
        self, order: OrderRecord, cart: Cart, amounts: Mapping[str, Decimal], rows: Sequence[PickedRow]
    ) -> tuple[Replacement, ...]:
        told = [(place, row) for place, row in enumerate(rows) if row.replaces is not None]
        if len(told) > _MOST_REPLACEMENTS:
            raise invalid("$.products", f"Expected at most {_MOST_REPLACEMENTS} replacements")
        gaps = dict(_gaps(order, cart, amounts))
        found: dict[tuple[str, str], Replacement] = {}
        for place, row in told:
            path = f"$.products[{place}]"
            _require_welcome(order, cart, f"{path}.replaces")
            gap = gaps.get(row.replaces or "")
            if gap is None:
                raise invalid(f"{path}.replaces", "Expected the barcode of ordered goods that are out")
            line = await self._found(cart, row, path)
            self._require_fit(cart, gap.product, line, f"{path}.barcode")
            key = gap.product.barcode, line.product.barcode
            if key in found:
                raise invalid(f"{path}.barcode", "Expected each replacement once")
            left = gap.worth - sum(
                (each.price for (gone, _), each in found.items() if gone == key[0]), Decimal(0)
            )
            price = price_in_place_of(
                gap, line.product, line.quantity, _own_price(cart, line, path), left, cart.head.currency
            )
            found[key] = Replacement(key[0], line.product, line.quantity, price)
        return tuple(found.values())

    async def _found(self, cart: Cart, row: PickedRow, path: str) -> Line:
        try:
            product = await self._shopping.product(cart, row.barcode)
        except ProblemError as error:
            if error.problem.status == 404:
                raise invalid(f"{path}.barcode", "The store does not sell this") from error
            raise
        cart_rules.require_quantity(row.amount, product, f"{path}.amount")
        return Line("", product, row.amount)

    def _require_fit(self, cart: Cart, replaced: Product, line: Line, path: str) -> None:
        """Nobody gets goods in this way that are kept from some shoppers, or from all of them now."""
        if line.product.barcode == replaced.barcode:
            raise invalid(path, "Expected other goods than those that are out")
        if not as_strict(replaced, line.product):
            raise invalid(path, "These goods have limits that those ordered do not have")
        refused = refusals(line, self._carts.clock(), cart.head.time_zone)
        if refused:
            raise invalid(path, refused[0].message)


def _require_welcome(order: OrderRecord, cart: Cart, path: str) -> None:
    if cart.head.receipt is not None:
        raise invalid(path, "Expected none: the store's own receipt cannot be changed")
    if not order.details.replacements_welcome:
        raise invalid(path, "Expected none: the shopper wants nothing replaced")


def _require_pieces(cart: Cart, rows: Iterable[PickedRow]) -> None:
    products = {line.product.barcode: line.product for line in cart.lines}
    for place, row in enumerate(rows):
        if row.amount and row.replaces is None and row.barcode in products:
            cart_rules.require_quantity(row.amount, products[row.barcode], f"$.products[{place}].amount")


def _gaps(order: OrderRecord, cart: Cart, amounts: Mapping[str, Decimal]) -> Iterator[tuple[str, Gap]]:
    """What is out of each of the order's rows; without a receipt of the store each barcode has one."""
    products = {line.product.barcode: line.product for line in cart.lines}
    ordered, currency = order.details.ordered, order.details.currency
    for row, amount in zip(ordered, amounts_of(ordered, amounts), strict=True):
        left = sum((each.row_price for each in went_out((row,), {row.barcode: amount}, currency)), Decimal(0))
        if amount < row.amount and row.barcode in products:
            yield row.barcode, Gap(products[row.barcode], row.amount - amount, row.row_price - left)


def _own_price(cart: Cart, line: Line, path: str) -> Decimal:
    """What goods cost the cart's shopper with their own campaigns; the store's count for what was ordered."""
    alone = replace(cart, lines=(line,), head=replace(cart.head, campaigns=()))
    try:
        return priced(alone).lines[0].row_total
    except ValueError as error:
        raise invalid(f"{path}.amount", str(error)) from None


def _replacing_rows(cart: Cart, replacements: Iterable[Replacement]) -> Iterator[OrderProduct]:
    language = cart.head.lang_code
    names = {
        line.product.barcode: line.product.translatable_name.in_language(language) for line in cart.lines
    }
    for each in replacements:
        row = OrderProduct.of(each.product, each.amount, each.price, language)
        yield OrderProduct(
            row.id,
            row.barcode,
            row.product_name,
            row.amount,
            row.row_price,
            row.categories,
            each.replaces,
            names.get(each.replaces),
        )


def _one(product: Product) -> Decimal:
    return product.quantity.value if product.weight_item and product.quantity else Decimal(1)
