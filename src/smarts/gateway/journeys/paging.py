"""Pages of lists, as they are asked for: at most `limit`, those after the one with the id `after`."""

from typing import Annotated

from msgspec import Meta, Struct


class ShortPage(Struct, frozen=True, rename="camel"):
    """A page of what a person looks through."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    after: Annotated[str, Meta(max_length=200)] | None = None


class Page(Struct, frozen=True, rename="camel"):
    """A page of what there are some dozens of."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    after: Annotated[str, Meta(max_length=200)] | None = None


class LongPage(Struct, frozen=True, rename="camel"):
    """A page of what staff work through."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 100
    after: Annotated[str, Meta(max_length=200)] | None = None


class StoresPage(Struct, frozen=True, rename="camel"):
    """A page of stores: phones read all of them, since which one is near is for the phone alone to know."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 50
    after: Annotated[str, Meta(max_length=200)] | None = None
