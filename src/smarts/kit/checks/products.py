"""Checks of product search."""

from smarts.kit.check import Unmet, check
from smarts.kit.subject import Case
from smarts.wire import operations

_UNKNOWN = "0000000000000"


@check("products.barcode.unknown")
async def unknown_barcode(case: Case) -> None:
    """Asks for a barcode that nobody sells."""
    answer = await case.ask(
        operations.PRODUCT_BY_BARCODE,
        {
            "type": "SELF_SERVICE",
            "barcode": _UNKNOWN,
            "langCode": case.subject.language,
            "personId": case.subject.person_id,
            "institutionId": case.subject.institution_id,
        },
    )
    if answer.status != 404:
        raise Unmet("404", str(answer.status))
