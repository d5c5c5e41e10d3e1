"""Asks the node as the gateway does: JSON over HTTP, with the token."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

os.environ["BOOKS"] = f"{tempfile.mkdtemp()}/books.sqlite3"
os.environ.pop("NODE_SIGNING_SECRETS", None)
TOKEN = os.environ.setdefault("NODE_TOKEN", "token-of-the-tests")

from store import node  # noqa: E402 - it reads the token


class Answer(NamedTuple):
    status: int
    document: Any


Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def ask() -> Iterator[Ask]:
    """`ask(path)` gets, `ask(path, document)` posts; headers may follow by their names."""
    with node.serving() as address:

        def ask(path: str, document: object = None, token: str = TOKEN, **more: str) -> Answer:
            headers = {"accessToken": token, "Content-Type": "application/json", **more}
            body = None if document is None else json.dumps(document).encode()
            try:
                with urlopen(Request(address + path, body, headers), timeout=10) as response:
                    return Answer(response.status, json.loads(response.read() or "null"))
            except HTTPError as error:
                with error:
                    return Answer(error.code, json.loads(error.read()))

        yield ask
