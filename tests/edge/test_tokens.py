"""Tokens."""

from hypothesis import given
from hypothesis import strategies as st

from smarts.edge.tokens import hashed, new_token, same


def test_tokens_are_long_distinct_and_named() -> None:
    """Each token is new, has 256 random bits, and begins with what it is for."""
    tokens = {new_token("node") for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("node_") and len(token) >= len("node_") + 43 for token in tokens)


@given(st.text(), st.text())
def test_the_same_is_what_is_equal(one: str, other: str) -> None:
    """Two tokens are the same when they are equal, whatever characters a stranger sends."""
    assert same(one, one)
    assert same(one, other) == (one == other)


def test_a_hash_stands_for_its_token_alone() -> None:
    """The same token has the same hash, another one another, and neither is in its hash."""
    token = new_token("shop")
    assert hashed(token) == hashed(token) != hashed(new_token("shop"))
    assert token.encode() not in hashed(token)
