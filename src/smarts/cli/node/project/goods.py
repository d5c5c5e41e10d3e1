"""What my-store sells, which is product search. Every node has it; the rest of this project works from it."""

from decimal import Decimal
from typing import Any

from smarts.node import ProductList
from smarts.wire.products import Campaign, Category, MinAge, Price, Product, Quantity, Unit
from smarts.wire.text import Translatable

FOOD = Category("food", Translatable.of("Toit", EN="Food", RU="Продукты"))
DRINKS = Category("drinks", Translatable.of("Joogid", EN="Drinks", RU="Напитки"))
VAT_RATE = Decimal(24)


def product(barcode: str, name: Translatable, category: Category, price: str, **more: Any) -> Product:
    cost = Price.of(Decimal(price), VAT_RATE)
    return Product(barcode, barcode, name, cost, categories=(category,), **more)


# Replace these by your own, out of your database or a file. Where they are too many for a list, or prices differ by
# shopper, write the four methods of `smarts.node.ProductSearch` instead.
TENTH_OFF = {"campaigns": (Campaign("A tenth off", "B00000000002", "unitPrice * 0.9"),)}
ADULTS = {"inspections": (MinAge(age=18),)}
WEIGHED = {"weight_item": True, "quantity": Quantity(Unit.KILOGRAM, Decimal(1))}
goods = ProductList(
    [
        product("4740000000018", Translatable.of("Leib", EN="Bread", RU="Хлеб"), FOOD, "1.89", **TENTH_OFF),
        product("4740000000025", Translatable.of("Juust", EN="Cheese", RU="Сыр"), FOOD, "3.49"),
        product("4740000000032", Translatable.of("Õlu", EN="Beer", RU="Пиво"), DRINKS, "1.29", **ADULTS),
        product("4740000000049", Translatable.of("Õun", EN="Apple", RU="Яблоко"), FOOD, "2.49", **WEIGHED),
    ]
)
