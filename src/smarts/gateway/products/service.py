"""The verbs of products: search by name or category, page by page, at the store's node."""

from smarts.caller import Refused
from smarts.edge.problems import NODE_NONSENSE
from smarts.gateway.nodes.calls import Nodes
from smarts.gateway.parties import Shopper
from smarts.wire.operations import CATEGORIES, PRODUCT_SEARCH
from smarts.wire.products import (
    Category,
    OrderBy,
    Pageable,
    PageRequest,
    Product,
    ProductSearchRequest,
    SearchType,
)


class Products:
    """What the stores sell."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes

    async def page(
        self,
        shopper: Shopper,
        institution_id: str,
        *,
        name: str | None,
        category: str | None,
        page: int,
        limit: int,
        order: OrderBy | None,
    ) -> Pageable[Product]:
        """One page of a store's products.

        Raises:
            ProblemError: 502 to 504 where the node fails.
        """
        request = PageRequest(
            page=page,
            limit=limit,
            order_by=order,
            order_field_name="name" if order else None,
            request=_search(shopper, institution_id, name=name, category_name=category),
        )
        try:
            found: Pageable[Product] = await self._nodes.call(institution_id, PRODUCT_SEARCH, request)
        except Refused as refused:
            raise NODE_NONSENSE.error("The store's system refused to search") from refused
        return found

    async def categories(self, shopper: Shopper, institution_id: str) -> tuple[Category, ...]:
        """A store's categories."""
        try:
            found: tuple[Category, ...] = await self._nodes.call(
                institution_id, CATEGORIES, _search(shopper, institution_id)
            )
        except Refused as refused:
            raise NODE_NONSENSE.error("The store's system refused to list its categories") from refused
        return found


def _search(
    shopper: Shopper, institution_id: str, *, name: str | None = None, category_name: str | None = None
) -> ProductSearchRequest:
    return ProductSearchRequest(
        type=SearchType.SELF_SERVICE,
        name=name,
        category_name=category_name,
        lang_code=shopper.lang_code,
        person_id=shopper.person_id,
        institution_id=institution_id,
    )
