"""`smarts trigger`: one operation of the contract, sent by hand."""

import asyncio
import json as json_module
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from smarts.cli.output import CommandFailedError, console, print_json
from smarts.cli.parameters import NodeAddress, NodeToken, ReadableFile
from smarts.cli.rehearsal import Shopper, shower, stage
from smarts.kit.rehearsal.carts import fill
from smarts.kit.rehearsal.documents import change, document_for
from smarts.kit.rehearsal.stage import Stage
from smarts.kit.rehearsal.visit import Visit
from smarts.wire.operations import OPERATIONS, Operation

_DEFAULT_ADDRESS = "http://127.0.0.1:8000"
_BY_NAME = {operation.name: operation for operation in OPERATIONS}


def _known(_: object, name: str | None) -> None:
    if name is not None and name not in _BY_NAME:
        raise ValueError("There is no such operation: smarts trigger --list shows all")


OperationName = Annotated[str, Parameter(validator=_known)]


def trigger(
    operation: OperationName | None = None,
    *,
    url: NodeAddress = _DEFAULT_ADDRESS,
    token: NodeToken = "",
    cart: ReadableFile | None = None,
    document: ReadableFile | None = None,
    set_: Annotated[Sequence[str], Parameter(name="--set", negative="")] = (),
    shopper: Shopper | None = None,
    list_: Annotated[bool, Parameter(name="--list", negative="")] = False,
    print_: Annotated[bool, Parameter(name="--print", negative="")] = False,
    json: bool = False,
) -> None:
    """Send one operation, as a gateway would to a node, or as a merchant's system would to a gateway.

    What is sent is made of the cart, or it is the golden document of the operation. Exits with 1 where the answer is
    not one that the other side could use.

    Example: `smarts trigger control.check --cart cart.json --token SECRET`.

    Parameters
    ----------
    operation:
        Its name, such as control.check; without one all are listed.
    url:
        The node's address, or the gateway's for an operation of a merchant.
    token:
        What the other side expects in `accessToken`.
    cart:
        What is in the cart: a JSON list of barcodes, or of objects with barcode and quantity; or a cart as the
        gateway shows it to shoppers. The node is asked for each product first.
    document:
        A JSON document to send as it is.
    set_:
        A value to change in the document, such as products[0].amount=5; may be given several times.
    list_:
        Print the operations and what they do.
    print_:
        Print the document, and send nothing.
    json:
        Print the exchange as a line of JSON.
    """
    if list_ or operation is None:
        _print_operations(json=json)
        return
    sending = _Sending(
        _BY_NAME[operation], _read(cart), _read(document), set_, (shopper or Shopper()).visit()
    )
    asyncio.run(_trigger(sending, url, token, print_only=print_, json=json))


@dataclass(frozen=True)
class _Sending:
    operation: Operation
    cart: Any
    document: Any
    changes: Sequence[str]
    visit: Visit

    async def body(self, on: Stage) -> Any:
        """What is sent; asks for the products of the cart first."""
        if self.cart is not None:
            await fill(self.visit, on, self.cart)
        document = self.document if self.document is not None else document_for(self.operation, self.visit)
        for assignment in self.changes:
            change(document, assignment)
        return document


async def _trigger(sending: _Sending, url: str, token: str, *, print_only: bool, json: bool) -> None:
    async with stage(url, token, shower(json=json)) as on:
        try:
            document = await sending.body(on)
        except ValueError as error:
            raise CommandFailedError(str(error)) from None
        if print_only:
            print_json(document)
            return
        played = await on.send(sending.operation, document)
    if played.complaint:
        sys.exit(1)


def _read(file: Path | None) -> Any:
    try:
        return json_module.loads(file.read_bytes()) if file else None
    except (ValueError, OSError) as error:
        raise CommandFailedError(f"{file} is no JSON document: {error}") from None


def _print_operations(*, json: bool) -> None:
    if json:
        print_json(
            [{"name": row.name, "direction": row.direction, "summary": row.summary} for row in OPERATIONS]
        )
        return
    for row in OPERATIONS:
        console.print(f"{row.name:44}{row.direction:21}{row.summary}", markup=False)
