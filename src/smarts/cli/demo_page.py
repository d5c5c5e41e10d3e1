"""The page with which a demonstration begins: what it is told, where it is, and a browser opened on it."""

import ipaddress
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from smarts.cli.demo_store import Tokens
from smarts.gateway.web.demo import Demo

_ELSEWHERE = (
    "192.0.2.1",
    9,
)  # an address that nobody has: the way there tells by which address we are reached


def page_file(data: Path) -> Path:
    """Where the page finds what it tells."""
    return data / "demo-page.json"


def page_content(tokens: Tokens, barcodes: Sequence[str], host: str, port: int) -> bytes:
    """What the page tells of the store; its shelf is the store's choice where no barcodes are given."""
    address = _reachable_at(host)
    phone_url = f"http://{address}:{port}" if address else ""
    return msgspec.json.encode(Demo(tokens.institution_id, tokens.accounts, tuple(barcodes), phone_url))


def here(host: str) -> str:
    """The host as an address has it that is opened on this very machine."""
    ip = _ip(host)
    if ip is None:
        return host
    if ip.is_unspecified:  # all addresses of the machine are listened at, but none can be opened by that name
        return "127.0.0.1" if ip.version == 4 else "[::1]"
    return host if ip.version == 4 else f"[{host}]"


def _reachable_at(host: str) -> str:
    """The host as other devices may reach it; empty where they cannot."""
    ip = _ip(host)
    if ip is None:
        return "" if host == "localhost" else host
    if ip.is_unspecified:
        return _own_address()
    return "" if ip.is_loopback else here(host)


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _own_address() -> str:
    """This machine's address in its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:
            return ""
        address: str = probe.getsockname()[0]
    return address


def has_screen() -> bool:
    """Whether somebody sits before a screen that we can show a page on."""
    if not sys.stdout.isatty() or "SSH_CONNECTION" in os.environ:
        return False
    return sys.platform in ("darwin", "win32") or bool(os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"})


def open_page(url: str) -> None:
    """Opens a browser, which may take its time; it does no harm that there is none."""
    threading.Thread(target=_open, args=(url,), daemon=True).start()


def _open(url: str) -> None:
    with suppress(webbrowser.Error, OSError):
        webbrowser.open(url)
