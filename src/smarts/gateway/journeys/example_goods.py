"""Goods that no store sells: what a campaign is tried on where nothing has been sold yet."""

from decimal import Decimal

from smarts.campaigns import CartLine
from smarts.wire.products import VAT, Price, Product, Quantity, Unit, net_and_vat
from smarts.wire.text import Translatable

_RATE = Decimal(24)
_GOODS = (
    ("8.99", "2", Translatable.of("Coffee 500 g", ET="Kohv 500 g", RU="Кофе 500 г")),
    ("1.49", "2", Translatable.of("Rye bread", ET="Rukkileib", RU="Ржаной хлеб")),
    ("1.24", "4", Translatable.of("Milk 1 l", ET="Piim 1 l", RU="Молоко 1 л")),
    ("7.49", "1", Translatable.of("Cheese 500 g", ET="Juust 500 g", RU="Сыр 500 г")),
    ("2.19", "4", Translatable.of("Chocolate 100 g", ET="Šokolaad 100 g", RU="Шоколад 100 г")),
    ("12.49", "1", Translatable.of("Washing powder", ET="Pesupulber", RU="Стиральный порошок")),
    ("14.90", "1", Translatable.of("Salmon fillet", ET="Lõhefilee", RU="Филе лосося")),
)
_WEIGHED = ("2.99", "1.5", Translatable.of("Apples", ET="Õunad", RU="Яблоки"))


def example_goods() -> tuple[CartLine, ...]:
    """A trolley of usual goods: 16 pieces, for about 60 of any currency without VAT."""
    pieces = [_line(str(place), *each) for place, each in enumerate(_GOODS)]
    return (*pieces, _line("weighed", *_WEIGHED, weighed=True))


def _line(key: str, price: str, quantity: str, name: Translatable, *, weighed: bool = False) -> CartLine:
    gross = Decimal(price)
    net, vat = net_and_vat(gross, _RATE)
    product = Product(
        id=key,
        barcode="",
        translatable_name=name,
        price=Price(VAT(net, vat, gross, _RATE), gross),
        weight_item=weighed,
        quantity=Quantity(Unit.KILOGRAM if weighed else Unit.PIECE, Decimal(1)),
    )
    return CartLine(key, product, Decimal(quantity))
