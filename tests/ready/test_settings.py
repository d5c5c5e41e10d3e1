"""The settings file: what is accepted, what is refused, and with which words."""

import re
import tomllib
from datetime import date
from decimal import Decimal
from importlib.resources import files

import msgspec
import pytest

from smarts.ready.documents import SettingsError
from smarts.ready.kinds import Secret
from smarts.ready.settings import Settings, kinds_of_settings
from smarts.ready.tokens import TokenUnusableError, signing_secrets

EXAMPLE = (files("smarts.ready") / "example.toml").read_text("utf-8")
RULE = "[checks]\n[[checks.rules]]\nname='a'\ndecision='NO'\n"
VARIABLES = {
    "SMARTS_NODE_TOKEN": "t",
    "SMARTS_NODE_TOKEN_BEFORE": "b",
    "SMARTS_SIGNING_SECRET": "whsec_" + "A" * 32,
    "DATABASE_PASSWORD": "p",
    "TILL_PASSWORD": "t",
    "ODOO_API_KEY": "o",
    "WOOCOMMERCE_KEY": "k",
    "WOOCOMMERCE_SECRET": "s",
    "INSTITUTION_ACCESS_TOKEN": "i",
}


def read(tmp_path, text, environment=VARIABLES):
    file = tmp_path / "store.toml"
    file.write_text(text, "utf-8")
    return Settings.read(file, environment)


def complaints(tmp_path, text, environment=VARIABLES):
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, text, environment)
    return [(each.key, each.line, each.reason) for each in refused.value.complaints]


_OF_PEOPLE = r"\.[A-Z]{2}$|^columns\."  # keys that are languages, or fields of the catalogue


def everything_set():
    """The example with all that is commented out in it."""
    return re.sub(r"^#(?=[\w\[])", "", EXAMPLE, flags=re.MULTILINE)


def test_the_example_is_accepted(tmp_path):
    """The example is a file of settings as it stands."""
    settings = read(tmp_path, EXAMPLE)
    assert settings.node.name == "Corner shop"
    assert settings.checks.rules[0].share == Decimal("0.05")
    assert settings.campaigns[0].ends == date(2026, 12, 24)


def keys_in(document, above=""):
    for name, value in document.items():
        key = f"{above}.{name}".lstrip(".")
        yield key
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield from keys_in(item, key)


def test_the_example_has_every_setting():
    """Each setting that there is stands in the example, and nothing else does."""
    without_doubles = everything_set().replace("\npriority = 0\n", "\n")
    shown = {key for key in keys_in(tomllib.loads(without_doubles)) if not re.search(_OF_PEOPLE, key)}
    assert shown == set(kinds_of_settings())


def test_all_of_the_example_is_accepted(tmp_path):
    """What is commented out in the example is accepted too, but for the second of each pair of ways to a secret."""
    text = re.sub(r"\n\w+_file = .*", "", everything_set().replace("\npriority = 0\n", "\n"))
    settings = read(tmp_path, text)
    assert settings.node.token == Secret("t")
    assert settings.database.password == Secret("p")


def test_the_usual_values_are_those_shown():
    """Where the example shows a value that is not set as the usual one, it is the usual one."""
    usual = msgspec.to_builtins(Settings(), enc_hook=str)["node"]
    for name in ("host", "port", "data", "time_zone", "currency"):
        shown = re.search(rf'^#{name} = "?([^"\n]*)', EXAMPLE, re.MULTILINE)[1]
        assert shown == str(usual[name]), name


def test_a_file_with_nothing_in_it(tmp_path):
    """Everything may be left out; the data are then kept beside the settings."""
    settings = read(tmp_path, "")
    assert settings.checks is None
    assert settings.node.data == tmp_path / ".smarts/node"


def test_files_are_sought_from_the_folder_of_the_settings(tmp_path):
    """A relative file is relative to the settings, an absolute one is where it says."""
    settings = read(tmp_path, '[loyalty]\nfile = "cards.csv"\n[node]\ndata = "/var/lib/node"')
    assert settings.loyalty.file == tmp_path / "cards.csv"
    assert str(settings.node.data) == "/var/lib/node"


def test_everything_wrong_is_told_at_once_with_its_line(tmp_path):
    """Misspelled keys are told with what was meant and what there is, wrong values with what is expected."""
    text = """
[node]
prot = 8000
time_zone = "Tallinn"

[[campaigns]]
name = "fine"
code = "B00000000001"
operation = "amount"

[[campaigns]]
name = "wrong"
code = "B00000000001"
operation = "amount +"

[checks]
[[checks.rules]]
name = "a"
decision = "NO"
[[checks.rules]]
name = "b"
decision = "MAYBE"
"""
    found = complaints(tmp_path, text)
    assert [(key, line) for key, line, _ in found] == [
        ("node.prot", 3),
        ("node.time_zone", 4),
        ("campaigns[1]", 11),
        ("checks.rules[1].decision", 22),
    ]
    misspelled, zone, campaign, decision = (reason for _, _, reason in found)
    assert "did you mean port?" in misspelled
    assert "time_zone" in misspelled
    assert "Europe/Tallinn" in zone
    assert "operation" in campaign
    assert "NO, AGE, FULL" in decision


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ('[node]\nport = "8000"', "node.port", "Expected a whole number, got a text"),
        ("[node]\nport = 70000", "node.port", "65535"),
        ('[node]\ntoken = "a"\ntoken_file = "b"', "node", "not both"),
        ('[node]\ncurrency = "GBP"', "node.currency", "EUR, USD"),
        ('[database]\npassword = "p"', "database", "url"),
        ("[[campaigns]]\nname = 'a'\ncode = 'B00000000001'", "campaigns[0]", "`operation`"),
        ("[[campaigns]]\nfile = 'a.csv'\nname = 'a'", "campaigns[0]", "beside `file`"),
        ("[[campaigns]]\nname='a'\noperation='amount'\ncode='B0'", "campaigns[0]", "12 characters"),
        (
            "[[campaigns]]\nname='a'\noperation='amount'\ncode='B00000000001'\nfrom=2026-02-02\nuntil=2026-02-01",
            "campaigns[0]",
            "`until` on or after `from`",
        ),
        (
            "[receipts]\n[[receipts.campaigns]]\nname='a'\noperation='amount'\ncode='B00000000001'",
            "receipts.campaigns[0]",
            "on products",
        ),
        (RULE + "share=1.5", "checks.rules[0].share", "0 to 1"),
        (RULE + "share=nan", "checks.rules[0].share", "share"),
        (RULE + "total_over=1.005", "checks.rules[0].total_over", "cents"),
        (RULE + "from='20:00'", "checks.rules[0]", "`until`"),
        (RULE + "weekdays=['FRIDAY']", "checks.rules[0].weekdays[0]", "FRI"),
        ("[checks]\n[[checks.rules]]\ndecision='NO'", "checks.rules[0]", "`name` is missing"),
        ("[[offers]]\nid='a'\ntitle={Eesti='x'}", "offers[0].title", "two capital letters"),
        ("[[offers]]\nid='a'\ntitle='x'\nprice=2\nusual_price=1", "offers[0]", "below"),
        ("[[offers]]\nid='a'\ntitle='x'\n[[offers]]\nid='a'\ntitle='y'", "", "twice"),
        ("[orders]\nkeep = true", "orders.keep", "none here"),
        ("loyalty = 5", "loyalty", "Expected a table"),
        ("[loyalty]\nfile = 5", "loyalty.file", "name of a file"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(tmp_path, text, key, words):
    """A value of the wrong kind, or one that contradicts another, is told by its key with what is expected."""
    ((found, _, reason),) = complaints(tmp_path, text)
    assert found == key
    assert words in reason


@pytest.mark.parametrize("name", ["a[", "a.", "a]", "[", ".", "a[b]", "..", ""])
def test_a_name_in_quotation_marks_is_told_whatever_is_in_it(tmp_path, name):
    """A key with signs in it that are of places is told like any other, and reading ends."""
    [(key, _, reason)] = complaints(tmp_path, f"[node]\ntoken = 't'\n[orders]\n\"{name}\" = 1\n")
    assert key.startswith("orders")
    assert "there is no such setting" in reason


def test_a_variable_that_is_not_set(tmp_path):
    """The variable and the key that names it are told."""
    assert complaints(tmp_path, '[node]\ntoken = "${NOWHERE}"', {}) == [
        ("node.token", 2, "the variable NOWHERE is not set")
    ]


def test_secrets_are_not_shown(tmp_path):
    """Neither printing the settings nor complaining of them shows what a secret is."""
    settings = read(tmp_path, '[node]\ntoken = "hush-hush"\n[database]\nurl = "postgresql://a:hush-hush@b/c"')
    assert "hush-hush" not in repr(settings)
    assert settings.node.token.value == "hush-hush"
    told = str(complaints(tmp_path, '[node]\ntoken = "${HUSH}"\nport = "a"', {"HUSH": "hush-hush"}))
    assert "hush-hush" not in told


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[node\n", "no TOML"),
        (b"\xff\xfe", "UTF-8"),
        (b"#" * 2_000_000, "larger"),
        (b"a = 1\na = 2", "no TOML"),
    ],
)
def test_files_that_are_no_settings(tmp_path, content, words):
    """What is no TOML, not in UTF-8, or far too large is refused in words."""
    file = tmp_path / "store.toml"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=words):
        Settings.read(file, {})


def test_a_file_that_is_not_there(tmp_path):
    """The name of the file is told."""
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        Settings.read(tmp_path / "nowhere.toml", {})


def test_signing_secrets_are_read_from_the_file_or_from_another_one(tmp_path):
    """One or several, as a list or a line each; what is no secret is told, and not shown."""
    one, other = "whsec_" + "A" * 32, "whsec_" + "B" * 32
    (tmp_path / "secrets.txt").write_text(f"{one}\n\n{other}\n", "utf-8")
    in_list = read(tmp_path, f'[node]\nsigning_secrets = ["{one}"]')
    assert signing_secrets(in_list.node) == (one,)
    in_file = read(tmp_path, f'[node]\nsigning_secrets_file = "{tmp_path}/secrets.txt"')
    assert signing_secrets(in_file.node) == (one, other)
    assert signing_secrets(read(tmp_path, "").node) == ()
    wrong = read(tmp_path, '[node]\nsigning_secrets = ["hush-hush"]')
    with pytest.raises(TokenUnusableError, match=r"^node.signing_secrets: Expected a signing secret") as told:
        signing_secrets(wrong.node)
    assert "hush" not in str(told.value)
