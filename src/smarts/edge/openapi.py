"""The OpenAPI 3.1 document of routes."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Union, get_args, get_origin

import msgspec

from smarts.edge import problems
from smarts.edge.docs import docs_page, docs_security_policy
from smarts.edge.links import links_of
from smarts.edge.problems import ErrorKind
from smarts.edge.routes import Answer, Call, Events, Media, Route
from smarts.edge.schemas import Schema, schemas_of
from smarts.wire.codec import decode, encode
from smarts.wire.errors import Problem
from smarts.wire.examples import example, example_names, example_object

_PATH_PARAMETER = re.compile(r"\{(\w+)\}")
_KEY_PARAMETER: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body give the same answer again, and nothing happens twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_HEADERS = {
    401: ("WWW-Authenticate", {"type": "string"}),
    429: ("Retry-After", {"type": "integer"}),
    503: ("Retry-After", {"type": "integer"}),
}
_WITH_BODY = (problems.BODY_SLOW, problems.TOO_LARGE, problems.WRONG_SHAPE)
_WITH_DOCUMENT = (problems.NOT_JSON, problems.NOT_JSON_TYPE)
_BYTES: Schema = {"type": "string", "format": "binary"}


def openapi_document(
    routes: Iterable[Route], *, title: str, version: str, description: str = ""
) -> dict[str, Any]:
    """Describes the routes as they are: what they read, all that they answer, and golden examples.

    Raises:
        ValueError: two operations have the same id.
    """
    routes = list(routes)
    _require_own_ids(routes)
    schemas = _Schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas, routes)
    schemes = [route.authenticate.scheme for route in routes if route.authenticate]
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "servers": [{"url": "."}],  # relative to this document, wherever it is mounted
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in routes)],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {scheme.name: dict(scheme.definition) for scheme in schemes},
        },
    }


def document_routes(document: dict[str, Any]) -> list[Route]:
    """The document for machines at `/openapi.json`, for people at `/docs`; both open to everybody."""
    data = Answer(200, msgspec.json.encode(document))
    page = Answer(
        200,
        docs_page(document),
        "text/html; charset=utf-8",
        {"Content-Security-Policy": docs_security_policy()},
    )

    async def tell(_: Call[None, None]) -> Answer:
        return data

    async def show(_: Call[None, None]) -> Answer:
        return page

    return [
        Route("GET", "/openapi.json", tell, None, dict, "This document", "docs", None),
        Route("GET", "/docs", show, None, dict, "This document, readable", "docs", None),
    ]


class _Schemas:
    """The schemas of all types of the routes, which share components."""

    def __init__(self, routes: Sequence[Route]) -> None:
        kinds: list[Any] = [Problem]
        for route in routes:
            kinds += [
                kind
                for kind in (route.request, route.response, route.query)
                if kind is not None and kind is not Events and not isinstance(kind, Media)
            ]
        self._kinds = kinds
        self._schemas, self.components = schemas_of(kinds)

    def of(self, kind: Any) -> Schema:
        return self._schemas[self._kinds.index(kind)]

    def fields(self, kind: type[msgspec.Struct]) -> list[tuple[str, Schema, bool]]:
        """The name and the schema of each field of a struct, and whether it is required."""
        name = self.of(kind)["$ref"].rpartition("/")[2]
        schema = self.components[name]
        return [
            (field, of_field, field in schema["required"]) for field, of_field in schema["properties"].items()
        ]


def _require_own_ids(routes: Sequence[Route]) -> None:
    named: dict[str, Route] = {}
    for route in routes:
        operation_id = _operation_id(route)
        other = named.setdefault(operation_id, route)
        if other is not route:
            both = f"{other.method} {other.path} and {route.method} {route.path}"
            raise ValueError(f"two operations are {operation_id}: {both}")


def _operation_id(route: Route) -> str:
    return route.operation_id or getattr(route.handler, "__name__", route.path)


def _operation(route: Route, schemas: _Schemas, routes: Sequence[Route]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": list(_parameters(route, schemas)),
        "responses": _responses(route, schemas),
        "security": [{route.authenticate.scheme.name: []}] if route.authenticate else [],
    }
    if route.description:
        operation["description"] = route.description
    if links := _links(route, routes):
        operation["responses"][str(route.status)]["links"] = links
    if route.request is not None:
        operation["requestBody"] = {"required": True, "content": _body_content(route.request, schemas)}
    return operation


def _links(route: Route, routes: Sequence[Route]) -> dict[str, Any]:
    return {
        _operation_id(target): {"operationId": _operation_id(target), "parameters": parameters}
        for target, parameters in links_of(route, routes)
    }


def _parameters(route: Route, schemas: _Schemas) -> Iterable[Schema]:
    for name in _PATH_PARAMETER.findall(route.path):
        schema = {"type": "string", "minLength": 1, "maxLength": 200}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    if route.query:
        for name, schema, required in schemas.fields(route.query):
            yield {"name": name, "in": "query", "required": required, "schema": schema}
    if route.takes_idempotency_key:
        yield _KEY_PARAMETER


def _responses(route: Route, schemas: _Schemas) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    if route.response is None:
        responses["204"] = {"description": "Done."}
    elif route.response is Events:
        content: dict[str, Any] = {"text/event-stream": {"schema": {}}}
        responses[str(route.status)] = {"description": "Server-sent events.", "content": content}
    elif route.response is bytes:
        responses[str(route.status)] = {"description": route.summary, "content": {"*/*": {"schema": {}}}}
    else:
        content = _json_content(route.response, schemas)
        responses[str(route.status)] = {"description": route.summary, "content": content}
    by_status: dict[int, list[ErrorKind]] = {}
    for kind in dict.fromkeys(_problems(route)):
        by_status.setdefault(kind.status, []).append(kind)
    for status in sorted(by_status):
        responses[str(status)] = _problem_response(by_status[status], schemas)
    return responses


def _problems(route: Route) -> Iterable[ErrorKind]:
    yield from route.problems
    if route.authenticate:
        yield problems.TOKEN_UNKNOWN
    if route.verify:
        yield problems.SIGNATURE_REFUSED
    if route.request is not None:
        yield from _WITH_BODY
        yield from (problems.NOT_MEDIA_TYPE,) if isinstance(route.request, Media) else _WITH_DOCUMENT
    if "{" in route.path:
        yield problems.NOT_FOUND
    if route.query or route.takes_idempotency_key:
        yield problems.WRONG_SHAPE
    yield problems.INTERNAL


def _problem_response(kinds: Sequence[ErrorKind], schemas: _Schemas) -> dict[str, Any]:
    examples = {kind.type: {"value": msgspec.to_builtins(kind.error().problem)} for kind in kinds}
    response: dict[str, Any] = {
        "description": " ".join(kind.title for kind in kinds),
        "content": {"application/problem+json": {"schema": schemas.of(Problem), "examples": examples}},
    }
    header = _HEADERS.get(kinds[0].status)
    if header:
        response["headers"] = {header[0]: {"schema": header[1]}}
    return response


def _body_content(request: Any, schemas: _Schemas) -> dict[str, Any]:
    if isinstance(request, Media):
        return {media_type: {"schema": _BYTES} for media_type in request.types}
    return _json_content(request, schemas)


def _json_content(kind: Any, schemas: _Schemas) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schemas.of(kind)}
    examples = _examples(kind)
    if examples:
        content["examples"] = examples
    return {"application/json": content}


def _examples(kind: Any) -> dict[str, Any]:
    """The golden examples of a type that show how it is written, not what else is read."""
    members = get_args(kind)
    if get_origin(kind) is tuple:
        values = [example["value"] for example in _examples(members[0]).values()]
        return {"all": {"value": values}} if values else {}
    if get_origin(kind) is Union:
        return {name: example for member in members for name, example in _examples(member).items()}
    own = getattr(get_origin(kind) or kind, "__name__", "")
    names = (name for name in example_names() if name.partition(".")[0] == own)
    return {name: {"value": example_object(name)} for name in names if _is_written_so(name, kind)}


def _is_written_so(name: str, kind: Any) -> bool:
    written = encode(decode(example(name), kind))
    return bool(msgspec.json.decode(written) == example_object(name))
