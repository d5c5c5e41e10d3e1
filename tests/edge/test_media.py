"""Bodies that are no documents."""

from typing import Any

import pytest
from aiohttp import ClientSession

from edge.parts import PICTURE_LIMIT, example_app
from smarts.edge.openapi import openapi_document
from smarts.wire.codec import decode
from smarts.wire.errors import Problem

PNG = {"Content-Type": "image/png"}


@pytest.mark.parametrize("content_type", ["image/png", "image/jpeg", "Image/PNG; whatever=1"])
async def test_the_bytes_reach_the_handler(http: ClientSession, content_type: str) -> None:
    """A body of one of the route's media types is handed over as it is, up to the route's own limit."""
    async with http.post(
        "/pictures", data=b"\0" * PICTURE_LIMIT, headers={"Content-Type": content_type}
    ) as reply:
        assert (reply.status, await reply.json()) == (200, {"size": PICTURE_LIMIT})


@pytest.mark.parametrize("content_type", ["image/gif", "application/json", "image/png2", "image", ""])
async def test_other_media_types_are_refused(http: ClientSession, content_type: str) -> None:
    """A body of another type, or of none, is refused, and the answer says what is read."""
    async with http.post("/pictures", data=b"{}", headers={"Content-Type": content_type}) as reply:
        problem = decode(await reply.read(), Problem)
        assert (reply.status, problem.type) == (415, "not-media-type")
        assert "image/png" in problem.detail


async def test_larger_bodies_are_refused(http: ClientSession) -> None:
    """One byte more than the route's limit is too much, though other routes have other limits."""
    async with http.post("/pictures", data=b"\0" * (PICTURE_LIMIT + 1), headers=PNG) as reply:
        problem = decode(await reply.read(), Problem)
        assert (reply.status, problem.type) == (413, "too-large")
        assert str(PICTURE_LIMIT) in problem.detail


def test_media_are_described() -> None:
    """The OpenAPI document names the media types and has no word of JSON where none is read."""
    document: dict[str, Any] = openapi_document(example_app().routes, title="Ours", version="1")
    operation = document["paths"]["/pictures"]["post"]
    assert set(operation["requestBody"]["content"]) == {"image/png", "image/jpeg"}
    refusal = operation["responses"]["415"]["content"]["application/problem+json"]["examples"]
    assert set(refusal) == {"not-media-type"}
    assert "400" not in operation["responses"]
