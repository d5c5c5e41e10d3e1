"""A store as it is typed into a form: the fields' names, and the document of the API that they make."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from smarts.gateway.parties import NodeLimits, SparedFeature, Store
from smarts.gateway.web.forms import Form, number_or_text
from smarts.wire.money import Currency
from smarts.wire.times import zone_names

_LEVELS = tuple(f"level{number}" for number in range(1, 9))
_ADDRESS = (*_LEVELS, "postalCode")
_SWITCHES = ("merchantSidePurchaseControl", "merchantSideInvoicing")
_USES = "uses"
_TEXTS = ("name", "vatNumber", "registrationNumber", "timeZone", "currency")
_PLACE = ("latitude", "longitude")
_LIMITS = ("atOnce", "perSecond", "patienceSeconds")
_FIRST_AREA = "Europe"
CURRENCIES = tuple(Currency)
FEATURES = tuple(SparedFeature)


def typed(form: Form) -> dict[str, Any]:
    """What was typed, by the fields' names, to be shown again."""
    names = (*_TEXTS, *_ADDRESS, *_PLACE, *_SWITCHES, *_LIMITS, "nodeUrl", "merchant", "id")
    return {**{name: form.get(name, "") for name in names}, _USES: form.getlist(_USES)}


def typed_anew() -> dict[str, Any]:
    """The fields of a store that is yet to be."""
    uses = [feature.value for feature in FEATURES]
    started = {"timeZone": "Europe/Tallinn", "currency": Currency.EUR.value, _SWITCHES[0]: "on"}
    return typed(Form()) | started | _typed_limits(NodeLimits()) | {_USES: uses}


def _typed_limits(limits: NodeLimits) -> dict[str, str]:
    values = (limits.at_once, limits.per_second, limits.patience_seconds)
    return {name: f"{value:g}" for name, value in zip(_LIMITS, values, strict=True)}


def typed_of(store: Store, node_url: str) -> dict[str, Any]:
    """A store's fields as they would be typed."""
    seller, address, place = store.seller, store.seller.address, store.place
    switches = store.switches
    fields = {
        "name": store.name,
        "vatNumber": seller.vat_number,
        "registrationNumber": seller.reg_number,
        "timeZone": str(store.time_zone),
        "currency": store.currency.value,
        "latitude": place and str(place.latitude),
        "longitude": place and str(place.longitude),
        "postalCode": address and address.postal_code,
        **{level: getattr(address, level, None) for level in _LEVELS},
        _SWITCHES[0]: "on" if switches.merchant_side_purchase_control else "",
        _SWITCHES[1]: "on" if switches.merchant_side_invoicing else "",
        "nodeUrl": node_url,
        **_typed_limits(store.node_limits),
    }
    uses = [feature.value for feature in FEATURES if feature not in switches.features_off]
    return {**{name: text or "" for name, text in fields.items()}, _USES: uses}


def document(form: Form) -> dict[str, Any]:
    """What the form says of a store, as the API takes it; what is empty is null. A currency that is not there stays."""
    told = {name: form.get(name, "").strip() for name in (*_TEXTS, *_ADDRESS, *_PLACE)}
    address = {name: told[name] for name in _ADDRESS if told[name]}
    place = {name: number_or_text(told[name]) for name in _PLACE}
    limits = {name: number_or_text(form.get(name, "").strip()) for name in _LIMITS}
    used = form.getlist(_USES)
    return {
        "name": told["name"],
        "address": {"level1": "", **address} if address else None,
        "vatNumber": told["vatNumber"] or None,
        "registrationNumber": told["registrationNumber"] or None,
        "timeZone": told["timeZone"],
        "place": place if any(place.values()) else None,
        "switches": {
            **{name: bool(form.get(name)) for name in _SWITCHES},
            "featuresOff": [feature for feature in FEATURES if feature not in used],
        },
        **({"currency": told["currency"]} if told["currency"] else {}),
        **({"nodeLimits": limits} if any(limits.values()) else {}),
    }


@cache
def zones() -> Mapping[str, Sequence[str]]:
    """The time zones of places by the part of the world, Europe first."""
    areas: dict[str, list[str]] = {_FIRST_AREA: []}
    for name in sorted(zone_names()):
        area, _, city = name.partition("/")
        if city and area not in ("Etc", "SystemV", "US"):
            areas.setdefault(area, []).append(name)
    return areas
