"""What all pages have in common: headers, static files, languages, and nothing inline."""

import gzip
import re
from collections import defaultdict
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from importlib.resources.abc import Traversable

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import smarts.edge.problems
import smarts.gateway.errors
from gateway.journeys.world import World
from gateway.web.browsing import Browser
from smarts.edge.problems import ErrorKind
from smarts.gateway.web.languages import LANGUAGES, translations

WEB = files("smarts.gateway.web")


def walk(folder: Traversable) -> Iterator[Traversable]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from walk(entry)
        else:
            yield entry


def templates() -> list[Traversable]:
    return [file for file in walk(WEB / "templates") if file.name.endswith(".html")]


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/nowhere", "/manage", "/shop", "/static/0", "/static/0/nothing.css"]
)
async def test_every_answer_has_the_headers_that_protect_it(visitor: Browser, path: str) -> None:
    """Pages, redirects and errors alike run nothing foreign and are framed by nobody else."""
    headers = (await visitor.get(path)).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert (policy["frame-ancestors"], policy["base-uri"]) == ("'self'", "'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"


async def test_pages_are_kept_by_nobody(visitor: Browser) -> None:
    """A shared device shows no page of somebody who has signed out."""
    assert (await visitor.get("/")).headers["Cache-Control"] == "no-store"


async def test_files_are_kept_for_ever_under_the_address_of_their_content(visitor: Browser) -> None:
    """A page names its files by their content, and browsers need not ask for them again."""
    page = await visitor.get("/")
    address = re.search(r'href="(/static/[0-9a-f]+/base\.css)"', page.text)
    assert address
    file = await visitor.get(address[1])
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert file.headers["Content-Type"] == "text/css; charset=utf-8"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert file.text == (WEB / "static" / "base.css").read_text("utf-8")
    before_an_update = await visitor.get("/static/0123456789abcdef/base.css")
    assert (before_an_update.status, before_an_update.headers["Cache-Control"]) == (200, "no-cache")


async def test_files_are_compressed_for_who_reads_that(world: World, visitor: Browser) -> None:
    """Most of a file's bytes are not sent."""
    path = f"{world.url}/static/0/base.css"
    async with visitor.session.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        sent = int(answer.headers["Content-Length"])
    async with visitor.session.get(path, headers={"Accept-Encoding": "identity"}) as answer:
        assert "Content-Encoding" not in answer.headers
        content = await answer.read()
    assert sent == len(gzip.compress(content, mtime=0)) < len(content) / 2


@pytest.mark.parametrize(
    "path",
    ["/static/0/nothing.css", "/static/0/../site.py", "/static/0/%2e%2e/site.py", "/static/0//etc/passwd"],
)
async def test_only_the_files_of_the_folder_are_served(visitor: Browser, path: str) -> None:
    """No address leads out of the folder."""
    assert (await visitor.get(path)).status == 404


async def test_what_is_not_there_is_told_as_the_caller_reads(visitor: Browser) -> None:
    """People get a page, programs the problem document that the API gives everywhere."""
    page = await visitor.get("/nowhere")
    assert (page.status, "<h1>There is no such thing.</h1>" in page.text) == (404, True)
    answer = await visitor.get("/shop/v1/nowhere", Accept="*/*")
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert '"type":"not-found"' in answer.text
    assert (await visitor.post("/", {})).status == 405


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        ("et", "et"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("fi,et;q=0.5,ru;q=0.7", "ru"),
        ("fr", "en"),
        ("", "en"),
        ("et;q=nonsense,ru;q=0.1", "ru"),
    ],
)
async def test_a_page_speaks_the_language_that_the_browser_wishes(
    visitor: Browser, wishes: str, language: str
) -> None:
    """The first of the wishes that is spoken here counts, else English."""
    page = await visitor.get("/sign-in", **{"Accept-Language": wishes})
    assert f'<html lang="{language}">' in page.text


async def test_a_chosen_language_stays(visitor: Browser) -> None:
    """Whoever chooses a language keeps it, whatever the browser wishes; one that is not spoken changes nothing."""
    chosen = await visitor.get("/sign-in?lang=et", **{"Accept-Language": "ru"})
    assert "Logi sisse" in chosen.text
    for path in ("/sign-in", "/sign-in?lang=xx"):
        assert "Logi sisse" in (await visitor.get(path, **{"Accept-Language": "ru"})).text


TRANSLATED = [language for language in LANGUAGES if language != "en"]  # what the texts are written in


def templates_texts() -> set[str]:
    """Everything that templates say."""
    texts = set()
    for file in templates():
        with file.open("rb") as opened:
            for _, message, _, _ in extract(
                "jinja2.ext:babel_extract", opened, options={"newstyle_gettext": "true"}
            ):
                texts.update([message] if isinstance(message, str) else message[:1])
    return texts


def used_texts() -> set[str]:
    """Everything that templates say, and the titles of all problems."""
    return templates_texts() | {
        kind.title
        for module in (smarts.edge.problems, smarts.gateway.errors)
        for kind in vars(module).values()
        if isinstance(kind, ErrorKind)
    }


@pytest.mark.parametrize("language", TRANSLATED)
def test_everything_is_said_in_every_language(language: str) -> None:
    """Every text that a page uses is in the language's catalogue, translated."""
    known = translations(language)._catalog  # type: ignore[attr-defined]
    words = {key[0] if isinstance(key, tuple) else key for key, text in known.items() if text}
    assert used_texts() - words == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_percent_signs_in_translations_are_no_parameters(language: str) -> None:
    """Templates fill in parameters by percent signs, so one that is only a sign has to be doubled."""
    values = defaultdict(int)
    for text in templates_texts():
        assert translations(language).gettext(text) % values, text


def catalogue(language: str) -> dict[str, Message]:
    messages = {}
    for file in (WEB / "locales" / language / "LC_MESSAGES").iterdir():
        with file.open("rb") as opened:
            for message in read_po(opened, locale=language):
                if message.id:
                    messages[f"{file.name} {message.id}"] = message
    return messages


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogues_have_the_same_texts(language: str) -> None:
    """No language lacks a text that another has, none is empty or unsure, and all name the same parameters."""
    ours = catalogue(language)
    assert all(ours.keys() == catalogue(other).keys() for other in TRANSLATED)
    for key, message in ours.items():
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(forms), key
        assert not message.fuzzy, key
        names = set(re.findall(r"%\(\w+\)s", str(message.id)))
        assert all(set(re.findall(r"%\(\w+\)s", form)) == names for form in forms), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_said_in_one_way(language: str) -> None:
    """The catalogues of the site's parts are merged, so a text that stands in two of them is the same in both."""
    said: dict[str, object] = {}
    for key, message in catalogue(language).items():
        text = key.partition(" ")[2]
        assert said.setdefault(text, message.string) == message.string, text


class Inline(HTMLParser):
    """Finds what a strict policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "style" or (
            tag == "script" and "src" not in given and given.get("type") != "application/json"
        ):
            self.found.append(tag)
        self.found += [name for name in given if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("file", templates(), ids=lambda file: file.name)
def test_no_template_has_scripts_or_styles_in_it(file: Traversable) -> None:
    """The policy lets nothing inline run, so nothing inline may be written."""
    parser = Inline()
    parser.feed(re.sub(r"\{[%#].*?[%#]\}", "", file.read_text("utf-8"), flags=re.DOTALL))
    assert parser.found == []
