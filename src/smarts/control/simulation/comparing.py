"""A policy beside the published defaults and plain chance, all at the same staff minutes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from smarts.control.policy import Policy
from smarts.control.simulation.assumptions import USUAL, Assumptions
from smarts.control.simulation.goods import Basket
from smarts.control.simulation.intervals import Interval, ratio
from smarts.control.simulation.methods import BASELINES, ByPolicy, ByShare
from smarts.control.simulation.running import Tally, run
from smarts.control.simulation.season import Extent, Visit, season
from smarts.wire.model import Model

AIM = 2.0
"""A policy should catch so many times what the best baseline does, at equal staff minutes."""

_CLOSE = 0.01
_TRIES = 4


class Setting(Model, frozen=True, kw_only=True, omit_defaults=False):
    """How much is simulated: so many seasons, each of a store with so many shoppers for so many weeks."""

    seasons: Annotated[int, Meta(ge=2, le=100)] = 8
    shoppers: Annotated[int, Meta(ge=1, le=1000)] = 150
    weeks: Annotated[int, Meta(ge=1, le=104)] = 26
    seed: str = "1"


class Row(Model, frozen=True, kw_only=True, omit_defaults=False):
    """What a method came to. `share` is that of the carts it was set to, None where a policy's rules say it.

    For a hundred carts: staff `minutes`, and what was `caught` in the currency. `of_missing` is the part of what was
    missing that was caught, `honest_stopped` the part of honest shoppers' carts that was looked at, `found` the part
    of looks that found something, `a_minute` what was caught in a minute of the staff's time.
    """

    method: str
    share: float | None
    minutes: Interval
    caught: Interval
    of_missing: Interval
    honest_stopped: Interval
    found: Interval
    a_minute: Interval


class Comparison(Model, frozen=True, kw_only=True, omit_defaults=False):
    """A policy and the baselines. `published` are these as they were published, `equal` at the policy's minutes.

    `times` is what the policy catches in a staff minute, as a multiple of the `best` baseline at equal minutes;
    `times_saved` takes in what was not tried any more because somebody had been caught. `wrong` is the part of carts
    with something missing where nobody is checked, `missing` what that is for a hundred carts.
    """

    mix: str
    carts: int
    wrong: float
    missing: float
    policy: Row
    equal: tuple[Row, ...]
    published: tuple[Row, ...]
    best: str
    times: Interval
    times_saved: Interval

    @property
    def aim_reached(self) -> bool:
        """Whether the policy catches as many times more as it should."""
        return self.times.value >= AIM


@dataclass(frozen=True)
class Simulation:
    """Seasons that are the same for every method."""

    seasons: Sequence[Sequence[Visit]]
    assumed: Assumptions

    def run(self, method: ByPolicy | ByShare) -> Sequence[Tally]:
        """What the method comes to in each season."""
        return [run(visits, method, self.assumed.pace) for visits in self.seasons]

    def at(self, minutes: float, method: ByShare) -> tuple[ByShare, Sequence[Tally]]:
        """A method with the share of carts that takes so many staff minutes for a hundred of them."""
        tallies = self.run(method)
        for _ in range(_TRIES):
            taken = _minutes(tallies)
            if (
                not taken
                or abs(taken - minutes) <= _CLOSE * minutes
                or (taken < minutes and method.share >= 1)
            ):
                break
            method = method.scaled(min(method.share * minutes / taken, 1.0))
            tallies = self.run(method)
        return method, tallies


def simulation(baskets: Sequence[Basket], assumed: Assumptions, setting: Setting) -> Simulation:
    """The seasons of a setting."""
    extent = Extent(setting.shoppers, setting.weeks)
    seeds = (f"{setting.seed}/{number}" for number in range(setting.seasons))
    return Simulation([season(baskets, assumed, extent, seed) for seed in seeds], assumed)


def compare(
    baskets: Sequence[Basket],
    policy: Policy,
    *,
    setting: Setting,
    mix: str = "usual",
    assumed: Assumptions = USUAL,
) -> Comparison:
    """A policy beside the baselines, on the same seasons."""
    simulated = simulation(baskets, assumed, setting)
    ours = simulated.run(ByPolicy(policy))
    equal = [simulated.at(_minutes(ours), method) for method in BASELINES]
    best, theirs = max(equal, key=lambda each: _sum(each[1], lambda tally: tally.caught))
    nobody = simulated.run(BASELINES[-1].scaled(0.0))
    return Comparison(
        mix=mix,
        carts=sum(len(visits) for visits in simulated.seasons),
        wrong=_sum(nobody, lambda tally: tally.wrong) / _sum(nobody, lambda tally: tally.carts),
        missing=_sum(nobody, lambda tally: tally.missing) / _sum(nobody, lambda tally: tally.carts),
        policy=_row(ByPolicy.name, None, ours),
        equal=tuple(_row(method.name, method.share, tallies) for method, tallies in equal),
        published=tuple(_row(method.name, method.share, simulated.run(method)) for method in BASELINES[:-1]),
        best=best.name,
        times=_times(ours, theirs, lambda tally: tally.caught),
        times_saved=_times(ours, theirs, lambda tally: tally.caught + tally.prevented),
    )


def _row(name: str, share: float | None, tallies: Sequence[Tally]) -> Row:
    def of(over: Callable[[Tally], float], under: Callable[[Tally], float]) -> Interval:
        return ratio([over(each) for each in tallies], [under(each) for each in tallies])

    return Row(
        method=name,
        share=share,
        minutes=of(lambda tally: tally.seconds / 60 * 100, lambda tally: tally.carts),
        caught=of(lambda tally: tally.caught, lambda tally: tally.carts),
        of_missing=of(lambda tally: tally.caught, lambda tally: tally.missing),
        honest_stopped=of(lambda tally: tally.honest_checked, lambda tally: tally.honest_carts),
        found=of(lambda tally: tally.found, lambda tally: tally.checked),
        a_minute=of(lambda tally: tally.caught / 100, lambda tally: tally.seconds / 60),
    )


def _times(ours: Sequence[Tally], theirs: Sequence[Tally], worth: Callable[[Tally], float]) -> Interval:
    """How many times as much ours are worth in a minute; each season's two runs are left out together."""
    pairs = list(zip(ours, theirs, strict=True))
    over = [worth(our) for our, _ in pairs]
    under = [worth(their) for _, their in pairs]
    minutes = _minutes(theirs) / _minutes(ours) if _minutes(ours) else 0.0
    return ratio([each * minutes for each in over], under)


def _minutes(tallies: Sequence[Tally]) -> float:
    return _sum(tallies, lambda tally: tally.seconds) / 60 / _sum(tallies, lambda tally: tally.carts) * 100


def _sum(tallies: Sequence[Tally], value: Callable[[Tally], float]) -> float:
    return sum(map(value, tallies))
