"""What schemathesis cannot read from JSON schemas: our formats, and that numbers have a bounded number of decimals."""

from datetime import datetime
from typing import Any

import schemathesis
from hypothesis import strategies as st

_MOMENTS = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9999, 12, 30))  # noqa: DTZ001 - `Z` is added

schemathesis.openapi.format(
    "date-time", _MOMENTS.map(lambda moment: moment.isoformat(timespec="milliseconds") + "Z")
)
schemathesis.openapi.format(
    "time-zone", st.sampled_from(["Europe/Tallinn", "America/St_Johns", "UTC+2", "UTC-03:30"])
)


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Rounds numbers as any sender would, and writes whole ones as such."""
    if isinstance(body, dict):
        return {name: map_body(context, value) for name, value in body.items()}
    if isinstance(body, list):
        return [map_body(context, value) for value in body]
    if isinstance(body, float):
        return int(body) if body.is_integer() else round(body, 9)
    return body
