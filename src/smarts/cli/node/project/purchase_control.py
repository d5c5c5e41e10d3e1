"""Purchase control: which purchases staff look at before they are paid."""

from smarts.wire.control import Decision, PurchaseControlCheckRequest, PurchaseControlCheckResponse
from smarts.wire.products import MinAge

from goods import goods


# Replace by your own rules; Decision.FULL has all goods counted. What staff found goes back to the gateway by
# `smarts.node.Gateway.send_check_result`.
def check_purchase(request: PurchaseControlCheckRequest) -> PurchaseControlCheckResponse:
    """Goods with an age limit have the shopper's age looked at."""
    asks_age = any(has_age_limit(row.barcode) for row in request.products)
    return PurchaseControlCheckResponse(Decision.AGE if asks_age else Decision.NO)


def has_age_limit(barcode: str) -> bool:
    product = goods.find(barcode)
    return product is not None and any(isinstance(each, MinAge) for each in product.inspections)
