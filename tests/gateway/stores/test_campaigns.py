"""What may be among a store's campaigns, and how their list changes."""

import ast
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

import smarts.campaigns
from smarts.gateway.parties import Store, Switches
from smarts.gateway.stores import campaigns as rules
from smarts.gateway.web.languages import translations
from smarts.wire.errors import ProblemError
from smarts.wire.invoices import SellerParty
from smarts.wire.money import Currency
from smarts.wire.products import Campaign
from smarts.wire.times import TimeZone

GOOD = "total >= 50 ? total * 0.98 : total"


def store(*names: str) -> Store:
    return Store(
        institution_id="s",
        merchant_id="m",
        name="Nurgapood",
        seller=SellerParty(unique_code="s", seller_name="Nurgapood"),
        currency=Currency.EUR,
        time_zone=TimeZone("Europe/Tallinn"),
        switches=Switches(),
        campaigns=tuple(Campaign(name, "B00000000501", GOOD) for name in names),
    )


def names(changed: Store) -> str:
    return "".join(campaign.name for campaign in changed.campaigns)


def key(of: Store, place: int) -> str:
    return list(rules.keyed(of.campaigns))[place]


@pytest.mark.parametrize(
    ("code", "operation", "field", "position"),
    [
        ("B00000000501", GOOD, None, None),
        ("C00000SKP502", "amount > 2 ? total - 1 : total", None, None),
        ("B00000000001", "amount", "kind", None),
        ("B00000000002", "unitPrice", "kind", None),
        ("B00000000999", "total", "kind", None),
        ("U00000SKP501", "total", "card", None),
        ("B123456789501", "total", "card", None),
        ("B0000 SKP501", "total", "card", None),
        ("X00000000501", "total", "client", None),
        ("", "total", "kind", None),
        ("B00000000501", "amount > 2 ? total - 1 : total", "operation", 1),
        ("B00000000501", "total * 0,5", "operation", 10),
        ("B00000000501", "", "operation", None),
    ],
)
def test_flaws(code: str, operation: str, field: str | None, position: int | None) -> None:
    """What can never work is told with the field to mend, and its place in the operation."""
    flaw = rules.flaw_in(Campaign("Sügis", code, operation))
    assert (flaw and flaw.field, flaw and flaw.position) == (field, position)


def test_every_fault_is_named_at_once() -> None:
    """A campaign without a name and with an operation that cannot be read has two fields to mend."""
    with pytest.raises(ProblemError) as refused:
        rules.require_sound(Campaign("", "B00000000501", "total +"))
    assert [error.path for error in refused.value.problem.errors] == ["$.name", "$.operation"]


@given(st.text("ab", min_size=1, max_size=6), st.data())
def test_moving_keeps_all_of_them(listed: str, data: st.DataObject) -> None:
    """Whatever is moved wherever, the same campaigns are in the list, the others in the same order."""
    before, place = store(*listed), data.draw(st.integers(0, len(listed) - 1))
    by = data.draw(st.integers(-7, 7))
    after = rules.with_moved(before, key(before, place), by)
    at = min(max(place + by, 0), len(listed) - 1)
    assert names(after)[at] == listed[place]
    assert names(after)[:at] + names(after)[at + 1 :] == listed[:place] + listed[place + 1 :]


def test_changes_find_the_campaign_wherever_it_is_now() -> None:
    """A key stays true when others come, go or move, and finds nothing once the campaign itself was changed."""
    shown = store("a", "b", "c")
    wanted = key(shown, 1)
    now = rules.with_moved(rules.with_campaign(shown, Campaign("d")), wanted, -1)
    assert names(rules.without_campaign(now, wanted)) == "acd"
    changed = rules.with_changed(now, wanted, Campaign("B"))
    assert names(changed) == "Bacd"
    for rule in (rules.without_campaign, lambda *of: rules.with_moved(*of, 1)):
        with pytest.raises(ProblemError) as refused:
            rule(changed, wanted)
        assert refused.value.problem.type == "campaign-changed"
    assert names(rules.with_campaign(rules.without_campaign(shown, wanted), Campaign("b"), 1)) == "abc"


def test_a_list_has_an_end() -> None:
    """More than 1,000 campaigns are never listed, nor more text than is read quickly."""
    full = replace(store(), campaigns=(Campaign("x"),) * rules.MOST_CAMPAIGNS)
    assert len(rules.keyed(full.campaigns)) == rules.MOST_CAMPAIGNS
    with pytest.raises(ProblemError) as refused:
        rules.with_campaign(full, Campaign("y"))
    assert refused.value.problem.type == "campaigns-full"
    long = replace(store(), campaigns=(Campaign("x", operation="1" * 2000),) * 200)
    with pytest.raises(ProblemError) as refused:
        rules.with_campaign(long, Campaign("y", operation="1"))
    assert refused.value.problem.type == "campaigns-full"


def sentences() -> set[str]:
    """The sentences about what is wrong that stand in the code: first arguments of errors, and named texts."""
    sources = [file for file in files(smarts.campaigns).iterdir() if file.name.endswith(".py")]
    sources.append(files(rules.__package__) / "campaigns.py")
    found = set()
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "id", "")
                if name == "refused" or name.endswith("RefusedError") or name == "BadResultError":
                    found.add(str(node.args[0].value))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "%(" in node.value:
                found.update(
                    [node.value] if "\n" not in node.value and "`%(name)s` for its" not in node.value else []
                )
    return found | {str(value) for name, value in vars(rules).items() if name in ("_CARD", "_NOBODY")}


@pytest.mark.parametrize("language", ["et", "ru"])
def test_what_is_wrong_is_said_in_every_language(language: str) -> None:
    """Managers read about their campaigns in their own language."""
    known = translations(language)._catalog  # type: ignore[attr-defined]
    assert len(sentences()) > 20
    assert {text for text in sentences() if not known.get(text)} == set()
