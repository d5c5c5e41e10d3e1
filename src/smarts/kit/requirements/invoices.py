"""What is required of receiving invoices (sections 3 and 6.4)."""

from smarts.kit.requirement import must, should
from smarts.wire.nodes import Feature

_INVOICES = Feature.INVOICES

REQUIREMENTS = (
    must(
        "invoices.paid.accepted", "6.4", _INVOICES, "A paid invoice is taken with a status from 200 to 299."
    ),
    must(
        "invoices.paid.again",
        "6.4",
        _INVOICES,
        "The same invoice is taken when it comes again: it is sent until it has surely arrived.",
    ),
    should(
        "invoices.paid.at-once",
        "6.4",
        _INVOICES,
        "The same invoice is taken when it comes twice at the same time.",
    ),
    must(
        "invoices.paid.after-broken",
        "6.4",
        _INVOICES,
        "An invoice is taken after a broken document with the same id, which leaves nothing behind.",
    ),
    should(
        "invoices.paid.unsold",
        "6.4",
        _INVOICES,
        "An invoice with goods that the node does not know is taken: it is paid.",
    ),
    should("invoices.paid.big", "6.4", _INVOICES, "An invoice of 500 rows is taken in time."),
    must(
        "invoices.date.millis",
        "3 Invoice",
        _INVOICES,
        "`createdAt` and `closedAt` are read as Unix milliseconds.",
    ),
    should(
        "invoices.date.day",
        "3 Invoice",
        _INVOICES,
        "`createdAt` and `closedAt` are read as days, YYYY-MM-DD, as the documentation's example has them.",
    ),
    must("invoices.with.shipment", "3 Invoice", _INVOICES, "An invoice with a shipment is taken."),
    must(
        "invoices.with.campaigns",
        "3 Invoice",
        _INVOICES,
        "An invoice with campaigns of the whole store is taken.",
    ),
    must(
        "invoices.with.cards", "3 BuyerParty", _INVOICES, "An invoice of a buyer with loyalty cards is taken."
    ),
    must(
        "invoices.with.strings",
        "3 Quantity",
        _INVOICES,
        "An invoice whose quantities are strings is taken like one with numbers.",
    ),
    should(
        "invoices.with.nothing-more",
        "3 Invoice",
        _INVOICES,
        "An invoice without cards, campaigns, shipment and the seller's particulars is taken.",
    ),
    must(
        "invoices.fields.wrong-type",
        "2 errors",
        _INVOICES,
        "An invoice with a field of the wrong type is refused with 422, and the problem's `errors` have "
        "the field's path.",
    ),
    should(
        "invoices.fields.unknown",
        "3",
        _INVOICES,
        "An invoice with fields that the node does not know is answered like one without: the contract "
        "may grow.",
    ),
)
