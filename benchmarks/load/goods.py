"""What is bought: the real baskets and products where they are, else invented ones of the same shape."""

import csv
import gzip
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from smarts.demo.catalogue import institution_campaigns
from smarts.demo.replay.baskets import Basket, choose, read_baskets
from smarts.demo.replay.reckoning import Reckoning, read_offers, read_prices, total_shares
from smarts.gateway.carts.rules import MOST_LINES, MOST_QUANTITY

_COLUMNS = ("barcode", "name", "lang", "category", "quantity", "unit", "price", "currency", "country")
_PRODUCTS = 2_000
_WORDS = ("bread", "milk", "cheese", "apples", "coffee", "soap", "butter", "rice", "juice", "tea")
_OPERATIONS = (
    "amount >= 1 ? unitPrice - Math.min(unitPrice, 0.2 / amount) : unitPrice",
    "amount >= 2 ? Math.min(unitPrice, 0.75) : unitPrice",
)


@dataclass(frozen=True)
class Goods:
    """Baskets, the files that a node sells them from, what to search for, and what each basket must cost."""

    source: str
    products: Path
    campaigns: Path
    baskets: Sequence[Basket]
    names: Sequence[str]
    reckoning: Reckoning

    @property
    def lines(self) -> float:
        """How many scans a basket is, on average."""
        return sum(len(basket.scans) for basket in self.baskets) / len(self.baskets)


def read_goods(data: Path, folder: Path, count: int, seed: int) -> Goods:
    """So many baskets, out of `data` where that is there; invented files are put into `folder`."""
    if (data / "baskets.csv.gz").exists():
        return _real(data, count, seed)
    return _invented(folder, count, random.Random(seed))


def _real(data: Path, count: int, seed: int) -> Goods:
    products, campaigns = data / "products.csv.gz", data / "promotions_ee_demo.jsonl.gz"
    reckoning = _reckoning(products, campaigns)
    baskets = [
        basket
        for basket in read_baskets(data / "baskets.csv.gz", data / "item_map.csv.gz")
        if basket.contents.keys() <= reckoning.prices.keys() and _is_carried_out(basket)
    ]
    chosen = choose(baskets, count, seed, lambda basket: reckoning.is_struck(basket.contents))
    return Goods("real baskets", products, campaigns, chosen, _names(products, reckoning), reckoning)


def _is_carried_out(basket: Basket) -> bool:
    """Whether a shopper may buy so much: some of the baskets are a wholesaler's."""
    return len(basket.scans) <= MOST_LINES and all(pieces <= MOST_QUANTITY for _, pieces in basket.scans)


def _reckoning(products: Path, campaigns: Path) -> Reckoning:
    return Reckoning(read_prices(products), read_offers(campaigns), total_shares(institution_campaigns()))


def _names(products: Path, reckoning: Reckoning) -> list[str]:
    """The first words of some products, which is what people type."""
    with gzip.open(products, "rt", encoding="utf-8-sig", errors="replace", newline="") as file:
        sold = (row["name"] for row in csv.DictReader(file) if row["barcode"] in reckoning.prices)
        words = [name.split()[0] for _, name in zip(range(500), sold, strict=False) if name.split()]
    return [word for word in words if len(word) >= 3]


def _invented(folder: Path, count: int, chance: random.Random) -> Goods:
    products, campaigns = folder / "products.csv.gz", folder / "promotions.jsonl.gz"
    barcodes = [barcode_of(number) for number in range(_PRODUCTS)]
    with gzip.open(products, "wt", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(_COLUMNS)
        for number, barcode in enumerate(barcodes):
            word = _WORDS[number % len(_WORDS)]
            price = f"{chance.randint(25, 1500) / 100:.2f}"
            table.writerow((barcode, f"{word} {number}", "en", word, "1", "pcs", price, "EUR", "EE"))
    with gzip.open(campaigns, "wt", encoding="utf-8") as file:
        for barcode in barcodes[::10]:
            operation = chance.choice(_OPERATIONS)
            line = {"barcode": barcode, "name": "Cheaper", "code": "B00000000002", "operation": operation}
            file.write(json.dumps(line) + "\n")
    baskets = [_basket(number, barcodes, chance) for number in range(count)]
    reckoning = _reckoning(products, campaigns)
    return Goods("invented baskets", products, campaigns, baskets, _WORDS, reckoning)


def _basket(number: int, barcodes: Sequence[str], chance: random.Random) -> Basket:
    """As many lines as real baskets have: half of them five or fewer, some many; mostly one piece each."""
    lines = min(round(chance.lognormvariate(1.6, 0.8)) + 1, 100)
    pieces = chance.choices((1, 2, 3, 6), weights=(80, 14, 4, 2), k=lines)
    chosen = chance.sample(barcodes, lines)
    scans = tuple((barcode, Decimal(each)) for barcode, each in zip(chosen, pieces, strict=True))
    return Basket(str(number), "invented", scans)


def barcode_of(number: int) -> str:
    """An invented barcode with a right check digit."""
    digits = f"4749{number:08}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
