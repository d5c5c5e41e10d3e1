"""The gateway's error table: code -> status, sentence, and whether the same request may succeed later."""

from smarts.edge.problems import ErrorKind

CART_CLOSED = ErrorKind("cart-closed", 409, "The cart is paid for or given up", retryable=False)
CART_LOCKED = ErrorKind("cart-locked", 409, "The cart is locked until staff have checked it", retryable=False)
CART_NOT_READY = ErrorKind(
    "cart-not-ready", 409, "The cart has to be checked out before it is paid", retryable=False
)
CART_EMPTY = ErrorKind("cart-empty", 422, "There is nothing in the cart", retryable=False)
CART_FULL = ErrorKind("cart-full", 422, "The cart holds no more lines", retryable=False)
CART_CHANGED = ErrorKind("cart-changed", 409, "The cart was changed in the meantime", retryable=True)
PRODUCT_UNKNOWN = ErrorKind("product-unknown", 404, "The store does not sell this", retryable=False)
PRODUCT_REFUSED = ErrorKind("product-refused", 422, "This may not be bought now", retryable=False)
LOCK_NOT_EXPIRED = ErrorKind("lock-not-expired", 409, "The cart is still locked", retryable=False)
CHECK_CLOSED = ErrorKind("check-closed", 409, "The check is finished", retryable=False)
CHECK_NOT_BEGUN = ErrorKind("check-not-begun", 409, "The check has not begun yet", retryable=True)
RESCAN_GROWS = ErrorKind(
    "rescan-grows", 409, "A difference was found, so that everything is rescanned", retryable=False
)
CHECK_TAKEN = ErrorKind("check-taken", 409, "A colleague looks at this cart", retryable=False)
POLICY_CHANGED = ErrorKind(
    "policy-changed", 409, "Somebody has changed the check policy meanwhile", retryable=False
)
KEY_REUSED = ErrorKind(
    "idempotency-key-reused", 409, "The Idempotency-Key was used for another request", retryable=False
)
RECEIPT_NEW = ErrorKind(
    "receipt-new", 409, "The store's receipt is not what was on the screen", retryable=True
)
RECEIPTS_ABSENT = ErrorKind("receipts-absent", 502, "The store's system makes no receipts", retryable=False)
PAYMENT_DECLINED = ErrorKind("payment-declined", 402, "The payment was declined", retryable=False)
PAYMENT_UNKNOWN = ErrorKind(
    "payment-unknown", 504, "The payment provider did not answer in time", retryable=True
)
PAYMENT_ACTION_NEEDED = ErrorKind(
    "payment-action-needed", 409, "The shopper has to confirm the payment first", retryable=True
)
ORDER_CANCELLED = ErrorKind("order-cancelled", 409, "The store has cancelled the order", retryable=False)
PAYMENT_UNDER_WAY = ErrorKind("payment-under-way", 409, "A payment of this cart is under way", retryable=True)
CAMPAIGN_CHANGED = ErrorKind(
    "campaign-changed", 409, "Somebody has changed or deleted this campaign meanwhile", retryable=False
)
CAMPAIGNS_FULL = ErrorKind(
    "campaigns-full", 409, "The store has as many campaigns as there may be", retryable=False
)
CARD_REFUSED = ErrorKind("card-refused", 422, "The store refuses this card", retryable=False)
CARD_TAKEN = ErrorKind("card-taken", 409, "Somebody else has linked this card", retryable=False)
CARD_ANOTHER = ErrorKind("card-another", 409, "Another card of this kind is linked", retryable=False)
CARD_RETIRED = ErrorKind("card-retired", 409, "This kind of card is retired", retryable=False)
CARDS_ABSENT = ErrorKind("cards-absent", 409, "The store's system links no cards", retryable=False)
PRIMARY_TAKEN = ErrorKind("primary-taken", 409, "A store has another primary card", retryable=False)
BONUS_NEEDS_RECEIPT = ErrorKind(
    "bonus-needs-receipt", 409, "Bonus pays only where the store makes the receipt", retryable=False
)
PAYMENT_NOT_HELD = ErrorKind("payment-not-held", 409, "The payment does not hold money", retryable=False)
PAYMENT_NOT_TAKEN = ErrorKind("payment-not-taken", 409, "The payment has not taken money", retryable=False)
PAYMENT_STEP_UNDER_WAY = ErrorKind(
    "payment-step-under-way", 409, "Something else is being done with the payment", retryable=True
)
AMOUNT_TOO_LARGE = ErrorKind("amount-too-large", 409, "There is not so much money", retryable=False)
ORDER_CHANGE_REFUSED = ErrorKind(
    "order-change-refused", 409, "The order's status does not allow this", retryable=False
)
ORDER_OPEN = ErrorKind("order-open", 409, "An order is not finished yet", retryable=False)
ORDER_UNDER_WAY = ErrorKind(
    "order-under-way", 409, "The order's payment is being taken at this moment", retryable=True
)
ORDER_PAYMENT_REFUSED = ErrorKind(
    "order-payment-refused", 409, "The payment provider does not give the order's money", retryable=False
)
ORDER_PAYMENT_UNKNOWN = ErrorKind(
    "order-payment-unknown", 504, "The payment provider did not answer in time", retryable=True
)
DELIVERY_NOT_OFFERED = ErrorKind(
    "delivery-not-offered", 409, "The store does not deliver this way now", retryable=False
)
MESSAGE_SUPERSEDED = ErrorKind(
    "message-superseded", 409, "Something later about the same was sent already", retryable=False
)
SIGN_IN_REFUSED = ErrorKind("sign-in-refused", 401, "Email or password is wrong", retryable=False)
CSRF_REFUSED = ErrorKind(
    "csrf-refused", 403, "The request did not come from this site's page", retryable=False
)
SIGNATURE_WRONG = ErrorKind(
    "signature-wrong", 400, "The event is not signed as it should be", retryable=False
)
DECODER_BUSY = ErrorKind("decoder-busy", 503, "Too many pictures are being looked at", retryable=True)
SIMULATOR_BUSY = ErrorKind("simulator-busy", 503, "Another simulation is under way", retryable=True)
STORAGE_UNAVAILABLE = ErrorKind("storage-unavailable", 503, "The database does not answer", retryable=True)
STOPPING = ErrorKind("stopping", 503, "This process is about to stop", retryable=True)
