"""Campaigns that do not work: told to the store's manager, never to the shopper (contract section 5)."""

from collections.abc import Iterator
from itertools import islice

from smarts.campaigns import CampaignEffect
from smarts.gateway.carts.model import Cart
from smarts.gateway.carts.view import priced
from smarts.gateway.nodes.calls import Nodes
from smarts.gateway.storage.remembered import Remembered

OPERATION = "campaign"
_MOST_OF_ONE_CART = 20
_QUIET_SECONDS = 3600.0


class BrokenCampaigns:
    """Reports what does not work in carts; a process reports the same once in an hour, so that sales lose no time."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self._told: Remembered[None] = Remembered(self._tell, seconds=_QUIET_SECONDS)

    async def report(self, cart: Cart) -> None:
        """Reports the campaigns in a cart, of its goods and of its store, that do not work."""
        if cart.head.campaigns or any(line.product.campaigns for line in cart.lines):
            for detail in islice(_details(cart), _MOST_OF_ONE_CART):
                await self._told.get(f"{cart.institution_id}\n{detail}")

    async def _tell(self, told: str) -> None:
        institution_id, _, detail = told.partition("\n")
        await self._nodes.report(institution_id, OPERATION, detail)


def _details(cart: Cart) -> Iterator[str]:
    barcodes = {line.line_id: line.product.barcode for line in cart.lines}
    for effect in priced(cart).errors:
        where = f" of the product {barcodes[effect.line]}" if effect.line else ""
        yield f"{_named(effect)}{where} does not work. {effect.words}"


def _named(effect: CampaignEffect) -> str:
    campaign = effect.campaign
    return f"The campaign {campaign.name[:100]!r} ({campaign.code[:20]})"
