"""A ready node's catalogue of a million products, side by side with SQLite's own search in the same run.

    python benchmarks/catalogue.py [FILE] [--kept FOLDER]

FILE is a catalogue; without one, `../shared/data/products_1m.csv.gz`, which is not everywhere. `--kept` keeps what is
built, so that the next run does not build it. Times are of the wall clock; processor time is told beside it, for
machines that have other work to do. The searches and what they must find are our own words.
"""

import argparse
import asyncio
import contextlib
import gc
import multiprocessing
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from smarts.ready.catalogue import Catalogue, CatalogueSettings, Reading
from smarts.ready.catalogue.building import build
from smarts.ready.catalogue.process import prepare
from smarts.ready.catalogue.shelf_files import current
from smarts.ready.catalogue.store import Store
from smarts.ready.catalogue.words import words_of
from smarts.ready.sources import CsvFile
from smarts.wire.products import OrderBy, PageRequest, ProductSearchRequest

DATA = Path(__file__).parents[2] / "shared" / "data" / "products_1m.csv.gz"

# What is typed, and the beginnings of words that all stand in the name of what is meant, `|` between spellings.
QUERIES = {
    "piim": "piim",
    "tume sokolaad": "tume sokolaad",
    "sokolaad tume": "tume sokolaad",
    "maitsestamata jogurt": "maitsestamata jogurt",
    "jogurt maitsestamta": "maitsestamata jogurt",
    "hapukor": "hapukoor",
    "rukkileb": "rukkileib",
    "kohvioad": "kohvioad",
    "olu hele": "hele olu",
    "kodujust": "kodujuust",
    "sealiha hakk": "sealiha|hakkliha",
    "tualetpaber": "tualettpaber",
    "молоко": "молоко",
    "малоко": "молоко",
    "сметана 20": "сметана 20",
    "шоколад темный": "шоколад темн",
    "шаколад": "шоколад",
    "колбаса докторская": "колбаса доктор",
    "докторская колбаса": "колбаса доктор",
    "сыр росийский": "сыр российск",
    "йогрут": "йогурт",
    "мед цветочный": "мед цветоч",
    "пельмени сиб": "пельмени сиб",
    "чай зеленый": "чай зелен",
    "кофе растваримый": "кофе растворим",
    "масло сливочное": "масло слив",
    "макароны": "макароны",
    "печенье овсянное": "печенье овсян",
    "шампунь": "шампунь",
    "зубная паста": "паста зубн",
    "moloko": "молоко|moloko",
    "creme fraiche": "creme fraiche",
    "creme fraiche epaisse": "creme fraiche epaisse",
    "fromage chevre": "fromage chevre",
    "chevre fromage": "fromage chevre",
    "confiture abricot": "confiture abricot",
    "confitur fraise": "confiture fraise",
    "jus de pomme": "jus pomme",
    "jus d'orange": "jus orange",
    "pate campagne": "pate campagne",
    "camenbert": "camembert",
    "emental rape": "emmental rape",
    "chocolat noir": "chocolat noir",
    "chocolt noir 70": "chocolat noir 70",
    "yaourt nature": "yaourt nature",
    "moutarde dijon": "moutarde dijon",
    "puree pomme de terre": "puree pomme terre",
    "haricots verts": "haricots verts",
    "saumon fume": "saumon fume",
    "poulet roti": "poulet roti",
    "huile olive": "huile olive",
    "petit beure": "petit beurre",
    "milk chocolate": "milk chocolate",
    "chocolate milk": "milk chocolate",
    "peanut buter": "peanut butter",
    "strawbery jam": "strawberry jam",
    "tomatoe ketchup": "tomato ketchup",
    "orange juice": "orange juice",
    "greek yogurt": "greek yogurt",
    "cheddar chese": "cheddar cheese",
    "olive oil extra virgin": "olive oil extra virgin",
    "whole wheat bread": "whole wheat bread",
    "ice cream vanil": "ice cream vanil",
    "coca cola zero": "coca cola zero",
    "cola coca": "coca cola",
    "nutela": "nutella",
    "apfelsaft": "apfelsaft",
    "apfelsatf": "apfelsaft",
    "kase gouda": "gouda",
    "musli fruchte": "musli fruchte",
    "vollkorn brot": "vollkorn brot|vollkornbrot",
    "milch schokolade": "milch schokolade|milchschokolade",
    "rama maito": "rama maito|maito",
    "ruisleipa": "ruisleipa",
    "kevytmaito": "kevytmaito",
    "laktositon maito": "laktoositon maito",
    "juusto": "juusto",
    "leche entera": "leche entera",
    "aceite oliva": "aceite oliva",
    "chocolate con lehce": "chocolate con leche",
    "mleko": "mleko",
    "cokolada mlijecna": "cokolada mlijecn",
    "sir gauda": "sir gauda",
    "kava": "kava",
    "formaggio": "formaggio",
    "pomodoro": "pomodor",
}  # fmt: skip


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("file", type=Path, nargs="?", default=DATA)
    options.add_argument("--kept", type=Path)
    given = options.parse_args()
    if not given.file.is_file():
        print(f"Skipped: there is no {given.file}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        measure(given.file, given.kept or Path(folder))
    return 0


def measure(file: Path, folder: Path) -> None:
    table = Table("what", "smarts", "processor", "SQLite FTS5")
    reading = Reading(catalogue=CatalogueSettings(vat_rate=Decimal(24)))
    is_kept = (folder / "current").is_file()
    first = timed(lambda: Catalogue.open(CsvFile(file), reading, folder))
    catalogue = first.answer
    catalogue.close()
    table.add_row("ready, kept before" if is_kept else "ready, the first time", first.words, "", "")
    again = timed(lambda: Catalogue.open(CsvFile(file), reading, folder))
    with again.answer as catalogue:
        table.add_row("ready, nothing changed", again.words, "", "")
        plain = Plain(folder)
        table.add_row("SQLite ready", "", "", f"{plain.seconds:.1f} s")
        barcodes = some_barcodes(catalogue)
        rows(table, "barcode", barcodes, lambda barcode: catalogue.find(barcode), plain.find)
        rows(table, "name", list(QUERIES) * 3, lambda text: by_name(catalogue, text), plain.search)
        pages(table, catalogue)
        ours, theirs = (
            recall(catalogue, lambda text: by_name(catalogue, text)),
            recall(catalogue, plain.search),
        )
        table.add_row(f"recall@10 of {len(QUERIES)} searches", f"{ours:.3f}", "", f"{theirs:.3f}")
        table.add_row(
            "memory (RSS)", f"{psutil.Process().memory_info().rss / 1e6:.0f} MB", "", "the same process"
        )
        table.add_row("disk", f"{size(folder) / 1e6:.0f} MB", "", f"{plain.size / 1e6:.0f} MB")
        with reloading(reading, file):
            rows(table, "name, while reloading", list(QUERIES), lambda text: by_name(catalogue, text), None)
    Console(width=120).print(table)
    print(
        f"{catalogue.about.count:,} products. The limit is the processor: one thread searches, one process builds."
    )


class Timed:
    def __init__(self, answer: Catalogue, seconds: float) -> None:
        self.answer = answer
        self.words = f"{seconds:.1f} s"


def timed(action: Callable[[], Catalogue]) -> Timed:
    started = time.perf_counter()
    answer = action()
    return Timed(answer, time.perf_counter() - started)


def by_name(catalogue: Catalogue, text: str) -> list[str]:
    found = catalogue.by_name(ProductSearchRequest(name=text))
    return [product.translatable_name.original_text for product in found]


def some_barcodes(catalogue: Catalogue) -> list[str]:
    chosen = random.Random(5).sample(range(1, max(2, catalogue.about.count // 50)), 40)
    pages = (
        catalogue.search(PageRequest(page=page, limit=50, request=ProductSearchRequest())) for page in chosen
    )
    return [product.barcode for page in pages for product in page.result]


def rows(
    table: Table,
    what: str,
    asked: Sequence[str],
    ours: Callable[[str], object],
    plain: Callable[[str], object] | None,
) -> None:
    for text in asked[:50]:
        ours(text)
    wall, processor = times(ours, asked)
    theirs = times(plain, asked)[0] if plain else []
    for share in (50, 99):
        cells = [
            f"{percentile(each, share) * 1e3:.2f} ms" if each else "" for each in (wall, processor, theirs)
        ]
        table.add_row(f"{what}, p{share}", *cells)


def times(action: Callable[[str], object], asked: Iterable[str]) -> tuple[list[float], list[float]]:
    wall, processor = [], []
    gc.collect()
    for text in asked:
        started, spent = time.perf_counter(), time.thread_time()
        action(text)
        wall.append(time.perf_counter() - started)
        processor.append(time.thread_time() - spent)
    return wall, processor


def percentile(numbers: Sequence[float], share: int) -> float:
    return statistics.quantiles(numbers, n=100, method="inclusive")[share - 1]


def pages(table: Table, catalogue: Catalogue) -> None:
    deep = max(1, catalogue.about.count // 20)
    for what, page in {
        "page 1 by price": PageRequest(order_field_name="price", request=ProductSearchRequest()),
        "the last page by name": PageRequest(
            page=deep, order_field_name="name", request=ProductSearchRequest()
        ),
        "a category's page 100 by price, down": PageRequest(
            page=100,
            order_field_name="price",
            order_by=OrderBy.DESCENDING,
            request=ProductSearchRequest(category_name=largest(catalogue)),
        ),
    }.items():
        wall, processor = times(lambda _, page=page: catalogue.search(page), ["first", "second"])
        told = [f"{first * 1e3:.1f} and {second * 1e3:.1f} ms" for first, second in (wall, processor)]
        table.add_row(f"{what}, first and again", *told, "")


def largest(catalogue: Catalogue) -> str:
    categories = asyncio.run(catalogue.categories(ProductSearchRequest()))
    return max(categories, key=lambda each: each.number_of_products or 0).id if categories else ""


def recall(catalogue: Catalogue, search: Callable[[str], list[str]]) -> float:
    """The mean share of what is meant, of ten at most, that is among the first ten."""
    shares = []
    for text, meant in QUERIES.items():
        wanted = min(10, how_many(catalogue, meant))
        if wanted:
            shares.append(min(1.0, sum(is_meant(name, meant) for name in search(text)[:10]) / wanted))
    return statistics.fmean(shares)


def how_many(catalogue: Catalogue, meant: str) -> int:
    """How many names have the words that are meant, spelled as they are there; enough are looked at."""
    names = {name for spelling in meant.split("|") for name in by_name(catalogue, spelling)}
    return sum(is_meant(name, meant) for name in names)


def is_meant(name: str, meant: str) -> bool:
    words = words_of(name)
    return any(
        all(any(word.startswith(each) for word in words) for each in words_of(spelling))
        for spelling in meant.split("|")
    )


@contextlib.contextmanager
def reloading(reading: Reading, file: Path) -> Iterator[None]:
    """Meanwhile another process builds the same catalogue anew."""
    with tempfile.TemporaryDirectory() as folder:
        builder = multiprocessing.get_context("spawn").Process(
            target=rebuild, args=(file, reading, Path(folder))
        )
        builder.start()
        time.sleep(5)
        yield
        builder.terminate()
        builder.join()


def rebuild(file: Path, reading: Reading, folder: Path) -> None:
    prepare(quietly=True)
    build(CsvFile(file), reading, folder, None)


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class Plain:
    """What one writes without a search engine: SQLite with its own index of words and their beginnings."""

    def __init__(self, folder: Path) -> None:
        files = current(folder)
        assert files is not None
        self._file = Path(tempfile.mkdtemp()) / "plain.db"
        started = time.perf_counter()
        self._database = sqlite3.connect(self._file)
        self._database.execute("CREATE TABLE goods (barcode TEXT PRIMARY KEY, name TEXT)")
        self._database.execute(
            "CREATE VIRTUAL TABLE names USING fts5(name, tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
        )
        rows = [(goods.barcode, goods.name) for goods in Store(files.products).all()]
        self._database.executemany("INSERT OR IGNORE INTO goods VALUES (?, ?)", rows)
        self._database.executemany("INSERT INTO names VALUES (?)", ((name,) for _, name in rows))
        self._database.commit()
        self.seconds = time.perf_counter() - started
        self.size = self._file.stat().st_size

    def find(self, barcode: str) -> object:
        return self._database.execute("SELECT name FROM goods WHERE barcode = ?", (barcode,)).fetchone()

    def search(self, text: str) -> list[str]:
        query = " ".join(f'"{word}"*' for word in words_of(text))
        found = self._database.execute(
            "SELECT name FROM names WHERE names MATCH ? ORDER BY rank LIMIT 100", (query,)
        )
        return [name for (name,) in found]


if __name__ == "__main__":
    sys.exit(main())
