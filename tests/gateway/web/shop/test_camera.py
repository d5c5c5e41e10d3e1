"""Scanning with the camera, which is fed with a video made of pictures of codes."""

import csv
from collections.abc import AsyncIterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
import segno
import zxingcpp
from msgspec.structs import replace
from PIL import Image
from playwright.async_api import Browser, expect

from gateway.codes.drawn import code_image
from gateway.journeys.world import World, product, until
from gateway.web.phones import chromium, phone
from smarts.wire.products import Quantity, Unit

COFFEE = "4740000000049"
FRAMES = 30
FAKE_CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


def barcode() -> Image.Image:
    """The coffee's barcode."""
    made = zxingcpp.create_barcode(COFFEE, zxingcpp.BarcodeFormat.EAN13)
    return Image.fromarray(zxingcpp.write_barcode_to_image(made, scale=4))


def digital_link() -> Image.Image:
    """The coffee's GS1 Digital Link as a QR code."""
    picture = BytesIO()
    segno.make(f"https://id.example.com/01/0{COFFEE}").save(picture, kind="png", scale=9)
    return Image.open(picture)


def data_matrix() -> Image.Image:
    """The coffee's GS1 DataMatrix, with a day beside the number."""
    return code_image(f"(01)0{COFFEE}(17)270101", zxingcpp.BarcodeFormat.DataMatrix, 9, gs1=True)


def film(photograph: Image.Image) -> bytes:
    """A camera's view of a photograph, as Motion JPEG."""
    frame = BytesIO()
    view = photograph.convert("RGB")
    view.crop((0, 0, view.width & ~1, view.height & ~1)).save(frame, "JPEG", quality=92)
    return frame.getvalue() * FRAMES


def video(code: Image.Image) -> bytes:
    """A camera's view of a code that lies still, as Motion JPEG."""
    view = Image.new("RGB", (640, 480), "#d8d2c8")
    view.paste(code.convert("RGB"), ((640 - code.width) // 2, (480 - code.height) // 2))
    frame = BytesIO()
    view.save(frame, "JPEG", quality=90)
    return frame.getvalue() * FRAMES


@pytest.fixture(
    params=[barcode, digital_link, data_matrix], ids=["ean-13", "gs1-digital-link", "gs1-data-matrix"]
)
async def camera(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Browser]:
    """A browser whose camera sees a code."""
    file = tmp_path / "view.mjpeg"
    file.write_bytes(video(request.param()))
    async with chromium(*FAKE_CAMERA, f"--use-file-for-fake-video-capture={file}") as opened:
        yield opened


async def test_a_code_that_stays_in_view_counts_once(camera: Browser, world: World) -> None:
    """The camera reads the code, which counts once however long it is held there; closed, it reads nothing."""
    world.merchant.add(product(COFFEE, "Kohv", "6.49"))
    asked: list[str] = []
    async with phone(camera, world, permissions=["camera"]) as shopper:
        shopper.page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
        await shopper.press("Scan with the camera")
        await shopper.sees_total("€6.49")
        frames = asked.count("codes")
        await until(lambda: asked.count("codes") >= frames + 4)
        assert asked.count("lines") == 1
        await shopper.press("Close the camera")
        await expect(shopper.page.get_by_role("button", name="Scan with the camera")).to_be_visible()
        assert await shopper.page.evaluate("document.querySelector('video').srcObject === null")


async def test_a_camera_that_is_not_allowed(camera: Browser, world: World) -> None:
    """The shopper is told what to do, and types."""
    async with phone(camera, world) as shopper:
        await shopper.page.evaluate(
            """() => {
              const refuse = async () => { throw new DOMException("", "NotAllowedError"); };
              navigator.mediaDevices.getUserMedia = refuse;
            }"""
        )
        await shopper.press("Scan with the camera")
        await shopper.sees("The camera is not allowed.")
        await expect(shopper.page.get_by_label("or type a barcode")).to_be_focused()


PHOTOGRAPHS = Path(__file__).parents[5] / "shared" / "data" / "barcodes"
EASY = ("zxing_ean13-1_15.png", "zxing_ean13-1_26.png", "zxing_ean8-1_5.png")


@pytest.mark.parametrize("name", EASY)
async def test_photographs_of_goods(world: World, tmp_path: Path, name: str) -> None:
    """Goods before the camera as they lie on a table: the barcode in the photograph is what counts."""
    if not PHOTOGRAPHS.is_dir():
        pytest.skip("the photographs are not part of the project")
    with (PHOTOGRAPHS / "expected.csv").open() as file:
        expected = {row["file"]: row["expected_ean13"] for row in csv.DictReader(file)}[name]
    world.merchant.add(product(expected, "Kaup", "2.50"))
    view = tmp_path / "view.mjpeg"
    view.write_bytes(film(Image.open(PHOTOGRAPHS / name)))
    async with (
        chromium(*FAKE_CAMERA, f"--use-file-for-fake-video-capture={view}") as opened,
        phone(opened, world, permissions=["camera"]) as shopper,
    ):
        await shopper.press("Scan with the camera")
        await shopper.sees_total("€2.50")


async def test_a_code_with_a_weight(world: World, tmp_path: Path) -> None:
    """What scales print tells the weight itself: the line holds it, and nobody is asked."""
    label = "2312345004505"
    apples = product(label, "Õunad", "2.99", weighed=True)
    world.merchant.products[label] = replace(apples, quantity=Quantity(Unit.KILOGRAM, Decimal("0.45")))
    made = zxingcpp.create_barcode(label, zxingcpp.BarcodeFormat.EAN13)
    view = tmp_path / "view.mjpeg"
    view.write_bytes(video(Image.fromarray(zxingcpp.write_barcode_to_image(made, scale=4))))
    async with (
        chromium(*FAKE_CAMERA, f"--use-file-for-fake-video-capture={view}") as opened,
        phone(opened, world, permissions=["camera"]) as shopper,
    ):
        await shopper.press("Scan with the camera")
        await shopper.sees_total("€1.35")
        await expect(shopper.page.get_by_role("dialog")).to_have_count(0)
