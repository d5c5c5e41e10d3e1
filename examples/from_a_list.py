"""A corner shop whose products are a plain list: `python examples/from_a_list.py`."""

import os
from decimal import Decimal

from smarts.node import Node, ProductList
from smarts.wire.products import Category, Price, Product
from smarts.wire.text import Translatable

TOKEN = os.environ.get("NODE_TOKEN", "only-for-trying-things-out")
FOOD = Category("food", Translatable.of("Toit", EN="Food", RU="Еда"))
BAKERY = Category("bakery", Translatable.of("Pagaritooted", EN="Bakery", RU="Выпечка"), parent_id="food")

GOODS = [
    ("4740000000018", Translatable.of("Leib", EN="Bread", RU="Хлеб"), BAKERY, "1.89"),
    ("4740000000025", Translatable.of("Juust", EN="Cheese", RU="Сыр"), FOOD, "3.49"),
    ("4740000000032", Translatable.of("Šokolaad", EN="Chocolate", RU="Шоколад"), FOOD, "1.59"),
]

shop = ProductList(
    Product(barcode, barcode, name, Price.of(Decimal(price), vat_rate=Decimal(24)), categories=(category,))
    for barcode, name, category, price in GOODS
)
node = Node(shop, token=TOKEN, name="Corner shop", version="1.0")

if __name__ == "__main__":
    node.run(port=8000)
