"""Where the Smarts that runs was installed from, so that a new project gets the same one."""

from importlib.metadata import distribution, version
from typing import Any

import msgspec


def smarts_source() -> str:
    """How a requirement on it ends: the folder, repository or file it is from (PEP 610), else its release."""
    told = distribution("smarts").read_text("direct_url.json")
    return f" @ {_url(msgspec.json.decode(told))}" if told else f"~={version('smarts')}"


def _url(told: dict[str, Any]) -> str:
    url: str = told["url"]
    if found := told.get("vcs_info"):
        url = f"{found['vcs']}+{url}@{found['commit_id']}"
    folder = told.get("subdirectory")
    return f"{url}#subdirectory={folder}" if folder else url
