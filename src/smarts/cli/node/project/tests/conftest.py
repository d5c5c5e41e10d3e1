"""Asks the node as the gateway does: JSON over HTTP, with the token."""

import json
import os
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

TOKEN = os.environ.setdefault("NODE_TOKEN", "token-of-the-tests")

from store import node  # noqa: E402 - it reads the token


class Answer(NamedTuple):
    status: int
    document: Any


Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def ask() -> Iterator[Ask]:
    """`ask(path)` gets, `ask(path, document)` posts."""
    with node.serving() as address:

        def ask(path: str, document: object = None, token: str = TOKEN) -> Answer:
            headers = {"accessToken": token, "Content-Type": "application/json"}
            body = None if document is None else json.dumps(document).encode()
            try:
                with urlopen(Request(address + path, body, headers), timeout=10) as response:
                    return Answer(response.status, json.loads(response.read() or "null"))
            except HTTPError as error:
                with error:
                    return Answer(error.code, json.loads(error.read()))

        yield ask
