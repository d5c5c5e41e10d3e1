"""What makes the app installable, and the codes that it shows."""

import json
import re
from io import BytesIO

from PIL import Image

from gateway.journeys.world import World
from gateway.web.browsing import browser


async def test_the_shell_that_the_phone_keeps_is_there(world: World) -> None:
    """Every address that the service worker keeps answers, under the scope that it asks for."""
    async with browser(world) as visitor:
        worker = await visitor.get("/shop/sw.js")
        assert worker.headers["Service-Worker-Allowed"] == "/shop"
        found = re.match(r"const SHELL = (\[.*\]);", worker.text)
        assert found
        shell = json.loads(found[1])
        assert "/shop" in shell
        assert [path for path in shell if (await visitor.get(path)).status != 200] == []


async def test_the_manifest_speaks_the_readers_language(world: World) -> None:
    """The app is installed under a name in the language of the browser, with icons that are there."""
    async with browser(world) as visitor:
        answer = await visitor.get("/shop/manifest.webmanifest", **{"Accept-Language": "et"})
        assert answer.headers["Content-Type"] == "application/manifest+json"
        manifest = json.loads(answer.text)
        assert (manifest["lang"], manifest["name"]) == ("et", "Smarts: skanni, maksa, mine")
        sizes = set()
        for icon in manifest["icons"]:
            async with visitor.session.get(world.url + icon["src"]) as picture:
                assert (picture.status, picture.content_type) == (200, icon["type"])
                if icon["type"] == "image/png":
                    width, height = Image.open(BytesIO(await picture.read())).size
                    assert icon["sizes"] == f"{width}x{height}"
                    sizes.add((width, icon["purpose"]))
        assert {(192, "any"), (512, "any"), (512, "maskable")} <= sizes


async def test_codes_are_pictures(world: World) -> None:
    """A text becomes a picture; none, and one that no camera could read, are refused."""
    async with browser(world) as visitor:
        answer = await visitor.get("/shop/code.svg?text=4711")
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/svg+xml")
        for text in ("", "x" * 201):
            assert (await visitor.get(f"/shop/code.svg?text={text}")).status == 422
