"""The one outgoing HTTP caller, for both directions of the contract.

It calls addresses that strangers typed in, so it goes to public addresses only, follows no redirects, and bounds
the time and the size of every answer.
"""

from smarts.caller.addresses import check_address, open_session, unconnected
from smarts.caller.caller import Caller, Target
from smarts.caller.failures import Answered, CallFailed, Nonsense, Refused, TooSlow, Unreachable
from smarts.caller.reading import read_body, retry_after_seconds

__all__ = [
    "Answered",
    "CallFailed",
    "Caller",
    "Nonsense",
    "Refused",
    "Target",
    "TooSlow",
    "Unreachable",
    "check_address",
    "open_session",
    "read_body",
    "retry_after_seconds",
    "unconnected",
]
