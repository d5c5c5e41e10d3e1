"""What the tests of the manager's pages have in common."""

import re
from html import unescape

from gateway.web.browsing import Browser, Seen

TABS = (
    "",
    "/settings",
    "/campaigns",
    "/cards",
    "/delivery",
    "/check-rules",
    "/staff",
    "/door",
    "/purchases",
    "/checks",
    "/orders",
    "/overview",
    "/sent",
)


def secret(text: str) -> str:
    """What a page shows once."""
    found = re.search(r'<code class="secret">([^<]+)</code>', text)
    assert found, text
    return unescape(found[1])


def marked(page: Seen) -> list[str]:
    """The ids of the fields that are marked as wrong, in their order."""
    tags = re.findall(r'<(?:input|select|textarea)[^>]*aria-invalid="true"[^>]*>', page.text)
    return [found[1] for tag in tags if (found := re.search(r'id="f-([\w-]+)"', tag))]


def filled(page: Seen) -> list[tuple[str, str]]:
    """The fields of the page's own form as a browser would send them; the last form with a name in it counts."""
    form = max(re.findall(r"<form.*?</form>", page.text, re.DOTALL), key=len)
    fields = [("csrf", page.csrf())]
    for tag in re.findall(r"<input[^>]*>", form):
        given = {name: unescape(value) for name, value in re.findall(r'(\w+)="([^"]*)"', tag)}
        ticks = given.get("type") in ("checkbox", "radio")
        if given.get("name", "csrf") != "csrf" and (not ticks or " checked" in tag):
            fields.append((given["name"], given.get("value", "on" if ticks else "")))
    for name, body in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
        fields.append((name, unescape(chosen[1]) if chosen else ""))
    for name, body in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        fields.append((name, unescape(body)))
    return fields


async def form_at(browser: Browser, path: str, **changes: str) -> list[tuple[str, str]]:
    """The form of a page as it stands, with some fields changed."""
    fields = filled(await browser.get(path))
    kept = [(name, value) for name, value in fields if name not in changes]
    return [*kept, *changes.items()]
