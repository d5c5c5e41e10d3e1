"""The verbs of carts: look one up, change it, watch it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog

from smarts.edge import context
from smarts.edge.problems import NOT_FOUND
from smarts.gateway import errors
from smarts.gateway.carts import rules, store
from smarts.gateway.carts.model import Cart, CartState, Head, Membership
from smarts.gateway.carts.store import CART
from smarts.gateway.ids import new_id
from smarts.gateway.parties import Shopper, Store
from smarts.gateway.storage.database import Database, Transaction
from smarts.gateway.storage.notices import Notices
from smarts.gateway.storage.writes import NotWrittenError, Write, write

_TRIES = 20

log = structlog.get_logger(__name__)

Rule = Callable[[Cart], Cart]
InSameTransaction = Callable[[Transaction, Cart], Awaitable[None]]
InSameStatement = Callable[[Cart], Iterable[Write]]


def _nothing(_: Cart) -> Iterable[Write]:
    return ()


class Carts:
    """Carts in the database; `clock` tells the time in UTC."""

    def __init__(self, database: Database, notices: Notices, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._notices = notices
        self.clock = clock

    async def of(self, shopper: Shopper, cart_id: str) -> Cart:
        """The shopper's own cart; another's is not found."""
        cart = await self.get(cart_id)
        if cart.person_id != shopper.person_id:
            raise _not_found()
        return cart

    async def get(self, cart_id: str) -> Cart:
        """Any cart by its id, or a 404."""
        async with self._database.connection() as connection:
            cart = await store.load(connection, cart_id)
        if cart is None:
            raise _not_found()
        _about(cart)
        return cart

    def beside(self, row: Any) -> Cart:
        """The cart that was read beside something else (`store.BESIDE`), which is then sure to have one."""
        cart = store.cart_of(row)
        _about(cart)
        return cart

    async def create(
        self, shopper: Shopper, at: Store, membership: Membership, together: InSameStatement = _nothing
    ) -> Cart:
        """A new empty cart of the shopper in a store."""
        now = self.clock()
        cart = Cart(
            id=new_id(),
            institution_id=at.institution_id,
            person_id=shopper.person_id,
            state=CartState.OPEN,
            version=1,
            head=Head(
                lang_code=shopper.lang_code,
                currency=at.currency,
                time_zone=at.time_zone,
                campaigns=at.campaigns,
                client=shopper.client or membership.member,
                member=membership.member,
                loyalty_cards=membership.cards,
                card_codes=membership.codes,
                invoice_id=new_id(),
            ),
            created_at=now,
            updated_at=now,
        )
        _about(cart)
        async with self._database.connection() as connection:
            await write(connection, store.adding(cart), *together(cart))
        return cart

    async def change(
        self,
        cart: Cart,
        rule: Rule,
        also: InSameTransaction | None = None,
        together: InSameStatement = _nothing,
    ) -> Cart:
        """Applies a rule to the cart as it stands, and does whatever else belongs to that.

        What is known beforehand is written `together` with the cart, which is one way to the database; the rest is done
        in the same transaction.

        Where somebody else changed the cart meanwhile, it is read again and the rule applied anew.

        Raises:
            ProblemError: the rule refused, or the cart changes all the time (409, worth a retry).
        """
        for _ in range(_TRIES):
            after = rule(cart)
            if after is cart or await self._saved(cart, after, also, together):
                return after
            cart = await self.get(cart.id)
        raise errors.CART_CHANGED.error("The cart is changed from several places at once")

    async def change_unless_changed(
        self,
        cart: Cart,
        rule: Rule,
        also: InSameTransaction | None = None,
        together: InSameStatement = _nothing,
    ) -> Cart:
        """Applies a rule to exactly this version of the cart, or raises a 409 that is worth a retry."""
        after = rule(cart)
        if not await self._saved(cart, after, also, together):
            raise errors.CART_CHANGED.error("Look at the cart and check out again")
        return after

    async def change_within(
        self,
        tx: Transaction,
        cart: Cart,
        rule: Rule,
        also: InSameTransaction | None = None,
        together: InSameStatement = _nothing,
    ) -> Cart:
        """The same within the transaction in which the cart was read; to `tell` once that is committed.

        Raises:
            NotWrittenError: of `CART`, somebody else has changed it since.
            ProblemError: the rule refused.
        """
        after = rule(cart)
        await _write(tx, cart, after, also, together)
        return after

    def tell(self, before: Cart, after: Cart) -> None:
        """Has the log tell of a change that is committed."""
        if after.state is not before.state:
            log.info("cart", state=after.state.value, before=before.state.value)

    async def of_person(self, person_id: str) -> list[Cart]:
        """A person's carts, newest first, without those whose details are forgotten."""
        async with self._database.connection() as connection:
            return await store.of_person(connection, person_id)

    async def lock_of_person(self, tx: Transaction, person_id: str) -> list[Cart]:
        """The same, but nobody else changes them until the end of the transaction."""
        return await store.lock_of_person(tx, person_id)

    async def untouched(self, since: datetime, after: Cart | None, limit: int) -> list[Cart]:
        """Carts that nobody touched since a moment, oldest first, at most `limit`, those after the cart `after`."""
        place = (after.created_at, after.id) if after else None
        async with self._database.connection() as connection:
            return await store.untouched(connection, since, place, limit)

    async def past(self, institution_id: str, limit: int, before: Cart | None = None) -> list[Cart]:
        """A store's paid carts whose goods are still kept, latest first, at most `limit`, those before one of them."""
        place = (before.created_at, before.id) if before else None
        async with self._database.connection() as connection:
            return await store.past(connection, institution_id, limit, place)

    async def any_in(self, tx: Transaction, institution_id: str) -> bool:
        """Whether there is any cart of a store, of whatever state."""
        return await store.any_in(tx, institution_id)

    async def touched_since(
        self, person_id: str, institution_ids: Sequence[str], since: datetime
    ) -> list[datetime]:
        """When a person's unfinished carts with goods in some stores were changed last, where after `since`."""
        async with self._database.connection() as connection:
            return await store.touched_since(connection, person_id, institution_ids, since)

    async def in_store(self, institution_id: str, cart_ids: Sequence[str]) -> list[Cart]:
        """A store's carts by their ids, in the order of these.

        Raises:
            ProblemError: 404, the store has no such cart, or its details are forgotten.
        """
        async with self._database.connection() as connection:
            found = {cart.id: cart for cart in await store.in_store(connection, institution_id, cart_ids)}
        if any(cart_id not in found or not found[cart_id].lines for cart_id in cart_ids):
            raise NOT_FOUND.error("The store has no such cart, or its goods are not kept any more")
        return [found[cart_id] for cart_id in cart_ids]

    async def forget(self, tx: Transaction, cart: Cart) -> bool:
        """Forgets the details of a cart, and all of one that was never checked out, to which nothing else refers.

        Returns:
            False where it was changed since it was read, and is left as it is.
        """
        if not cart.head.attempted:
            return await store.delete(tx, cart)
        return await store.forget(tx, cart, rules.forgotten(cart))

    async def _saved(
        self, before: Cart, after: Cart, also: InSameTransaction | None, together: InSameStatement
    ) -> bool:
        try:
            async with self._database.connection() if also is None else self._database.transaction() as tx:
                await _write(Transaction(tx), before, after, also, together)
        except NotWrittenError as error:
            if error.query != CART:
                raise
            return False
        self.tell(before, after)
        return True

    async def watch(self, shopper: Shopper, cart_id: str) -> AsyncIterator[Cart]:
        """The cart now, and again after every change; changes that come quickly may be seen as one."""
        seen = 0
        with self._notices.subscribe("cart", cart_id) as changes:
            async for _ in changes:
                cart = await self.of(shopper, cart_id)
                if cart.version > seen:
                    seen = cart.version
                    yield cart


def _about(cart: Cart) -> None:
    context.about(institution=cart.institution_id, cart=cart.id, invoice=cart.head.invoice_id)


async def _write(
    tx: Transaction, before: Cart, after: Cart, also: InSameTransaction | None, together: InSameStatement
) -> None:
    """Writes a change; a single statement, where there is nothing `also`, needs no transaction around it."""
    await write(tx, *store.saving(before, after), *together(after))
    if also:
        await also(tx, after)


def _not_found() -> Exception:
    return NOT_FOUND.error("There is no such cart")
