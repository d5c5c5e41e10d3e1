"""`smarts listen`: stands in a node's place and shows what a gateway sends."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Path as PathIs

from smarts.cli.parameters import NodeAddress, NodeToken, Port
from smarts.cli.rehearsal import run_quietly, shower
from smarts.cli.running import require_free_port, stop_signals
from smarts.edge.server import serving
from smarts.kit.client import Client
from smarts.kit.rehearsal.listening import Listener

Folder = Annotated[Path, Parameter(validator=PathIs(exists=True, file_okay=False))]


def listen(
    *,
    host: str = "127.0.0.1",
    port: Port = 8100,
    forward: NodeAddress | None = None,
    token: NodeToken = "",
    answers: Folder | None = None,
    json: bool = False,
) -> None:
    """Show what a gateway sends to a node, and what it is answered, until Ctrl-C.

    Point a store's node address here. Requests are handed on to a real node, or answered by golden documents.

    Example: `smarts listen --forward http://127.0.0.1:8000`.

    Parameters
    ----------
    host:
        The address to listen on.
    port:
        The port to listen on.
    forward:
        The node that requests are handed on to.
    token:
        What the gateway should send in `accessToken`; whatever it sends is fine otherwise.
    answers:
        A folder with answers of your own: control.check.json is what control.check is answered.
    json:
        Print a line of JSON an exchange.
    """
    require_free_port(host, port, "--port")
    run_quietly(_listen(host, port, forward or "", token, answers, json=json))


async def _listen(
    host: str, port: int, forward: str, token: str, answers: Path | None, *, json: bool
) -> None:
    showing = shower(json=json)
    stopped = stop_signals()
    async with Client() as client:
        listener = Listener(client, showing.heard, token=token, address=forward, answers=answers)
        async with serving(listener, host, port, lifespan="off") as address:
            where = f"hands on to {forward}" if forward else "answers by golden documents"
            showing.say(f"Listening on {address}, {where}. Ctrl-C ends it.")
            await stopped.wait()
