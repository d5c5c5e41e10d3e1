"""`smarts policy simulate`: a table for people, figures and assumptions for programs, and sentences about bad files."""

import asyncio
from pathlib import Path

from cli.commands import smarts

SMALL = ("policy", "simulate", "--seasons", "2", "--shoppers", "20", "--weeks", "4")


async def test_people_see_a_table_and_programs_the_same_figures() -> None:
    """All methods stand in the table, the verdict says whether the aim is reached, JSON has the assumptions too."""
    people, program, other = await asyncio.gather(
        smarts(*SMALL), smarts(*SMALL, "--json"), smarts(*SMALL, "--seed", "2", "--json")
    )
    assert (people.code, program.code, other.code) == (0, 0, 0)
    assert all(name in people.out for name in ("the policy", "A: 30 %", "B: 50 %", "chance, whole carts"))
    (found,) = program.json["comparisons"]
    verdict = "reached" if found["times"]["value"] >= 2 else "missed"
    assert f"the aim of 2.0 is {verdict}" in people.out
    assert '"dishonest":0.04' in people.err
    assert program.json["assumptions"]["usual"]["dishonest"] == 0.04
    assert other.json["comparisons"] != program.json["comparisons"]


async def test_own_policies_assumptions_and_baskets_are_simulated(tmp_path: Path) -> None:
    """A policy that checks everything catches everything that is missing in the baskets of a file."""
    policy, assumed = tmp_path / "policy.json", tmp_path / "assumed.json"
    policy.write_text('{"share": 1, "risk": null}')
    assumed.write_text('{"dishonest": 0.5, "forgets": 0.2}')
    baskets, items = tmp_path / "baskets.csv", tmp_path / "items.csv"
    lines = (f"s,{basket},{item},2" for basket in range(30) for item in "abc")
    baskets.write_text("\n".join(("source,basket_id,item,quantity", *lines)))
    items.write_text("source,item,demo_barcode,demo_price_eur\ns,a,1,1.00\ns,b,2,2.50\ns,c,3,9.00")
    files = ("--policy", policy, "--assumptions", assumed, "--baskets", baskets, "--items", items)
    ended = await smarts(*SMALL, *map(str, files), "--json")
    assert ended.code == 0, ended.err
    (found,) = ended.json["comparisons"]
    assert found["policy"]["ofMissing"]["value"] == 1
    assert found["policy"]["honestStopped"]["value"] == 1
    assert found["wrong"] > 0.5


async def test_bad_files_are_named_with_row_and_field(tmp_path: Path) -> None:
    """A policy that makes no sense, an unknown assumption and a price that is none exit with 1 and say where it is."""
    policy, assumed = tmp_path / "policy.json", tmp_path / "assumed.json"
    policy.write_text('{"share": 2}')
    assumed.write_text('{"dishonesty": 0.5}')
    baskets, items = tmp_path / "baskets.csv", tmp_path / "items.csv"
    baskets.write_text("source,basket_id,item,quantity\ns,1,a,1")
    items.write_text("source,item,demo_barcode,demo_price_eur\ns,a,1,cheap")
    tried = {
        ("--policy", str(policy)): "$.share",
        ("--assumptions", str(assumed)): "dishonesty",
        ("--baskets", str(baskets), "--items", str(items)): "row 2, column demo_price_eur",
        ("--baskets", str(baskets)): "go together",
        ("--baskets", str(items), "--items", str(baskets)): "no column demo_barcode",
    }
    ended = await asyncio.gather(*(smarts(*SMALL, *arguments) for arguments in tried))
    for each, words in zip(ended, tried.values(), strict=True):
        assert each.code == 1
        assert words in each.err
        assert "Traceback" not in each.err
