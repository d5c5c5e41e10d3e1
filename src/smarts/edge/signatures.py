"""Signed requests, as Standard Webhooks has them: an id, a time, and HMAC-SHA256 over both and the body.

What is signed is `id.timestamp.body`; `webhook-signature` holds a signature for each secret, so that one may be
exchanged while both are in use. https://www.standardwebhooks.com
"""

import base64
import binascii
import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence

from smarts.edge.problems import SIGNATURE_REFUSED
from smarts.wire.operations import MESSAGE_ID_HEADER

TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
TOLERANCE_SECONDS = 300
LONGEST_ID = 255

_PREFIX = "whsec_"
_VERSION = "v1,"
_FEWEST_BYTES, _MOST_BYTES = 24, 64
_MOST_SIGNATURES = 10
_ID = re.compile(rf"[!-~]{{1,{LONGEST_ID}}}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)


def new_secret() -> str:
    """A random signing secret of 256 bits."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The key that a secret stands for.

    Raises:
        ValueError: it is not `whsec_` and 24 to 64 bytes in base64. The message does not hold it.
    """
    text = secret.strip().removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.strip().startswith(_PREFIX) or not _FEWEST_BYTES <= len(key) <= _MOST_BYTES:
        raise ValueError(
            f"Expected a signing secret: {_PREFIX} and {_FEWEST_BYTES} to {_MOST_BYTES} bytes in base64"
        )
    return key


def is_message_id(text: str) -> bool:
    """Whether it is 1 to 255 visible ASCII characters, as ids of messages are."""
    return _ID.fullmatch(text) is not None


def signed(keys: Sequence[bytes], message_id: str, body: bytes, now: float) -> dict[str, str]:
    """The three headers of a request that is sent now."""
    timestamp = str(int(now))
    signatures = " ".join(_VERSION + _signature(key, message_id, timestamp, body) for key in keys)
    return {MESSAGE_ID_HEADER: message_id, TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signatures}


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    content = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, content, "sha256")).decode()


class Signatures:
    """Lets requests pass that one of these secrets has signed, less than five minutes ago by our clock.

    Raises:
        ValueError: a secret is none.
    """

    def __init__(self, signing_secrets: Sequence[str], clock: Callable[[], float] = time.time) -> None:
        self._keys = [key_of(each) for each in signing_secrets]
        self._clock = clock

    def __call__(self, headers: Mapping[str, str], body: bytes) -> None:
        """Looks at a request, by its headers (names in lower case) and the very bytes of its body.

        Raises:
            ProblemError: 401 that says what is wrong.
        """
        message_id, timestamp = headers.get(MESSAGE_ID_HEADER, ""), headers.get(TIMESTAMP_HEADER, "")
        shown = headers.get(SIGNATURE_HEADER, "")
        if not (message_id and timestamp and shown):
            raise SIGNATURE_REFUSED.error(
                f"Expected the headers {MESSAGE_ID_HEADER}, {TIMESTAMP_HEADER} and {SIGNATURE_HEADER}."
            )
        self._require_fresh(timestamp)
        if not self._has_signed(message_id, timestamp, body, shown.split(" ")[:_MOST_SIGNATURES]):
            raise SIGNATURE_REFUSED.error(
                f"No signature in {SIGNATURE_HEADER} is that of a signing secret of this node."
            )

    def _require_fresh(self, timestamp: str) -> None:
        now = int(self._clock())
        if not _TIMESTAMP.fullmatch(timestamp):
            raise SIGNATURE_REFUSED.error(f"Expected seconds since 1970 in {TIMESTAMP_HEADER}.")
        if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
            raise SIGNATURE_REFUSED.error(
                f"{TIMESTAMP_HEADER} is {timestamp}, and it is {now} here: at most {TOLERANCE_SECONDS} seconds may lie"
                " between."
            )

    def _has_signed(self, message_id: str, timestamp: str, body: bytes, shown: Sequence[str]) -> bool:
        found = False
        for key in self._keys:
            expected = (_VERSION + _signature(key, message_id, timestamp, body)).encode()
            for each in shown:  # all of them, so that time tells nothing
                found |= hmac.compare_digest(expected, each.encode())
        return found
