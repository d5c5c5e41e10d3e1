"""Odoo's External API: methods of its models, by JSON-2 or JSON-RPC."""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from smarts.caller import CallFailed, Nonsense, Refused
from smarts.ready.connectors.calls import ShopCalls
from smarts.ready.connectors.settings import OdooApi, OdooSettings
from smarts.wire.errors import Problem

Record = Mapping[str, Any]
Domain = Sequence[Any]

_DENIED = {"odoo.exceptions.AccessDenied", "odoo.exceptions.AccessError"}
_FOR_A_MOMENT = ("psycopg2.", "odoo.exceptions.ConcurrencyError", "odoo.service.")
_MISSING = "odoo.exceptions.MissingError"


class Odoo(Protocol):
    """The methods of Odoo's models that are needed here; all raise `CallFailed`."""

    async def search_read(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        *,
        limit: int | None = None,
        order: str = "id",
        context: Mapping[str, Any] | None = None,
        seconds: float = 30.0,
        is_patient: bool = True,
    ) -> Sequence[Record]:
        """The records that fit."""
        ...

    async def fields_of(self, model: str) -> frozenset[str]:
        """The names of the fields that a model has in this Odoo."""
        ...

    async def create(self, model: str, values: Record) -> int:
        """Makes a record and gives its id."""
        ...

    async def write(self, model: str, id_: int, values: Record) -> None:
        """Changes a record."""
        ...

    async def act(
        self, model: str, method: str, id_: int, *, context: Mapping[str, Any] | None = None
    ) -> None:
        """Has a record do what a button of it does."""
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


def connect(settings: OdooSettings) -> Odoo:
    """A client of the API that the settings name."""
    return _Json2(settings) if settings.api is OdooApi.JSON_2 else _JsonRpc(settings)


class _Client:
    def __init__(self, settings: OdooSettings, headers: Mapping[str, str]) -> None:
        self._settings = settings
        self._calls = ShopCalls("Odoo", settings.url, headers, allow_private=settings.allow_private)

    async def _call(
        self,
        model: str,
        method: str,
        ids: Sequence[int],
        arguments: Record,
        *,
        seconds: float,
        is_patient: bool,
    ) -> Any:
        raise NotImplementedError

    async def search_read(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        *,
        limit: int | None = None,
        order: str = "id",
        context: Mapping[str, Any] | None = None,
        seconds: float = 30.0,
        is_patient: bool = True,
    ) -> Sequence[Record]:
        arguments = {
            "domain": domain,
            "fields": fields,
            "limit": limit,
            "order": order,
            "context": context or {},
        }
        found = await self._call(model, "search_read", (), arguments, seconds=seconds, is_patient=is_patient)
        if not isinstance(found, list) or not all(isinstance(each, dict) and "id" in each for each in found):
            raise Nonsense(f"Odoo answered {model}.search_read with something that is no list of records")
        return found

    async def fields_of(self, model: str) -> frozenset[str]:
        arguments = {"attributes": ["type"]}
        found = await self._call(model, "fields_get", (), arguments, seconds=30.0, is_patient=True)
        if not isinstance(found, dict):
            raise Nonsense(f"Odoo answered {model}.fields_get with something that is no table of fields")
        return frozenset(found)

    async def create(self, model: str, values: Record) -> int:
        made = await self._call(model, "create", (), {"vals_list": [values]}, seconds=30.0, is_patient=False)
        if not (isinstance(made, list) and len(made) == 1 and type(made[0]) is int):
            raise Nonsense(f"Odoo answered {model}.create with something that is no id")
        return made[0]

    async def write(self, model: str, id_: int, values: Record) -> None:
        await self._call(model, "write", (id_,), {"vals": values}, seconds=30.0, is_patient=False)

    async def act(
        self, model: str, method: str, id_: int, *, context: Mapping[str, Any] | None = None
    ) -> None:
        arguments = {"context": context} if context else {}
        await self._call(model, method, (id_,), arguments, seconds=60.0, is_patient=False)

    async def close(self) -> None:
        await self._calls.close()


class _Json2(_Client):
    """From Odoo 19 on: the model and the method are in the address, all arguments have names."""

    def __init__(self, settings: OdooSettings) -> None:
        headers = {"Authorization": f"bearer {settings.key.value}"}
        if settings.database:
            headers["X-Odoo-Database"] = settings.database
        super().__init__(settings, headers)

    async def _call(
        self,
        model: str,
        method: str,
        ids: Sequence[int],
        arguments: Record,
        *,
        seconds: float,
        is_patient: bool,
    ) -> Any:
        body = {**({"ids": ids} if ids else {}), **arguments}
        ask = self._calls.ask_patiently if is_patient else self._calls.ask
        answer = await ask("POST", f"/json/2/{model}/{method}", body=body, seconds=seconds)
        return answer.body


class _JsonRpc(_Client):
    """Odoo 14 to 21: one address, the user's id found out by logging in, errors with status 200."""

    _POSITIONAL = ("vals_list", "vals")  # by name they are refused by versions before 17

    def __init__(self, settings: OdooSettings) -> None:
        super().__init__(settings, {})
        self._numbers = itertools.count(1)
        self._user_id: int | None = None
        self._logging_in = asyncio.Lock()

    async def _call(
        self,
        model: str,
        method: str,
        ids: Sequence[int],
        arguments: Record,
        *,
        seconds: float,
        is_patient: bool,
    ) -> Any:
        positional = [
            *([list(ids)] if ids else []),
            *(arguments[name] for name in self._POSITIONAL if name in arguments),
        ]
        named = {name: value for name, value in arguments.items() if name not in self._POSITIONAL}
        user_id = await self._log_in(seconds)
        key = self._settings.key.value
        parameters = [self._settings.database, user_id, key, model, method, positional, named]
        return await self._rpc("object", "execute_kw", parameters, seconds=seconds, is_patient=is_patient)

    async def _log_in(self, seconds: float) -> int:
        async with self._logging_in:
            if self._user_id is None:
                parameters = [self._settings.database, self._settings.user, self._settings.key.value, {}]
                user_id = await self._rpc(
                    "common", "authenticate", parameters, seconds=seconds, is_patient=True
                )
                if type(user_id) is not int:
                    raise _refused(401, "the database, the user or the key is not right")
                self._user_id = user_id
            return self._user_id

    async def _rpc(
        self, service: str, method: str, parameters: Sequence[Any], *, seconds: float, is_patient: bool
    ) -> Any:
        call = {"service": service, "method": method, "args": parameters}
        body = {"jsonrpc": "2.0", "method": "call", "params": call, "id": next(self._numbers)}
        ask = self._calls.ask_patiently if is_patient else self._calls.ask
        answer = await ask("POST", "/jsonrpc", body=body, seconds=seconds)
        if not isinstance(answer.body, dict) or not answer.body.keys() & {"result", "error"}:
            raise Nonsense("Odoo answered something that is no JSON-RPC")
        if "error" in answer.body:
            raise _failure(answer.body["error"])
        return answer.body["result"]


def _failure(error: Any) -> CallFailed:
    data = error.get("data") if isinstance(error, dict) else None
    name, message = (
        (str(data.get(part) or "")[:300] for part in ("name", "message")) if data else ("", str(error)[:300])
    )
    if name.startswith(_FOR_A_MOMENT):
        return Nonsense(f"Odoo: {message}", retryable=True)
    return _refused(403 if name in _DENIED else 404 if name == _MISSING else 422, message)


def _refused(status: int, message: str) -> Refused:
    return Refused(Problem("about:blank", "Odoo refuses this", status, f"Odoo: {message}"))
