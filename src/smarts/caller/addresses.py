"""Where may be called: public addresses only, unless they may be private, over connections that keep to that."""

import os
import re
import socket
import ssl
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import aiohttp
from yarl import URL

from smarts.caller.failures import Unreachable

_IDLE = 15.0  # seconds that an unused connection is kept
_HOST = re.compile(r"[\w.:%-]+", re.ASCII)
_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")  # all that the Internet has given out
_DOCUMENTATION = IPv6Network("3fff::/20")  # newer than what Python knows


class _NotPublicError(OSError):
    pass


def check_address(url: str, *, allow_private: bool = False) -> str:
    """The address of another side as it is called, without a slash at the end.

    Names are not looked up here: what they lead to is checked whenever a connection is made.

    Raises:
        ValueError: it is not an http or https address, or its host is surely not a public one.
    """
    try:
        address = URL(url.strip())
        port = address.port
    except ValueError as error:
        raise ValueError(f"Not an address: {error}") from None
    if address.scheme not in {"http", "https"} or not port:
        raise ValueError("Expected an address that begins with http:// or https://")
    if not address.raw_host or not _HOST.fullmatch(address.raw_host):
        raise ValueError("Expected the name or the number of a host")
    if address.user is not None or address.password is not None:
        raise ValueError("Expected an address without a user name or password")
    if address.query_string or address.fragment:
        raise ValueError("Expected an address without ? and #")
    if not allow_private and _surely_private(address.raw_host):
        raise ValueError("Expected a public address")
    return str(address).rstrip("/")


def _surely_private(host: str) -> bool:
    if host.rstrip(".").lower().rpartition(".")[2] in {"localhost", "local", "internal"}:
        return True
    try:
        return not _is_public(ip_address(host))
    except ValueError:
        return False


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return _is_public(inner)
        if address not in _UNICAST or address in _DOCUMENTATION:
            return False
    return address.is_global and not address.is_multicast


def _public_socket(address_info: Any) -> socket.socket:
    """Makes the socket of a connection, last of all checks: a name cannot lead elsewhere after this one."""
    family, kind, protocol, _, address = address_info
    try:
        public = _is_public(ip_address(address[0]))
    except ValueError:
        public = False
    if not public:
        raise _NotPublicError("not a public address")
    return socket.socket(family, kind, protocol)


def tls(ca_file: str = "") -> ssl.SSLContext:
    """How others prove who they are: by the system's authorities, and by those in a file (PEM).

    Raises:
        OSError: the file cannot be read, or holds no certificates.
    """
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def open_session(
    connections_per_host: int, *, allow_private: bool, ca_file: str = ""
) -> aiohttp.ClientSession:
    """Connections that go to public addresses only, unless they may be private, and that remember no cookies."""
    connector = aiohttp.TCPConnector(
        limit=0,
        limit_per_host=connections_per_host,
        keepalive_timeout=_IDLE,
        ssl=tls(ca_file) if ca_file else True,
        socket_factory=None if allow_private else _public_socket,
    )
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=None),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )


def unconnected(origin: URL, error: OSError) -> Unreachable:
    """Nothing was sent: who was to be called cannot be reached."""
    if isinstance(error, _NotPublicError):
        return Unreachable(f"{origin} is not a public address", sent=False, retryable=False)
    return Unreachable(f"{origin} cannot be reached: {_reason(error)}", sent=False)


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"TLS failed, {getattr(error, 'verify_message', '') or error.reason}"
    number = error.errno or 0  # those of name look-ups are negative and have their own texts
    return os.strerror(number) if number > 0 else error.strerror or type(error).__name__
