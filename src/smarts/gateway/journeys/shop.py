"""Shopping: a cart in a store, scans by way of the store's node."""

from collections.abc import Container, Iterable
from decimal import Decimal

from msgspec.structs import replace

from smarts.caller import Refused
from smarts.edge.problems import NODE_NONSENSE
from smarts.gateway import errors
from smarts.gateway.carts import rules
from smarts.gateway.carts.model import Cart, Line, Membership
from smarts.gateway.carts.service import Carts, InSameStatement
from smarts.gateway.carts.view import cart_document, cart_line
from smarts.gateway.control.service import Control
from smarts.gateway.ids import new_id
from smarts.gateway.journeys.order import Ordering
from smarts.gateway.loyalty.service import Loyalty
from smarts.gateway.loyalty.store import LinkedCard
from smarts.gateway.nodes.calls import Nodes
from smarts.gateway.parties import Shopper, Store
from smarts.gateway.storage.answers import Claim, kept
from smarts.gateway.storage.database import Transaction
from smarts.gateway.stores.service import Stores
from smarts.wire.codec import encode
from smarts.wire.errors import ProblemError
from smarts.wire.operations import PRODUCT_BY_BARCODE
from smarts.wire.products import Product, ProductSearchRequest

_LARGEST_PRODUCT = 128 * 1024


def answered(claim: Claim | None, status: int = 200) -> InSameStatement:
    """What keeps the cart that comes of a change as the answer to a claim; nothing where there is none."""
    return lambda cart: kept(claim, status, encode(cart_document(cart))) if claim else ()


class Shopping:
    """What a shopper does with a cart up to the checkout."""

    def __init__(
        self,
        carts: Carts,
        stores: Stores,
        nodes: Nodes,
        control: Control,
        loyalty: Loyalty,
        ordering: Ordering,
    ) -> None:
        self._carts = carts
        self._stores = stores
        self._nodes = nodes
        self._control = control
        self._loyalty = loyalty
        self._ordering = ordering

    async def create(self, shopper: Shopper, institution_id: str, claim: Claim | None) -> Cart:
        """A new cart in a store; it uses all cards of the shopper that count there."""
        store = await self._stores.get(institution_id)
        wallet = await self._loyalty.wallet(shopper.person_id, store)
        membership = membership_of(wallet.cards, member=wallet.member)
        return await self._carts.create(shopper, store, membership, answered(claim, 201))

    async def scan(
        self, shopper: Shopper, cart_id: str, barcode: str, quantity: Decimal | None, claim: Claim | None
    ) -> Cart:
        """Adds what was scanned, as the store's node sells it to this shopper now.

        A barcode that carries a weight brings its quantity with it, where none is given.
        """
        cart = await self._carts.of(shopper, cart_id)
        rules.require_open(cart)
        product = await self.product(cart, barcode)
        amount = quantity if quantity is not None else scanned_quantity(product)
        rules.require_quantity(amount, product)
        store = await self._stores.get(cart.institution_id)
        now = self._carts.clock()
        line_id = new_id()

        def rule(before: Cart) -> Cart:
            if before.head.loyalty_cards != cart.head.loyalty_cards:
                raise errors.CART_CHANGED.error("The price was asked for with other cards: scan again")
            return rules.with_product(up_to_date(before, shopper, store), product, amount, line_id, now)

        return await self._carts.change(cart, rule, together=answered(claim))

    async def product(self, cart: Cart, barcode: str) -> Product:
        """What the node sells under a barcode, to the shopper of this cart.

        Raises:
            ProblemError: 404 where the store does not sell it, 502 to 504 where the node fails.
        """
        return await self.sold(
            cart.institution_id,
            ProductSearchRequest(
                barcode=barcode,
                lang_code=cart.head.lang_code,
                person_id=cart.person_id,
                institution_id=cart.institution_id,
                loyalty_cards=cart.head.loyalty_cards,
            ),
        )

    async def sold(self, institution_id: str, request: ProductSearchRequest) -> Product:
        """What a store's node sells under the barcode of a request, which need not come from a shopper.

        Raises:
            ProblemError: 404 where the store does not sell it, 502 to 504 where the node fails.
        """
        barcode = request.barcode
        try:
            found: Product = await self._nodes.call(institution_id, PRODUCT_BY_BARCODE, request)
        except Refused as refused:
            raise _unsold(refused, barcode) from refused
        nonsense = _nonsense_in(found)
        if nonsense:
            await self._nodes.report(
                institution_id, PRODUCT_BY_BARCODE.name, f"answered {barcode} with {nonsense}"
            )
            raise NODE_NONSENSE.error(f"The store's system answered with {nonsense}")
        return found

    async def change_quantity(self, shopper: Shopper, cart_id: str, line_id: str, quantity: Decimal) -> Cart:
        """Another quantity of a line."""
        cart = await self._carts.of(shopper, cart_id)
        now = self._carts.clock()
        return await self._carts.change(
            cart, lambda before: rules.with_quantity(before, line_id, quantity, now)
        )

    async def remove(self, shopper: Shopper, cart_id: str, line_id: str) -> Cart:
        """The cart without a line."""
        cart = await self._carts.of(shopper, cart_id)
        now = self._carts.clock()
        return await self._carts.change(cart, lambda before: rules.without_line(before, line_id, now))

    async def give_up(self, shopper: Shopper, cart_id: str) -> Cart:
        """The shopper gives up; staff no longer wait for the cart, and an order that was never paid for ends."""
        cart = await self._carts.of(shopper, cart_id)
        now = self._carts.clock()

        async def also(tx: Transaction, after: Cart) -> None:
            await self._control.give_up(tx, after.id, now)
            await self._ordering.given_up(tx, after, now)

        return await self._carts.change(cart, lambda before: rules.cancelled(before, now), also)


def membership_of(cards: Iterable[LinkedCard], *, member: bool, paying: Container[str] = ()) -> Membership:
    """What a cart keeps of the cards that it uses; the bonus of those whose ids are in `paying` pays."""
    used = tuple(cards)
    return Membership(
        cards=tuple(replace(card.client_card, use_bonus_on_payment=card.kind.id in paying) for card in used),
        codes=tuple(card.machine_readable_code for card in used if card.machine_readable_code),
        member=member,
    )


def up_to_date(cart: Cart, shopper: Shopper, store: Store) -> Cart:
    """The cart with the store's campaigns and the shopper's rights as they are now."""
    client = shopper.client or cart.head.member
    return replace(cart, head=replace(cart.head, campaigns=store.campaigns, client=client))


def _nonsense_in(product: Product) -> str | None:
    """Why a cart cannot hold this product, or None where it can."""
    try:
        cart_line(Line("", product, Decimal(1)))
    except ValueError:
        return "a price that makes no sense"
    return "more than a cart can hold" if len(encode(product)) > _LARGEST_PRODUCT else None


def scanned_quantity(product: Product) -> Decimal:
    """How much of it one scan is: what a label's weight says, else one."""
    if product.weight_item and product.quantity is not None:
        return product.quantity.value
    return Decimal(1)


def _unsold(refused: Refused, barcode: str | None) -> ProblemError:
    if refused.problem.status == 404:
        return errors.PRODUCT_UNKNOWN.error(f"The store does not sell {barcode}")
    return NODE_NONSENSE.error("The store's system refused to look the barcode up")
