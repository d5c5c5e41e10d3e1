"""WooCommerce's REST API v3: lists page by page, single things, and what they are changed by."""

import base64
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

from smarts.caller import Nonsense
from smarts.ready.connectors.calls import Answer, ShopCalls
from smarts.ready.connectors.settings import WooCommerceSettings

Thing = Mapping[str, Any]

MOST_A_PAGE = 100  # WooCommerce gives no more


class ListPage(NamedTuple):
    """One page of a list, and how many things and pages all of it has at this moment."""

    things: tuple[Thing, ...]
    total: int
    pages: int


class WooCommerce:
    """Asks one WooCommerce, with the key of one of its users; all methods raise `CallFailed`."""

    def __init__(self, settings: WooCommerceSettings) -> None:
        pair = f"{settings.key.value}:{settings.secret.value}"
        headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        self._calls = ShopCalls("WooCommerce", settings.url, headers, allow_private=settings.allow_private)

    async def pages(self, path: str, **query: str) -> AsyncIterator[ListPage]:
        """A whole list. Pages may be short in the middle, since what the key may not see is taken out of them."""
        number = 1
        while True:
            page = await self.page(path, query={"page": str(number), "per_page": str(MOST_A_PAGE), **query})
            yield page
            if number >= page.pages:
                return
            number += 1

    async def page(
        self, path: str, *, is_patient: bool = True, seconds: float = 30.0, query: Mapping[str, str]
    ) -> ListPage:
        """One page of a list."""
        ask = self._calls.ask_patiently if is_patient else self._calls.ask
        answer = await ask("GET", _path(path), query=query, seconds=seconds)
        if not isinstance(answer.body, list) or not all(isinstance(each, dict) for each in answer.body):
            raise Nonsense(f"WooCommerce answered {path} with something that is no list")
        return ListPage(tuple(answer.body), _count(answer, "x-wp-total"), _count(answer, "x-wp-totalpages"))

    async def thing(
        self, path: str, *, is_patient: bool = True, seconds: float = 30.0, fields: str = ""
    ) -> Thing:
        """One thing by its address, or only some of its fields."""
        query = {"_fields": fields} if fields else {}
        ask = self._calls.ask_patiently if is_patient else self._calls.ask
        answer = await ask("GET", _path(path), query=query, seconds=seconds)
        return _thing(answer, path)

    async def setting(self, path: str) -> str:
        """The value of one of its settings, such as `general/woocommerce_currency`."""
        value = (await self.thing(f"settings/{path}")).get("value")
        if not isinstance(value, str):
            raise Nonsense(f"WooCommerce has no value for its setting {path}")
        return value

    async def create(self, path: str, values: Thing) -> Thing:
        """Makes a thing, and gives it as it is then."""
        return _thing(await self._calls.ask("POST", _path(path), body=values), path)

    async def change(self, path: str, values: Thing) -> Thing:
        """Changes a thing, and gives it as it is then."""
        return _thing(await self._calls.ask("PUT", _path(path), body=values), path)

    async def close(self) -> None:
        """Closes the connections."""
        await self._calls.close()


def _path(path: str) -> str:
    return f"/wp-json/wc/v3/{path}"


def _thing(answer: Answer, path: str) -> Thing:
    if not isinstance(answer.body, dict):
        raise Nonsense(f"WooCommerce answered {path} with something that is no object")
    return answer.body


def _count(answer: Answer, header: str) -> int:
    text = answer.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Nonsense(f"WooCommerce did not say how many there are: no {header}")
    return int(text)
