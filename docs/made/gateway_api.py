"""The gateway's own API, out of the OpenAPI document of a gateway that was opened for it."""

import asyncio
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from made.markdown import paragraphs, table
from made.schemas import Schema, below, fields, words
from smarts.edge.openapi import openapi_document
from smarts.edge.routes import Route
from smarts.gateway.app import application, open_gateway
from smarts.gateway.settings import Settings
from smarts.gateway.storage.embedded import embedded_postgres

_HERE = below()
# With a payment provider there is all that a gateway can have; nobody is asked for anything.
_SETTINGS = Settings.from_environment({"SMARTS_STRIPE_KEY": "none", "SMARTS_STRIPE_WEBHOOK_SECRET": "none"})


def markdown() -> str:
    """The paths by who calls them, then the objects."""
    document = api()
    tags = (tag["name"] for tag in document["tags"])
    return paragraphs([*(_chapter(document, tag) for tag in tags), "## Objects", *_objects(document)])


@cache
def api() -> dict[str, Any]:
    """The OpenAPI document of all that a gateway serves."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o711)  # where this is made by root, the database has an account of its own
        return openapi_document(
            asyncio.run(_routes(place / "postgresql")), title="Smarts gateway", version=""
        )


async def _routes(data: Path) -> tuple[Route, ...]:
    async with (
        embedded_postgres(data, settings={"fsync": "off"}, on_progress=lambda _: None) as server,
        open_gateway(_SETTINGS, server.url(), serves=False, works=False) as gateway,
    ):
        return application(gateway).routes


def _chapter(document: Schema, tag: str) -> str:
    return paragraphs([f"## {tag}", *(_operation(*row) for row in _operations(document, tag))])


def _operations(document: Schema, tag: str) -> Iterator[tuple[str, str, Schema]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield method.upper(), path, operation


def _operation(method: str, path: str, operation: Schema) -> str:
    return paragraphs(
        [
            f"### {method} {path}",
            f"{operation['summary'].rstrip('.')}. {operation.get('description', '')}".strip(),
            table(("", ""), _facts(operation)),
        ]
    )


def _facts(operation: Schema) -> Iterable[tuple[str, str]]:
    yield "token", ", ".join(name for choice in operation["security"] for name in choice) or "none"
    for parameter in operation["parameters"]:
        need = ", required" if parameter["required"] else ""
        yield f"`{parameter['name']}` ({parameter['in']}{need})", words(parameter["schema"], _HERE)
    if "requestBody" in operation:
        yield "body", _content(operation["requestBody"]["content"])
    for status, answer in operation["responses"].items():
        yield status, _content(answer.get("content", {})) if status < "300" else answer["description"]


def _content(content: Schema) -> str:
    return ", ".join(_body(kind, body["schema"]) for kind, body in content.items()) or "nothing"


def _body(media_type: str, schema: Schema) -> str:
    return words(schema, _HERE) if media_type == "application/json" else f"`{media_type}`"


def _objects(document: Schema) -> Iterator[str]:
    for name, schema in sorted(document["components"]["schemas"].items()):
        content = words(schema, _HERE) if "enum" in schema else fields(schema, _HERE)
        yield paragraphs([f"### {name}", schema.get("description", ""), content])
