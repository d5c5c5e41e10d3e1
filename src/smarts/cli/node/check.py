"""`smarts node check`: proves a node against the contract."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from smarts.cli.output import CommandFailedError, complain
from smarts.cli.parameters import NewFile, NodeAddress, NodeToken, SigningSecrets, Text
from smarts.cli.proving import List, Seconds, Telling, list_requirements
from smarts.kit.client import Client
from smarts.kit.examination import SECONDS, Examination, chosen, examine
from smarts.kit.report.people import Tree
from smarts.kit.report.repeating import CommandLines
from smarts.kit.requirement import Requirement
from smarts.kit.subject import Subject
from smarts.wire.text import LangCode


def _choice(_: object, values: Sequence[str]) -> None:
    chosen(values)


def _language(_: object, value: str) -> None:
    msgspec.convert(value, LangCode)


Choices = Annotated[list[str], Parameter(name="--only", negative="", validator=_choice)]
Many = Annotated[list[str], Parameter(negative="")]
Language = Annotated[str, Parameter(validator=_language)]


def check(
    url: NodeAddress | None = None,
    /,
    *,
    token: NodeToken = "",
    signing_secret: SigningSecrets = [],  # noqa: B006 - cyclopts reads it
    only: Choices = [],  # noqa: B006 - cyclopts reads it
    barcode: Many = [],  # noqa: B006 - cyclopts reads it
    card: str = "",
    card_kind: str = "",
    store: Text = "conformance-store",
    language: Language = "EN",
    seconds: Seconds = SECONDS,
    strict: bool = False,
    json: bool = False,
    json_file: NewFile | None = None,
    junit: NewFile | None = None,
    list_: List = False,
) -> None:
    """Check a connection node, in whatever language it is written, against the contract.

    Each requirement that the node does not meet is told with what was expected, what was seen, and a command line that
    repeats it. The node gets made up carts, invoices and orders: use one that is there for trying.

    Example: `smarts node check http://127.0.0.1:8000 --token secret`.

    Parameters
    ----------
    url:
        The node's address.
    token:
        What the node wants in the header accessToken.
    signing_secret:
        The secret with which requests are signed, for a node that wants that; whsec_ and base64.
    only:
        The id of a requirement, or the beginning of ids, such as products or products.price; may be repeated.
    barcode:
        Something that the node sells; may be repeated. Without it, the first page of its product search is taken.
    card:
        What a shopper types to link a loyalty card, such as its number; the card is linked to a shopper of the check's.
    card_kind:
        The id of that card's kind.
    store:
        The store's id in requests.
    language:
        The language in requests.
    seconds:
        How long the whole may take; what is not finished then counts as failed.
    strict:
        Fail also where something is not as it should be.
    json:
        Print the report as JSON instead.
    json_file:
        Write the report as JSON to this file, too.
    junit:
        Write a JUnit report to this file, too.
    list_:
        Only list the requirements.
    """
    requirements = chosen(only)
    if list_:
        list_requirements(requirements, as_json=json)
        return
    if url is None or not token:
        complain("tell the node's address, and its token with --token or in SMARTS_NODE_TOKEN")
        sys.exit(2)
    telling = Telling(strict, json, json_file, junit, CommandLines())
    how = {
        "signing_secrets": signing_secret,
        "institution_id": store,
        "language": language,
        "barcodes": barcode,
        "card": card,
        "card_kind": card_kind,
    }
    examined = _examined(url, token, how, requirements, seconds, telling.tree(requirements))
    try:
        telling.conclude(asyncio.run(examined))
    except KeyboardInterrupt:
        raise CommandFailedError("stopped before the end") from None


async def _examined(
    url: str,
    token: str,
    how: Mapping[str, Any],
    requirements: Sequence[Requirement],
    seconds: float,
    tree: Tree | None,
) -> Examination:
    async with Client() as client:
        subject = Subject(client, url, token, **how)
        if tree is None:
            return await examine(subject, requirements, seconds=seconds)
        with tree:
            return await examine(
                subject, requirements, seconds=seconds, on_start=tree.begin, on_result=tree.add
            )
