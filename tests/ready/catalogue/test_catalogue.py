"""The catalogue by its public door: pages, orders, categories, search, scales; what is kept, reloaded and survived."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from stdnum import ean

from smarts.node import Node, NotFound, ProductList
from smarts.ready.catalogue import Catalogue, CatalogueSettings, Reading, Scale
from smarts.ready.catalogue.settings import Holds
from smarts.ready.sources import CsvFile, DatabaseQuery, Row, SourceError, Workbook
from smarts.wire.errors import ProblemError
from smarts.wire.nodes import HealthStatus
from smarts.wire.products import OrderBy, PageRequest, ProductSearchRequest, Unit

HEADER = "barcode,name,lang,price,vat,category,weighed\n"
GOODS = HEADER + """4740000000018,Piim,et,1.20,24,Toit > Piimatooted,
4740000000018,Milk,en,1.20,24,Toit > Piimatooted,
4740000000025,Juust,et,8.90,24,Toit > Piimatooted > Juust,yes
036000291452,Õlu,et,2.00,24,Joogid,
4740000000032,Žeburek,et,1.00,24,Toit,
4740000000049,Zoom,et,3.00,24,,
4740000000049,Zoom again,et,4.00,24,,
2300001000000,Kartul,et,0.79,24,Toit,yes
2400002000000,Kook,et,10,24,Toit,yes
"""  # fmt: skip
LABEL_OF_WEIGHT = "230000101234" + ean.calc_check_digit("230000101234")
LABEL_OF_PRICE = "240000200599" + ean.calc_check_digit("240000200599")
SCALES = (Scale(prefix="23"), Scale(prefix="24", holds=Holds.PRICE, decimals=2))
READING = Reading(scales=SCALES, catalogue=CatalogueSettings(languages=("ET",)))


def until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    """Waits for something that another process does."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not become so"
        time.sleep(0.02)


@dataclass
class Shop:
    file: Path
    kept: Path

    def open(self, reading: Reading = READING) -> Catalogue:
        return Catalogue.open(CsvFile(self.file), reading, self.kept, look_every=0.05)

    def write(self, content: str) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(content, "utf-8")
        new.replace(self.file)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A file of goods, and where its catalogue is kept."""
    made = Shop(tmp_path / "goods.csv", tmp_path / "kept")
    made.write(GOODS)
    return made


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """A catalogue that no test changes."""
    folder = tmp_path_factory.mktemp("catalogue")
    made = Shop(folder / "goods.csv", folder / "kept")
    made.write(GOODS)
    with made.open() as opened:
        until(lambda: any(folder.rglob("order-name-ET")))
        yield opened


def names(catalogue: Catalogue, **page: object) -> list[str]:
    asked = {key: page.pop(key) for key in ("name", "category_name", "barcode", "lang_code") if key in page}
    found = catalogue.search(PageRequest(request=ProductSearchRequest(**asked), **page))
    return [product.translatable_name.original_text for product in found.result]


def test_rows_of_one_barcode_are_one_product(catalogue: Catalogue) -> None:
    """Names in several languages become one product's; a double row is told, and the first one counts."""
    milk, zoom = catalogue.find("4740000000018"), catalogue.find("4740000000049")
    assert milk is not None
    assert zoom is not None
    assert milk.translatable_name.translations == ({"ET": "Piim"}, {"EN": "Milk"})
    assert zoom.price.total == Decimal("3.00")
    assert [str(each) for each in catalogue.about.complaints] == [
        "row 8, barcode: 4740000000049 is in row 7 already, which counts"
    ]


@pytest.mark.parametrize("barcode", ["036000291452", "0036000291452", "00036000291452", "36000291452"])
def test_zeros_before_a_barcode_do_not_count(catalogue: Catalogue, barcode: str) -> None:
    """A product is found however its barcode's zeros are scanned."""
    product = catalogue.find(barcode)
    assert product is not None
    assert product.translatable_name.original_text == "Õlu"


def test_label_of_scales_is_the_item_with_its_weight(catalogue: Catalogue) -> None:
    """A label with a weight gives the item at its price, the label's weight as the quantity."""
    product = catalogue.find(LABEL_OF_WEIGHT)
    assert product is not None
    assert product.quantity is not None
    assert (product.quantity.unit, product.quantity.value) == (Unit.KILOGRAM, Decimal("1.234"))
    assert (product.price.total, product.barcode) == (Decimal("0.79"), LABEL_OF_WEIGHT)


def test_label_of_scales_with_a_price_costs_just_that(catalogue: Catalogue) -> None:
    """A label with a price gives a weight that makes the row cost what the label says."""
    product = catalogue.find(LABEL_OF_PRICE)
    assert product is not None
    assert product.quantity is not None
    assert round(product.quantity.value * product.price.total, 2) == Decimal("5.99")


async def test_barcode_that_is_not_sold(catalogue: Catalogue) -> None:
    """An unknown barcode is not found, and the answer says so."""
    with pytest.raises(NotFound, match="does not sell 999"):
        await catalogue.by_barcode(ProductSearchRequest(barcode="999"))


@pytest.mark.parametrize("field", [None, "name", "price", "barcode", "id"])
@pytest.mark.parametrize("direction", [None, OrderBy.ASCENDING, OrderBy.DESCENDING])
@pytest.mark.parametrize("asked", [{}, {"category_name": "Toit"}, {"lang_code": "ET"}])
@pytest.mark.parametrize(
    "place", [{"page": 1, "limit": 100}, {"page": 2, "limit": 2}, {"page": 9, "limit": 5}]
)
def test_pages_are_those_of_a_plain_list(
    catalogue: Catalogue,
    field: str | None,
    direction: OrderBy | None,
    asked: dict[str, str],
    place: dict[str, int],
) -> None:
    """Every page in every order is the one that the starter's list has of the same products."""
    everything = catalogue.search(PageRequest(limit=1000, request=ProductSearchRequest())).result
    page = PageRequest(
        **place, order_by=direction, order_field_name=field, request=ProductSearchRequest(**asked)
    )
    categories = catalogue._shelf.categories.by_id.values()
    assert catalogue.search(page) == ProductList(everything, categories).search(page)


async def test_categories_are_those_of_a_plain_list(catalogue: Catalogue) -> None:
    """The tree with its counts, as a whole and by a name, is the one that the starter's list has."""
    everything = catalogue.search(PageRequest(limit=1000, request=ProductSearchRequest())).result
    plain = ProductList(everything, catalogue._shelf.categories.by_id.values())
    for name in (None, "Toit", "toit > piimatooted", "Joogid", "nothing"):
        request = ProductSearchRequest(category_name=name)
        assert await catalogue.categories(request) == await plain.categories(request)


def test_goods_are_in_the_categories_above_theirs_too(catalogue: Catalogue) -> None:
    """A product tells its own category first and then those above it, by which campaigns and checks find it."""
    cheese = catalogue.find("4740000000025")
    assert cheese is not None
    ids = [category.id for category in cheese.categories]
    assert ids == ["Toit > Piimatooted > Juust", "Toit > Piimatooted", "Toit"]


def test_unknown_field_of_order_is_named(catalogue: Catalogue) -> None:
    """An order by anything else is refused, naming the field and those that there are."""
    with pytest.raises(ProblemError) as caught:
        names(catalogue, order_field_name="colour")
    assert caught.value.problem.errors[0].path == "$.orderFieldName"


def test_name_and_category_together(catalogue: Catalogue) -> None:
    """Both a name and a category narrow what is found, in any order that is asked for."""
    assert names(catalogue, name="juust") == ["Juust"]
    assert names(catalogue, name="juust", category_name="Joogid") == []
    assert names(catalogue, name="z", order_field_name="price", order_by=OrderBy.DESCENDING) == [
        "Zoom",
        "Žeburek",
    ]
    assert names(catalogue, name="olu", category_name="joogid", order_field_name="name") == ["Õlu"]


@pytest.mark.parametrize(
    "text", ["", " ", "%", "a" * 5000, "x " * 5000, '"(*', "\0", "'; --", "💥", "1" * 400]
)
def test_odd_words_are_answered(catalogue: Catalogue, text: str) -> None:
    """Whatever is typed, the search answers."""
    assert len(catalogue.by_name(ProductSearchRequest(name=text))) <= 100


def test_unchanged_source_is_not_read_again(shop: Shop) -> None:
    """The next run uses what was kept; other settings, or another file, have it built anew."""
    with shop.open() as first:
        made = first.about.made
    with shop.open() as second:
        assert second.about.made == made
    with shop.open(Reading()) as other:
        assert other.about.made > made


def test_changed_file_is_served_once_it_is_read(shop: Shop) -> None:
    """A file that is replaced, or written in place, is sold from soon; until then the one of before is."""
    with shop.open() as catalogue:
        shop.write(GOODS.replace("1.20", "1.30"))
        until(lambda: price(catalogue) == Decimal("1.30"))
        shop.file.write_text(GOODS.replace("1.20", "1.40"), "utf-8")
        until(lambda: price(catalogue) == Decimal("1.40"))
        until(lambda: len(list(shop.kept.glob("shelf-*"))) == 1)


def price(catalogue: Catalogue) -> Decimal:
    product = catalogue.find("4740000000018")
    assert product is not None
    return product.price.total


@pytest.mark.parametrize("spoiled", ["", "nothing,here\n1,2\n"])
def test_spoiled_file_leaves_the_catalogue_of_before(shop: Shop, spoiled: str) -> None:
    """A file that cannot be sold from is told in the health, and what was sold is sold on, until it is mended."""
    with shop.open() as catalogue:
        shop.write(spoiled)
        until(lambda: catalogue.health()["catalogue"].status is HealthStatus.DEGRADED)
        assert "goods.csv" in (catalogue.health()["catalogue"].detail or "")
        assert price(catalogue) == Decimal("1.20")
        shop.write(GOODS.replace("1.20", "1.30"))
        until(lambda: catalogue.health()["catalogue"].status is HealthStatus.UP)
        assert price(catalogue) == Decimal("1.30")


def test_nothing_kept_and_nothing_to_read_is_an_error(shop: Shop) -> None:
    """Without a source and without anything kept there is no catalogue, in words."""
    shop.file.unlink()
    with pytest.raises(SourceError, match=r"goods\.csv"):
        shop.open()


def test_what_a_crash_left_is_thrown_away(shop: Shop) -> None:
    """Whatever a build that was cut off left, the catalogue of before is used, and the rest removed."""
    with shop.open() as catalogue:
        made = catalogue.about.made
    half = shop.kept / "shelf-half"
    half.mkdir()
    (half / "products.db").write_bytes(b"SQLite")
    with shop.open() as catalogue:
        assert catalogue.about.made == made
    assert not half.exists()


@pytest.mark.parametrize("damage", [b"nonsense"])
def test_damaged_pointer_has_it_built_anew(shop: Shop, damage: bytes) -> None:
    """A folder that makes no sense any more costs time, nothing else."""
    shop.open().close()
    (shop.kept / "current").write_bytes(damage)
    with shop.open() as catalogue:
        assert price(catalogue) == Decimal("1.20")


def test_source_that_is_gone_at_the_start_is_served_from_what_was_kept(shop: Shop) -> None:
    """A node that starts while its source is away sells what was kept, and its health says so."""
    shop.open().close()
    shop.file.unlink()
    with shop.open() as catalogue:
        assert price(catalogue) == Decimal("1.20")
        assert catalogue.health()["catalogue"].status is HealthStatus.DEGRADED


def test_workbook_that_would_fill_the_memory_kills_no_node(tmp_path: Path) -> None:
    """A stray cell in the sheet's last corner ends the process that reads it, and is told."""
    from ready.sources.test_workbook import write_xlsx

    path = tmp_path / "goods.xlsx"
    write_xlsx(path, [["barcode", "name"], ["1", "Milk"]], far="XFD1048576")
    with pytest.raises(SourceError, match="want of memory"):
        Catalogue.open(Workbook(path), READING, tmp_path / "kept")


def test_database_goes_away_and_comes_back(tmp_path: Path) -> None:
    """While a database is away its goods are sold on, degraded; once it is back its changes are seen."""
    path, away = tmp_path / "shop.db", tmp_path / "away.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE goods (barcode TEXT, name TEXT, price NUMERIC)")
        database.execute("INSERT INTO goods VALUES ('4740000000018', 'Piim', 1.2)")
    database.close()
    source = DatabaseQuery(f"sqlite:///{path}", "SELECT * FROM goods")
    with Catalogue.open(source, READING, tmp_path / "kept", look_every=0.05) as catalogue:
        assert price(catalogue) == Decimal("1.2")
        path.rename(away)
        until(lambda: catalogue.health()["catalogue"].status is HealthStatus.DEGRADED)
        assert price(catalogue) == Decimal("1.2")
        with sqlite3.connect(away) as database:
            database.execute("UPDATE goods SET price = 1.5")
        database.close()
        away.rename(path)
        until(lambda: catalogue.health()["catalogue"].status is HealthStatus.UP)
        assert price(catalogue) == Decimal("1.5")


@dataclass(frozen=True)
class Cut:
    """A source that breaks off in the middle, or with the process that reads it."""

    name: str = "cut"
    kills: bool = False

    def fingerprint(self) -> str | None:
        return None

    def rows(self) -> Iterator[Row]:
        yield Row(1, {"barcode": "1", "name": "Milk", "price": 1})
        if self.kills:
            os._exit(9)
        raise RuntimeError("the line broke")


@pytest.mark.parametrize(("kills", "words"), [(False, "the line broke"), (True, "ended")])
def test_reading_that_breaks_off_is_an_error_in_words(tmp_path: Path, kills: bool, words: str) -> None:
    """Whatever happens to the process that reads, the node's own goes on and says why; nothing half is left."""
    with pytest.raises(SourceError, match=words):
        Catalogue.open(Cut(kills=kills), READING, tmp_path)
    assert not (tmp_path / "current").exists()


def test_a_large_catalogue(shop: Shop) -> None:
    """What is too much to be indexed by the process that reads is found as well, by names that came late, too."""
    count = 21_000
    rows = [
        f"{2_000_000 + number},Kaup {number},et,1,24,Toit > Riiul {number % 7}," for number in range(count)
    ]
    late = [f"{2_000_000 + number},Thing {number},en,1,24,," for number in (0, 5, count - 1)]
    shop.write(HEADER + "\n".join([*rows, *late]))
    with shop.open() as catalogue:
        for name in ("Thing 5", "Kaup 5"):
            found = catalogue.by_name(ProductSearchRequest(name=name))
            assert found[0].barcode == "2000005"
            assert len(found) == len({product.barcode for product in found})
        on_shelf = PageRequest(page=1, limit=1, request=ProductSearchRequest(category_name="Riiul 5"))
        assert catalogue.search(on_shelf).total_count == count // 7
        last = PageRequest(
            limit=1, order_field_name="name", order_by=OrderBy.DESCENDING, request=ProductSearchRequest()
        )
        assert catalogue.search(last).result[0].barcode == "2009999"
        assert catalogue.search(last).total_count == count


def test_a_node_serves_it(catalogue: Catalogue) -> None:
    """The catalogue is all that a node needs."""
    assert Node(catalogue, token="secret", name="Shop", version="1") is not None
