"""Campaigns in files: a row each, with the products they are for and the days on which they go on."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from smarts.ready.lists import Listed, RowRefusedError, file_rows, listed, require_columns
from smarts.ready.promotions import Promotion
from smarts.ready.settings import CampaignSettings, require_order, require_sound_campaign
from smarts.wire.products import Campaign

COLUMNS = ("name", "code", "operation", "barcodes", "categories", "from", "until")
NEEDED = ("name", "code", "operation")


def read_campaigns(file: Path) -> Listed[Promotion]:
    """Reads a file of campaigns; `;` stands between several barcodes and between several categories.

    Raises:
        SourceError: it cannot be read, or has other columns.
    """
    return listed(require_columns(file_rows(file), COLUMNS, NEEDED), _promotion)


def of_settings(settings: Iterable[CampaignSettings]) -> tuple[Promotion, ...]:
    """The campaigns that stand in the settings themselves."""
    return tuple(
        Promotion(
            campaign=Campaign(each.name or "", each.code or "", each.operation or ""),
            barcodes=frozenset(each.barcodes),
            categories=frozenset(each.categories),
            starts=each.starts,
            ends=each.ends,
        )
        for each in settings
        if each.file is None
    )


def _promotion(cells: Mapping[str, str]) -> Promotion:
    for column in NEEDED:
        if not cells[column]:
            raise RowRefusedError(column, "expected a text")
    try:
        require_sound_campaign(cells["code"], cells["operation"])
    except ValueError as error:
        column = "code" if str(error).startswith("`code`") else "operation"
        raise RowRefusedError(column, str(error)) from None
    starts, ends = _day(cells, "from"), _day(cells, "until")
    try:
        require_order(starts, ends)
    except ValueError as error:
        raise RowRefusedError("until", str(error)) from None
    return Promotion(
        campaign=Campaign(cells["name"], cells["code"], cells["operation"]),
        barcodes=_several(cells, "barcodes"),
        categories=_several(cells, "categories"),
        starts=starts,
        ends=ends,
    )


def _several(cells: Mapping[str, str], column: str) -> frozenset[str]:
    return frozenset(part.strip() for part in cells.get(column, "").split(";") if part.strip())


def _day(cells: Mapping[str, str], column: str) -> date | None:
    text = cells.get(column)
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        raise RowRefusedError(column, f"expected a day such as 2026-12-24, got {text}") from None
