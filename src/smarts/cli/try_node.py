"""`smarts try`: plays the gateway against a node."""

import asyncio
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.patch_stdout import patch_stdout

from smarts.cli.output import CommandFailedError
from smarts.cli.parameters import NodeAddress, NodeToken, ReadableFile, SigningSecrets
from smarts.cli.rehearsal import Shopper, edited, is_terminal, run_quietly, shower, stage
from smarts.cli.running import require_free_port
from smarts.edge.server import serving
from smarts.kit.rehearsal.play import COMMANDS, Misplayed, Play
from smarts.kit.rehearsal.showing import Shower
from smarts.kit.rehearsal.stage import Stage
from smarts.kit.rehearsal.stories import STORIES
from smarts.kit.rehearsal.way_back import WayBack

_ALL = "all"
_WELCOME = "Type help for what can be done, story all for everything at once, quit to end."


def _story(_: object, names: Sequence[str]) -> None:
    if unknown := set(names) - {*STORIES, _ALL}:
        raise ValueError(f"There is no story {min(unknown)}; there are {', '.join([*STORIES, _ALL])}")


def _script(path: Path | None) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines() if path else []
    except (OSError, ValueError) as error:
        raise CommandFailedError(f"{path} is no script: {error}") from None


def try_node(
    url: NodeAddress,
    *,
    token: NodeToken = "",
    signing_secret: SigningSecrets = [],  # noqa: B006 - cyclopts reads it
    story: Annotated[Sequence[str], Parameter(negative="", validator=_story)] = (),
    script: ReadableFile | None = None,
    shopper: Shopper | None = None,
    port: Annotated[int, Parameter(validator=Number(gte=0, lte=65535))] = 0,
    access_token: str = "rehearsal",  # noqa: S107 - it guards nothing
    json: bool = False,
) -> None:
    """Play the gateway against a node: by hand, by a script, or whole stories; every request and answer is shown.

    Any request can be edited and repeated. The merchant's system may call back, as it would call the gateway: the
    address is shown at the start. Scripts and stories end with 1 where a gateway would not have been content.

    Example: `smarts try http://127.0.0.1:8000 --token SECRET --story all`.

    Parameters
    ----------
    url:
        The node's address.
    token:
        What the node expects in `accessToken`.
    signing_secret:
        The secret with which requests are signed, for a node that wants that; whsec_ and base64.
    story:
        A story to play, such as purchase, or all; may be given several times.
    script:
        A file with a command a line, as they are typed by hand.
    port:
        Where the merchant's system can call back; any free port otherwise.
    access_token:
        What the merchant's system sends in `accessToken` when it calls back.
    json:
        Print a line of JSON an exchange.
    """
    lines = [f"story {name}" for name in story]
    lines += _script(script)
    require_free_port("127.0.0.1", port, "--port")
    showing = shower(json=json)
    on = stage(url, token, showing, signing_secret)
    if not run_quietly(_rehearse(on, showing, lines, shopper or Shopper(), port, access_token)):
        sys.exit(1)


async def _rehearse(
    opening: AbstractAsyncContextManager[Stage],
    showing: Shower,
    lines: Sequence[str],
    shopper: Shopper,
    port: int,
    access_token: str,
) -> bool:
    """Whether a gateway would have been content."""
    async with opening as on:
        play = Play(on, shopper.visit(), showing.say, edited)
        app = WayBack(play, access_token, showing.say).app()
        async with serving(app, port=port, lifespan="off") as back:
            showing.say(f"The gateway's side is played at {back}/v1 (accessToken: {access_token}).")
            if lines:
                await _follow(play, lines)
            elif is_terminal():
                await _by_hand(play, showing)
            else:
                await _follow(play, sys.stdin)
    return not play.failures


async def _follow(play: Play, lines: Iterable[str]) -> None:
    for line in lines:
        try:
            await play.line(line)
        except Misplayed as misplayed:
            raise CommandFailedError(f"{line.strip()}: {misplayed}") from None
        if play.is_over:
            break
    play.judge()


async def _by_hand(play: Play, showing: Shower) -> None:
    showing.say(_WELCOME)
    session: PromptSession[str] = PromptSession(completer=WordCompleter(sorted(COMMANDS), sentence=True))
    with patch_stdout(raw=True):
        while not play.is_over:
            try:
                await play.line(await session.prompt_async("> "))
            except Misplayed as misplayed:
                showing.say(str(misplayed))
            except (EOFError, KeyboardInterrupt, asyncio.CancelledError):
                break
    play.failures = 0
