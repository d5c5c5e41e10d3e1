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
KEY_REUSED = ErrorKind(
    "idempotency-key-reused", 409, "The Idempotency-Key was used for another request", retryable=False
)
PAYMENT_DECLINED = ErrorKind("payment-declined", 402, "The payment was declined", retryable=False)
PAYMENT_UNKNOWN = ErrorKind(
    "payment-unknown", 504, "The payment provider did not answer in time", retryable=True
)
PAYMENT_UNDER_WAY = ErrorKind("payment-under-way", 409, "A payment of this cart is under way", retryable=True)
STORAGE_UNAVAILABLE = ErrorKind("storage-unavailable", 503, "The database does not answer", retryable=True)
