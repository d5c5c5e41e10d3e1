"""What schemathesis cannot know when it follows links: barcodes that are sold, ways to pay that there are."""

import json
import os
from typing import Any

import schemathesis

import schemathesis_hooks

KNOWN = "SMARTS_FUZZ_KNOWN"
_KNOWN: dict[str, Any] = json.loads(os.environ.get(KNOWN, "{}"))


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Names what there is where a field has a name that is known; numbers are rounded as any sender would."""
    body = schemathesis_hooks.map_body(context, body)
    if isinstance(body, dict):
        return {
            name: _KNOWN.get(name, value) if isinstance(value, str) else value for name, value in body.items()
        }
    return body
