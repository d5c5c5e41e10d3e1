"""The site that `make docs` makes: whole, of a piece, and with nothing from elsewhere."""

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from playwright.async_api import Browser

from docs.blocks import PAGES, ROOT
from gateway.web.phones import chromium
from smarts.cli.root import app
from smarts.edge import problems
from smarts.edge.problems import ErrorKind
from smarts.gateway import errors
from smarts.gateway.settings import variables
from smarts.kit.requirements import REQUIREMENTS
from smarts.wire.examples import example_names
from smarts.wire.operations import OPERATIONS, Operation
from wire.documents import STRUCTS

pytestmark = [pytest.mark.xdist_group("site"), pytest.mark.timeout(300)]

LIMIT_SECONDS = 240
SPRING = ROOT / "docs" / "how-to" / "from-spring-boot.md"
LOADING = {"link": "href", "script": "src", "img": "src", "source": "src", "iframe": "src", "video": "src"}
PHONE = {"width": 390, "height": 780}


class Page(HTMLParser):
    """What a page loads, where it leads, and what can be led to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.anchors: set[str] = set()
        self.viewport = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        if LOADING.get(tag) in found:
            self.loads.append(found[LOADING[tag]])
        if tag == "a" and "href" in found:
            self.leads.append(found["href"])
        if found.get("name") == "viewport":
            self.viewport = found["content"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, made as `make docs` makes it."""
    folder = tmp_path_factory.mktemp("docs")
    arguments = ("--quiet", "--fail-on-warning", "--keep-going", "--builder", "html")
    ended = subprocess.run(
        [sys.executable, "-m", "sphinx", *arguments, "docs", str(folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text("utf-8")) for path in site.rglob("*.html")}


def leads(path: Path, page: Page) -> Iterator[tuple[Path, str]]:
    """Where a page leads within the site."""
    for target in page.leads:
        place, anchor = urldefrag(target)
        if not re.match(r"\w+:", place):
            yield (path.parent / unquote(place)).resolve() if place else path, anchor


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    """All that pages and styles load is in the folder, so that they can be read without a network."""
    for path, page in pages.items():
        for target in page.loads:
            assert (path.parent / unquote(urldefrag(target)[0].partition("?")[0])).exists(), (
                f"{path.name}: {target}"
            )
    foreign = re.compile(r"url\(\s*['\"]?(?:https?:)?//|@import")
    assert [path.name for path in site.rglob("*.css") if foreign.search(path.read_text("utf-8"))] == []


def test_every_link_leads_somewhere(pages: dict[Path, Page]) -> None:
    """Links within the site lead to files that are there, and to headings that are in them."""
    lost = [
        f"{path.name}: {target.name}#{anchor}"
        for path, page in pages.items()
        for target, anchor in leads(path, page)
        if not target.exists() or (anchor and target in pages and anchor not in pages[target].anchors)
    ]
    assert lost == []


def test_every_page_is_reached_from_the_first(site: Path, pages: dict[Path, Page]) -> None:
    """Whoever begins at the first page finds all others by links, but for what is found; each Markdown page is one."""
    reached, ahead = set(), {site / "index.html"}
    while ahead:
        path = ahead.pop()
        reached.add(path)
        ahead |= {target for target, _ in leads(path, pages[path]) if target in pages} - reached
    made = {site / page.relative_to(ROOT / "docs").with_suffix(".html") for page in PAGES[1:]}
    assert made <= reached
    assert {path.name for path in pages.keys() - reached} == {"search.html"}


async def test_pages_are_read_on_a_phone_from_a_folder(site: Path, pages: dict[Path, Page]) -> None:
    """Opened from the folder on a small screen no page is wider than that, and nothing of it fails to load."""
    assert all("width=device-width" in page.viewport for page in pages.values())
    async with chromium() as browser:
        assert await too_wide(browser, sorted(pages)) == []


async def too_wide(browser: Browser, paths: list[Path]) -> list[str]:
    context = await browser.new_context(viewport=PHONE, offline=True)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("requestfailed", lambda request: wrong.append(request.url))
    for path in paths:
        await page.goto(path.as_uri())
        if await page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            wrong.append(path.name)
    await context.close()
    return wrong


def text_of(site: Path, name: str) -> str:
    """The text of a page of the reference, without its tags."""
    return re.sub(r"<[^>]+>", "", (site / "reference" / f"{name}.html").read_text("utf-8"))


def test_the_reference_has_all_that_there_is(site: Path) -> None:
    """Operations, objects, examples, problems, settings, commands and requirements: each is on its page."""
    kinds = [
        kind for module in (problems, errors) for kind in vars(module).values() if isinstance(kind, ErrorKind)
    ]
    expected = {
        "contract": [f"{row.method} {row.path}" for row in OPERATIONS],
        "data-objects": [*STRUCTS, *example_names()],
        "problems": [kind.type for kind in kinds],
        "settings": [variable.name for variable in variables()],
        "command-line": [f"smarts {name}" for name in app if not name.startswith("-")],
        "requirements": list(REQUIREMENTS),
        "gateway-api": [
            "POST /shop/v1/carts",
            "POST /v1/control/result",
            "GET /operate/v1/nodes",
            "GET /healthz",
        ],
    }
    for name, words in expected.items():
        text = text_of(site, name)
        assert len(words) > 3
        assert [word for word in words if word not in text] == [], name


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_who_knows_spring_finds_each_adapter(operation: Operation) -> None:
    """Each operation of the table stands on the page for them, with its path."""
    assert f"| `{operation.name}`: {operation.method} `{operation.path}` |" in SPRING.read_text("utf-8")
