"""Whatever object there is, what we write of it is read back as the same."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smarts.wire.codec import decode, encode
from wire.documents import STRUCTS
from wire.strategies import objects

KINDS = {str(kind): kind for kind in STRUCTS.values()}  # a union stands for all its members


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: getattr(kind, "__name__", str(kind)))
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_read_back_the_same(kind: Any, data: st.DataObject) -> None:
    """Writing an object and reading it gives an equal object, and writing that one gives the same bytes."""
    document = data.draw(objects(kind))
    text = encode(document)
    again = decode(text, kind)
    assert again == document
    assert encode(again) == text
