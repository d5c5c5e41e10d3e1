"""Which route an address and a method lead to."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from smarts.edge.answers import problem_answer
from smarts.edge.problems import METHOD_NOT_ALLOWED
from smarts.edge.routes import Answer, Route

_PARAMETER = re.compile(r"\{(\w+)\}")
LONGEST_PARAMETER = 200
_NO_PARAMETERS: Mapping[str, str] = {}


class _Place:
    """An address with the routes of its methods and the ready answers to all other methods."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}

    def add(self, route: Route) -> None:
        if route.method in self.routes:
            raise ValueError(f"two routes for {route.method} {route.path}")
        self.routes[route.method] = route

    def find(self, method: str) -> Route | Answer:
        route = self.routes.get("GET" if method == "HEAD" else method)
        return route or self._other(method)

    def _other(self, method: str) -> Answer:
        head = {"HEAD"} if "GET" in self.routes else set()
        allow = {"Allow": ", ".join(sorted({*self.routes, "OPTIONS", *head}))}
        if method == "OPTIONS":
            return Answer(204, b"", headers=allow)
        return problem_answer(METHOD_NOT_ALLOWED.error(), allow)


class Router:
    """A look-up for fixed addresses, compiled patterns for those with parameters; fixed ones win."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._fixed: dict[str, _Place] = {}
        self._patterns: dict[str, tuple[re.Pattern[str], _Place]] = {}
        for route in routes:
            self._place_of(route.path).add(route)

    def _place_of(self, path: str) -> _Place:
        if "{" not in path:
            return self._fixed.setdefault(path, _Place())
        names_and_texts = _PARAMETER.split(path)
        texts, names = names_and_texts[::2], names_and_texts[1::2]
        groups = [f"(?P<{name}>[^/]+)" for name in names]
        pattern = "".join(
            part for pair in zip(map(re.escape, texts), [*groups, ""], strict=True) for part in pair
        )
        return self._patterns.setdefault(_PARAMETER.sub("{}", path), (re.compile(pattern), _Place()))[1]

    def find(self, scope: Mapping[str, Any]) -> tuple[Route | Answer, Mapping[str, str]] | None:
        """The route with the path's parameters, or a ready answer to a method it does not have, or None."""
        path: str = scope["path"]
        root: str = scope.get("root_path", "")
        if root and path.startswith(root):
            path = path[len(root) :]
        place = self._fixed.get(path)
        if place:
            return place.find(scope["method"]), _NO_PARAMETERS
        return self._find_pattern(_raw_path(scope, path, root), scope["method"])

    def _find_pattern(self, path: str, method: str) -> tuple[Route | Answer, Mapping[str, str]] | None:
        for pattern, place in self._patterns.values():
            match = pattern.fullmatch(path)
            if match:
                parameters = _unquoted(match.groupdict())
                return None if parameters is None else (place.find(method), parameters)
        return None


def _raw_path(scope: Mapping[str, Any], path: str, root: str) -> str:
    # Undecoded, so that a parameter may hold an encoded slash, as in the invoice number 2026%2F17.
    raw: bytes | None = scope.get("raw_path")
    if raw is None:
        return quote(path)
    return raw.decode("latin-1").removeprefix(quote(root))


def _unquoted(parameters: Mapping[str, str]) -> Mapping[str, str] | None:
    try:
        values = {name: unquote(value, errors="strict") for name, value in parameters.items()}
    except UnicodeDecodeError:
        return None
    if any("\0" in value or len(value) > LONGEST_PARAMETER for value in values.values()):
        return None
    return values
