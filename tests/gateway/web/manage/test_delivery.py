"""The delivery tab: each way is set up, refused at its fields, and tried on an order made now."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import ImmutableMultiDict

from gateway.journeys.world import World
from gateway.web.browsing import Browser
from gateway.web.manage.parts import filled, form_at, marked
from smarts.gateway.orders.delivery import DeliveryMethod, DeliveryTerms, ParcelMachine
from smarts.gateway.parties import Role
from smarts.gateway.web.forms import shaped
from smarts.gateway.web.manage import delivery_form
from smarts.wire.shipments import Address, ShipmentMethod
from smarts.wire.times import TimeOfDay, Weekday

COURIER = {
    "price": "4,90",
    "vatRate": "24",
    "freeFrom": "60",
    "hoursFrom": "10:00",
    "hoursTo": "16:00",
    "reactWithinMinutes": "1.5",
    "reactWithinMinutesUnit": "hours",
    "deliverWithinMinutes": "2",
    "deliverWithinMinutesUnit": "days",
}


async def methods(world: World) -> dict[ShipmentMethod, DeliveryMethod]:
    found = await world.gateway.orders.methods(world.institution_id)
    return {each.method: each for each in found}


async def test_a_courier_is_set_up_and_changed(world: World, manager: Browser, here: str) -> None:
    """Times are typed in the unit that suits; saved as it is shown, nothing changes; then it is switched off."""
    path = f"{here}/delivery/courier"
    assert "Not set up yet." in (await manager.get(f"{here}/delivery")).text
    saved = await manager.post(path, await form_at(manager, path, **COURIER))
    assert saved.status == 303, saved.text
    courier = DeliveryMethod(
        method=ShipmentMethod.COURIER,
        weekdays=tuple(Weekday)[:5],
        hours_from=TimeOfDay(10),
        hours_to=TimeOfDay(16),
        price=Decimal("4.90"),
        vat_rate=Decimal(24),
        free_from=Decimal(60),
        react_within_minutes=90,
        deliver_within_minutes=2 * 6 * 60,
    )
    assert await methods(world) == {ShipmentMethod.COURIER: courier}
    page = await manager.get(path)
    assert dict(filled(page)) | COURIER | {"price": "4.90", "reactWithinMinutes": "90",
        "reactWithinMinutesUnit": "minutes"} == dict(filled(page))  # fmt: skip
    await manager.post(path, filled(page))
    assert (await methods(world))[ShipmentMethod.COURIER] == courier
    off = [(name, value) for name, value in filled(page) if name != "active"]
    await manager.post(path, off)
    assert not (await methods(world))[ShipmentMethod.COURIER].active
    assert "€4.90 · free from €60.00" in (await manager.get(f"{here}/delivery")).text


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"price": "-1"}, "price"),
        ({"price": "1.005"}, "price"),
        ({"price": "free"}, "price"),
        ({"price": ""}, "price"),
        ({"vatRate": "101"}, "vatRate"),
        ({"freeFrom": "much"}, "freeFrom"),
        ({"hoursFrom": "25:00"}, "hoursFrom"),
        ({"hoursTo": "10:30"}, "hoursTo"),
        ({"reactWithinMinutes": "0"}, "reactWithinMinutes"),
        ({"reactWithinMinutes": "0.5", "reactWithinMinutesUnit": "minutes"}, "reactWithinMinutes"),
        ({"reactWithinMinutes": "soon"}, "reactWithinMinutes"),
        ({"deliverWithinMinutes": "1", "deliverWithinMinutesUnit": "hours"}, "deliverWithinMinutes"),
        ({"deliverWithinMinutes": "1000"}, "deliverWithinMinutes"),
        ({"parcelMachines": "12; Jaama"}, "parcelMachines"),
        ({"parcelMachines": "12; " + "x" * 200_000}, "parcelMachines"),
    ],
)
async def test_terms_that_contradict_themselves_are_told_at_their_field(
    world: World, manager: Browser, here: str, changed: dict[str, str], field: str
) -> None:
    """The form comes back as it was typed, and nothing is set up."""
    path = f"{here}/delivery/courier"
    fields = await form_at(manager, path, **(COURIER | changed))
    page = await manager.post(path, fields)
    assert (page.status, marked(page)) == (422, [field])
    assert await methods(world) == {}
    assert {name: dict(filled(page)).get(name) for name in changed} == changed


async def test_days_have_to_be_chosen(manager: Browser, here: str) -> None:
    """A store that packs on no day never delivers."""
    path = f"{here}/delivery/pickup"
    fields = [each for each in await form_at(manager, path, **COURIER) if each[0] != "weekdays"]
    page = await manager.post(path, fields)
    assert page.status == 422
    assert "A day at least" in page.text


async def test_an_order_made_now_is_tried_without_saving(world: World, manager: Browser, here: str) -> None:
    """Open day and night, an order is answered an hour from now; nothing is set up by looking."""
    path = f"{here}/delivery/pickup"
    terms = COURIER | {"hoursFrom": "00:00", "hoursTo": "00:00", "try": "1"}
    page = await manager.post(path, await form_at(manager, path, **terms))
    assert page.status == 200
    assert "An order made now would be answered by" in page.text
    assert await methods(world) == {}


async def test_machines_are_pasted_as_a_table(world: World, manager: Browser, here: str) -> None:
    """With a heading, quotes, tabs; what a line cannot say is kept where the machine stays as it was."""
    path = f"{here}/delivery/parcel"
    nothing = await manager.post(path, await form_at(manager, path, **COURIER))
    assert (nothing.status, marked(nothing)) == (422, ["parcelMachines"])
    pasted = '\ufeffid;name;address\r\n12;"Jaama; suur";Eesti, Tartu maakond, Tartu\r\n\r\n13; Keskus'
    saved = await manager.post(path, await form_at(manager, path, parcelMachines=pasted, **COURIER))
    assert saved.status == 303, saved.text
    parcel = (await methods(world))[ShipmentMethod.PARCEL]
    tartu = Address("Eesti", "Tartu maakond", "Tartu")
    machines = (
        ParcelMachine(parcel_id="12", name="Jaama; suur", address=tartu),
        ParcelMachine(parcel_id="13", name="Keskus"),
    )
    assert parcel.parcel_machines == machines
    api = await world.staff(Role.MANAGER)
    terms = {"parcelId": "13", "name": "Keskus", "address": {"level1": "Eesti", "postalCode": "10000"}}
    body = (await api.get(f"/manage/v1/stores/{world.institution_id}/delivery")).body[0]
    body["parcelMachines"][1] = terms
    await api.call("PUT", f"/manage/v1/stores/{world.institution_id}/delivery/PARCEL", body)
    listed = dict(filled(await manager.get(path)))["parcelMachines"]
    assert listed == '12; "Jaama; suur"; Eesti, Tartu maakond, Tartu\n13; Keskus; Eesti'
    with_third = f"{listed}\n14"
    refused = await manager.post(path, await form_at(manager, path, parcelMachines=with_third))
    assert (refused.status, marked(refused)) == (422, ["parcelMachines"])
    more = f"{listed}\n14; Kolmas"
    assert (await manager.post(path, await form_at(manager, path, parcelMachines=more))).status == 303
    kept = (await methods(world))[ShipmentMethod.PARCEL].parcel_machines
    assert kept[1].address == Address("Eesti", postal_code="10000")
    assert [each.parcel_id for each in kept] == ["12", "13", "14"]


async def test_there_are_three_ways_only(manager: Browser, here: str) -> None:
    """Any other address is not found."""
    assert (await manager.get(f"{here}/delivery/drone")).status == 404


texts = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
machines = st.builds(
    ParcelMachine,
    parcel_id=texts.filter(lambda text: text.lower() not in ("id", "parcelid")),
    name=texts,
    address=st.none() | st.builds(Address, texts.filter(lambda text: "," not in text)),
)
methods_of_parcels = st.builds(
    DeliveryMethod,
    method=st.just(ShipmentMethod.PARCEL),
    weekdays=st.lists(st.sampled_from(Weekday), min_size=1, unique=True).map(tuple),
    hours_from=st.integers(0, 22).map(TimeOfDay),
    hours_to=st.just(TimeOfDay()) | st.just(TimeOfDay(23, 30)),
    price=st.integers(0, 10_000).map(lambda cents: Decimal(cents) / 100),
    vat_rate=st.sampled_from((Decimal(24), Decimal("25.5"))),
    free_from=st.none() | st.integers(0, 100).map(Decimal),
    react_within_minutes=st.integers(1, 43200),
    deliver_within_minutes=st.integers(1, 43200),
    parcel_machines=st.lists(machines, max_size=5).map(tuple),
    active=st.booleans(),
)


@given(methods_of_parcels)
def test_what_is_shown_says_all_of_it(method: DeliveryMethod) -> None:
    """A way of delivery that is typed as it is shown is the same again, whatever its times and machines are called."""
    shown = delivery_form.typed_of(method)
    fields = [("weekdays", day) for day in shown["weekdays"]]
    for name, value in shown.items():
        if name.endswith("WithinMinutes"):
            fields += [(name, value[0]), (f"{name}Unit", value[1])]
        elif name != "weekdays":
            fields.append((name, value))
    terms = shaped(delivery_form.document(ImmutableMultiDict(fields), None), DeliveryTerms)
    assert {name: getattr(terms, name) for name in terms.__struct_fields__} == {
        name: getattr(method, name) for name in terms.__struct_fields__
    }
