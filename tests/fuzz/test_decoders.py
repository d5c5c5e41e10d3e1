"""Every decoder of bytes from outside refuses what it cannot read, in words and in time; `make fuzz` runs longer."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import smarts
from fuzz.documents import request_targets, routes, types_of_operations, wire_targets
from fuzz.pieces import other_targets
from fuzz.running import run
from fuzz.target import Target

INPUTS, AT_A_ROUTE, SECONDS = 80, 8, 2.0
SOURCE = Path(smarts.__file__).parent


@pytest.mark.parametrize("target", [*wire_targets(), *other_targets()], ids=lambda target: target.name)
def test_a_decoder(target: Target) -> None:
    """Whatever comes, it is read or refused in words: nothing else is raised, and nothing takes long."""
    assert run(target, INPUTS, SECONDS, seed=1).inputs


def test_requests_at_every_route() -> None:
    """Paths, queries, headers and bodies of every route are read, or refused with a problem document below 500."""
    for target in request_targets():
        assert run(target, AT_A_ROUTE, SECONDS, seed=1).inputs


def test_every_type_of_the_wire_has_a_target() -> None:
    """What the table of operations reads is fuzzed, so that a new document cannot be forgotten."""
    fuzzed = {kind for target in wire_targets() for kind in target.decodes}
    assert fuzzed == set(types_of_operations())


def test_every_route_has_a_target() -> None:
    """So is what every row of both applications reads."""
    fuzzed = {place for target in request_targets() for place in target.decodes}
    assert fuzzed == {(route.method, route.path) for route in routes()}


# Where bytes from outside are taken apart by a library, and which target sends some there.
TAKEN_APART = {
    "caller/caller.py": "answers of nodes",
    "caller/reading.py": "answers of nodes",
    "edge/context.py": "headers and cookies",
    "edge/requests.py": "request",
    "edge/router.py": "request",
    "edge/signatures.py": "signed requests",
    "gateway/codes/pictures.py": "pictures",
    "gateway/codes/rules.py": "barcodes and GS1 codes",
    "gateway/offers/rules.py": "offers of nodes",
    "gateway/web/forms.py": "forms of the pages",
    "gateway/web/manage/delivery_form.py": "forms of the pages",
    "ready/documents.py": "settings of the ready node",
    "ready/sources/csv_file.py": "CSV catalogue",
    "ready/sources/encodings.py": "CSV catalogue",
    "ready/sources/files.py": "CSV catalogue",
    "ready/sources/workbook.py": "workbook",
    "wire/codec.py": "wire",
    "wire/pieces.py": "wire",
}
OUR_OWN = {
    "gateway/app/rooms.py",  # the demonstration's own file
    "gateway/payments/stripe.py",  # signed by Stripe, see the doors
    "gateway/web/manage/sent.py",  # what the outbox holds
    "gateway/web/work.py",  # a cookie, see the doors
    "gateway/storage/backups.py",  # its own backups
    "ready/connectors/mirror.py",  # its own copy of the shop system
    "ready/catalogue/shelf_files.py",  # the catalogue's own files
}
"""Modules that take apart what this side wrote itself, or what a door of the gateway is sent."""
TAKING_APART = {
    *("loads", "parse_qsl", "unquote", "b64decode", "parsedate_to_datetime", "raw_decode", "urlsplit"),
    *(
        "reader",
        "GzipFile",
        "ZipFile",
        "from_path",
        "verify_header",
        "getincrementaldecoder",
        "read_barcodes",
    ),
}


def _calls(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Call):
            function = node.func
            yield function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_no_library_takes_bytes_apart_where_no_target_reaches() -> None:
    """A module that begins to parse by itself is named here, with the target that fuzzes it."""
    folders = (
        "caller",
        "edge",
        "gateway",
        "node",
        "wire",
        "ready/sources",
        "ready/catalogue",
        "ready/documents.py",
    )
    modules = [file for folder in folders for file in _files(SOURCE / folder)]
    found = {str(file.relative_to(SOURCE)) for file in modules if TAKING_APART & set(_calls(file))}
    assert found <= {*TAKEN_APART, *OUR_OWN}, found - {*TAKEN_APART, *OUR_OWN}
    names = [target.name for target in (*wire_targets(), *other_targets(), *request_targets())]
    assert all(any(name.startswith(target) for name in names) for target in TAKEN_APART.values())


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.rglob("*.py"))
