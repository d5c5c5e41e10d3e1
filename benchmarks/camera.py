"""Photographs of barcodes before the camera of the shopper's app, beside plain zxing-cpp on the same files.

Chromium's camera is fed with a video of each photograph; the app of `smarts demo` looks at it as on a phone. A
photograph is read when its number, and no other, is scanned within some seconds. Run: `python benchmarks/camera.py`.
"""

import argparse
import asyncio
import csv
import json
import signal
import tempfile
import time
import warnings
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.async_api import Playwright, async_playwright

from codes import PHOTOGRAPHS, plain, started_demo
from pages import CHROMIUM, PHONE

FRAMES = 30
FAKE_CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--no-sandbox")


def film(photograph: Path) -> bytes:
    """A camera's view of a photograph that lies still, as Motion JPEG."""
    frame = BytesIO()
    with Image.open(photograph) as picture:
        view = picture.convert("RGB")
    view.crop((0, 0, view.width & ~1, view.height & ~1)).save(frame, "JPEG", quality=92)
    return frame.getvalue() * FRAMES


async def scanned(playwright: Playwright, door: str, view: Path, patience: float) -> tuple[set[str], float]:
    """What the app scanned, and seconds until it did."""
    browser = await playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*FAKE_CAMERA, f"--use-file-for-fake-video-capture={view}"]
    )
    context = await browser.new_context(viewport=PHONE, locale="en-GB", permissions=["camera"])
    page = await context.new_page()
    found: set[str] = set()
    read = asyncio.Event()

    def sent(url: str, body: str | None) -> None:
        if url.endswith("/lines") and body:
            found.add(json.loads(body)["barcode"])
            read.set()

    page.on(
        "request", lambda request: sent(request.url, request.post_data if request.method == "POST" else None)
    )
    await page.goto(door, wait_until="networkidle")
    begun = time.perf_counter()
    await page.get_by_role("button", name="Scan with the camera").click()
    try:
        await asyncio.wait_for(read.wait(), patience)
        taken = time.perf_counter() - begun
        await asyncio.sleep(0.5)  # whether another number comes too
    except TimeoutError:
        taken = patience
    await browser.close()
    return found, taken


async def measured(door: str, photographs: dict[Path, str], folder: Path, patience: float) -> None:
    print("| photograph | camera of the app | plain zxing-cpp |\n|---|---|---|")
    read = {"app": 0, "plain": 0}
    async with async_playwright() as playwright:
        for path, expected in photographs.items():
            view = folder / "view.mjpeg"
            view.write_bytes(film(path))
            found, taken = await scanned(playwright, door, view, patience)
            well = found == {expected}
            plainly = await plain(path) == {expected}
            read = {"app": read["app"] + well, "plain": read["plain"] + plainly}
            said = f"read after {taken:.1f} s" if well else ("read as something else" if found else "–")
            print(f"| {path.name} | {said} | {'read' if plainly else '–'} |", flush=True)
    print(f"| **all {len(photographs)}** | **{read['app']}** | {read['plain']} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", type=Path, default=PHOTOGRAPHS, help="a folder with expected.csv")
    parser.add_argument("--patience", type=float, default=5, help="seconds that a photograph is held there")
    wanted = parser.parse_args()
    if CHROMIUM is None or not wanted.photographs.is_dir():
        print(f"No Chromium, or no photographs in {wanted.photographs}: nothing is measured")
        return
    warnings.simplefilter("ignore")  # of Pillow, about palettes
    with (wanted.photographs / "expected.csv").open() as file:
        photographs = {
            wanted.photographs / row["file"]: row["expected_ean13"] for row in csv.DictReader(file)
        }
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "demo.json"
        demo, url = started_demo(told)
        try:
            door = f"{url}/shop?store={json.loads(told.read_text())['institutionId']}"
            asyncio.run(measured(door, photographs, Path(folder), wanted.patience))
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait()


if __name__ == "__main__":
    main()
