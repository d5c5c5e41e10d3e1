"""Merchant side invoicing: the node makes the receipt that the shopper sees and pays (contract section 6.3)."""

from smarts.caller import Refused
from smarts.edge.problems import FEATURE_ABSENT, NODE_NONSENSE
from smarts.gateway import errors
from smarts.gateway.carts.model import Cart, CartState
from smarts.gateway.carts.rules import with_receipt
from smarts.gateway.carts.service import Carts
from smarts.gateway.carts.view import amount_due, receipt_products
from smarts.gateway.journeys.shop import answered
from smarts.gateway.nodes.calls import Nodes
from smarts.gateway.parties import Store
from smarts.gateway.receipts.rules import faults
from smarts.gateway.receipts.service import Receipts
from smarts.gateway.storage.answers import Claim
from smarts.gateway.storage.writes import Write
from smarts.gateway.stores.service import Stores
from smarts.wire.codec import encode
from smarts.wire.errors import ProblemError
from smarts.wire.operations import CREATE_RECEIPT
from smarts.wire.receipts import CreateReceiptRequest, Receipt

_LARGEST_RECEIPT = 512 * 1024


class Receipting:
    """Asks nodes for receipts, and takes only those that make sense."""

    def __init__(self, carts: Carts, stores: Stores, nodes: Nodes, receipts: Receipts) -> None:
        self._carts = carts
        self._stores = stores
        self._nodes = nodes
        self._receipts = receipts

    async def made_for(self, cart: Cart) -> Receipt | None:
        """The node's receipt for the cart as it is, or None where the store leaves invoices to the gateway.

        Raises:
            ProblemError: 502 the receipt makes no sense or the node makes none, 503 the node is down, 504 too slow.
        """
        store = await self._stores.get(cart.institution_id)
        if not store.switches.merchant_side_invoicing:
            return None
        request = receipt_request(cart)
        receipt = await self._asked(cart, request)
        found = faults(receipt, request, cart.head.currency)
        if len(encode(receipt)) > _LARGEST_RECEIPT:
            found = (f"The receipt is longer than {_LARGEST_RECEIPT} bytes",)
        if found:
            raise await self._nonsense(cart, "; ".join(found))
        return receipt

    async def _asked(self, cart: Cart, request: CreateReceiptRequest) -> Receipt:
        try:
            receipt: Receipt = await self._nodes.call(cart.institution_id, CREATE_RECEIPT, request)
        except Refused as refused:
            if refused.problem.type == FEATURE_ABSENT.type:
                raise await self._absent(cart) from refused
            raise await self._nonsense(cart, f"The node refused: {refused.detail}") from refused
        return receipt

    async def _absent(self, cart: Cart) -> ProblemError:
        told = "Merchant side invoicing is switched on for the store, but its node does not make receipts"
        await self._nodes.report(cart.institution_id, CREATE_RECEIPT.name, told)
        return errors.RECEIPTS_ABSENT.error("The store has been told")

    async def _nonsense(self, cart: Cart, detail: str) -> ProblemError:
        await self._nodes.report(cart.institution_id, CREATE_RECEIPT.name, detail)
        return NODE_NONSENSE.error(
            "The store's system made a receipt that makes no sense; the store has been told"
        )

    async def prepare(self, cart: Cart, claim: Claim | None = None) -> Cart:
        """The cart with the store's receipt, where it is READY for payment and needs one.

        Raises:
            ProblemError: as for `made_for`, and 409 where the cart was changed meanwhile; it stays as it was.
        """
        if not _wants_receipt(cart):
            return cart
        receipt = await self.made_for(cart)
        if receipt is None:
            return cart
        now = self._carts.clock()

        def rule(before: Cart) -> Cart:
            if before.version == cart.version:
                return with_receipt(before, receipt, now)
            if before.head.receipt and before.head.invoice_id == cart.head.invoice_id:
                return (
                    before  # somebody else asked at the same time, and the shopper may have seen that answer
                )
            raise errors.CART_CHANGED.error("Look at the cart and check out again")

        return await self._carts.change(cart, rule, together=answered(claim))

    async def require(self, cart: Cart) -> Cart:
        """The cart with its receipt, before it is paid for what the shopper saw.

        Raises:
            ProblemError: as for `prepare`, and 409 where the receipt came just now and costs something else.
        """
        prepared = await self.prepare(cart)
        if amount_due(prepared) != amount_due(cart):
            raise errors.RECEIPT_NEW.error("Look at the receipt, then pay")
        return prepared

    def asked_for(self, cart: Cart, store: Store) -> tuple[Write, ...]:
        """What has a receipt made afterwards, where the cart has become READY and the store makes receipts."""
        if store.switches.merchant_side_invoicing and _wants_receipt(cart):
            return (self._receipts.asked_for(cart.institution_id, cart.id, cart.head.invoice_id),)
        return ()

    async def prepare_for_shopper(self, cart_id: str) -> None:
        """Makes the receipt of a cart that staff have let pass, so that its shopper sees it before paying.

        Raises:
            ProblemError: as for `made_for`.
        """
        try:
            await self.prepare(await self._carts.get(cart_id))
        except ProblemError as error:
            if error.problem.type != errors.CART_CHANGED.type:
                raise


def _wants_receipt(cart: Cart) -> bool:
    return cart.state is CartState.READY and cart.head.receipt is None and not cart.payment_under_way


def receipt_request(cart: Cart) -> CreateReceiptRequest:
    """The cart as the node is asked to make its receipt."""
    head = cart.head
    return CreateReceiptRequest(
        invoice_id=head.invoice_id,
        products=receipt_products(cart),
        shipment=head.shipment.shipment if head.shipment else None,
        loyalty_cards=head.loyalty_cards,
        lang_code=head.lang_code,
        person_id=cart.person_id,
        institution_id=cart.institution_id,
    )
