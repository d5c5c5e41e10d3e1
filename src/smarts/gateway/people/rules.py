"""Whose an address is. A pure function."""

from ipaddress import IPv4Address, IPv6Network, ip_address


def whose(address: str) -> str:
    """The address, or with IPv6 the network of it, since whoever has one address there has all of them."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found), 64), strict=False))
