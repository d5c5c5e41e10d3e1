import gzip
from decimal import Decimal

import pytest

from smarts.demo.catalogue import example_barcodes, read_price_list
from smarts.demo.catalogue.price_list import Market
from smarts.wire.money import Currency
from smarts.wire.products import ProductSearchRequest, Unit

HEADER = "barcode,name,lang,brand,category,quantity,unit,price,currency,country,source"
MILK = "4006381333931,Piim 1 l,et,,Piim,1,l,1.05,EUR,EE,shop"
TEA = "96385074,Tee,et,,,,,2.49,EUR,EE,shop"


@pytest.fixture
def read(tmp_path):
    def read_lines(*lines, header=HEADER, **options):
        path = tmp_path / "prices.csv"
        path.write_text("\n".join([header, *lines]), "utf-8")
        return read_price_list(path, **options)

    return read_lines


def test_a_row(read):
    """A row becomes a product with its name, its content and a price that holds 24 % VAT."""
    (milk,) = read(MILK).catalogue.products
    assert (milk.barcode, milk.translatable_name.in_language("ET")) == ("4006381333931", "Piim 1 l")
    assert (milk.price.total, milk.price.vat.vat_rate) == (Decimal("1.05"), 24)
    assert milk.price.vat.sum_without_vat + milk.price.vat.vat_sum == milk.price.total
    assert (milk.quantity.unit, milk.quantity.value, milk.weight_item) == (Unit.LITER, 1, False)


def test_gzipped(tmp_path):
    """A gzipped file is read like any other, whatever its name."""
    path = tmp_path / "prices"
    path.write_bytes(gzip.compress(f"\ufeff{HEADER}\n{MILK}\n".encode()))
    assert len(read_price_list(path).catalogue.products) == 1


@pytest.mark.parametrize(
    ("quantity", "unit", "contract_unit", "value"),
    [
        ("500", "g", Unit.GRAM, "500"),
        ("1.5", "kg", Unit.KILOGRAM, "1.5"),
        ("250", "ml", Unit.LITER, "0.25"),
        ("75", "cl", Unit.LITER, "0.75"),
        ("0.33", "l", Unit.LITER, "0.33"),
        ("3", "dl", Unit.DECILITER, "3"),
        ("2.5", "m", Unit.METER, "2.5"),
        ("8", "oz", Unit.POUND, "0.5"),
        ("10", "pcs", Unit.PIECE, "10"),
        ("4x125", "g", Unit.GRAM, "500"),
        ("", "", Unit.PIECE, "1"),
    ],
)
def test_units(read, quantity, unit, contract_unit, value):
    """Each unit of shops becomes one of the contract's, written without an exponent."""
    (product,) = read(f"96385074,Kaup,et,,,{quantity},{unit},2.49,EUR,EE,shop").catalogue.products
    assert (product.quantity.unit, str(product.quantity.value)) == (contract_unit, value)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("96385074,Tee,et,,,,,,EUR,EE,shop", "no price"),
        ("96385074,Tee,et", "no price"),
        ("96385074,Tee,fi,,,,,2.49,EUR,FI,shop", "another country"),
        ("96385074,Tee,et,,,,,2.49,USD,EE,shop", "another currency"),
        ("96385074,Tee,et,,,,,-1,EUR,EE,shop", "not a price"),
        ("96385074,Tee,et,,,,,0.00,EUR,EE,shop", "not a price"),
        ("96385074,Tee,et,,,,,1e3,EUR,EE,shop", "not a price"),
        ("96385074,Tee,et,,,,,2.499,EUR,EE,shop", "not a price"),
        ("96385075,Tee,et,,,,,2.49,EUR,EE,shop", "not a barcode"),
        ("tea,Tee,et,,,,,2.49,EUR,EE,shop", "not a barcode"),
        ("96385074, ,et,,,,,2.49,EUR,EE,shop", "no name"),
        ("96385074,Tee,et,,,5,barrel,2.49,EUR,EE,shop", "not a unit"),
        ("96385074,Tee,et,,,0,g,2.49,EUR,EE,shop", "not a quantity"),
        ("96385074,Tee,et,,,some,g,2.49,EUR,EE,shop", "not a quantity"),
        ("4006381333931,Tee,et,,,,,2.49,EUR,EE,shop,and,more", "barcode seen before"),
        (f'96385074,"{"x" * 200_000}",et,,,,,2.49,EUR,EE,shop', "not readable"),
    ],
)
def test_unsellable_rows(read, row, reason):
    """A row that cannot be sold is counted by its reason, and the rows around it are read."""
    prices = read(MILK, row, TEA.replace("96385074", "73513537"))
    assert [product.barcode for product in prices.catalogue.products] == ["4006381333931", "73513537"]
    assert dict(prices.left_out) == {reason: 1}


def test_signs_that_are_not_utf_8(tmp_path):
    """Text in another encoding does not stop the reading."""
    path = tmp_path / "prices.csv"
    path.write_bytes(f"{HEADER}\n96385074,Või,et,,,,,2.49,EUR,EE,shop\n".encode("latin-1"))
    (butter,) = read_price_list(path).catalogue.products
    assert butter.translatable_name.original_text == "V\ufffdi"


def test_first_of_the_same_barcode(read):
    """Of rows with the same barcode the first one counts."""
    (milk,) = read(MILK, MILK.replace("1.05", "9.99")).catalogue.products
    assert milk.price.total == Decimal("1.05")


def test_another_market(read):
    """The country, the currency and the VAT rate can be another market's."""
    market = Market(country="US", currency=Currency.USD, vat_rate=Decimal("25.5"))
    (tea,) = read(MILK, TEA.replace("EUR,EE", "USD,US"), market=market).catalogue.products
    assert tea.price.vat.vat_rate == Decimal("25.5")


async def test_categories(read):
    """Products of the same category text are in one category, which counts them."""
    catalogue = read(MILK, TEA.replace("Tee,et,,,", "Tee,et,,Piim,")).catalogue
    (category,) = await catalogue.categories(ProductSearchRequest(category_name="piim"))
    assert (category.number_of_products, category.translatable_name.original_text) == (2, "Piim")


def test_not_a_price_list(read):
    """A file without the columns of a price list is refused by naming those that are missing."""
    with pytest.raises(ValueError, match="no column barcode, price"):
        read(header="name,lang,category,quantity,unit,currency,country")


def test_file_cut_short(tmp_path):
    """A gzipped file that is cut short is an error and not a shorter catalogue."""
    path = tmp_path / "prices.csv.gz"
    path.write_bytes(gzip.compress(f"{HEADER}\n{MILK}\n".encode() * 100)[:-12])
    with pytest.raises(EOFError):
        read_price_list(path)


def test_examples_of_a_price_list(read):
    """The examples of any store are goods that it sells, ordinary ones first."""
    assert example_barcodes(read(MILK, TEA).catalogue) == ("4006381333931",)
