"""What the site has beside the written pages: the reference, made of the code, and each section's contents.

A page with `<!-- made: NAME -->` gets there what `made.NAME` makes of the code as it is, so that it cannot differ from
it. A page with `<!-- contents -->` leads to the pages that its list links to, in that order.
"""

import re
from importlib import import_module

from sphinx.application import Sphinx

_MADE = re.compile(r"^<!-- made: (\w+)((?: [\w-]+)*) -->$", re.MULTILINE)
_CONTENTS = "<!-- contents -->"
_LISTED = re.compile(r"^- \[[^]]+\]\(([\w./-]+)\.md\)", re.MULTILINE)


def setup(app: Sphinx) -> dict[str, bool]:
    """Is called by Sphinx."""
    app.connect("source-read", _complete)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _complete(app: Sphinx, page: str, source: list[str]) -> None:
    source[0] = completed(source[0])


def completed(text: str) -> str:
    """The text of a page with what is made put in."""
    text = _MADE.sub(lambda mark: _made(mark[1], mark[2].split()), text)
    return text.replace(_CONTENTS, _contents(text)) if _CONTENTS in text else text


def _made(name: str, arguments: list[str]) -> str:
    made: str = import_module(f"made.{name}").markdown(*arguments)
    return made


def _contents(text: str) -> str:
    pages = dict.fromkeys(_LISTED.findall(text))
    return "\n".join(["```{toctree}", ":hidden:", "", *pages, "```"])
