"""Targets for all else that reads bytes from outside: campaigns, answers, codes, pictures, files, forms, headers."""

import asyncio
import atexit
import gzip
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from itertools import product as every
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.requests import Request
from zxingcpp import BarcodeFormat

from campaigns.carts import campaign, line, priced, product
from fuzz.target import Target
from gateway.codes.drawn import code_picture
from ready.sources.test_workbook import write_xlsx
from smarts.caller import Caller, CallFailed, check_address, retry_after_seconds
from smarts.caller import Target as Callee
from smarts.campaigns import BadResultError, CampaignCode, Kind, RefusedError, compile_operation
from smarts.edge.context import begin_request
from smarts.edge.signatures import Signatures, key_of, new_secret, signed
from smarts.gateway.codes.pictures import UnreadableError, symbols_in
from smarts.gateway.codes.rules import Format, Symbol, found_code
from smarts.gateway.offers.rules import require_sense
from smarts.gateway.web import forms
from smarts.gateway.web.languages import language_of
from smarts.gateway.web.manage import campaign_form, card_form, delivery_form, store_form
from smarts.ready.catalogue import Reading, Scale, values
from smarts.ready.catalogue.barcodes import (
    has_wrong_check_digit,
    printed,
    read_barcode,
)
from smarts.ready.catalogue.barcodes import (
    key_of as barcode_key,
)
from smarts.ready.catalogue.complaints import Complaints
from smarts.ready.catalogue.reading import Reader
from smarts.ready.catalogue.settings import Holds
from smarts.ready.documents import SettingsError
from smarts.ready.settings import Settings
from smarts.ready.sources import SourceError
from smarts.ready.sources.csv_file import CsvFile
from smarts.ready.sources.workbook import Workbook
from smarts.wire.codec import decode
from smarts.wire.errors import MalformedError, ProblemError
from smarts.wire.examples import example
from smarts.wire.offers import Offer
from smarts.wire.operations import CHECK_PURCHASE, PRODUCT_BY_BARCODE

_LOOP = asyncio.new_event_loop()
_ODD_NUMBERS = (0.0, 1.0, 0.1, 3.0, 1e15, 5e-324)
_SCALES = (
    Scale(prefix="23", item_digits=5, holds=Holds.WEIGHT, decimals=3),
    Scale(prefix="2", item_digits=4, holds=Holds.PRICE, decimals=2, check_digit_before_value=True),
)
_OPERATIONS = (
    b"amount >= 2 ? amount - (Math.floor(amount / 2) * 1) : amount",
    "amount >= 5 ? unitPrice – 0.5 : unitPrice".encode(),
    b"total >= 50 ? total * 0.98 : total",
    b"Math.max(0, Math.min(amount, 3) / (amount - 1)) % 7 // a comment",
    b"-(-amount) > !(total <= 1e3) && amount !== 3 || 0x1F",
)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _operation(kind: Kind) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        try:
            operation = compile_operation(_text(data), kind)
        except RefusedError as error:
            assert len(str(error)) < 1000
            return
        for inputs in every(_ODD_NUMBERS, repeat=len(kind.inputs)):
            try:
                operation(*inputs)
            except BadResultError as error:
                assert len(str(error)) < 1000

    return run


def _code(data: bytes) -> None:
    try:
        code = CampaignCode.parse(_text(data))
    except RefusedError:
        return
    assert str(code) == _text(data)


def _pricing(data: bytes) -> None:
    """A cart with an operation on a product, and another on the purchase: it has a price in any case."""
    first, _, second = _text(data).partition("\n")
    sold = product("2.40", campaign(first, "B00000000001"), campaign(first), campaign(second, "B00000000501"))
    store = (campaign(second, "B00000000501"), campaign(first, "B00000000502"))
    cart = priced(line(sold, "3"), line(sold, "1", "other"), store=store)
    total = cart.total.total_to_pay
    assert total.is_finite()
    assert total >= 0
    assert total == sum(each.sum_with_vat for each in cart.vat)


class _Answers:
    """A server that answers every request with the same bytes, whatever they are, and hangs up."""

    def __init__(self) -> None:
        self.bytes = b""
        self._started = False

    def _start(self) -> None:
        self._started = True
        self.caller = Caller(allow_private_addresses=True, answer_limit=LARGEST_ANSWER)
        server = _LOOP.run_until_complete(asyncio.start_server(self._answer, "127.0.0.1", 0))
        atexit.register(lambda: _LOOP.run_until_complete(self.caller.close()))
        self.target = Callee(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "token")

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(self.bytes)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def __call__(self, data: bytes) -> None:
        if not self._started:
            self._start()
        self.bytes = data
        _LOOP.run_until_complete(self._ask())

    async def _ask(self) -> None:
        for operation in (PRODUCT_BY_BARCODE, CHECK_PURCHASE):
            try:
                await self.caller.call(self.target, operation, None, deadline=0.2)
            except CallFailed as failure:
                assert failure.detail
                assert failure.retry_after is None or 0 <= failure.retry_after <= 86_400


LARGEST_ANSWER = 50_000
LONGEST_SYMBOL = 7_089  # characters, which a QR code holds at most


def _http(status: int, body: bytes, media_type: str = "application/json", **more: str) -> bytes:
    told = "".join(f"{name}: {value}\r\n" for name, value in more.items())
    return (
        f"HTTP/1.1 {status} X\r\nContent-Type: {media_type}\r\n{told}Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


def _offer(data: bytes) -> None:
    try:
        offer: Offer = decode(data, Offer)  # type: ignore[arg-type] # a union is a type to msgspec
        require_sense(offer)
    except MalformedError as error:
        assert error.error.path


def _retry_after(data: bytes) -> None:
    seconds = retry_after_seconds(data.decode("latin-1"))
    assert seconds is None or 0 <= seconds <= 86_400


def _address(data: bytes) -> None:
    try:
        check_address(_text(data))
    except ValueError as error:
        assert str(error)


def _label(data: bytes) -> None:
    data = data[:LONGEST_SYMBOL]
    for form in Format:
        for is_gs1 in (False, True):
            found = found_code(Symbol(form, _text(data), is_gs1))
            assert found.barcode is None or 0 < len(found.barcode) <= 100
            assert found.quantity is None or found.quantity > 0


def _scale_label(data: bytes) -> None:
    text = _text(data)
    label = printed(text, _SCALES)
    assert label is None or label.value > 0
    try:
        barcode = read_barcode(text)
    except ValueError as error:
        assert str(error)
    else:
        has_wrong_check_digit(barcode)
        barcode_key(barcode)


def _picture(data: bytes) -> None:
    try:
        for symbol in symbols_in(data):
            found_code(symbol)
    except UnreadableError as error:
        assert str(error)


class _Files:
    """A file on disk that is written anew for every input and read as a merchant's."""

    def __init__(self, name: str, read: Callable[[Path], None]) -> None:
        folder = TemporaryDirectory(prefix="smarts-fuzz-")
        atexit.register(folder.cleanup)
        self._path = Path(folder.name) / name
        self._read = read

    def __call__(self, data: bytes) -> None:
        self._path.write_bytes(data)
        self._read(self._path)


def _goods(source: CsvFile | Workbook) -> None:
    complaints = Complaints()
    try:
        for _ in Reader(Reading(), "goods", datetime(2026, 11, 28, tzinfo=UTC), complaints).read(
            source.rows()
        ):
            pass
    except SourceError as error:
        assert str(error)
    for complaint in complaints.told:
        assert str(complaint)


def _settings(path: Path) -> None:
    try:
        Settings.read(path, {})
    except SettingsError as error:
        assert str(error)


_CELLS: tuple[Callable[[object], object], ...] = (
    values.number_of,
    lambda cell: values.size_of(cell, ""),
    lambda cell: values.size_of("1", str(cell)),
    values.whole_of,
    values.answer_of,
    values.day_of,
    values.hours_of,
)


def _cell(data: bytes) -> None:
    for read in _CELLS:
        try:
            read(_text(data))
        except ValueError as error:
            assert str(error)


_FORMS: Mapping[str, Callable[[Any], object]] = {
    "campaign": lambda form: (campaign_form.typed_of(form).campaign, campaign_form.typed_of(form).tried_on()),
    "card": lambda form: (card_form.typed(form), card_form.document(form, None)),
    "delivery": lambda form: (delivery_form.typed(form), delivery_form.document(form, None)),
    "store": lambda form: (store_form.typed(form), store_form.document(form)),
}


def _form(data: bytes) -> None:
    try:
        form = forms._parsed(data)
    except ProblemError as error:
        assert error.problem.status == 422
        return
    for read in _FORMS.values():
        try:
            read(form)
        except ProblemError as error:
            assert 400 <= error.problem.status < 500
    for value in form.values():
        forms.number_or_text(value)


def _headers(data: bytes) -> None:
    """Headers of a request, one a line, as the pages and the log read them."""
    pairs = [part.partition(b": ")[::2] for part in data.split(b"\n")]
    headers = [(name.strip().lower(), value) for name, value in pairs]
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers}
    begin_request(headers, from_gateway=True)
    request = Request(scope)
    assert language_of(request) in ("et", "en", "ru")
    assert all(isinstance(value, str) for value in request.cookies.values())


_SECRET = new_secret()
_SIGNATURES = Signatures([_SECRET], lambda: 1_700_000_000.0)


def _signature(data: bytes) -> None:
    message_id, stamp, shown, body = (*data.split(b"\n", 3), b"", b"", b"")[:4]
    headers = {
        "webhook-id": message_id.decode("latin-1"),
        "webhook-timestamp": stamp.decode("latin-1"),
        "webhook-signature": shown.decode("latin-1"),
    }
    try:
        _SIGNATURES(headers, body)
    except ProblemError as error:
        assert error.problem.status == 401


def _packed(*names_and_texts: tuple[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in names_and_texts:
            archive.writestr(name, text)
    return packed.getvalue()


def other_targets() -> Iterable[Target]:
    """A target for each of the other decoders."""
    csv = "barcode;name;price;vat;category;size\n4740000000018;Piim, 1 l;1,20;24;Food > Milk;1 l\n".encode(
        "cp1257"
    )
    csv_seeds = (csv, csv.decode("cp1257").encode("utf-16"), b"sep=;\n" + csv, gzip.compress(csv), csv * 3)
    toml = (files("smarts.ready") / "example.toml").read_bytes()
    labels = (
        b"4740000000014",
        b"2312345012340",
        b"0104740000000014310300123430\x1d392299",
        b"HTTPS://id.gs1.org/01/04740000000014?3103=1",
    )
    good = signed([key_of(_SECRET)], "msg-1", b"{}", 1_700_000_000.0)
    yield Target("campaign code", _code, (b"B00000000501", b"C0000SKP1002"))
    for kind in Kind:
        yield Target(f"campaign operation {kind}", _operation(kind), _OPERATIONS)
    yield Target("campaigns of a cart", _pricing, tuple(each + b"\n" + each for each in _OPERATIONS))
    yield Target("barcodes and GS1 codes", _label, (*labels, b"https://shop.example/shop?store=store-1"))
    yield Target("labels of scales", _scale_label, labels)
    yield Target(
        "pictures",
        _picture,
        tuple(
            code_picture("4740000000018", BarcodeFormat.EAN13, kind, scale=1)
            for kind in ("PNG", "JPEG", "WEBP")
        ),
    )
    yield Target(
        "CSV catalogue", _Files("goods.csv", lambda path: _goods(CsvFile(path, most_bytes=10**7))), csv_seeds
    )
    yield Target("workbook", _Files("goods.xlsx", lambda path: _goods(Workbook(path))), _workbooks())
    yield Target(
        "cells of a catalogue",
        _cell,
        (b"1 234,50", b"4x125 g", b"18+", b"jah", b"24.12.2026 10:00", b"10:00-22:00"),
    )
    yield Target(
        "settings of the ready node",
        _Files("store.toml", _settings),
        (toml, b'[node]\ntoken = "x"\n[catalogue]\nfile = "a.csv"\n'),
    )
    yield Target("forms of the pages", _form, _form_seeds())
    yield Target(
        "headers and cookies",
        _headers,
        (
            b"cookie: session=abc; lang=et\naccept-language: et-EE,et;q=0.9,en;q=0.8\nx-request-id: 1",
            b"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\nbaggage: cart=c%201,invoice=i",
        ),
    )
    yield Target("signed requests", _signature, ("\n".join((*good.values(), "{}")).encode(),))
    yield Target(
        "Retry-After",
        _retry_after,
        (b"120", b"Wed, 21 Oct 2026 07:28:00 GMT", b"Wed, 21 Oct 99999 07:28:00 +9999"),
    )
    yield Target(
        "addresses of nodes",
        _address,
        (b"https://node.example/smarts", b"http://[::ffff:10.0.0.1]:80/x", b"http://0x7f.1"),
    )
    offers = tuple(example(f"{kind}Offer") for kind in ("Discount", "Default", "ProductRelated"))
    yield Target("offers of nodes", _offer, offers)
    yield Target("answers of nodes", _Answers(), _answer_seeds())


def _answer_seeds() -> tuple[bytes, ...]:
    return (
        _http(200, example("Product")),
        _http(200, example("PurchaseControlCheckResponse")),
        _http(503, example("Problem.node-down"), "application/problem+json", **{"Retry-After": "5"}),
        _http(422, example("Problem.refused"), "application/problem+json"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    )


def _form_seeds() -> tuple[bytes, ...]:
    return (
        b"name=Half&client=B&card=&kind=501&operation=total+%2F+2&example=typed&barcodes=4740000000014+2%0A20000",
        b"type=BONUS&name=Card&nameEN=Card&validationTypes=IDCODE&colorFrom=%230B3D2E&colorTo=&primary=1&institutionIds=a",
        b"price=3%2C90&vatRate=24&weekdays=MONDAY&hoursFrom=10%3A00&hoursTo=20%3A00&reactWithin=60&reactWithinUnit=minutes&machines=a%3Bb%3Bc",
        b"name=Shop&timeZone=Europe%2FTallinn&currency=EUR&latitude=59%2C4&longitude=24.7&postalCode=10123&uses=ORDERS",
    )


def _workbooks() -> tuple[bytes, ...]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "goods.xlsx"
        write_xlsx(path, [["barcode", "name", "price"], ["4740000000018", "Piim", 1.2]])
        return (path.read_bytes(), _packed(("xl/workbook.xml", "<workbook/>")))
