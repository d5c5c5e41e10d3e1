"""For machines: whether the gateway lives and can serve, what it measured, what its API is."""

from collections.abc import Callable, Sequence
from typing import Any

from smarts.edge.openapi import document_routes, openapi_document
from smarts.edge.routes import Answer, Call, Route
from smarts.gateway.errors import STOPPING, STORAGE_UNAVAILABLE
from smarts.gateway.storage.database import Database
from smarts.gateway.web.measures import Measures
from smarts.wire.model import Model

_TITLE = "Smarts gateway"
_DESCRIPTION = (
    "Scan-and-go shopping: the shopper's API, the merchants' reversed direction of the wire contract, "
    "and the staff's API."
)


class Alive(Model, frozen=True):
    """The gateway answers."""

    status: str


def document(version: str, described: Sequence[Route]) -> Sequence[Route]:
    """The rows of the API's document."""
    return document_routes(
        openapi_document(described, title=_TITLE, version=version, description=_DESCRIPTION)
    )


def routes(database: Database, measures: Measures, is_stopping: Callable[[], bool]) -> Sequence[Route]:
    """The rows by which machines see how a process is."""

    async def alive(_: Call[None, None]) -> Any:
        return Alive("alive")

    async def ready(_: Call[None, None]) -> Any:
        if is_stopping():
            raise STOPPING.error("Send requests elsewhere")
        async with database.connection() as connection:
            await connection.fetchval("SELECT 1")
        return Alive("ready")

    async def metrics(_: Call[None, None]) -> Answer:
        return Answer(200, await measures.exposition(database), "text/plain; version=0.0.4; charset=utf-8")

    def row(path: str, handler: Any, response: Any, summary: str, *problems: Any) -> Route:
        return Route("GET", path, handler, None, response, summary, "machines", None, problems=problems)

    return (
        row("/healthz", alive, Alive, "Alive"),
        row("/readyz", ready, Alive, "Can serve", STORAGE_UNAVAILABLE, STOPPING),
        row("/metrics", metrics, str, "Prometheus' metrics"),
    )
