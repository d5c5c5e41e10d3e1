"""What is read at most, as the code has it."""

from inspect import signature

from made.markdown import table
from smarts.caller import Caller
from smarts.edge.app import EdgeApp
from smarts.edge.requests import MOST_QUERY_FIELDS
from smarts.edge.router import LONGEST_PARAMETER
from smarts.gateway.carts.rules import MOST_LINES, MOST_QUANTITY
from smarts.gateway.codes.pictures import LARGEST_BYTES, LARGEST_PIXELS
from smarts.gateway.loyalty.rules import LARGEST_IMAGE
from smarts.gateway.people import accounts
from smarts.gateway.people.passwords import LONGEST, SHORTEST
from smarts.gateway.people.programs import MOST_TOKENS
from smarts.node import Node


def markdown() -> str:
    """Every bound, and what is answered beyond it."""
    edge, node, caller = (signature(each.__init__).parameters for each in (EdgeApp, Node, Caller))
    rows = [
        ("a document, gateway", _size(edge["body_limit"].default), "413 `too-large`"),
        ("a document, node", _size(node["body_limit"].default), "413 `too-large`"),
        ("a body's time to arrive", f"{edge['body_seconds'].default:g} s", "408 `body-slow`"),
        ("a picture for scanning", f"{_size(LARGEST_BYTES)}, {LARGEST_PIXELS:,} pixels", "413, 422"),
        ("a picture of a card", _size(LARGEST_IMAGE), "422 `wrong-shape`"),
        ("a node's answer", _size(caller["answer_limit"].default), "502 `node-nonsense`"),
        ("fields of a query", str(MOST_QUERY_FIELDS), "422 `wrong-shape`"),
        ("a parameter in an address", f"{LONGEST_PARAMETER} characters", "404 `not-found`"),
        ("an `Idempotency-Key`", "255 characters", "422 `wrong-shape`"),
        ("digits of a number", "15 before the point, 32 after it", "422 `wrong-shape`"),
        ("moments", "the years 1970 to 9999", "422 `wrong-shape`"),
        ("pages of lists", "each row's `limit`", "422 `wrong-shape`"),
        ("lines of a cart, pieces of a line", f"{MOST_LINES}, {MOST_QUANTITY:,}", "422 `cart-full`, `wrong-shape`"),
        ("a password", f"{SHORTEST} to {LONGEST} characters", "422 `wrong-shape`"),
        ("wrong passwords in 15 minutes", _attempts(), "429 `too-many`"),
        ("a person's sessions, tokens for programs", f"{accounts.MOST_SESSIONS}, {MOST_TOKENS}",
         "the oldest session ends; 409 `conflict`"),
    ]  # fmt: skip
    return table(("what", "at most", "beyond it"), rows)


def _attempts() -> str:
    return f"{accounts.MOST_FOR_AN_ACCOUNT} for an account, {accounts.MOST_FROM_AN_ADDRESS} from an address"


def _size(count: int) -> str:
    return f"{count // 1024:,} KiB"
