"""How good the search is: what is found of what shoppers look for, among the first ten."""

import csv
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

import pytest

from ready.catalogue.queries import ALL
from smarts.node.names import all_names
from smarts.ready.catalogue import Catalogue, Reading
from smarts.ready.catalogue.words import words_of
from smarts.ready.sources import CsvFile
from smarts.wire.products import PageRequest, Product, ProductSearchRequest

HERE = Path(__file__).parent
LEAST_RECALL = 0.95
LEAST_RECALL_OF_A_KIND = 0.9


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """The demo store's goods and some invented ones of other countries."""
    folder = tmp_path_factory.mktemp("quality")
    with (folder / "goods.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["barcode", "name_et", "name_en", "name_ru", "name", "lang"])
        demo = csv.DictReader(
            files("smarts.demo.catalogue").joinpath("products.csv").read_text("utf-8").splitlines()
        )
        table.writerows(
            [row["barcode"], row["name_et"], row["name_en"], row["name_ru"], "", ""] for row in demo
        )
        invented = csv.DictReader((HERE / "invented.csv").read_text("utf-8").splitlines())
        table.writerows([row["barcode"], "", "", "", row["name"], row["lang"]] for row in invented)
    with Catalogue.open(CsvFile(folder / "goods.csv"), Reading(), folder / "kept") as opened:
        yield opened


def is_meant(product: Product, words: str) -> bool:
    """Whether all words stand in one of the product's names, each as a part of a word."""
    names = [" ".join(words_of(name)) for name in all_names(product.translatable_name)]
    return any(all(word in name for word in words_of(words)) for name in names)


def recall(found: tuple[Product, ...], everything: tuple[Product, ...], expected: str) -> float:
    """The share of what is meant that is among the first ten, of ten at most."""
    wanted = {p.barcode for each in expected.split("|") for p in everything if is_meant(p, each)}
    assert wanted, f"nothing is called {expected}"
    return len(wanted.intersection(p.barcode for p in found[:10])) / min(len(wanted), 10)


def test_there_are_enough_queries() -> None:
    """The judgement stands on at least 150 queries that look for something."""
    assert sum(bool(expected) for queries in ALL.values() for expected in queries.values()) >= 150


def test_what_shoppers_look_for_is_among_the_first_ten(catalogue: Catalogue) -> None:
    """Of all that the queries look for, nearly all is among the first ten; of each kind of query, most."""
    everything = all_products(catalogue)
    recalls: dict[str, dict[str, float]] = {
        kind: {
            query: recall(catalogue.by_name(ProductSearchRequest(name=query)), everything, expected)
            for query, expected in queries.items()
            if expected
        }
        for kind, queries in ALL.items()
    }
    missed = {query: share for each in recalls.values() for query, share in each.items() if share < 1}
    shares = {kind: mean(each) for kind, each in recalls.items()}
    total = mean({query: share for each in recalls.values() for query, share in each.items()})
    assert total >= LEAST_RECALL, missed
    assert min(shares.values()) >= LEAST_RECALL_OF_A_KIND, missed


@pytest.mark.parametrize(
    "query", [query for each in ALL.values() for query, expected in each.items() if not expected]
)
def test_what_is_not_sold_gives_no_error(catalogue: Catalogue, query: str) -> None:
    """A query for what the store does not have is answered, be it with what comes near."""
    assert len(catalogue.by_name(ProductSearchRequest(name=query))) < 100


def mean(shares: Mapping[str, float]) -> float:
    return sum(shares.values()) / len(shares)


def all_products(catalogue: Catalogue) -> tuple[Product, ...]:
    page = PageRequest(limit=1000, request=ProductSearchRequest())
    return catalogue.search(page).result
