"""The readable page of a document."""

import base64
import hashlib
import re
from html.parser import HTMLParser

from edge.test_openapi import CONTRACT, OURS, operations
from smarts.edge.docs import docs_page, docs_security_policy

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """The page as a reader's browser sees it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.anchors |= {value for name, value in attrs if name == "id" and value}
        self.links += [value for name, value in attrs if name == "href" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


TEXT = docs_page(CONTRACT).decode()
PAGE = Page(TEXT)


def test_the_page_is_whole() -> None:
    """Every tag is closed where it should be."""
    assert PAGE.open == []


def test_every_operation_and_object_can_be_linked_to() -> None:
    """Each operation and each object has a place of its own, and no link leads nowhere."""
    assert {operation["operationId"] for _, _, operation in operations(CONTRACT)} <= PAGE.anchors
    assert {f"object-{name}" for name in CONTRACT["components"]["schemas"]} <= PAGE.anchors
    inside = {link.removeprefix("#") for link in PAGE.links if link.startswith("#")}
    assert inside <= PAGE.anchors
    assert [link for link in PAGE.links if not link.startswith("#")] == ["openapi.json"]


def test_the_page_shows_paths_fields_and_examples() -> None:
    """A reader finds addresses, fields with their types, every answer, and the golden examples."""
    for words in ("/product/search/barcode", "translatableName", "expectedDeliveryUTCTime", "422", "PAYED"):
        assert words in PAGE.words


def test_nothing_comes_from_elsewhere_and_nothing_runs() -> None:
    """The page works under a policy that allows its own style alone."""
    assert not PAGE.tags & {"script", "img", "link", "iframe"}
    assert not PAGE.attributes & {"style", "src", "onclick"}
    style = re.search("<style>(.*?)</style>", TEXT, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in docs_security_policy()
    assert docs_security_policy().startswith("default-src 'none';")


def test_names_cannot_smuggle_markup() -> None:
    """What a document says is shown as text."""
    page = docs_page(
        OURS | {"info": {"title": "<script>alert(1)</script>", "version": "<b>", "description": "<i>"}}
    )
    assert not Page(page.decode()).tags & {"script", "i"}
