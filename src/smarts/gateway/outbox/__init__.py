"""Messages that must arrive, and timers that must fire: written with the business data, sent by workers afterwards.

A message belongs to a *lane* (one a store), which is served apart from all others: a node that is slow or down
holds up its own lane only. Within a lane, the messages of one *order key* (a purchase, say) are sent strictly one
after the other, in the order of their commits; one that has to be tried again holds up its own order key only, and
one that is given up (a dead letter) lets the next ones pass.

Delivery is at least once: a worker that dies between sending and recording leaves the message to be sent again. The
message's id is the same each time, so that the receiver can tell; only who has what was delivered sent again as a new
message gives it another one.

Timers are messages that are due later. Give them lanes of their own, since a store's lane rests while its node is down.
"""

from smarts.gateway.outbox.books import (
    DeadLetter,
    Depth,
    Letters,
    attempts_of,
    dead_letters,
    depth,
    end_rests,
    forget,
    overdue_by_kind,
    replay,
    replay_all,
    resume,
    rewrite,
    unserved,
)
from smarts.gateway.outbox.delivery import Limits
from smarts.gateway.outbox.messages import CHANNEL, Message, cancel, cancelling, put, putting
from smarts.gateway.outbox.outcomes import Attempt, Delivered, Handler, Outcome, Refused, RetryLater
from smarts.gateway.outbox.schedule import LANE_RESTS, RETRIES, UNTIL_KNOWN, Schedule
from smarts.gateway.outbox.worker import Worker

__all__ = [
    "CHANNEL",
    "LANE_RESTS",
    "RETRIES",
    "UNTIL_KNOWN",
    "Attempt",
    "DeadLetter",
    "Delivered",
    "Depth",
    "Handler",
    "Letters",
    "Limits",
    "Message",
    "Outcome",
    "Refused",
    "RetryLater",
    "Schedule",
    "Worker",
    "attempts_of",
    "cancel",
    "cancelling",
    "dead_letters",
    "depth",
    "end_rests",
    "forget",
    "overdue_by_kind",
    "put",
    "putting",
    "replay",
    "replay_all",
    "resume",
    "rewrite",
    "unserved",
]
