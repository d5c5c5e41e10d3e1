"""Signed requests: ours and those of Standard Webhooks' own library are the same, and nothing else passes."""

import base64
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from smarts.edge.signatures import Signatures, key_of, new_secret, signed
from smarts.wire.errors import ProblemError

SECRET = new_secret()
NOW = 1_700_000_000.0
BODY = '{"total":1.20,"name":"Leib õ"}'.encode()


def look(headers: dict[str, str], body: bytes = BODY, *, secrets: tuple[str, ...] = (SECRET,)) -> str:
    """What is wrong with a request, or nothing."""
    try:
        Signatures(secrets, lambda: NOW)(headers, body)
    except ProblemError as error:
        problem = error.problem
    else:
        return ""
    assert (problem.status, problem.type) == (401, "signature-refused")
    return problem.detail


def headers_of(secrets: tuple[str, ...] = (SECRET,), now: float = NOW) -> dict[str, str]:
    return signed([key_of(each) for each in secrets], "m-1", BODY, now)


def test_the_example_that_everybody_has() -> None:
    """The id, time, body and secret of Standard Webhooks' examples have the signature that stands there."""
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', 1614265330)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(
    body=st.text(),
    message_id=st.from_regex(r"[!-~]{1,40}", fullmatch=True),
    key=st.binary(min_size=24, max_size=64),
)
def test_the_official_library_agrees(body: str, message_id: str, key: bytes) -> None:
    """It accepts what is signed here, and what it signs is accepted here."""
    secret, data, now = f"whsec_{base64.b64encode(key).decode()}", body.encode(), int(time.time())
    ours = signed([key], message_id, data, now)
    judge = Webhook(secret)
    judge.verify(data, ours, json_parse=False)
    theirs = {**ours, "webhook-signature": judge.sign(message_id, datetime.fromtimestamp(now, UTC), body)}
    Signatures([secret])(theirs, data)


@given(secret=st.text(max_size=90) | st.text("whsec_A+/=", max_size=90))
def test_what_is_no_secret_is_told(secret: str) -> None:
    """Any text is a key of 24 to 64 bytes, or is refused in words that do not hold it."""
    try:
        key = key_of(secret)
    except ValueError as error:
        words = str(error)
    else:
        words = ""
        assert 24 <= len(key) <= 64
    assert not words or words.startswith("Expected a signing secret")


def test_a_request_as_it_was_signed_passes() -> None:
    """With the one secret, or with either of two while they are exchanged, on both sides."""
    other = new_secret()
    assert look(headers_of()) == ""
    assert look(headers_of((other, SECRET))) == ""
    assert look(headers_of(), secrets=(other, SECRET)) == ""
    assert look(signed([key_of(SECRET)], "m", b"", NOW), b"") == ""


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"webhook-id": "m-2"}, "No signature"),
        ({"webhook-id": ""}, "Expected the headers"),
        ({"webhook-timestamp": "1700000001"}, "No signature"),
        ({"webhook-timestamp": "x"}, "seconds since 1970"),
        ({"webhook-timestamp": "1.7e9"}, "seconds since 1970"),
        ({"webhook-timestamp": "١٧٠٠٠٠٠٠٠٠"}, "seconds since 1970"),
        ({"webhook-timestamp": "9" * 5000}, "seconds since 1970"),
        ({"webhook-signature": ""}, "Expected the headers"),
        ({"webhook-signature": "v1"}, "No signature"),
        ({"webhook-signature": "v1,"}, "No signature"),
        ({"webhook-signature": "v1,õ v1a,AAAA ,,,"}, "No signature"),
        ({"webhook-signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}, "No signature"),
    ],
)
def test_whatever_is_changed_is_refused(changed: dict[str, str], words: str) -> None:
    """Another id, time or signature, or one of the headers gone, and the answer says which."""
    assert words in look(headers_of() | changed)


def test_another_body_or_secret_is_refused() -> None:
    """One byte more in the body, or a secret that the node does not have."""
    assert "No signature" in look(headers_of(), BODY + b" ")
    assert "No signature" in look(headers_of((new_secret(),)))


@pytest.mark.parametrize(
    ("age", "passes"), [(0, True), (300, True), (301, False), (-300, True), (-301, False)]
)
def test_what_is_replayed_later_is_refused(age: int, *, passes: bool) -> None:
    """Five minutes may lie between the two clocks, in either direction; both times are told."""
    words = look(headers_of(now=NOW - age))
    assert words == "" if passes else f"{int(NOW)} here" in words


def test_what_is_beyond_ten_signatures_is_not_looked_at() -> None:
    """A header of a thousand signatures costs no more than one of ten."""
    headers = headers_of()
    right = headers["webhook-signature"]
    assert look({**headers, "webhook-signature": " ".join(["v1,AAAA"] * 9 + [right])}) == ""
    assert "No signature" in look({**headers, "webhook-signature": " ".join(["v1,AAAA"] * 10 + [right])})
