"""A store's own campaigns: what cannot work among them, and how the list changes. Their order counts (section 5).

Campaigns have no ids: a page knows one by a key that is made of what it says, so that what somebody has changed
meanwhile is not found any more, and nobody's change is lost.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from msgspec.structs import replace

from smarts.campaigns import (
    CampaignCode,
    Client,
    CodeRefusedError,
    Kind,
    OperationRefusedError,
    Sentence,
    compile_operation,
)
from smarts.campaigns.code import EVERYBODY
from smarts.edge.problems import WRONG_SHAPE
from smarts.gateway.errors import CAMPAIGN_CHANGED, CAMPAIGNS_FULL
from smarts.gateway.parties import Store
from smarts.wire.codec import encode
from smarts.wire.errors import FieldError
from smarts.wire.products import Campaign

MOST_CAMPAIGNS = 1000
MOST_CHARACTERS = 400_000  # of all their operations together, so that reading them stays quick
LONGEST_NAME = 200
KINDS = tuple(kind for kind in Kind if not kind.is_product_based)

_PRODUCT_KIND = (
    "Kind %(kind)s changes a product's row and comes with the product: a store's own is %(kinds)s."
)
_CARD = "The code of a card is up to 8 letters, digits and signs, without blanks."
_NOBODY = "Shoppers who are not clients have no cards: nobody would have this one."


@dataclass(frozen=True)
class Flaw:
    """Why a campaign does nothing for anybody: in its `client`, `card`, `kind` or `operation`, there at a character."""

    field: str
    sentence: Sentence
    position: int | None = None


def flaw_in(campaign: Campaign) -> Flaw | None:
    """What is wrong with a campaign of a store; None where it can work."""
    try:
        code = CampaignCode.parse(campaign.code)
    except CodeRefusedError as error:
        return _flaw_in_code(campaign.code, error.sentence)
    if code.kind not in KINDS:
        return Flaw("kind", Sentence(_PRODUCT_KIND, {"kind": code.kind.value, "kinds": " / ".join(KINDS)}))
    if code.client is Client.UNAUTHENTICATED and code.card != EVERYBODY:
        return Flaw("card", Sentence(_NOBODY))
    try:
        compile_operation(campaign.operation, code.kind)
    except OperationRefusedError as error:
        return Flaw("operation", error.sentence, error.position)
    return None


def _flaw_in_code(code: str, sentence: Sentence) -> Flaw:
    """Which part of the code is to blame: it begins with the client and ends with the kind, whatever the card."""
    if code[-3:] not in {kind.value for kind in Kind}:
        return Flaw("kind", sentence)
    return (
        Flaw("card", Sentence(_CARD))
        if code[:1] in {client.value for client in Client}
        else Flaw("client", sentence)
    )


def require_sound(campaign: Campaign) -> None:
    """Refuses a campaign that has no name to show, or does nothing for anybody; names each field to mend."""
    found = []
    if not 0 < len(campaign.name) <= LONGEST_NAME:
        found.append(FieldError("$.name", f"Expected from 1 to {LONGEST_NAME} characters"))
    flaw = flaw_in(campaign)
    if flaw:
        found.append(FieldError(f"$.{flaw.field}", str(flaw.sentence)))
    if found:
        raise WRONG_SHAPE.error(found[0].message, errors=tuple(found))


def keyed(campaigns: Iterable[Campaign]) -> Mapping[str, Campaign]:
    """Campaigns by their keys, in their order; those that say the same are told apart by a number."""
    seen, found = Counter[str](), {}
    for campaign in campaigns:
        digest = sha256(encode(campaign)).hexdigest()[:16]
        seen[digest] += 1
        found[digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"] = campaign
    return found


def place_of(campaigns: Iterable[Campaign], key: str) -> int:
    """Where in the list the campaign of a key is.

    Raises:
        ProblemError: 409, somebody has changed or deleted it meanwhile.
    """
    keys = list(keyed(campaigns))
    if key not in keys:
        raise CAMPAIGN_CHANGED.error()
    return keys.index(key)


def with_campaign(store: Store, campaign: Campaign, place: int | None = None) -> Store:
    """The store with one more campaign: the last one, or so many others before it.

    One that is there word for word is not added again: its form was sent twice, and shoppers would have it twice.

    Raises:
        ProblemError: 409, it has as many as there may be.
    """
    if campaign in store.campaigns:
        return store
    at = len(store.campaigns) if place is None else place
    return _with(store, (*store.campaigns[:at], campaign, *store.campaigns[at:]))


def with_changed(store: Store, key: str, campaign: Campaign) -> Store:
    """The store with another campaign in the place of one; the same form sent twice finds that it is there."""
    if key not in keyed(store.campaigns) and campaign in store.campaigns:
        return store
    at = place_of(store.campaigns, key)
    return _with(store, (*store.campaigns[:at], campaign, *store.campaigns[at + 1 :]))


def require_room(campaigns: Sequence[Campaign]) -> None:
    """Refuses a list that is too long; raises `ProblemError`, 409."""
    characters = sum(len(each.operation) for each in campaigns)
    if len(campaigns) > MOST_CAMPAIGNS or characters > MOST_CHARACTERS:
        raise CAMPAIGNS_FULL.error()


def _with(store: Store, campaigns: tuple[Campaign, ...]) -> Store:
    require_room(campaigns)
    return replace(store, campaigns=campaigns)


def without_campaign(store: Store, key: str) -> Store:
    """The store without a campaign."""
    at = place_of(store.campaigns, key)
    return replace(store, campaigns=(*store.campaigns[:at], *store.campaigns[at + 1 :]))


def with_moved(store: Store, key: str, by: int) -> Store:
    """The store with a campaign so many places further down, or up where below zero, as far as the list goes."""
    at = place_of(store.campaigns, key)
    others = list(without_campaign(store, key).campaigns)
    others.insert(max(0, at + by), store.campaigns[at])
    return replace(store, campaigns=tuple(others))
