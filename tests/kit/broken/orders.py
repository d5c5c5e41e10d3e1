"""Nodes that are broken in receiving orders and their changes."""

from collections.abc import Callable
from typing import Any

from kit.broken.breakage import Breakage, breakage, remembering
from kit.broken.control import has_strings
from kit.broken.layer import Answer, Asked, How, Reply
from kit.broken.ways import failing, failing_again
from smarts.wire.operations import RECEIVE_ORDER, RECEIVE_ORDER_UPDATE


def _new(words: str, breaks: str, when: Callable[[Any], Any], status: int = 422) -> Breakage:
    return breakage(f"{words}, of an order", breaks, failing(RECEIVE_ORDER, when, status))


def _update(words: str, breaks: str, when: Callable[[Any], Any], status: int = 422) -> Breakage:
    return breakage(f"{words}, of a change", breaks, failing(RECEIVE_ORDER_UPDATE, when, status))


def _status(document: Any) -> Any:
    return document["shipment"]["status"]


def _length(document: Any) -> Any:
    return document["id"], len(document["statusChangelogs"])


def _keeps(refuse: Callable[[dict[str, Any], Asked], bool], status: int) -> How:
    """A node that keeps orders by their ids, and refuses by what it has kept."""
    kept: dict[str, Any] = {}

    async def how(asked: Asked, answer: Answer) -> Reply:
        found = await answer(asked)
        if asked.of(RECEIVE_ORDER, RECEIVE_ORDER_UPDATE) and found.status < 300:
            if refuse(kept, asked):
                return Reply(status)
            kept[asked.json["id"]] = asked.json
        return found

    return how


def _is_older(kept: dict[str, Any], asked: Asked) -> bool:
    before = kept.get(asked.json["id"])
    return before is not None and len(before["statusChangelogs"]) > len(asked.json["statusChangelogs"])


def _never_came(kept: dict[str, Any], asked: Asked) -> bool:
    return asked.of(RECEIVE_ORDER_UPDATE) and asked.json["id"] not in kept


def _came_by_its_change() -> How:
    """Keeps changes of orders that never came, and then does not know what to do with the order."""
    changed: set[str] = set()
    came: set[str] = set()

    async def how(asked: Asked, answer: Answer) -> Reply:
        found = await answer(asked)
        if found.status < 300 and asked.of(RECEIVE_ORDER_UPDATE) and asked.json["id"] not in came:
            changed.add(asked.json["id"])
        if found.status < 300 and asked.of(RECEIVE_ORDER):
            came.add(asked.json["id"])
            return Reply(409) if asked.json["id"] in changed else found
        return found

    return how


BREAKAGES = (
    _new("takes none", "orders.new.accepted", lambda _: True, 500),
    remembering(
        "takes an order once",
        "orders.new.again orders.update.older",
        lambda: failing_again(RECEIVE_ORDER, lambda asked: asked["id"]),
    ),
    _new("knows one name of its day", "orders.new.create", lambda asked: "created" not in asked),
    _update("knows one name of its day", "orders.new.create", lambda asked: "created" not in asked),
    _new("wants numbers", "orders.new.strings", has_strings),
    _new("knows no courier", "orders.new.methods", lambda asked: asked["shipment"]["method"] == "COURIER"),
    _new(
        "has nothing to be picked up",
        "orders.new.methods",
        lambda asked: asked["shipment"]["method"] == "PICKUP",
    ),
    _new("wants nobody to look after it", "orders.new.named", lambda asked: "resolverId" in asked, 500),
    _update("wants no end", "orders.new.closed orders.update.at-its-end", lambda asked: asked["closed"]),
    _new("reads 99 rows", "orders.new.big", lambda asked: len(asked["products"]) > 99, 413),
    _update(
        "does not assemble",
        "orders.update.on-its-way orders.update.picked",
        lambda asked: _status(asked) == "ASSEMBLE_READY",
    ),
    _update(
        "does not ship",
        "orders.update.on-its-way orders.update.older",
        lambda asked: _status(asked) == "SHIPPING",
    ),
    _update("misses nothing", "orders.update.at-its-end", lambda asked: _status(asked) == "MISSED"),
    _update(
        "is cancelled by nobody",
        "orders.update.at-its-end",
        lambda asked: _status(asked) == "CANCELLED_BY_CLIENT",
    ),
    remembering(
        "takes a change once",
        "orders.update.again orders.update.picked",
        lambda: failing_again(RECEIVE_ORDER_UPDATE, _length),
    ),
    remembering(
        "refuses older documents",
        "orders.update.older orders.update.before-new",
        lambda: _keeps(_is_older, 409),
    ),
    _update(
        "wants all goods",
        "orders.update.picked",
        lambda asked: len(asked["products"]) < 2 and "replaces" not in asked["products"][0],
    ),
    _update(
        "wants no other goods", "orders.update.picked", lambda asked: "replaces" in asked["products"][0], 500
    ),
    remembering(
        "fails at changes of unknown orders", "orders.update.unseen", lambda: _keeps(_never_came, 500)
    ),
    remembering("is confused by a change before its order", "orders.update.before-new", _came_by_its_change),
)
