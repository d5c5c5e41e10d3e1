"""Metrics, and the dashboard and alerts that read them: neither knows a name that the other does not."""

import json
import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from gateway.journeys.world import Client
from operations.conftest import Running
from operations.processes import soon
from postgres_fixtures import QUICK
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import embedded_postgres
from smarts.gateway.storage.migrations import migrate
from smarts.gateway.web.measures import Measures

pytestmark = pytest.mark.timeout(300)  # the first one waits for three processes
ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "deploy/grafana/smarts.json").read_text())
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"][0]["rules"]
OF_OTHERS = {
    "node_filesystem_avail_bytes",
    "node_filesystem_size_bytes",
    "probe_ssl_earliest_cert_expiry",
    "up",
}
_NAME = re.compile(r"\b(?:(?:smarts|process|node|probe)_\w+|up)\b")
_SELECTOR = re.compile(r"\b(\w+)\{([^}]*(?:\{[^}]*\}[^}]*)*)\}")
_LABEL = re.compile(r"(\w+)(?:=~|!~|!=|=)\"")
_ADDED = {"job", "instance", "le", "fstype", "mountpoint"}


def expressions() -> list[str]:
    """Every expression of the dashboard and of the alerts."""
    targets = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
    notes = [each["expr"] for each in DASHBOARD["annotations"]["list"]]
    return [*targets, *notes, *(rule["expr"] for rule in ALERTS)]


def used() -> set[str]:
    """The names in them."""
    return {name for each in expressions() for name in _NAME.findall(re.sub(r'"[^"]*"', '""', each))}


async def exposed(running: Running) -> dict[str, set[str]]:
    """The names of the samples that a gateway and its worker tell, with their labels."""
    found: dict[str, set[str]] = {}
    for url in (running.url, running.worker_url):
        text = (await Client(running.parts.session, url, {}).get("/metrics")).text
        for family in text_string_to_metric_families(text):
            ending = "_total" if family.type == "counter" else ""
            found.setdefault(family.name + ending, set())  # also where nothing was counted yet
            for sample in family.samples:
                found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.fixture
async def told(running: Running) -> dict[str, set[str]]:
    """What is told once something was bought and delivered."""
    await running.purchase()

    async def delivered() -> Any:
        found = await exposed(running)
        return found if "smarts_outbox_attempt_seconds_count" in found else None

    found: dict[str, set[str]] = await soon(delivered)
    return found


async def test_what_dashboard_and_alerts_read_is_there(told: dict[str, set[str]]) -> None:
    """Each name is one that a running gateway or worker tells, or one of Prometheus' own exporters."""
    assert used() - told.keys() - OF_OTHERS == set()


async def test_labels_in_dashboard_and_alerts_are_there(told: dict[str, set[str]]) -> None:
    """A selector picks by labels that its metric has."""
    for expression in expressions():
        for name, labels in _SELECTOR.findall(expression):
            wanted = set(_LABEL.findall(labels)) - _ADDED
            if told.get(name):
                assert wanted <= told[name], expression


async def test_every_metric_of_ours_is_looked_at() -> None:
    """What nobody looks at need not be told: each family is on the dashboard or in an alert."""
    ours = {family.name for family in Measures().registry.collect() if family.name.startswith("smarts")}
    missing = {name for name in ours if not any(each.startswith(name) for each in used())}
    assert missing == set(), "add these to deploy/grafana/smarts.json"


def test_every_alert_has_a_place_in_the_runbook() -> None:
    """An alert says what it is about, and which part of the runbook says what to do."""
    runbook = (ROOT / "docs/how-to/runbook.md").read_text()
    places = {title.lower().replace(" ", "-") for title in re.findall(r"^## (.+)$", runbook, re.MULTILINE)}
    for rule in ALERTS:
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["runbook"].removeprefix("runbook.md#") in places


async def test_without_the_database_the_rest_is_told(directory: Path) -> None:
    """A process whose database is gone still tells how it is, and that the database is away."""
    measures = Measures()
    async with AsyncExitStack() as stack:
        async with embedded_postgres(directory, settings=QUICK, on_progress=lambda _: None) as server:
            database = await stack.enter_async_context(Database.open(server.url(), connections=1))
            await migrate(database)
            assert b"smarts_database_up 1.0" in await measures.exposition(database)
        text = await measures.exposition(database)
    assert b"smarts_database_up 0.0" in text
    assert b"smarts_nodes{" not in text
    assert b"process_open_fds" in text
