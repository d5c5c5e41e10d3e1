"""The way back: what a store tells and asks its gateway, here about one purchase."""

from smarts.node import Gateway
from smarts.wire.control import CheckStatus, PurchaseControlCheckRequest
from smarts.wire.shipments import ShipmentStatus


async def let_pass_and_confirm(
    url: str, access_token: str, institution_id: str, invoice_id: str
) -> PurchaseControlCheckRequest:
    async with Gateway(url, access_token, institution_id) as gateway:
        await gateway.send_check_result(invoice_id, CheckStatus.PASSED)
        document = await gateway.resend_check(invoice_id)  # the very document that was sent
        order = await gateway.find_order_by_invoice(invoice_id)
        await gateway.change_order_status(order.id, ShipmentStatus.CONFIRMED, person_name="Jaan Tamm")
    return document
