"""`smarts demo`: everything on one machine."""

import asyncio
import os
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from rich.markup import escape

from smarts.caller import Caller, Target
from smarts.cli import demo_page, demo_store
from smarts.cli.children import Child, child
from smarts.cli.database import migrated_database_url
from smarts.cli.demo_page import here
from smarts.cli.demo_store import Tokens
from smarts.cli.output import CommandFailedError, console
from smarts.cli.parameters import NewFile, OpenPage, Port, ReadableFile, Share
from smarts.cli.running import require_free_port, run, until_stopped
from smarts.demo.catalogue import example_barcodes, invented_catalogue
from smarts.edge.logs import log_to_standard_error
from smarts.gateway.app import Gateway, open_gateway
from smarts.gateway.parties import Role
from smarts.gateway.settings import Settings
from smarts.wire.operations import PRODUCT_SEARCH, TOKEN_HEADER
from smarts.wire.products import PageRequest, ProductSearchRequest

_TRYING_OUT = {
    "SMARTS_ALLOW_PRIVATE_NODES": "true",
    "SMARTS_SANDBOX_PAYMENTS": "true",
    "SMARTS_JOINS_PER_HOUR": "1000000",  # all the shoppers of a demonstration come from this machine
}
_READY_SECONDS = 60


@dataclass(frozen=True)
class _Plan:
    data: Path
    host: str
    port: int
    node_port: int
    node_arguments: Sequence[str]
    settings: Settings
    opens_page: bool

    @property
    def gateway_url(self) -> str:
        return f"http://{here(self.host)}:{self.port}"

    @property
    def node_url(self) -> str:
        return f"http://{here(self.host)}:{self.node_port}"

    @property
    def page_url(self) -> str:
        return f"{self.gateway_url}/demo"

    @property
    def sells_from_file(self) -> bool:
        return any(argument.startswith("--catalog") for argument in self.node_arguments)


def demo(
    *,
    json: NewFile | None = None,
    catalog: ReadableFile | None = None,
    campaigns: ReadableFile | None = None,
    full_share: Share = 0.1,
    host: str = "127.0.0.1",
    port: Port = 8080,
    node_port: Port = 8081,
    data: Path = Path(".smarts/demo"),
    open_page: OpenPage = None,
) -> None:
    """Run everything on this machine: gateway, worker, PostgreSQL, and a merchant's node; Ctrl-C stops it.

    Example: `smarts demo --json demo.json`.

    Parameters
    ----------
    json:
        A file that gets the addresses, ids and tokens when everything is ready.
    catalog:
        A file of products to sell instead of the invented ones (CSV, may be gzipped).
    campaigns:
        A file of campaigns on these products (a JSON object a line, may be gzipped).
    full_share:
        The share of carts, from 0 to 1, that the demo store checks in full.
    host:
        The address to listen at.
    port:
        The gateway's port.
    node_port:
        The node's port.
    data:
        The folder in which everything is kept; a second start finds it.
    open_page:
        Open a browser on the page to begin with; else only on a terminal with a screen.
    """
    log_to_standard_error()
    require_free_port(host, port, "--port")
    require_free_port(host, node_port, "--node-port")
    if port == node_port:
        raise CommandFailedError(f"--port and --node-port are both {port}: each needs its own")
    _prepare_files(data, json)
    arguments = [f"--full-check-share={full_share}"]
    arguments += [f"--catalog={catalog.resolve()}"] if catalog else []
    arguments += [f"--campaigns={campaigns.resolve()}", "--ignore-campaign-dates"] if campaigns else []
    settings = _settings(data)
    opens = demo_page.has_screen() if open_page is None else open_page
    run(_demo(_Plan(data.resolve(), host, port, node_port, arguments, settings, opens), json))


def _prepare_files(data: Path, json: Path | None) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True)
        if json:
            json.parent.mkdir(parents=True, exist_ok=True)
            json.unlink(missing_ok=True)  # so that nobody takes the one of the last start for ours
    except OSError as error:
        raise CommandFailedError(f"cannot write: {error}") from None


def _settings(data: Path) -> Settings:
    environment = {
        **os.environ,
        "SMARTS_DATA": str(data / "postgresql"),
        **_TRYING_OUT,
    }
    return Settings.from_environment(environment)


async def _demo(plan: _Plan, json: Path | None) -> None:
    async with AsyncExitStack() as stack:
        stopped = asyncio.ensure_future(until_stopped())
        url = await stack.enter_async_context(migrated_database_url(plan.settings, _progress, shared=False))
        _progress("preparing the demo store")
        async with open_gateway(plan.settings, url) as gateway:
            tokens = await _tokens(plan, gateway)
        children = await _start(plan, tokens, url, stack)
        if await _alive_during(_ready(plan, tokens), children, stopped):
            summary = await _summary(plan, tokens)
            if json:
                _write_private(json, msgspec.json.format(msgspec.json.encode(summary), indent=2))
            _tell(plan, tokens, summary)
            if plan.opens_page:
                demo_page.open_page(plan.page_url)
            await _alive_during(asyncio.Event().wait(), children, stopped)
        console.print("\nStopping…")


async def _alive_during(
    work: Coroutine[Any, Any, Any], children: Sequence[Child], stopped: "asyncio.Future[None]"
) -> bool:
    """Does the work; False when told to stop meanwhile.

    Raises:
        CommandFailedError: a child has ended.
    """
    tasks = [asyncio.ensure_future(each) for each in (work, *(child.ended() for child in children))]
    try:
        done, _ = await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        return stopped not in done
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _progress(words: str) -> None:
    console.print(f"[dim]…[/] {escape(words)}")


async def _tokens(plan: _Plan, gateway: Gateway) -> Tokens:
    """The store of the last start, or a new one."""
    file = plan.data / "tokens.json"
    if file.exists():
        tokens = msgspec.json.decode(file.read_bytes(), type=Tokens)
        if await demo_store.found_again(gateway, tokens, plan.node_url):
            return tokens
        _progress("the database is another one than last time: beginning anew")
    tokens = await demo_store.made(gateway, plan.node_url)
    _write_private(file, msgspec.json.encode(tokens))
    return tokens


def _write_private(file: Path, content: bytes) -> None:
    """Writes a file that only we can read, whole from the moment it is there."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(content)
    unfinished.replace(file)


async def _start(plan: _Plan, tokens: Tokens, url: str, stack: AsyncExitStack) -> list[Child]:
    logs = plan.data / "logs"
    logs.mkdir(exist_ok=True)
    page = demo_page.page_file(plan.data)
    _write_private(page, demo_page.page_content(tokens, _own_barcodes(plan), plan.host, plan.port))
    gateway_environment = {
        "SMARTS_DATABASE_URL": url,
        "SMARTS_DEMO": str(page),
        **_TRYING_OUT,
        "SMARTS_LOCK_SECONDS": str(int(plan.settings.lock_for.total_seconds())),
    }
    place = (f"--host={plan.host}", f"--port={plan.port}")

    async def start(name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Child:
        _progress(f"starting the {name}")
        return await stack.enter_async_context(child(name, arguments, environment, logs / f"{name}.log"))

    return [
        await start("node", _node_command(plan, tokens), _node_environment(tokens)),
        await start("gateway", ("-m", "smarts.cli", "gateway", *place), gateway_environment),
        await start("worker", ("-m", "smarts.cli", "worker"), gateway_environment),
    ]


def _node_command(plan: _Plan, tokens: Tokens) -> Sequence[str]:
    return (
        "-m",
        "smarts.cli.demo_node",
        f"--host={plan.host}",
        f"--port={plan.node_port}",
        f"--data={plan.data / 'store'}",
        f"--gateway-url={plan.gateway_url}",
        f"--institution-id={tokens.institution_id}",
        *plan.node_arguments,
    )


def _node_environment(tokens: Tokens) -> Mapping[str, str]:
    return {
        "SMARTS_NODE_TOKEN": tokens.node_access_token,
        "SMARTS_INSTITUTION_TOKEN": tokens.institution_access_token,
    }


async def _ready(plan: _Plan, tokens: Tokens) -> None:
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(_READY_SECONDS):
            await _answers(session, f"{plan.node_url}/health", {TOKEN_HEADER: tokens.node_access_token})
            await _answers(session, f"{plan.gateway_url}/readyz", {})
    except TimeoutError:
        logs = plan.data / "logs"
        raise CommandFailedError(f"not ready after {_READY_SECONDS} seconds: see {logs}") from None


async def _answers(session: aiohttp.ClientSession, url: str, headers: Mapping[str, str]) -> None:
    while True:
        try:
            async with session.get(url, headers=headers) as response:
                if response.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.05)


async def _summary(plan: _Plan, tokens: Tokens) -> dict[str, Any]:
    return {
        "demoUrl": plan.page_url,
        "gatewayUrl": plan.gateway_url,
        "nodeUrl": plan.node_url,
        **{name: value for name, value in msgspec.to_builtins(tokens).items() if name != "accounts"},
        "shopUrl": f"{plan.gateway_url}/shop",
        "workUrl": f"{plan.gateway_url}/work",
        "manageUrl": f"{plan.gateway_url}/manage",
        "barcodes": await _barcodes(plan, tokens),
    }


def _own_barcodes(plan: _Plan) -> tuple[str, ...]:
    """Chosen ones of the invented goods; none where others are sold."""
    return () if plan.sells_from_file else example_barcodes(invented_catalogue())


async def _barcodes(plan: _Plan, tokens: Tokens) -> list[str]:
    """Some that the store sells: chosen ones of the invented goods, the first ones of a catalogue file."""
    if not plan.sells_from_file:
        return list(_own_barcodes(plan))
    caller = Caller(allow_private_addresses=True)
    try:
        page = PageRequest(limit=10, request=ProductSearchRequest(institution_id=tokens.institution_id))
        found = await caller.call(Target(plan.node_url, tokens.node_access_token), PRODUCT_SEARCH, page)
    finally:
        await caller.close()
    return [product.barcode for product in found.result]


def _tell(plan: _Plan, tokens: Tokens, summary: Mapping[str, Any]) -> None:
    console.print(
        f"""
[bold green]Smarts is ready.[/] A purchase in both roles, side by side:

  [bold][link]{plan.page_url}[/link][/bold]

  Shop         [link]{plan.gateway_url}/shop[/link]{_accounts(plan, tokens)}
  API          [link]{plan.gateway_url}/docs[/link]
  Store node   {plan.node_url} (store {tokens.institution_id})
  Everything   is kept in {escape(str(plan.data))}

The same purchase by hand, in another terminal:

{escape(_purchase(plan, tokens, summary["barcodes"][0]))}

Ctrl-C stops everything; the next start finds it again.
"""
    )


def _accounts(plan: _Plan, tokens: Tokens) -> str:
    """Where the staff sign in, and with what."""
    pages = {Role.WORKER: "Work", Role.MANAGER: "Manage", Role.OPERATOR: "Operate"}
    return "".join(
        f"\n  {pages[each.role]:<12} {plan.gateway_url}/{pages[each.role].lower()}"
        f"   ({each.email}, password {escape(each.password)})"
        for each in tokens.accounts
    )


def _purchase(plan: _Plan, tokens: Tokens, barcode: str) -> str:
    header = "-H 'Content-Type: application/json' -H \"Authorization: Bearer $TOKEN\""
    pick = "import json,sys; d=json.load(sys.stdin); print(*(d[k] for k in sys.argv[1:]))"
    return f"""  shop() {{ curl -s {header} {plan.gateway_url}/shop/v1/"$@"; }}
  pick() {{ python3 -c '{pick}' "$@"; }}
  TOKEN=$(shop shoppers -d '{{"langCode":"EN"}}' | pick token)
  CART=$(shop carts -d '{{"institutionId":"{tokens.institution_id}"}}' | pick id)
  shop carts/$CART/lines -d '{{"barcode":"{barcode}"}}' | pick state total
  shop carts/$CART/checkout -X POST | pick state check
  shop carts/$CART/payment -d '{{"method":"SANDBOX"}}' | pick state total"""
