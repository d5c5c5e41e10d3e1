"""Which linked cards a cart uses, and whether their bonus pays (contract section 6.5)."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from smarts.edge.problems import NODE_SLOW, invalid
from smarts.gateway import errors
from smarts.gateway.carts import rules
from smarts.gateway.carts.model import Cart, Membership
from smarts.gateway.carts.service import Carts
from smarts.gateway.journeys.shop import Shopping, membership_of, up_to_date
from smarts.gateway.loyalty.service import Loyalty, Wallet
from smarts.gateway.parties import Shopper, Store
from smarts.gateway.stores.service import Stores
from smarts.wire.errors import FieldError, ProblemError
from smarts.wire.model import Model
from smarts.wire.products import Product
from smarts.wire.text import Identifier

_MOST_CARDS = 100
_ASKED_AT_ONCE = 8
_PATIENCE_SECONDS = 15.0


class UsedCard(Model, frozen=True):
    """A linked card, named by the id of its kind, and whether its bonus pays for the purchase."""

    id: Identifier
    use_bonus_on_payment: bool = False


class UsedCards(Model, frozen=True):
    """All the cards that a cart shall use."""

    cards: Annotated[tuple[UsedCard, ...], Meta(max_length=_MOST_CARDS)]


class Cards:
    """The loyalty cards of carts."""

    def __init__(self, carts: Carts, stores: Stores, loyalty: Loyalty, shopping: Shopping) -> None:
        self._carts = carts
        self._stores = stores
        self._loyalty = loyalty
        self._shopping = shopping

    async def use(self, shopper: Shopper, cart_id: str, used: Sequence[UsedCard]) -> Cart:
        """The cart with these cards and no others; its goods cost what the store asks of their holder.

        Raises:
            ProblemError: 409 the cart's state does not allow it, it was changed meanwhile, or bonus cannot pay in this
                store; 422 a card that is not there, whose bonus cannot pay, or goods that are no longer sold;
                502 to 504 the node failed.
        """
        cart = await self._carts.of(shopper, cart_id)
        rules.require_open(cart)
        store = await self._stores.get(cart.institution_id)
        wallet = await self._loyalty.wallet(shopper.person_id, store)
        _require_usable(used, wallet, store)
        wanted = {card.id: card.use_bonus_on_payment for card in used}
        return await self._change(shopper, cart, store, _membership(wallet, wanted))

    async def still_linked(self, shopper: Shopper, cart: Cart) -> Cart:
        """The cart without cards that were unlinked since, and without a bonus that cannot pay any more.

        Raises:
            ProblemError: as `use`.
        """
        if not cart.head.loyalty_cards and not cart.head.member:
            return cart
        rules.require_open(cart)
        store = await self._stores.get(cart.institution_id)
        wallet = await self._loyalty.wallet(shopper.person_id, store)
        linked = {card.client_card for card in wallet.cards}
        bonus_pays = store.switches.merchant_side_invoicing
        kept = {
            card.id: card.use_bonus_on_payment and bonus_pays
            for card in cart.head.loyalty_cards
            if replace(card, use_bonus_on_payment=False) in linked
        }
        return await self._change(shopper, cart, store, _membership(wallet, kept))

    async def require_linked(self, shopper: Shopper, cart: Cart) -> None:
        """Lets nobody pay with a card that is no longer theirs: such a cart is open again, as `still_linked` makes it.

        Raises:
            ProblemError: 409 it is open again; and as `use`.
        """
        if await self.still_linked(shopper, cart) is not cart:
            raise errors.CART_CHANGED.error("A card was unlinked: look at the cart and check out again")

    async def _change(self, shopper: Shopper, cart: Cart, store: Store, membership: Membership) -> Cart:
        head = cart.head
        if membership == Membership(head.loyalty_cards, head.card_codes, head.member):
            return cart
        asking = replace(cart, head=replace(head, loyalty_cards=membership.cards))
        products = await self._products(asking) if membership.cards != head.loyalty_cards else {}
        now = self._carts.clock()

        def rule(before: Cart) -> Cart:
            return up_to_date(rules.with_cards(before, membership, products, now), shopper, store)

        return await self._carts.change_unless_changed(cart, rule)

    async def _products(self, cart: Cart) -> Mapping[str, Product]:
        """What the node makes of the cart's goods with the cart's cards, by barcode."""
        turn = asyncio.Semaphore(_ASKED_AT_ONCE)
        found: dict[str, Product] = {}

        async def ask(barcode: str, line_id: str) -> None:
            async with turn:
                found[barcode] = await self._product(cart, barcode, line_id)

        try:
            async with asyncio.timeout(_PATIENCE_SECONDS), asyncio.TaskGroup() as asking:
                for line in cart.lines:
                    asking.create_task(ask(line.product.barcode, line.line_id))
        except TimeoutError:
            raise NODE_SLOW.error("The store's system takes too long to tell all prices") from None
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return found

    async def _product(self, cart: Cart, barcode: str, line_id: str) -> Product:
        try:
            return await self._shopping.product(cart, barcode)
        except ProblemError as error:
            if error.problem.type != errors.PRODUCT_UNKNOWN.type:
                raise
            told = FieldError(f"$.lines[?@.lineId=='{line_id}']", "The store no longer sells this")
            raise errors.PRODUCT_REFUSED.error(
                f"The store no longer sells {barcode}: take it out of the cart", errors=(told,)
            ) from error


def _membership(wallet: Wallet, pays: Mapping[str, bool]) -> Membership:
    """The cards of the wallet that `pays` names by their ids; the bonus of those with True pays where it may."""
    cards = [card for card in wallet.cards if card.kind.id in pays]
    paying = {card.kind.id for card in cards if pays[card.kind.id] and card.may_pay_with_bonus}
    return membership_of(cards, member=wallet.member, paying=paying)


def _require_usable(used: Sequence[UsedCard], wallet: Wallet, store: Store) -> None:
    linked = {card.kind.id: card for card in wallet.cards}
    named: set[str] = set()
    for place, wanted in enumerate(used):
        card = linked.get(wanted.id)
        if card is None:
            raise invalid(f"$.cards[{place}].id", "You have linked no such card that counts in this store")
        if wanted.id in named:
            raise invalid(f"$.cards[{place}].id", "Expected each card once")
        if wanted.use_bonus_on_payment and not card.may_pay_with_bonus:
            raise invalid(f"$.cards[{place}].useBonusOnPayment", "This card has no bonus to pay with")
        named.add(wanted.id)
    if any(card.use_bonus_on_payment for card in used) and not store.switches.merchant_side_invoicing:
        raise errors.BONUS_NEEDS_RECEIPT.error(
            "Only the store's own receipt can say how much was used, and this store makes none"
        )
