"""What the demo store sells and for how much: holders of its cards have a price list of their own."""

from collections.abc import Iterable, Mapping, Sequence

from smarts.demo.members import Members
from smarts.node import ProductList
from smarts.wire.loyalty import ClientCard
from smarts.wire.nodes import HealthStatus, PartHealth
from smarts.wire.products import Category, Pageable, PageRequest, Product, ProductSearchRequest


class Products:
    """The feature product search; what a member is told costs what members pay, its order by price too."""

    def __init__(self, for_everybody: ProductList, for_members: ProductList, members: Members) -> None:
        self.for_everybody = for_everybody
        self.for_members = for_members
        self._members = members

    def list_for(self, person_id: str | None, cards: Iterable[ClientCard]) -> ProductList:
        """The price list of a shopper, who is a member where one of the cards is of this store and theirs."""
        return self.for_members if self._members.held(person_id, cards) else self.for_everybody

    def search(self, page: PageRequest[ProductSearchRequest]) -> Pageable[Product]:
        """One page of products."""
        cards = (*page.loyalty_cards, *page.request.loyalty_cards)
        return self.list_for(page.request.person_id, cards).search(page)

    async def by_barcode(self, request: ProductSearchRequest) -> Product:
        """The product with a barcode, be it one that scales printed."""
        return await self._list_of(request).by_barcode(request)

    def by_name(self, request: ProductSearchRequest) -> Sequence[Product]:
        """Products by words of their names."""
        return self._list_of(request).by_name(request)

    async def categories(self, request: ProductSearchRequest) -> Sequence[Category]:
        """All categories, or one and those below it."""
        return await self.for_everybody.categories(request)

    def health(self) -> Mapping[str, PartHealth]:
        """Whether there is anything to sell."""
        count = len(self.for_everybody.products)
        return {"products": PartHealth(HealthStatus.UP if count else HealthStatus.DOWN, f"{count} for sale")}

    def _list_of(self, request: ProductSearchRequest) -> ProductList:
        return self.list_for(request.person_id, request.loyalty_cards)
