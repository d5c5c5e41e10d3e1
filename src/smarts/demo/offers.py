"""The demo store's offers: of all three kinds, to everybody and to holders of its cards, some of them out of date."""

from collections.abc import Callable, Container, Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from smarts.demo.members import HeldCard, Members
from smarts.demo.products import Products
from smarts.wire.offers import (
    DefaultOffer,
    DiscountOffer,
    Offer,
    OfferClassification,
    OfferSearchRequest,
    ProductRelatedOffer,
)
from smarts.wire.products import AdditionType, Product
from smarts.wire.text import Translatable

_ZONE = ZoneInfo("Europe/Tallinn")
_MOST_OF_A_KIND = 10
_IMAGES = "https://images.example.com"
_JOIN = DefaultOffer(
    id="join",
    title=Translatable.of("Hakka kliendiks!", EN="Become a member!", RU="Станьте клиентом!"),
    image_uri=f"{_IMAGES}/join.webp",
    description=Translatable.of(
        "Kliendikaardiga kogud boonust ja ostad soodsamalt.",
        EN="With our card you collect a bonus and pay less.",
        RU="С нашей картой вы копите бонусы и платите меньше.",
    ),
)
_OVER = DefaultOffer(
    id="midsummer-2020",
    title=Translatable.of("Jaanipäev 2020", EN="Midsummer 2020", RU="Иванов день 2020"),
    start_date=date(2020, 6, 15),
    end_date=date(2020, 6, 24),
    image_uri=f"{_IMAGES}/midsummer.webp",
)


class Offers:
    """The feature offers; what is out of date is sent too, since not to show it is the gateway's part."""

    def __init__(self, products: Products, members: Members, today: Callable[[], date] | None = None) -> None:
        self._products = products
        self._members = members
        self._today = today or _today

    def find_offers(self, request: OfferSearchRequest) -> tuple[Offer, ...]:
        """The offers to everybody, and to a holder of the store's cards those to them; or one of the two sorts."""
        general = request.classification is not OfferClassification.PERSONAL
        personal = request.classification is not OfferClassification.GENERAL
        held = self._members.held(request.person_id, request.loyalty_cards) if personal else ()
        return (*(self._general() if general else ()), *self._personal(held))

    def _general(self) -> Iterator[Offer]:
        products = self._products.for_everybody.products
        yield _JOIN
        yield _OVER
        yield from islice(map(_discount, filter(_is_reduced, products)), _MOST_OF_A_KIND)
        yield from islice(_campaigns(products, {"00000000"}), _MOST_OF_A_KIND)

    def _personal(self, held: Iterable[HeldCard]) -> Iterator[Offer]:
        codes = {card.member.code.rjust(8, "0") for card in held}
        if codes:
            yield from islice(self._member_prices(), _MOST_OF_A_KIND)
            yield from islice(_campaigns(self._products.for_members.products, codes), _MOST_OF_A_KIND)

    def _member_prices(self) -> Iterator[Offer]:
        monday = self._today() - timedelta(days=self._today().weekday())
        for product in self._products.for_members.products:
            ordinary = self._products.for_everybody.find(product.barcode)
            if ordinary and product.price.total < ordinary.price.total:
                offer = replace(_discount(product), id=f"member-{product.barcode}")
                yield replace(offer, start_date=monday, end_date=monday + timedelta(days=6))


def _today() -> date:
    return datetime.now(_ZONE).date()


def _is_reduced(product: Product) -> bool:
    addition = product.price.addition
    return addition is not None and addition.type is AdditionType.DISCOUNT


def _discount(product: Product) -> DiscountOffer:
    """An offer of a price that holds a discount."""
    price, addition = product.price.total, product.price.addition
    before = price + ((addition and addition.sum) or 0)
    percentage = int(((before - price) * 100 / before).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    name = product.translatable_name
    titles = {
        language: f"{text} −{percentage}%" for names in name.translations for language, text in names.items()
    }
    return DiscountOffer(
        id=f"discount-{product.barcode}",
        title=Translatable.of(f"{name.original_text} −{percentage}%", **titles),
        image_uri=f"{_IMAGES}/{product.barcode}.webp",
        discount_percentage=percentage,
        offer_price=price,
        default_price=before,
    )


def _campaigns(products: Iterable[Product], cards: Container[str]) -> Iterator[ProductRelatedOffer]:
    """Offers of products with a campaign for one of these cards, as they stand in the campaign's code."""
    for product in products:
        for campaign in product.campaigns:
            if campaign.code[1:9] in cards and campaign.code[0] != "U":
                yield ProductRelatedOffer(
                    id=f"campaign-{product.barcode}-{campaign.code}",
                    title=Translatable(campaign.name),
                    related_product=product,
                )
