"""The cards' tab: a kind of card is defined, changed, shown with its picture, and retired."""

import asyncio
from base64 import b64decode

import pytest

from gateway.journeys.world import World
from gateway.web.browsing import Browser, Seen
from gateway.web.manage.parts import filled, form_at, marked
from smarts.gateway.loyalty.rules import LARGEST_IMAGE
from smarts.gateway.loyalty.store import Kind
from smarts.gateway.parties import Role
from smarts.wire.loyalty import ColorTheme, LoyaltyCard, LoyaltyCardType, LoyaltyCardValidationType
from smarts.wire.text import Translatable

PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
CARD = {
    "name": "Kliendikaart",
    "nameEN": "Club <card>",
    "description": "Kogu boonust",
    "type": "BONUS",
    "pays": "on",
    "primary": "on",
    "validationTypes": "IDCODE",
    "colorFrom": "#112233",
    "colorTo": "#aabbcc",
    "colorTheme": "LIGHT",
}


async def kinds(world: World) -> list[Kind]:
    store = await world.gateway.stores.get(world.institution_id)
    return await world.gateway.loyalty.kinds(store.merchant_id, 10, None)


async def send_picture(browser: Browser, here: str, data: bytes, media_type: str = "image/png") -> Seen:
    """Sends a picture as the editor's script does."""
    headers = {"X-CSRF-Token": (await browser.get(here)).csrf(), "Content-Type": media_type}
    path = f"{browser.url}{here}/cards/images"
    async with browser.session.post(path, data=data, headers=headers) as answer:
        return Seen(answer.status, await answer.text(), answer.headers)


async def test_a_card_is_defined_and_shown_as_it_is(world: World, manager: Browser, here: str) -> None:
    """All that was typed is what the card is; saved as it is shown, nothing changes; the list shows its face."""
    image = await send_picture(manager, here, PNG)
    assert image.status == 200, image.text
    image_id = image.text.split('"')[3]
    path = f"{here}/cards/new"
    fields = await form_at(manager, path, imageId=image_id, institutionIds=world.institution_id, **CARD)
    assert (await manager.post(path, fields)).location == f"{here}/cards?done=saved"
    (kind,) = await kinds(world)
    assert kind.institution_ids == {world.institution_id}
    assert kind.card == LoyaltyCard(
        id=kind.id,
        type=LoyaltyCardType.BONUS,
        name=Translatable.of("Kliendikaart", EN="Club <card>"),
        description=Translatable.of("Kogu boonust"),
        validation_types=(LoyaltyCardValidationType.ID_CODE,),
        image_id=image_id,
        color_theme=ColorTheme.LIGHT,
        colors=("#112233", "#aabbcc"),
        primary=True,
        can_use_bonus_points_for_payment=True,
    )
    page = await manager.get(f"{here}/cards/{kind.id}")
    assert (await manager.post(f"{here}/cards/{kind.id}", filled(page))).status == 303
    assert await kinds(world) == [kind]
    shown = (await manager.get(f"{here}/cards")).text
    assert "<strong>Club &lt;card&gt;</strong>" in shown
    assert 'data-theme="LIGHT" data-start="#112233" data-end="#aabbcc"' in shown
    assert f'src="/shop/v1/images/{image_id}"' in shown


async def test_pressing_twice_is_pressing_once(world: World, manager: Browser, here: str) -> None:
    """One form makes one card, sent twice at once and once more; with something else in it, it makes another."""
    path = f"{here}/cards/new"
    fields = await form_at(manager, path, **(CARD | {"primary": ""}))
    answers = await asyncio.gather(*(manager.post(path, fields) for _ in range(2)))
    answers.append(await manager.post(path, fields))
    assert {answer.location for answer in answers} == {f"{here}/cards?done=saved"}
    assert len(await kinds(world)) == 1
    assert (await manager.post(path, [*fields, ("institutionIds", world.institution_id)])).status == 303
    assert len(await kinds(world)) == 2


async def test_what_the_form_does_not_show_stays(world: World, manager: Browser, here: str) -> None:
    """Words in other languages and more colours come through an edit; a picture goes when that is wished."""
    api = await world.staff(Role.MANAGER)
    body = {
        "type": "DEFAULT",
        "name": {"originalText": "Kortti", "translations": [{"FI": "Kortti"}, {"ET": "Kaart"}]},
        "validationTypes": ["EMAIL", "PHONE"],
        "colors": ["#000000", "#111111", "#222222"],
    }
    kind_id = (await api.post("/manage/v1/loyalty-kinds", body)).body["id"]
    image_id = (await send_picture(manager, here, PNG)).text.split('"')[3]
    path = f"{here}/cards/{kind_id}"
    assert (await manager.post(path, await form_at(manager, path, imageId=image_id))).status == 303
    (kind,) = await kinds(world)
    assert kind.card.image_id == image_id
    assert kind.card.name.translations == ({"ET": "Kaart"}, {"FI": "Kortti"})
    assert kind.card.colors == ("#000000", "#111111", "#222222")
    await manager.post(path, await form_at(manager, path, noImage="on"))
    assert (await kinds(world))[0].card.image_id is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "From 1 to 100 characters, in each language"),
        ({"nameRU": "x" * 101}, "From 1 to 100 characters, in each language"),
        ({"description": "", "descriptionET": "Ainult eesti keeles"}, "Up to 2000 characters"),
        ({"description": "x" * 2001}, "Up to 2000 characters"),
        ({"type": "DEFAULT"}, "Only a card that collects bonus has something to pay with"),
        ({"validationTypes": "DNA"}, "One of them at least"),
        ({"institutionIds": "somebody-elses"}, "Stores of the merchant only"),
        ({"colorFrom": "red"}, "Colours such as #0b3d2e"),
        ({"imageId": "nowhere"}, "There is no such picture"),
    ],
)
async def test_what_is_wrong_with_a_card_is_told_at_its_field(
    world: World, manager: Browser, here: str, changed: dict[str, str], words: str
) -> None:
    """The form comes back as it was typed; no card is defined, and one that is there stays as it is."""
    path = f"{here}/cards/new"
    await manager.post(path, await form_at(manager, path, **CARD))
    before = await kinds(world)
    for each in (path, f"{here}/cards/{before[0].id}"):
        page = await manager.post(each, await form_at(manager, each, **(CARD | changed)))
        assert page.status == 422
        assert page.text.count("field-error") - page.text.count('id="contrast"') == 1
        assert words in page.text
        for name in set(changed) & {"name", "description"}:
            assert marked(page) == [name]
    assert await kinds(world) == before


async def test_a_store_has_one_primary_card(world: World, manager: Browser, here: str) -> None:
    """The second one is refused with the name of the first."""
    path = f"{here}/cards/new"
    await manager.post(path, await form_at(manager, path, **CARD))
    page = await manager.post(path, await form_at(manager, path, **(CARD | {"name": "Teine"})))
    assert page.status == 409
    assert "It is Kliendikaart" in page.text
    assert len(await kinds(world)) == 1


async def test_a_retired_card_stays_as_it_is(world: World, manager: Browser, here: str) -> None:
    """It is shown as retired, offers nothing to press, and a form that is sent all the same is refused."""
    path = f"{here}/cards/new"
    await manager.post(path, await form_at(manager, path, **CARD))
    (kind,) = await kinds(world)
    path = f"{here}/cards/{kind.id}"
    fields = await form_at(manager, path, name="Teine")
    done = await manager.post(f"{path}/retire", {"csrf": dict(fields)["csrf"]})
    assert done.location == f"{here}/cards?done=retired"
    page = await manager.get(path)
    assert "The card is retired" in page.text
    assert "/retire" not in page.text
    assert (await manager.post(path, fields)).status == 409
    assert (await kinds(world))[0].card == kind.card


async def test_cards_of_other_merchants_are_out_of_reach(
    world: World, manager: Browser, operator: Browser, here: str
) -> None:
    """They look as if there were none; neither does an operator find them at another merchant's store."""
    path = f"{here}/cards/new"
    await operator.post(path, await form_at(operator, path, **CARD))
    (kind,) = await kinds(world)
    assert (await manager.get(f"{here}/cards/{kind.id}")).status == 200
    other, _ = await world.add_store("http://127.0.0.1:9", name="Somebody else's")
    theirs = f"/manage/stores/{other}/cards"
    await operator.post(f"{theirs}/new", await form_at(operator, f"{theirs}/new", **CARD))
    foreign = await world.gateway.loyalty.kinds((await world.gateway.stores.get(other)).merchant_id, 10, None)
    csrf = {"csrf": (await manager.get(here)).csrf()}
    for path in (f"{here}/cards/{foreign[0].id}", f"{theirs}/{kind.id}", f"{theirs}/{foreign[0].id}"):
        assert (await manager.get(path)).status == 404
        assert (await manager.post(path, csrf)).status == 404
        assert (await manager.post(f"{path}/retire", csrf)).status == 404
    assert (await operator.get(f"{theirs}/{kind.id}")).status == 404


@pytest.mark.parametrize(
    ("data", "media_type", "status"),
    [
        (PNG, "image/svg+xml", 415),
        (PNG, "image/jpeg", 422),
        (b"", "image/png", 422),
        (PNG + bytes(LARGEST_IMAGE), "image/png", 413),
    ],
)
async def test_only_pictures_are_taken(
    world: World, manager: Browser, here: str, data: bytes, media_type: str, status: int
) -> None:
    """Of the three types, bounded, and what it says it is; without the page's proof none at all."""
    assert (await send_picture(manager, here, data, media_type)).status == status
    path = f"{world.url}{here}/cards/images"
    async with manager.session.post(path, data=PNG, headers={"Content-Type": "image/png"}) as answer:
        assert answer.status == 403
