"""The shopper's app on a phone: what its first load takes over the wire, and how soon a scan is seen.

A Chromium of a phone's size opens the app of `smarts demo` for the first time, with nothing kept; every byte that comes
over the wire counts, headers too. Then barcodes are typed, as by a scanner with keys: from that key's event until the
screen has changed (the scan waits, the sound is made), and until the total has. Run: `python benchmarks/pages.py`.
"""

import argparse
import asyncio
import json
import shutil
import signal
import tempfile
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from codes import started_demo

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PHONE = {"width": 360, "height": 740}
WATCH = """(barcode) => new Promise((resolve) => {
  const input = document.getElementById("f-barcode");
  const total = () => document.querySelector(".sum.total dd")?.textContent || "";
  const before = total();
  const waiting = () => document.querySelector(".lines.waiting").children.length;
  let begun, seen;
  const look = () => {
    if (seen === undefined && waiting()) seen = performance.now() - begun;
    if (total() === before || waiting()) return;
    watcher.disconnect();
    requestAnimationFrame(() => resolve([seen, performance.now() - begun]));
  };
  const watcher = new MutationObserver(look);
  watcher.observe(document.getElementById("main"), { childList: true, subtree: true, characterData: true });
  input.value = barcode;
  begun = performance.now();
  input.form.requestSubmit();
})"""


async def first_load(browser: Browser, url: str, store: str) -> dict[str, int]:
    """Bytes over the wire by what they are for."""
    context = await browser.new_context(viewport=PHONE, locale="et", service_workers="block")
    page = await context.new_page()
    wire = await context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    taken: dict[str, int] = {}

    def finished(event: dict[str, Any]) -> None:
        kind = kinds.get(event["requestId"], "Other")
        taken[kind] = taken.get(kind, 0) + int(event["encodedDataLength"])

    wire.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    wire.on("Network.loadingFinished", finished)
    await wire.send("Network.enable")
    await page.goto(f"{url}/shop?store={store}", wait_until="networkidle")
    await context.close()
    return taken


async def scan(page: Page, barcode: str) -> tuple[float, float]:
    """Milliseconds until a scan is seen, and until the total holds it."""
    seen, counted = await page.evaluate(WATCH, barcode)
    return seen, counted


async def scans(browser: Browser, demo: dict[str, Any], count: int) -> list[tuple[float, float]]:
    context = await browser.new_context(viewport=PHONE, locale="et")
    page = await context.new_page()
    await page.goto(f"{demo['gatewayUrl']}/shop?store={demo['institutionId']}", wait_until="networkidle")
    await scan(page, demo["barcodes"][0])  # begins the cart
    taken = [await scan(page, demo["barcodes"][0]) for _ in range(count)]
    await context.close()
    return taken


async def measured(demo: dict[str, Any], count: int) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        taken = await first_load(browser, demo["gatewayUrl"], demo["institutionId"])
        times = await scans(browser, demo, count)
        await browser.close()
    print("| first load | bytes over the wire |\n|---|---|")
    for kind, size in sorted(taken.items(), key=lambda item: -item[1]):
        print(f"| {kind} | {size:,} |")
    print(f"| **all** | **{sum(taken.values()):,}** |\n")
    print(f"| {count} scans | median | p95 | slowest |\n|---|---|---|---|")
    for words, place in (("until it is seen and heard", 0), ("until the total holds it", 1)):
        each = [time[place] for time in times]
        print(
            f"| {words} | {median(each):.0f} ms | {quantiles(each, n=20)[-1]:.0f} ms | {max(each):.0f} ms |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=int, default=30)
    wanted = parser.parse_args()
    if CHROMIUM is None:
        print("There is no Chromium (see `make browser`): nothing is measured")
        return
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "demo.json"
        demo, _ = started_demo(told)
        try:
            asyncio.run(measured(json.loads(told.read_text()), wanted.scans))
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait()


if __name__ == "__main__":
    main()
