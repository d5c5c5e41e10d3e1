"""A readable page of an OpenAPI document: one file, no scripts, nothing from elsewhere."""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

Json = dict[str, Any]


@cache
def _style() -> str:
    return files("smarts.edge").joinpath("docs.css").read_text(encoding="utf-8")


def docs_security_policy() -> str:
    """The `Content-Security-Policy` under which the page works: its own style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"


def docs_page(document: Json) -> bytes:
    """The page in UTF-8: operations by tag with parameters, bodies, answers and examples; then all objects."""
    info = document["info"]
    title = escape(info["title"])
    parts = [
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{_style()}</style>\n</head>\n<body>",
        f"<nav><h2>{title}</h2>{''.join(_contents(document))}</nav>",
        f"<main><h1>{title} <small>{escape(info['version'])}</small></h1>",
        f'<p>{_prose(info.get("description", ""))} For machines: <a href="openapi.json">openapi.json</a>.</p>',
        *_security(document),
        *_operations(document),
        *_objects(document),
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(parts).encode()


def _all_operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _by_tag(document: Json) -> Iterator[tuple[str, list[tuple[str, str, Json]]]]:
    for tag in document["tags"]:
        yield tag["name"], [row for row in _all_operations(document) if tag["name"] in row[2]["tags"]]


def _contents(document: Json) -> Iterator[str]:
    for tag, rows in _by_tag(document):
        yield f"<h3>{escape(tag)}</h3><ul>"
        for method, path, operation in rows:
            anchor = escape(operation["operationId"])
            yield f'<li><a href="#{anchor}">{_badge(method)} <code>{escape(path)}</code></a></li>'
        yield "</ul>"
    yield '<h3><a href="#objects">Objects</a></h3>'


def _security(document: Json) -> Iterator[str]:
    for name, scheme in document["components"]["securitySchemes"].items():
        where = f"header <code>{escape(scheme.get('name', 'Authorization: Bearer'))}</code>"
        yield f"<p><strong>{escape(name)}</strong>: {where}. {_prose(scheme.get('description', ''))}</p>"


def _operations(document: Json) -> Iterator[str]:
    for tag, rows in _by_tag(document):
        yield f"<h2>{escape(tag)}</h2>"
        for method, path, operation in rows:
            yield from _operation(method, path, operation)


def _operation(method: str, path: str, operation: Json) -> Iterator[str]:
    yield f'<section id="{escape(operation["operationId"])}">'
    yield f"<h3>{_badge(method)} <code>{escape(path)}</code></h3>"
    yield f"<p>{_prose(operation['summary'])}</p><p>{_prose(operation.get('description', ''))}</p>"
    schemes = [name for choice in operation["security"] for name in choice]
    yield f"<p class=quiet>Token: {escape(', '.join(schemes) or 'none')}</p>"
    yield from _table(
        ("Parameter", "in", "Type"),
        (
            (_name(row["name"], row["required"]), row["in"], _type(row["schema"]))
            for row in operation["parameters"]
        ),
    )
    if "requestBody" in operation:
        yield "<h4>Request</h4>"
        yield from _content(operation["requestBody"]["content"])
    yield "<h4>Answers</h4>"
    for status, response in operation["responses"].items():
        yield from _response(status, response)
    yield "</section>"


def _response(status: str, response: Json) -> Iterator[str]:
    kind = "fine" if status < "300" else "problem"
    yield f'<div class="answer"><b class="{kind}">{status}</b> {_prose(response["description"])}'
    if status < "300":
        yield from _content(response.get("content", {}))
    yield "</div>"


def _content(content: Json) -> Iterator[str]:
    for media_type, body in content.items():
        yield f"<p>{_type(body['schema'])} <span class=quiet>{escape(media_type)}</span></p>"
        for name, example in body.get("examples", {}).items():
            text = escape(json.dumps(example["value"], indent=2, ensure_ascii=False))
            yield f"<details><summary>Example {escape(name)}</summary><pre>{text}</pre></details>"


def _objects(document: Json) -> Iterator[str]:
    yield '<h2 id="objects">Objects</h2>'
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield f'<section id="object-{escape(name)}"><h3>{escape(schema.get("title", name))}</h3>'
        yield f"<p>{_prose(schema.get('description', ''))}</p>"
        if "enum" in schema:
            yield f"<p>{_type(schema)}</p>"
        required = schema.get("required", [])
        yield from _table(
            ("Field", "Type"),
            (
                (_name(field, field in required), _type(of))
                for field, of in schema.get("properties", {}).items()
            ),
        )
        yield "</section>"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    rows = list(rows)
    if rows:
        yield f"<table><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>"
        yield from (f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
        yield "</table>"


def _name(name: str, required: bool) -> str:
    return f"<code>{escape(name)}</code>" + ("" if required else " <span class=quiet>optional</span>")


def _type(schema: Json) -> str:
    """A type in words, with links to objects."""
    note = f" <span class=quiet>{_prose(schema['description'])}</span>" if "description" in schema else ""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#object-{name}">{name}</a>{note}'
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"]) + note
    if "enum" in schema:
        return " ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}{note}"
    if "additionalProperties" in schema and isinstance(schema["additionalProperties"], dict):
        return f"map to {_type(schema['additionalProperties'])}{note}"
    return escape(schema.get("format") or schema.get("type", "anything")) + note


def _badge(method: str) -> str:
    return f'<span class="method {method.lower()}">{method}</span>'


def _prose(text: str) -> str:
    """Text with `code` in it."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if index % 2 else piece for index, piece in enumerate(pieces))
