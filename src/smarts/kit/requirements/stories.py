"""What is required of whole flows, through several endpoints (section 6)."""

from smarts.kit.requirement import must, should
from smarts.wire.nodes import Feature

_CONTROL = Feature.PURCHASE_CONTROL
_RECEIPTS = Feature.RECEIPTS
_INVOICES = Feature.INVOICES
_ORDERS = Feature.ORDERS
_CARDS = Feature.LOYALTY_CARDS
_BONUS = Feature.LOYALTY_BONUS
_OFFERS = Feature.OFFERS

REQUIREMENTS = (
    must(
        "stories.check.scanned",
        "6.2",
        _CONTROL,
        "Goods that were scanned go into a purchase check as the node told them, and it decides on them.",
    ),
    must(
        "stories.check.after-result",
        "6.2",
        _CONTROL,
        "A cart that the supervisor has changed is decided on when it is checked out again, under a new "
        "invoice id.",
    ),
    must(
        "stories.receipt.paid",
        "6.3",
        _RECEIPTS,
        "Goods that were scanned get a receipt, the receipt is paid, and the word of it is taken twice.",
    ),
    should(
        "stories.receipt.after-payment",
        "6.3",
        _RECEIPTS,
        "A receipt that is paid stays as it was when it is asked for once more.",
    ),
    must(
        "stories.receipt.lost-answer",
        "6.3",
        _RECEIPTS,
        "A receipt whose answer was lost on the way is answered when it is asked for again, and can be paid.",
    ),
    should(
        "stories.receipt.scanned-price",
        "6.3",
        _RECEIPTS,
        "A piece without campaigns costs on the receipt what it cost when it was scanned.",
    ),
    must(
        "stories.invoice.scanned",
        "6.4",
        _INVOICES,
        "Goods that were scanned go into an invoice as the node told them, and it takes them.",
    ),
    must(
        "stories.invoice.lost-answer",
        "6.4",
        _INVOICES,
        "An invoice whose answer was lost on the way is taken when it comes again, and once more.",
    ),
    must(
        "stories.order.completed",
        "6.6",
        _ORDERS,
        "An order is taken, and each of its changes until it is completed.",
    ),
    must(
        "stories.order.cancelled",
        "6.6",
        _ORDERS,
        "An order is taken, and the word that either side cancels it.",
    ),
    must(
        "stories.order.lost-answer",
        "6.6",
        _ORDERS,
        "An order whose answer was lost on the way is taken when it comes again, and its change after it.",
    ),
    must(
        "stories.order.receipt",
        "6.6",
        _ORDERS,
        "An order of a receipt is taken, less of it goes out, and the word that less was paid is taken.",
    ),
    must(
        "stories.card.travels",
        "6.5",
        _CARDS,
        "Goods are found by a shopper with a linked card, which comes with every request from then on.",
    ),
    should(
        "stories.card.price",
        "6.5",
        _CARDS,
        "A price that a shopper's card brings at the scan is the price on the receipt.",
    ),
    must(
        "stories.card.bonus",
        "6.5",
        _BONUS,
        "A bonus that pays lowers a receipt's total by as much as the receipt says was used, which is no more than is "
        "on the card.",
    ),
    should(
        "stories.card.bonus-unpaid",
        "6.5",
        _BONUS,
        "A receipt that is not paid yet leaves the bonus on the card: carts are given up.",
    ),
    should(
        "stories.offer.scanned",
        "6.7",
        _OFFERS,
        "A product that is on offer is sold: its barcode is found, with the same id.",
    ),
)
