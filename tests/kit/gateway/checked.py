"""A whole gateway with proxies before and behind it, set up for the kit."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from kit.gateway.proxies import Proxy, proxying
from serving import serving
from smarts.gateway.app import application, open_gateway
from smarts.gateway.parties import Role
from smarts.gateway.settings import Settings
from smarts.kit.check import checks
from smarts.kit.client import Client
from smarts.kit.gateway import checks as gateway_checks
from smarts.kit.gateway.played_node import PATIENCE, PlayedNode
from smarts.kit.gateway.set_up import fresh, set_up
from smarts.kit.gateway.subject import GatewaySubject, Manager, PlayedStore
from smarts.kit.requirement import Requirement
from smarts.kit.runner import Result, run
from smarts.wire.nodes import Feature

NODE_TOKEN = "the-played-node's-token"
__all__ = ["Checked", "checked_gateway", "gateway_checks"]
_NOT_YET = PlayedStore("", "")


@dataclass
class Checked:
    """The gateway under check; `front` stands before it, `back` between it and the played node."""

    subject: GatewaySubject
    front: Proxy
    back: Proxy

    @property
    def tokens(self) -> tuple[str, ...]:
        """What nobody may read in a report."""
        subject = self.subject
        assert subject.manager
        assert subject.other
        return (
            subject.manager.token,
            subject.store.access_token,
            subject.other.access_token,
            subject.node.token,
        )

    async def run(self, requirements: Iterable[Requirement], *, patience: float = PATIENCE) -> list[Result]:
        """What the kit says of requirements, with nothing found out before."""
        self.subject.node.patience = patience
        return await run(fresh(self.subject), requirements, checks(), tuple(Feature), seconds=110)


@asynccontextmanager
async def checked_gateway(database_url: str) -> AsyncIterator[Checked]:
    """The gateway with its worker, at work."""
    settings = Settings(
        database_url=database_url, allow_private_nodes=True, sandbox_payments=True, joins_per_hour=1_000_000
    )
    async with AsyncExitStack() as exits:
        gateway = await exits.enter_async_context(open_gateway(settings, database_url))
        url = await exits.enter_async_context(serving(application(gateway)))
        await exits.enter_async_context(gateway.working())
        async with gateway.database.transaction() as tx:
            merchant_id = await gateway.stores.merchant(tx, "Conformance")
            token = await gateway.people.add_staff(tx, "Kit", Role.MANAGER, merchant_id, frozenset())
        client = await exits.enter_async_context(Client())
        node = await exits.enter_async_context(PlayedNode(NODE_TOKEN))
        back = await exits.enter_async_context(proxying(node.address))
        front = await exits.enter_async_context(proxying(url))
        subject = GatewaySubject(client, f"{url}/v1", "", url=url, node=node, store=_NOT_YET)
        await set_up(subject, Manager(token), back.address)
        subject = replace(
            subject, url=front.address, address=f"{front.address}/v1", token=subject.store.access_token
        )
        yield Checked(subject, front, back)
