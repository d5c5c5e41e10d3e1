"""Nodes whose product search is broken."""

from dataclasses import replace

from kit.broken.breakage import breakage
from kit.broken.layer import reply
from smarts.wire import operations

BREAKAGES = (
    breakage(
        "answers a barcode that it does not sell with 400",
        "products.barcode.unknown",
        reply(
            lambda asked, found: (
                replace(found, status=400)
                if asked.of(operations.PRODUCT_BY_BARCODE) and found.status == 404
                else found
            )
        ),
    ),
)
