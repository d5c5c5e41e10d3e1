"""What is secret is hidden wherever it stands in an event of the log."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.edge.scrubbing import HIDDEN, Scrubber, hide_by_shape, is_secret_name, secrets_of
from smarts.edge.tokens import new_token

PREFIXES = ("sm_shopper", "sm_store", "sm_worker", "sm_manager", "sm_operator", "sm_session")
SECRETS = {
    "a token of ours": new_token("sm_store"),
    "a card that money is taken from": "4242 4242 4242 4242",
    "an email": "liis.tamm+shop@mail.example.org",
    "a key of Stripe": "sk_live_51Habcdefghijklmnop",
    "a secret that Stripe signs with": "whsec_abcdefghijklmnop",
    "a database's password": "pa55-w0rd!x",
    "a basic authorization": "dXNlcjpwYXNzd29yZA==",
}
TEXTS = {
    "a token of ours": "no such token: {}.",
    "a card that money is taken from": "card {} declined",
    "an email": "Somebody signs in as {}, already",
    "a key of Stripe": "Invalid API key: {}",
    "a secret that Stripe signs with": "the secret {} does not fit",
    "a database's password": "cannot reach postgresql://smarts:{}@db.example:5432/smarts",
    "a basic authorization": "sent Basic {} to the shop",
}


@pytest.mark.parametrize("what", SECRETS)
def test_what_looks_like_a_secret_is_hidden(what: str) -> None:
    """Text keeps its words and loses the secret, also deep inside of what was logged, and in keys."""
    secret = SECRETS[what]
    text = TEXTS[what].format(secret)
    event = Scrubber()(None, "info", {"event": text, "more": {"list": [(text,)], text: ValueError(text)}})
    assert secret not in repr(event)
    assert TEXTS[what].split()[0] in event["event"]
    assert HIDDEN in event["event"]


@given(
    st.sampled_from(PREFIXES), st.text(alphabet="ab .,;:\"'()[]{}=/\n"), st.text(alphabet=" .,;:\"'()[]{}/\n")
)
def test_a_token_is_hidden_wherever_it_stands(prefix: str, before: str, after: str) -> None:
    """Whatever stands around a token of ours, not a part of it that could be guessed on from is left."""
    token = new_token(prefix)
    assert token[len(prefix) + 1 :] not in hide_by_shape(f"{before} {token} {after}")


@given(st.text(alphabet="0345aefsk_TZ-.: @=/\"'", max_size=60))
def test_what_is_looked_at_briefly_is_hidden_as_well(text: str) -> None:
    """What most values look like is passed by; after a line break it is looked at in full, which comes to the same."""
    assert hide_by_shape(f"\n{text}") == f"\n{hide_by_shape(text)}"


@pytest.mark.parametrize(
    "number", ["30569309025904", "3056-930902-5904", "card:30569309025904", "4242424242424242"]
)
def test_a_card_that_stands_alone_is_hidden(number: str) -> None:
    """The shortest numbers that cards have, too."""
    assert not any(digit in hide_by_shape(number) for digit in "0123456789")


@pytest.mark.parametrize(
    "name",
    ["accessToken", "token", "node_token", "password", "PGPASSWORD", "Authorization", "Cookie", "Set-Cookie",
     "cardNumber", "card", "email", "emailAddress", "phone", "X-CSRF-Token", "SMARTS_STRIPE_KEY_SECRET", "database_url",
     "webhook-signature", "machineReadableCode"],
)  # fmt: skip
def test_what_goes_by_a_secret_name_is_hidden(name: str) -> None:
    """A field with such a name is hidden whatever it holds, a number or a document too."""
    for value in ("x", 4711, {"inner": "x"}, b"x"):
        assert Scrubber()(None, "info", {"event": "e", name: value})[name] == HIDDEN


@pytest.mark.parametrize(
    "name",
    [
        "event",
        "route",
        "request_id",
        "lane",
        "message_id",
        "kind",
        "count",
        "institution",
        "level",
        "timestamp",
    ],
)
def test_what_people_look_for_stays(name: str) -> None:
    """Names of what is no secret are none, and their values stay as they were."""
    assert not is_secret_name(name)
    assert Scrubber()(None, "info", {name: "GET /v1/orders 12"})[name] == "GET /v1/orders 12"


@pytest.mark.parametrize(
    "text",
    [
        "8f14e45f-ceea-467f-a8c6-aa3b6a3a1f5e",
        "barcode 4740012345672",
        "at 2026-11-28T17:00:25.123456Z",
        "http://127.0.0.1:8080/docs",
        '  File "/srv/smarts/edge/app.py", line 98, in _answer',
        "    token = new_token(f\"sm_{role}\")",
        "    async def staff_by_token(self, token: str) -> Staff | None:",
        "3.1415926535",
    ],
)  # fmt: skip
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    """Numbers, barcodes, addresses and lines of code are read in a log, and stay."""
    assert hide_by_shape(text) == text


def test_documents_in_texts_lose_their_secret_fields() -> None:
    """JSON, headers and connection strings inside a text lose values whose names are secret."""
    text = """{"accessToken": "abc", 'password': 'def', "name": "Ann"} accesstoken: ghi\nhost=db password=jkl db=x"""
    assert hide_by_shape(text) == (
        '{"accessToken": "[hidden]", "password": "[hidden]", "name": "Ann"} accesstoken: [hidden]\n'
        "host=db password=[hidden] db=x"
    )


def test_known_secrets_are_hidden_whatever_they_look_like() -> None:
    """The token that a merchant chose looks like nothing, and is hidden since the process knows it."""
    known = secrets_of({"NODE_TOKEN": "kuldne-kala", "PATH": "/usr/bin", "SHOP_PASSWORD": "kala"})
    assert Scrubber(known).text("shown kuldne-kala in /usr/bin") == "shown [hidden] in /usr/bin"
    assert Scrubber(known).text("a kala") == "a kala", "what is so short could be part of any word"


@pytest.mark.parametrize(
    "piece", ["a@", "4 ", "sm_a_", "https://a:", '"token":', "password=", "a.", "-", "Bearer ", "'"]
)
def test_hostile_texts_cost_no_more_than_their_length(piece: str) -> None:
    """Text made to be looked at again and again is looked at in a moment, and what is endless gets an end."""
    text = piece * (1_000_000 // len(piece))
    began = time.process_time()
    scrubbed = Scrubber().text(text)
    assert time.process_time() - began < 2
    assert len(scrubbed) < 100_000
