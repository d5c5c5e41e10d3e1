"""Nodes that let in whom they should not."""

from collections.abc import Callable
from dataclasses import replace

from demo.parts import TOKEN
from kit.broken.breakage import breakage
from kit.broken.layer import Answer, Asked, How, Reply, reply, request
from smarts.wire.operations import HEALTH, RECEIVE_INVOICE


def _lets_in(is_let_in: Callable[[str | None], bool], *operations: object) -> How:
    def change(asked: Asked) -> Asked:
        return asked.with_headers(accesstoken=TOKEN) if is_let_in(asked.headers.get("accesstoken")) else asked

    return request(change, *operations)  # type: ignore[arg-type]


async def _reads_first(asked: Asked, answer: Answer) -> Reply:
    seen = await answer(asked.with_headers(accesstoken=TOKEN)) if asked.body == b'{"never": ' else None
    return seen or await answer(asked)


def _refuses_in_plain_words(_: Asked, found: Reply) -> Reply:
    return Reply(401, {"content-type": "text/plain"}, b"No.") if found.status == 401 else found


def _tells_another_status(_: Asked, found: Reply) -> Reply:
    return found.with_json(found.json | {"status": 403}) if found.status == 401 else found


BREAKAGES = (
    breakage(
        "asks nobody for a token",
        "tokens.missing tokens.empty tokens.wrong tokens.near tokens.node tokens.first tokens.problem",
        _lets_in(lambda _: True),
    ),
    breakage(
        "lets in who shows no token",
        "tokens.missing tokens.node tokens.first",
        _lets_in(lambda token: token is None),
    ),
    breakage(
        "takes invoices from anybody",
        "tokens.missing tokens.wrong tokens.first",
        _lets_in(lambda _: True, RECEIVE_INVOICE),
    ),
    breakage("lets in who shows an empty token", "tokens.empty", _lets_in(lambda token: token == "")),
    breakage(
        "lets in who shows any token",
        "tokens.wrong tokens.near tokens.node tokens.problem",
        _lets_in(bool),
    ),
    breakage(
        "looks only at the beginning of a token",
        "tokens.near",
        _lets_in(lambda token: (token or "").startswith(TOKEN)),
    ),
    breakage(
        "takes a token without its last character",
        "tokens.near",
        _lets_in(lambda token: token == TOKEN[:-1]),
    ),
    breakage(
        "takes a token in any case", "tokens.near", _lets_in(lambda token: (token or "").lower() == TOKEN)
    ),
    breakage("tells its health to anybody", "tokens.node", _lets_in(lambda _: True, HEALTH)),
    breakage("reads the body before it looks at the token", "tokens.first", _reads_first),
    breakage("refuses a token in plain words", "tokens.problem", reply(_refuses_in_plain_words)),
    breakage("tells another status than it answers", "tokens.problem", reply(_tells_another_status)),
    breakage(
        "refuses a token with 403",
        "tokens.missing tokens.empty tokens.wrong tokens.near tokens.node tokens.first tokens.problem",
        reply(lambda _, found: replace(found, status=403) if found.status == 401 else found),
    ),
)
