"""Campaigns as they are run: code and operation, read once."""

from dataclasses import dataclass
from functools import lru_cache

from smarts.campaigns.code import CampaignCode
from smarts.campaigns.operation import Operation, compile_operation
from smarts.wire.products import Campaign

_KEPT_CAMPAIGNS = 4096


@dataclass(frozen=True, slots=True)
class ReadCampaign:
    """For whom a campaign is and what it changes, and what it makes of it."""

    code: CampaignCode
    operation: Operation


def read_campaign(campaign: Campaign) -> ReadCampaign:
    """The campaign in runnable form; one that was seen lately is not read again.

    Raises:
        CodeRefusedError: its code is not one.
        OperationRefusedError: its operation is none of its code's kind.
    """
    return _read(campaign.code, campaign.operation)


@lru_cache(_KEPT_CAMPAIGNS)
def _read(code: str, operation: str) -> ReadCampaign:
    parsed = CampaignCode.parse(code)
    return ReadCampaign(parsed, compile_operation(operation, parsed.kind))
