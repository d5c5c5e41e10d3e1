"""Scanning with the camera, which is fed with a video made of pictures of codes."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
import segno
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, expect

from gateway.journeys.world import World, product, until
from gateway.web.phones import chromium, phone

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


def video(code: Image.Image) -> bytes:
    """A camera's view of a code that lies still, as Motion JPEG."""
    view = Image.new("RGB", (640, 480), "#d8d2c8")
    view.paste(code.convert("RGB"), ((640 - code.width) // 2, (480 - code.height) // 2))
    frame = BytesIO()
    view.save(frame, "JPEG", quality=90)
    return frame.getvalue() * FRAMES


@pytest.fixture(params=[barcode, digital_link], ids=["ean-13", "gs1-digital-link"])
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
