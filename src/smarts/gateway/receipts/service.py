"""The verbs of receipts: tell the node for sure that one is paid, have one asked for after a check."""

from smarts.gateway.outbox import Message, put, putting
from smarts.gateway.storage.database import Transaction
from smarts.gateway.storage.writes import Write
from smarts.wire.codec import encode
from smarts.wire.receipts import ReceiptPaymentConfirmationRequest

RECEIPT_PAID = "receipt.paid"
RECEIPT_NEEDED = "receipt.needed"


def receipts_lane(institution_id: str) -> str:
    """The lane in which a store's receipts are asked for."""
    return f"receipts:{institution_id}"


class Receipts:
    """Messages about receipts."""

    async def confirm(self, tx: Transaction, confirmation: ReceiptPaymentConfirmationRequest) -> None:
        """Enqueues the word that a receipt is paid, to be delivered if and only if the transaction is committed."""
        await put(
            tx,
            Message(
                id=f"{confirmation.invoice_id}:confirm",
                lane=confirmation.institution_id,
                kind=RECEIPT_PAID,
                order_key=confirmation.invoice_id,
                payload=encode(confirmation),
            ),
        )

    def asked_for(self, institution_id: str, cart_id: str, invoice_id: str) -> Write:
        """What has the node asked for a cart's receipt afterwards, in a lane that holds up nothing else."""
        return putting(
            Message(
                id=f"{invoice_id}:receipt",
                lane=receipts_lane(institution_id),
                kind=RECEIPT_NEEDED,
                order_key=cart_id,
                payload=cart_id.encode(),
            ),
        )
