"""Codes in pictures, over HTTP."""

from collections.abc import Sequence
from typing import Any

from smarts.edge.routes import Call, Media, Route
from smarts.edge.security import Authenticate
from smarts.gateway.codes.pictures import LARGEST_BYTES, MEDIA_TYPES
from smarts.gateway.codes.rules import FoundCode
from smarts.gateway.codes.service import Codes
from smarts.gateway.errors import DECODER_BUSY
from smarts.gateway.parties import Shopper
from smarts.wire.model import Model

PICTURE = Media(MEDIA_TYPES, LARGEST_BYTES)


class FoundCodes(Model, frozen=True, omit_defaults=False):
    """All codes that a picture shows."""

    codes: tuple[FoundCode, ...]


def routes(codes: Codes, shopper: Authenticate[Shopper]) -> Sequence[Route]:
    """The shopper's row; the body is the picture itself."""

    async def read_codes(call: Call[bytes, Shopper]) -> Any:
        return FoundCodes(await codes.decode(call.body))

    return (
        Route("POST", "/shop/v1/codes", read_codes, PICTURE, FoundCodes, "Read the codes in a picture", "shopper",
              shopper, problems=(DECODER_BUSY,)),
    )  # fmt: skip
