"""Some barcodes to try a store with."""

from collections.abc import Callable

from smarts.demo.catalogue.barcodes import with_weight
from smarts.demo.catalogue.shelves import Catalogue
from smarts.wire.products import InspectionAction, MinAge, Product

_GRAMS = 1234


def example_barcodes(catalogue: Catalogue) -> tuple[str, ...]:
    """Barcodes that can be bought at any hour, as far as the store has such goods.

    The first is an ordinary product, the second leads to a check of age; then come two with campaigns for everybody, a
    package, and a weighed one as scales print it.
    """
    kinds = [(_is_ordinary, 1), (_is_checked, 1), (_has_campaigns, 2), (_is_package, 1), (_is_weighed, 1)]
    return tuple(
        with_weight(product.barcode, _GRAMS) if product.weight_item else product.barcode
        for is_kind, count in kinds
        for product in _first(catalogue, is_kind, count)
    )


def _first(catalogue: Catalogue, is_kind: Callable[[Product], bool], count: int) -> list[Product]:
    return [product for product in catalogue.products if is_kind(product)][:count]


def _is_plain(product: Product) -> bool:
    return not (product.weight_item or product.sub_products)


def _is_ordinary(product: Product) -> bool:
    return _is_plain(product) and not (product.inspections or product.campaigns)


def _is_checked(product: Product) -> bool:
    ages = [rule for rule in product.inspections if isinstance(rule, MinAge)]
    return (
        _is_plain(product)
        and len(ages) == len(product.inspections) > 0
        and all(rule.action is InspectionAction.INSPECT for rule in ages)
    )


def _has_campaigns(product: Product) -> bool:
    for_everybody = any(campaign.code.startswith("B00000000") for campaign in product.campaigns)
    return _is_plain(product) and for_everybody and not product.inspections


def _is_package(product: Product) -> bool:
    return bool(product.sub_products) and not (product.inspections or product.campaigns)


def _is_weighed(product: Product) -> bool:
    return bool(product.weight_item) and not (product.inspections or product.campaigns)
