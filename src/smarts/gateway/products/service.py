"""The verbs of products: search by name or category, page by page, at the store's node."""

from dataclasses import dataclass
from enum import StrEnum

from msgspec.structs import replace

from smarts.caller import Refused
from smarts.edge.problems import NODE_NONSENSE
from smarts.gateway.nodes.calls import Nodes
from smarts.gateway.parties import Shopper
from smarts.wire.loyalty import ClientCard
from smarts.wire.operations import CATEGORIES, PRODUCT_BY_BARCODE, PRODUCT_SEARCH
from smarts.wire.products import (
    Category,
    OrderBy,
    Pageable,
    PageRequest,
    Product,
    ProductSearchRequest,
    SearchType,
)

_MOST_CATEGORIES = 5_000


class OrderField(StrEnum):
    """What a list of products can be ordered by."""

    NAME = "name"
    PRICE = "price"


@dataclass(frozen=True)
class Wanted:
    """Which products, which page of them (from 1), in which order; the store's own order where none is named.

    A field without a direction is ascending, a direction without a field is of the name.
    """

    name: str | None
    category: str | None
    page: int
    limit: int
    order: OrderBy | None
    order_field: OrderField | None


class Products:
    """What the stores sell."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes

    async def page(
        self, shopper: Shopper, institution_id: str, cards: tuple[ClientCard, ...], wanted: Wanted
    ) -> Pageable[Product]:
        """One page of a store's products, at the prices that it has for this shopper and these cards.

        What a node sends beyond the page's limit is left out.

        Raises:
            ProblemError: 502 to 504 where the node fails.
        """
        is_ordered = wanted.order or wanted.order_field
        request = PageRequest(
            page=wanted.page,
            limit=wanted.limit,
            order_by=(wanted.order or OrderBy.ASCENDING) if is_ordered else None,
            order_field_name=(wanted.order_field or OrderField.NAME) if is_ordered else None,
            request=_search(shopper, institution_id, cards, wanted.name, wanted.category),
            loyalty_cards=cards,
        )
        try:
            found: Pageable[Product] = await self._nodes.call(institution_id, PRODUCT_SEARCH, request)
        except Refused as refused:
            raise NODE_NONSENSE.error("The store's system refused to search") from refused
        return replace(found, result=found.result[: wanted.limit])

    async def of_barcode(self, shopper: Shopper, institution_id: str, barcode: str) -> Product | None:
        """What a store sells under a barcode to whoever has no card there; None where it sells no such thing.

        Raises:
            ProblemError: 502 to 504 where the node fails.
        """
        request = replace(_search(shopper, institution_id, ()), barcode=barcode)
        try:
            found: Product = await self._nodes.call(institution_id, PRODUCT_BY_BARCODE, request)
        except Refused:
            return None
        return found

    async def categories(
        self, shopper: Shopper, institution_id: str, cards: tuple[ClientCard, ...]
    ) -> tuple[Category, ...]:
        """A store's categories, in any number that people can look through.

        Raises:
            ProblemError: 502 to 504 where the node fails.
        """
        try:
            found: tuple[Category, ...] = await self._nodes.call(
                institution_id, CATEGORIES, _search(shopper, institution_id, cards)
            )
        except Refused as refused:
            raise NODE_NONSENSE.error("The store's system refused to list its categories") from refused
        if len(found) > _MOST_CATEGORIES:
            told = f"answered with {len(found)} categories, expected at most {_MOST_CATEGORIES}"
            await self._nodes.report(institution_id, CATEGORIES.name, told)
            raise NODE_NONSENSE.error("The store's system has too many categories; the store has been told")
        return found


def _search(
    shopper: Shopper,
    institution_id: str,
    cards: tuple[ClientCard, ...],
    name: str | None = None,
    category_name: str | None = None,
) -> ProductSearchRequest:
    return ProductSearchRequest(
        type=SearchType.SELF_SERVICE,
        name=name,
        category_name=category_name,
        lang_code=shopper.lang_code,
        person_id=shopper.person_id,
        institution_id=institution_id,
        loyalty_cards=cards,
    )
