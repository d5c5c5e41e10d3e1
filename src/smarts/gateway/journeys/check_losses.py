"""What a store loses, as its random checks tell; and what a policy would catch, simulated on the store's own carts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from smarts.control import Policy
from smarts.control.estimate import LossEstimate, estimate
from smarts.control.simulation import AIM, Comparison
from smarts.gateway.control.exchanges import ExchangedPair
from smarts.gateway.control.losses import Losses
from smarts.gateway.control.policies import Policies
from smarts.gateway.control.service import Control
from smarts.gateway.control.simulator import Simulator
from smarts.gateway.parties import Store
from smarts.wire.model import Model
from smarts.wire.money import Currency
from smarts.wire.times import UtcMillis

LEAST_CARTS = 50
"""With fewer, the goods that a store sells together are not known yet."""

_MOST_CARTS = 500
_WITHIN = timedelta(weeks=8)  # before what decisions came from is forgotten


class CheckLoss(Model, frozen=True, kw_only=True, omit_defaults=False):
    """What was missing in carts that were checked out since a moment, found or not, as the random checks tell.

    The random part could have chosen `within_reach` of the `carts`: all but those of a time without it, in a pause, and
    of shoppers whom chance had chosen often enough. It chose as many as `estimate.probes`, and `unseen` more that
    nobody looked at. The estimate is of the carts within reach, in the store's currency; there is none where no cart
    is. `exchanged` are up to ten pairs of goods of which rescans found one scanned for the other, most often first.
    """

    since: UtcMillis
    currency: Currency
    carts: int
    within_reach: int
    unseen: int
    estimate: LossEstimate | None
    exchanged: tuple[ExchangedPair, ...] = ()


class CheckSimulation(Model, frozen=True, kw_only=True, omit_defaults=False):
    """What a policy would catch where shoppers buy what was in a store's latest `carts`, the oldest since `since`.

    Who forgets what and who leaves it out on purpose is assumed. Nothing is compared with fewer than fifty carts.
    """

    carts: int
    since: UtcMillis | None
    currency: Currency
    comparison: Comparison | None
    aim: float = AIM


@dataclass(frozen=True)
class CheckLosses:
    """The verbs; whoever calls them has looked whether the store is within reach."""

    control: Control
    policies: Policies
    losses: Losses
    simulator: Simulator
    clock: Callable[[], datetime]

    async def loss(self, store: Store) -> CheckLoss:
        """What the store loses, of late."""
        since = self.clock() - _WITHIN
        probed = await self.losses.probed(store.institution_id, since)
        return CheckLoss(
            since=UtcMillis.of(since),
            currency=store.currency,
            carts=probed.carts,
            within_reach=probed.within,
            unseen=probed.unseen,
            estimate=estimate(probed.probes) if probed.within else None,
            exchanged=await self.losses.exchanged(store.institution_id, since),
        )

    async def simulation(self, store: Store, policy: Policy) -> CheckSimulation:
        """What a policy would catch; changes nothing, and takes some seconds.

        Raises:
            ProblemError: 422, the policy makes no sense; 503, another simulation is under way.
        """
        self.policies.require_sound(policy, (await self.policies.current(store.institution_id)).policy)
        kept = await self.control.latest(store.institution_id, _MOST_CARTS)
        carts = [each.inputs.cart for each in kept if each.inputs and each.inputs.cart.lines]
        is_enough = len(carts) >= LEAST_CARTS
        return CheckSimulation(
            carts=len(carts),
            since=carts[-1].at if carts else None,
            currency=store.currency,
            comparison=await self.simulator.compare(replace(policy, pause=None), carts)
            if is_enough
            else None,
        )
