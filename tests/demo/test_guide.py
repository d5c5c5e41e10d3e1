"""The guide to the demo store says what the tables say."""

from pathlib import Path

from smarts.demo import demo_members
from smarts.demo.catalogue import invented_catalogue, members_catalogue

GUIDE = (Path(__file__).parents[2] / "docs" / "reference" / "demo-store.md").read_text("utf-8")


def rows(first_cell):
    """The guide's table rows whose first cell begins so, as lists of their cells."""
    return [
        line.strip("| ").split(" | ") for line in GUIDE.splitlines() if line.startswith(f"| {first_cell}")
    ]


def test_members():
    """Each member stands in the guide, with all that proves the card to be theirs, and nobody else."""
    assert rows("`demo-") == [
        [
            f"`{member.card}`",
            member.number,
            member.code,
            member.id_code,
            member.phone,
            member.email,
            str(member.bonus) if member.card == "demo-bonus-card" else "–",
        ]
        for member in demo_members()
    ]


def test_members_prices():
    """Each product that costs members less stands in the guide with both prices, and no other."""
    both = zip(invented_catalogue().products, members_catalogue().products, strict=True)
    assert rows("2") == [
        [
            ordinary.barcode,
            ordinary.translatable_name.in_language("EN"),
            str(ordinary.price.total),
            str(ours.price.total),
        ]
        for ordinary, ours in both
        if ordinary != ours
    ]
