"""The manager's pages of what goes on in a store."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.journeys.world import BREAD, MILK, World, until
from gateway.web.browsing import Browser, signed_in
from smarts.gateway.parties import Role
from smarts.wire.control import Decision
from smarts.wire.times import TimeZone


@pytest.fixture
def here(world: World) -> str:
    return f"/manage/stores/{world.institution_id}"


async def bought(world: World, *barcodes: str) -> str:
    """Somebody buys; the id of the invoice."""
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, *barcodes or (BREAD,)))
    assert (await shopper.pay(cart)).status == 200
    return str(cart["invoiceId"])


async def paid_at(world: World, invoice_id: str, moment: datetime) -> None:
    async with world.gateway.database.transaction() as tx:
        await tx.execute("UPDATE invoices SET paid_at = $2 WHERE id = $1", invoice_id, moment)


def invoices(text: str) -> list[str]:
    return re.findall(r'class="row" href="[^"]+/purchases/([^"]+)"', text)


def table(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


async def test_days_are_those_of_the_store(world: World, manager: Browser, here: str) -> None:
    """A purchase just after midnight by the store's clocks belongs to the new day, on page, in table, over the API."""
    await world.change_store(time_zone=TimeZone("Europe/Tallinn"))
    late, early = await bought(world), await bought(world)
    await paid_at(world, late, datetime(2026, 3, 9, 21, 59, tzinfo=UTC))  # 23:59 there
    await paid_at(world, early, datetime(2026, 3, 9, 22, 1, tzinfo=UTC))  # 00:01 of the 10th
    api = await world.staff(Role.MANAGER)
    for day, expected in (("2026-03-09", late), ("2026-03-10", early)):
        query = f"?from={day}&to={day}"
        assert invoices((await manager.get(f"{here}/purchases{query}")).text) == [expected]
        rows = table((await manager.get(f"{here}/purchases.csv{query}")).text)
        assert [row["invoiceId"] for row in rows] == [expected]
        found = (await api.get(f"/manage/v1/stores/{world.institution_id}/purchases{query}")).body
        assert [each["invoiceId"] for each in found] == [expected]
    assert rows[0]["paidAt"] == "2026-03-10T00:01:00+02:00"


async def test_purchases_are_found_by_number_and_sum(world: World, manager: Browser, here: str) -> None:
    """The beginning of a number finds a purchase, sums bound it from both sides, a decimal comma does no harm."""
    bread, milk = await bought(world, BREAD), await bought(world, MILK)
    async with world.gateway.database.transaction() as tx:
        await tx.execute("UPDATE invoices SET institution_invoice_id = 'A-17' WHERE id = $1", milk)
    for query, expected in (
        (f"text={bread[:-3]}", [bread]),
        ("text=A-1", [milk]),
        ("text=A-18", []),
        ("text=%25", []),
        ("amountFrom=1,25", [bread]),
        ("amountTo=1.24", [milk]),
        ("amountFrom=1.24&amountTo=1.49", [milk, bread]),
    ):
        assert invoices((await manager.get(f"{here}/purchases?{query}")).text) == expected, query


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("purchases?from=yesterday", "from"),
        ("purchases?from=0001-01-01", "from"),
        ("purchases?from=2026-02-02&to=2026-02-01", "to"),
        ("purchases?to=9999-12-31", "to"),
        ("purchases?amountTo=many", "amountTo"),
        (f"purchases?text={'x' * 201}", "text"),
        ("checks?decision=MAYBE", "decision"),
        ("orders?status=LOST", "status"),
    ],
)
async def test_what_is_wrong_in_a_search_is_told_at_its_field(
    world: World, manager: Browser, here: str, query: str, field: str
) -> None:
    """The form comes back with the field marked; the API names it; the table says it, and is none."""
    page = await manager.get(f"{here}/{query}")
    assert page.status == 422
    assert re.findall(r'id="f-(\w+)" name="\w+"[^>]*aria-invalid="true"', page.text) == [field]
    api = await world.staff(Role.MANAGER)
    reply = await api.get(f"/manage/v1/stores/{world.institution_id}/{query}")
    assert (reply.status, reply.body["errors"][0]["path"]) == (422, f"query.{field}")
    assert (await manager.get(f"{here}/{query}".replace("?", ".csv?"))).status == 422


async def test_a_long_list_is_paged_and_downloaded_whole(world: World, manager: Browser, here: str) -> None:
    """Page after page shows each purchase once, the newest first; the table has them all."""
    first = await bought(world)
    async with world.gateway.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO invoices (id, institution_id, person_id, store_name, currency, total, vat, paid_at)"
            " SELECT 'copy-' || number, institution_id, person_id, store_name, currency, total, vat,"
            " paid_at - number % 7 * interval '1 minute' FROM invoices, generate_series(1, 1200) AS number",
        )
    seen, path = [], f"{here}/purchases?amountFrom=1"
    while path:
        page = (await manager.get(path)).text
        seen += invoices(page)
        found = re.search(r'href="([^"]+after=[^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 1201
    rows = table((await manager.get(f"{here}/purchases.csv")).text)
    assert [row["invoiceId"] for row in rows] == seen
    moments = [row["paidAt"] for row in rows]
    assert moments == sorted(moments, reverse=True)
    assert first in seen


async def test_a_table_that_is_too_long_says_so(
    world: World, manager: Browser, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table ends at its bound with a sentence, in the reader's language."""
    monkeypatch.setattr("smarts.gateway.web.manage.listing.MOST_ROWS", 2)
    monkeypatch.setattr("smarts.gateway.web.manage.listing._AT_A_TIME", 1)
    for _ in range(3):
        await bought(world)
    lines = (await manager.get(f"{here}/purchases.csv?lang=et")).text.splitlines()
    assert len(lines) == 4
    assert lines[-1].startswith("Siin on ainult esimesed 2 rida.")


async def checked(world: World, result: dict[str, Any]) -> str:
    """A cart of two breads is checked by staff; the id of its check."""
    world.merchant.decision = Decision.FULL
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD, BREAD))
    worker = await world.staff(Role.WORKER, world.institution_id)
    reply = await worker.post(f"/work/v1/checks/{cart['invoiceId']}/result", result)
    assert reply.status == 204, reply.text
    return str(cart["invoiceId"])


def goods(barcode: str, amount: int) -> dict[str, Any]:
    return {"id": "", "barcode": barcode, "productName": "", "amount": amount, "rowPrice": 0}


async def test_a_check_says_what_it_found(world: World, manager: Browser, here: str) -> None:
    """What staff changed is kept with who did: less of one product, another one that was not scanned."""
    found = {"status": "FAILED_ALLOW_PAYMENT", "products": [goods(BREAD, 1), goods(MILK, 2)]}
    invoice_id = await checked(world, found)
    api = await world.staff(Role.MANAGER)
    check = (await api.get(f"/manage/v1/stores/{world.institution_id}/checks/{invoice_id}")).body
    assert (check["decision"], check["status"], check["changed"]) == ("FULL", "FAILED_ALLOW_PAYMENT", True)
    assert (check["endedBy"], check["reasons"][0]["code"]) == ("Someone", "STORE")
    assert [
        (row["barcode"], row["before"], row["after"], row["priceAfter"]) for row in check["differences"]
    ] == [
        (BREAD, 2, 1, 1.49),
        (MILK, 0, 2, 2.48),
    ]
    page = (await manager.get(f"{here}/checks/{invoice_id}")).text
    for text in ("Rukkileib", "Piim", "€2.48", "-€1.49", "Someone"):
        assert text in page
    assert invoice_id in (await manager.get(f"{here}/checks?changed=true&decision=FULL")).text
    assert invoice_id not in (await manager.get(f"{here}/checks?changed=false")).text


async def test_a_check_without_findings_changes_nothing(world: World, manager: Browser, here: str) -> None:
    """A cart that was as it should be has no differences, also where staff rescanned all of it."""
    invoice_id = await checked(world, {"status": "PASSED", "products": [goods(BREAD, 2)]})
    api = await world.staff(Role.MANAGER)
    check = (await api.get(f"/manage/v1/stores/{world.institution_id}/checks/{invoice_id}")).body
    assert (check["changed"], check["differences"]) == (False, [])
    assert "all right" in (await manager.get(f"{here}/checks/{invoice_id}")).text


async def test_money_is_given_back_once(world: World, manager: Browser, here: str) -> None:
    """The button of a purchase's page gives money back through the provider; pressing twice is pressing once."""
    invoice_id = await bought(world)
    path = f"{here}/purchases/{invoice_id}"
    page = await manager.get(path)
    key = re.search(r'name="key" value="([^"]+)"', page.text)
    assert key
    fields = {"csrf": page.csrf(), "key": key[1], "amount": "0,50"}
    async with world.gateway.working():
        for _ in range(2):
            assert (await manager.post(f"{path}/refund", fields)).location == f"{path}?done=refund#payments"
        api = await world.staff(Role.MANAGER)
        books = f"/manage/v1/stores/{world.institution_id}/payments/{invoice_id}"

        async def charged() -> bool:
            return bool((await api.get(books)).body["charged"] == 0.99)

        await until(charged)
    assert "€0.99 after refunds" in (await manager.get(f"{here}/purchases")).text
    too_much = await manager.post(f"{path}/refund", fields | {"key": "another", "amount": "1.00"})
    assert too_much.status == 409
    for nonsense in ("", "0", "-1", "0.001", "1e3", "NaN"):
        wrong = await manager.post(f"{path}/refund", fields | {"key": "more", "amount": nonsense})
        assert (wrong.status, wrong.text.count('aria-invalid="true"')) == (422, 1)


async def test_what_is_somebody_elses_is_not_there(world: World, manager: Browser, here: str) -> None:
    """Neither a purchase nor a check is found under another store's address, not even the manager's own store."""
    invoice_id = await bought(world)
    other, _ = await world.add_store("http://127.0.0.1:9")
    for what in ("purchases", "checks", "orders"):
        assert (await manager.get(f"/manage/stores/{other}/{what}/{invoice_id}")).status == 404
        assert (await manager.get(f"{here}/{what}/nothing")).status == 404
        assert (await manager.get(f"/manage/stores/{other}/{what}.csv")).status == 404
    csrf = (await manager.get("/manage")).csrf()
    fields = {"csrf": csrf, "key": "k", "amount": "1"}
    assert (await manager.post(f"/manage/stores/{other}/purchases/{invoice_id}/refund", fields)).status == 404
    async with signed_in(world, Role.WORKER) as worker:
        assert (await worker.get(f"{here}/purchases.csv")).status == 403


def shown(page: str, title: str) -> dict[str, list[str]]:
    """The table of a chart: its rows by their labels."""
    found = re.search(rf"<h3>{re.escape(title)}</h3>.*?<tbody>(.*?)</tbody>", page, re.DOTALL)
    assert found, page
    rows = re.findall(r'<th scope="row">([^<]+)</th>(.*?)</tr>', found[1])
    return {label: re.findall(r"<td[^>]*>([^<]*)</td>", cells) for label, cells in rows}


async def test_charts_count_by_the_stores_days(world: World, manager: Browser, here: str) -> None:
    """Sales, purchases, baskets and the way to the till stand at their days, and nothing of before the period does."""
    zone = TimeZone("Europe/Tallinn")
    await world.change_store(time_zone=zone)
    midnight = datetime.now(zone.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday = midnight - timedelta(seconds=1)
    for moment, barcodes in (
        (yesterday, (BREAD,)),
        (yesterday - timedelta(hours=1), (BREAD, MILK)),
        (midnight, (MILK,)),
        (midnight - timedelta(days=8), (BREAD,)),
    ):
        await paid_at(world, await bought(world, *barcodes), moment.astimezone(UTC))
    async with world.gateway.database.transaction() as tx:
        await tx.execute("UPDATE invoices SET begun_at = paid_at - interval '3 minutes'")
    page = (await manager.get(f"{here}/overview?days=7")).text
    sales = list(shown(page, "Sales a day").values())  # the latest day first
    assert sales == [["€1.24"], ["€4.22"], *[["€0.00"]] * 5]
    assert list(shown(page, "Purchases a day").values())[1] == ["2"]
    assert list(shown(page, "Average basket").values())[1] == ["€2.11"]
    minutes = next(iter(shown(page, "From the cart's beginning to its payment").values()))
    assert [each.split()[0] for each in minutes] == ["3", "3"]
    assert "<strong>€5.46</strong>" in page
    assert "<strong>€6.95</strong>" in (await manager.get(f"{here}/overview?days=30")).text


async def test_charts_tell_how_checks_ended(world: World, manager: Browser, here: str) -> None:
    """Of four carts two were checked: one was corrected, one was all right; how quick the node is stands below."""
    await checked(world, {"status": "PASSED", "products": [goods(BREAD, 1)]})
    await checked(world, {"status": "PASSED"})
    world.merchant.decision = Decision.NO
    for _ in range(2):
        await bought(world)
    page = (await manager.get(f"{here}/overview")).text
    (checks,) = [row for row in shown(page, "How checks ended").values() if row != ["0"] * 4]
    assert checks == ["1", "1", "0", "0"]
    assert ["50%", "0%"] in shown(page, "Carts that were checked").values()
    assert page.count("<strong>50%</strong>") == 2


async def test_a_new_store_has_nothing_to_show_yet(manager: Browser, here: str) -> None:
    """Without anything sold each chart says so, and no number is made up; odd periods are the usual one."""
    for days in ("7", "90", "", "0", "x", "-1", "9" * 99):
        page = await manager.get(f"{here}/overview?days={days}")
        assert page.status == 200
        assert page.text.count("Nothing in this time.") == 8
        assert '<svg class="chart"' not in page.text
