"""Offers to a shopper (sections 3 and 4), told apart by `type`."""

from datetime import date
from enum import StrEnum
from typing import Union

from smarts.wire.loyalty import ClientCard
from smarts.wire.model import Model, none
from smarts.wire.money import Count, Number
from smarts.wire.products import Product
from smarts.wire.text import LangCode, Translatable


class _Offer(Model, tag_field="type", kw_only=True, frozen=True):
    id: str
    title: Translatable
    start_date: date | None = None
    end_date: date | None = None


class DiscountOffer(_Offer, tag="DISCOUNT", kw_only=True, frozen=True):
    """A lower price: `offer_price` instead of `default_price`, `discount_percentage` in whole percent."""

    image_uri: str
    discount_percentage: Count
    offer_price: Number
    default_price: Number


class ProductRelatedOffer(_Offer, tag="PRODUCT_RELATED", kw_only=True, frozen=True):
    """An offer on one product."""

    related_product: Product


class DefaultOffer(_Offer, tag="DEFAULT", kw_only=True, frozen=True):
    """A picture and words."""

    image_uri: str | None = None
    description: Translatable | None = None


Offer = Union[DiscountOffer, ProductRelatedOffer, DefaultOffer]  # noqa: UP007 - msgspec reads it


class OfferClassification(StrEnum):
    """Offers to everybody, or to this shopper."""

    GENERAL = "GENERAL"
    PERSONAL = "PERSONAL"


class OfferSearchRequest(Model, kw_only=True, frozen=True):
    """Whose offers are asked for, and of which kind."""

    institution_id: str
    person_id: str | None = None
    lang_code: LangCode | None = None
    loyalty_cards: tuple[ClientCard, ...] = none()
    classification: OfferClassification | None = None
