"""Whose an address is, and what a token may do. Pure functions."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Network, ip_address

from smarts.gateway.parties import Role, Staff


def scoped(staff: Staff, role: Role, institution_ids: frozenset[str], *, reads_only: bool) -> Staff:
    """A person as a token for programs lets act: as what both may do, in stores that are within both."""
    weaker = max(staff.role, role, key=list(Role).index)
    stores = institution_ids & staff.institution_ids if staff.role is Role.WORKER else institution_ids
    return replace(staff, role=weaker, institution_ids=stores, by_program=True, reads_only=reads_only)


def whose(address: str) -> str:
    """The address, or with IPv6 the network of it, since whoever has one address there has all of them."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found), 64), strict=False))
