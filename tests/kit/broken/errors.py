"""Nodes that take what they should refuse, refuse it wrongly, or break over it."""

from collections.abc import Callable
from dataclasses import replace

from kit.broken.breakage import breakage, remembering
from kit.broken.layer import Answer, Asked, How, Reply, reply, request
from smarts.wire.operations import PRODUCT_SEARCH

_MANY = 5 * 1024 * 1024


def _with_status(old: int, new: int) -> How:
    """Another status, in the problem document too."""

    def change(_: Asked, found: Reply) -> Reply:
        if found.status != old:
            return found
        return replace(found.with_json(found.json | {"status": new}), status=new)

    return reply(change)


def _breaks_over(is_too_much: Callable[[Asked], bool], status: int = 500) -> How:
    async def how(asked: Asked, answer: Answer) -> Reply:
        return Reply(status) if is_too_much(asked) else await answer(asked)

    return how


def _reads(old: bytes, new: bytes) -> How:
    """Takes what is no document for one."""
    return request(
        lambda asked: (
            replace(asked, body=new).with_headers(content_length=str(len(new)))
            if asked.body == old and asked.method == "POST"
            else asked
        )
    )


def _repairs(change: Callable[[bytes], bytes]) -> How:
    def changed(asked: Asked) -> Asked:
        body = change(asked.body)
        return replace(asked, body=body).with_headers(content_length=str(len(body)))

    return request(changed)


def _names_paths(path: str | None) -> How:
    def change(_: Asked, found: Reply) -> Reply:
        if found.status != 422:
            return found
        errors = [] if path is None else [{"path": path, "message": "is wrong"}]
        return found.with_json(found.json | {"errors": errors})

    return reply(change)


def _is_exhausted() -> How:
    state = {"exhausted": False}

    async def how(asked: Asked, answer: Answer) -> Reply:
        if state["exhausted"] and asked.of(PRODUCT_SEARCH):
            state["exhausted"] = False
            return Reply(503)
        state["exhausted"] |= len(asked.body) > _MANY
        return await answer(asked)

    return how


def _from_latin_1(body: bytes) -> bytes:
    try:
        body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1").encode()
    return body


def _has_field_twice(asked: Asked) -> bool:
    return b'"barcode": "2"}' in asked.body


def _in_html(asked: Asked, found: Reply) -> Reply:
    is_error = found.status >= 400
    return Reply(found.status, {"content-type": "text/html"}, b"<h1>Error</h1>") if is_error else found


BREAKAGES = (
    breakage("refuses what is no JSON with 422", "errors.not-json", _with_status(400, 422)),
    breakage("takes an empty body for an empty document", "errors.not-json", _reads(b"", b"{}")),
    breakage(
        "breaks over what is no JSON",
        "errors.not-json errors.problem",
        _breaks_over(lambda asked: asked.body == b'{"never": '),
    ),
    breakage(
        "reads JSON whatever its content type",
        "errors.content-type",
        request(lambda asked: asked.with_headers(content_type="application/json")),
    ),
    breakage("refuses another content type with 400", "errors.content-type", _with_status(415, 400)),
    breakage("refuses a wrong shape with 400", "errors.shape errors.path", _with_status(422, 400)),
    breakage("takes a list for a document", "errors.shape", _reads(b"[]", b"{}")),
    breakage("does not say which field is wrong", "errors.path", _names_paths(None)),
    breakage("says that the body is wrong, whichever field is", "errors.path", _names_paths("$.body")),
    breakage("tells errors as a page", "errors.problem errors.path", reply(_in_html)),
    breakage(
        "tells problems as usual JSON",
        "errors.problem",
        reply(lambda _, found: replace(found, headers=found.headers | {"content-type": "application/json"})),
    ),
    breakage(
        "tells problems without their kind",
        "errors.problem",
        reply(lambda _, found: found.with_json({"status": found.status}) if found.status == 415 else found),
    ),
    breakage(
        "answers at any address",
        "errors.unknown-path",
        _breaks_over(lambda asked: asked.path.startswith("/conformance"), 200),
    ),
    breakage(
        "breaks at an unknown address",
        "errors.unknown-path",
        _breaks_over(lambda asked: asked.path.startswith("/conformance")),
    ),
    breakage(
        "searches when it is only got",
        "errors.method",
        _breaks_over(lambda asked: asked.method == "GET" and asked.path == PRODUCT_SEARCH.path, 200),
    ),
    breakage(
        "breaks when something is to be deleted",
        "errors.method",
        _breaks_over(lambda asked: asked.method == "DELETE"),
    ),
    breakage(
        "breaks over a large body",
        "errors.large errors.large.status",
        _breaks_over(lambda asked: len(asked.body) > _MANY),
    ),
    remembering("serves badly after a large body", "errors.large errors.deep", _is_exhausted),
    breakage("refuses a large body with 400", "errors.large.status", _with_status(413, 400)),
    breakage("breaks over deep documents", "errors.deep", _breaks_over(lambda asked: b"[[[[" in asked.body)),
    breakage("reads Latin-1", "errors.utf8", _repairs(_from_latin_1)),
    breakage("breaks over NUL", "errors.nul", _breaks_over(lambda asked: b"\\u0000" in asked.body)),
    breakage("breaks over a field that is there twice", "errors.duplicates", _breaks_over(_has_field_twice)),
    breakage(
        "breaks over huge numbers", "errors.numbers", _breaks_over(lambda asked: b"1e400" in asked.body)
    ),
    breakage("takes NaN for 1", "errors.numbers", _repairs(lambda body: body.replace(b"NaN", b"1"))),
    breakage(
        "takes words for numbers", "errors.numbers", _repairs(lambda body: body.replace(b'"one"', b"1"))
    ),
)
