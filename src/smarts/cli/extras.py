"""Which extra of the installation is missing where a command cannot be loaded."""

import traceback

_EXTRAS = {
    "smarts.gateway": "gateway",
    "smarts.cli.database": "gateway",
    "smarts.ready": "ready",
    "smarts.kit": "kit",
    "smarts.cli.try_node": "kit",
}


def missing_extra(error: ImportError) -> str | None:
    """The extra that a part of Smarts needed when it failed to load; None where something else is wrong."""
    cause = error.__cause__ or error
    if not isinstance(cause, ModuleNotFoundError) or (cause.name or "").partition(".")[0] == "smarts":
        return None
    for frame, _ in reversed(list(traceback.walk_tb(cause.__traceback__))):
        loaded = str(frame.f_globals.get("__name__"))
        for part, extra in _EXTRAS.items():
            if f"{loaded}.".startswith(f"{part}."):
                return extra
    return None
