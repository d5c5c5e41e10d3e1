"""Inspections strike when the contract (section 3) says so, on the clock of the right place."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway.journeys.world import BREAD, product
from smarts.control import Reason
from smarts.gateway.carts.inspections import (
    age_limit,
    as_strict,
    born_by,
    checks,
    decision_for,
    refusals,
    struck,
)
from smarts.gateway.carts.model import Line
from smarts.gateway.carts.rules import strictest
from smarts.wire.codec import decode, encode
from smarts.wire.control import Decision
from smarts.wire.products import (
    BetweenTime,
    Inspection,
    InspectionAction,
    MaxAmount,
    MaxTime,
    MinAge,
    MinAmount,
    MinTime,
    Product,
)
from smarts.wire.times import TimeOfDay, TimeZone

TALLINN, GREENWICH = TimeZone("Europe/Tallinn"), TimeZone("UTC+0")
ONE = Decimal(1)
DAY = timedelta(days=1)
MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)


def sent(**fields: Any) -> Inspection:
    """An inspection as a node sends it."""
    return decode(encode(fields), Inspection)  # type: ignore[arg-type]  # a union is a type, too


def strikes(
    inspection: Inspection, now: datetime, *, zone: TimeZone = GREENWICH, quantity: Decimal = ONE
) -> bool:
    return struck(inspection, quantity, now, zone) is not None


def at(moment: str) -> datetime:
    """A moment in UTC: `2026-03-29 00:59:59`."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


DAYTIME = sent(type="BETWEEN_TIME", start="10:00", end="22:00")
OVERNIGHT = sent(type="BETWEEN_TIME", start="22:00", end="06:00")
FROM_TEN = sent(type="MIN_TIME", time="10:00")
UNTIL_TEN = sent(type="MAX_TIME", time="22:00:30")


@pytest.mark.parametrize(
    ("inspection", "clock", "expected"),
    [
        (DAYTIME, "09:59:59.999999", True),
        (DAYTIME, "10:00", False),
        (DAYTIME, "15:00", False),
        (DAYTIME, "22:00", False),
        (DAYTIME, "22:00:00.000001", True),
        (DAYTIME, "00:00", True),
        (OVERNIGHT, "21:59:59.999999", True),
        (OVERNIGHT, "22:00", False),
        (OVERNIGHT, "23:59:59.999999", False),
        (OVERNIGHT, "00:00", False),
        (OVERNIGHT, "06:00", False),
        (OVERNIGHT, "06:00:00.000001", True),
        (OVERNIGHT, "12:00", True),
        (sent(type="BETWEEN_TIME", start="00:00", end="23:59:59"), "12:00", False),
        (sent(type="BETWEEN_TIME", start="08:00", end="08:00"), "08:00", False),
        (sent(type="BETWEEN_TIME", start="08:00", end="08:00"), "08:00:01", True),
        (FROM_TEN, "09:59:59.999999", True),
        (FROM_TEN, "10:00", False),
        (FROM_TEN, "23:59:59", False),
        (FROM_TEN, "00:00", True),
        (UNTIL_TEN, "22:00:30", False),
        (UNTIL_TEN, "22:00:30.000001", True),
        (UNTIL_TEN, "00:00", False),
    ],
)
def test_hours_hold_from_their_first_to_their_last_moment(
    inspection: Inspection, clock: str, expected: bool
) -> None:
    """The moments named in an inspection are inside; a range that ends before it starts goes over midnight."""
    assert strikes(inspection, at(f"2026-06-10 {clock}")) is expected


@pytest.mark.parametrize(
    ("inspection", "quantity", "expected"),
    [
        (sent(type="MIN_AMOUNT", amount=2), "1.999", True),
        (sent(type="MIN_AMOUNT", amount=2), "2", False),
        (sent(type="MIN_AMOUNT", amount=2), "2.000", False),
        (sent(type="MAX_AMOUNT", amount=1.5), "1.5", False),
        (sent(type="MAX_AMOUNT", amount=1.5), "1.501", True),
        (sent(type="MAX_AMOUNT", amount=0), "0.001", True),
        (sent(type="MIN_AGE", age=18), "1", True),
        (sent(type="MIN_AGE", age=0), "1", True),
    ],
)
def test_amounts_are_compared_exactly_and_ages_always_strike(
    inspection: Inspection, quantity: str, expected: bool
) -> None:
    """Less than the least and more than the most strikes, equal does not; nobody's age is known."""
    assert strikes(inspection, at("2026-06-10 12:00"), quantity=Decimal(quantity)) is expected


@pytest.mark.parametrize(
    ("timezone", "first", "last"),
    [
        (None, "07:00", "19:00"),  # the store's own: three hours ahead of UTC in June
        ("Europe/Tallinn", "07:00", "19:00"),
        ("Europe/Helsinki", "07:00", "19:00"),
        ("UTC+2", "08:00", "20:00"),
        ("UTF+2", "08:00", "20:00"),
        ("UTF-2", "12:00", "00:00"),
        ("UTC-2", "12:00", "00:00"),
        ("UTC+5:30", "04:30", "16:30"),
        ("America/New_York", "14:00", "02:00"),
        ("Asia/Kathmandu", "04:15", "16:15"),
    ],
)
def test_hours_are_those_of_the_inspections_zone_or_else_of_the_store(
    timezone: str | None, first: str, last: str
) -> None:
    """Ten to ten begins and ends at another moment in each zone, whatever form the zone is sent in."""
    inspection = sent(type="BETWEEN_TIME", start="10:00", end="22:00", timezone=timezone)
    opens, closes = at(f"2026-06-10 {first}"), at(f"2026-06-10 {last}")
    step = timedelta(microseconds=1)
    moments = [opens - step, opens, closes, closes + step]
    assert [strikes(inspection, moment, zone=TALLINN) for moment in moments] == [True, False, False, True]


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        ("2026-01-15", "08:00"),
        ("2026-03-28", "08:00"),
        ("2026-03-29", "07:00"),  # the night before, clocks went from 03:00 to 04:00
        ("2026-07-15", "07:00"),
        ("2026-10-24", "07:00"),
        ("2026-10-25", "08:00"),  # the night before, clocks went from 04:00 to 03:00
    ],
)
@pytest.mark.parametrize("inspection", [DAYTIME, FROM_TEN])
def test_sales_from_ten_begin_at_ten_on_the_wall_the_whole_year(
    inspection: Inspection, day: str, utc: str
) -> None:
    """The same clock on the wall is another moment in summer and in winter, from the very day of the change."""
    opens = at(f"{day} {utc}")
    assert not strikes(inspection, opens, zone=TALLINN)
    assert strikes(inspection, opens - timedelta(seconds=1), zone=TALLINN)


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        ("2026-01-15", "20:00"),
        ("2026-03-28", "20:00"),
        ("2026-03-29", "19:00"),
        ("2026-07-15", "19:00"),
        ("2026-10-24", "19:00"),
        ("2026-10-25", "20:00"),
    ],
)
@pytest.mark.parametrize("inspection", [DAYTIME, sent(type="MAX_TIME", time="22:00")])
def test_sales_until_ten_end_at_ten_on_the_wall_the_whole_year(
    inspection: Inspection, day: str, utc: str
) -> None:
    """Closing time, too, moves with the clock on the wall."""
    closes = at(f"{day} {utc}")
    assert not strikes(inspection, closes, zone=TALLINN)
    assert strikes(inspection, closes + timedelta(seconds=1), zone=TALLINN)


def test_the_same_utc_time_is_before_ten_in_winter_and_after_it_in_summer() -> None:
    """07:59 UTC is 09:59 in Tallinn in January and 10:59 in July; an offset knows no summer."""
    fixed = sent(type="MIN_TIME", time="10:00", timezone="UTC+2")
    winter, summer = at("2026-01-15 07:59"), at("2026-07-15 07:59")
    assert [strikes(FROM_TEN, moment, zone=TALLINN) for moment in (winter, summer)] == [True, False]
    assert [strikes(fixed, moment, zone=TALLINN) for moment in (winter, summer)] == [True, True]


def test_an_hour_that_the_clock_leaves_out_is_over_when_it_would_have_begun() -> None:
    """On 29 March 2026 no clock in Tallinn shows 03:30: after 02:59:59 it is 04:00."""
    from_half_past_three = sent(type="MIN_TIME", time="03:30")
    only_then = sent(type="BETWEEN_TIME", start="03:00", end="03:59:59")
    before, after = at("2026-03-29 00:59:59"), at("2026-03-29 01:00")
    assert [strikes(from_half_past_three, moment, zone=TALLINN) for moment in (before, after)] == [
        True,
        False,
    ]
    assert [strikes(only_then, moment, zone=TALLINN) for moment in (before, after)] == [True, True]


def test_an_hour_that_the_clock_shows_twice_counts_twice() -> None:
    """On 25 October 2026 clocks in Tallinn show 03:00 to 03:59 two times, and what is on the wall holds."""
    from_half_past_three = sent(type="MIN_TIME", time="03:30")
    moments = [at(f"2026-10-25 {clock}") for clock in ("00:29:59", "00:30", "00:59:59", "01:00", "01:30")]
    assert [strikes(from_half_past_three, moment, zone=TALLINN) for moment in moments] == [
        True,
        False,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("evening", "first", "last", "hours"),
    [
        ("summer", "2026-07-14 19:00", "2026-07-15 03:00", 8),
        ("spring forward", "2026-03-28 20:00", "2026-03-29 03:00", 7),
        ("autumn back", "2026-10-24 19:00", "2026-10-25 04:00", 9),
    ],
)
def test_a_night_is_as_long_as_the_clock_makes_it(evening: str, first: str, last: str, hours: int) -> None:
    """From 22:00 to 06:00 are 7, 8 or 9 hours."""
    opens, closes, second = at(first), at(last), timedelta(seconds=1)
    assert closes - opens == timedelta(hours=hours), evening
    half_hours = [opens + timedelta(minutes=30) * number for number in range(2 * hours + 1)]
    assert not any(strikes(OVERNIGHT, moment, zone=TALLINN) for moment in half_hours)
    assert strikes(OVERNIGHT, opens - second, zone=TALLINN)
    assert strikes(OVERNIGHT, closes + second, zone=TALLINN)


UNTIL_HALF_PAST_THREE = sent(type="MAX_TIME", time="03:30")
LATE_EVENING = sent(type="BETWEEN_TIME", start="22:00", end="03:30")
ALL_BUT_EARLY_MORNING = sent(type="BETWEEN_TIME", start="03:30", end="01:00")


@pytest.mark.parametrize(
    ("inspection", "before", "after"),
    [
        (UNTIL_HALF_PAST_THREE, False, True),
        (LATE_EVENING, False, True),
        (ALL_BUT_EARLY_MORNING, True, False),
    ],
)
def test_what_ends_or_begins_in_the_hour_that_is_left_out_does_so_when_it_is_left_out(
    inspection: Inspection, before: bool, after: bool
) -> None:
    """On 29 March 2026 the clock in Tallinn goes from 02:59:59 to 04:00, which is past half past three."""
    moments = at("2026-03-29 00:59:59"), at("2026-03-29 01:00")
    assert [strikes(inspection, moment, zone=TALLINN) for moment in moments] == [before, after]


@pytest.mark.parametrize(
    ("inspection", "struck_past_the_half"),
    [(UNTIL_HALF_PAST_THREE, True), (LATE_EVENING, True), (ALL_BUT_EARLY_MORNING, False)],
)
def test_what_ends_or_begins_in_the_hour_that_comes_twice_does_so_twice(
    inspection: Inspection, struck_past_the_half: bool
) -> None:
    """On 25 October 2026 half past three passes at 00:30 and at 01:30 UTC in Tallinn, with 03:00 between them."""
    past = [at(f"2026-10-25 {utc}") for utc in ("00:30:01", "00:59:59", "01:30:01", "02:00")]
    not_yet = [at(f"2026-10-25 {utc}") for utc in ("00:00", "00:29:59", "01:00", "01:29:59")]
    assert [strikes(inspection, moment, zone=TALLINN) for moment in past] == [struck_past_the_half] * 4
    assert [strikes(inspection, moment, zone=TALLINN) for moment in not_yet] == [not struck_past_the_half] * 4


clocks = st.times().map(
    lambda clock: TimeOfDay(clock.hour, clock.minute, clock.second)
)  # the wire has no fractions of seconds
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes))
moments = st.timedeltas(timedelta(0), 36_500 * DAY).map(lambda passed: MIDNIGHT + passed)
amounts = st.decimals("0", "20", places=3)


def zone_of(offset: timedelta) -> TimeZone:
    minutes = abs(offset) // timedelta(minutes=1)
    return TimeZone.read(f"UTC{'-' if offset < timedelta(0) else '+'}{minutes // 60}:{minutes % 60:02}")


def since_midnight(clock: time) -> timedelta:
    return datetime.combine(MIDNIGHT, clock, UTC) - MIDNIGHT


@given(clocks, clocks, moments, offsets)
def test_between_strikes_exactly_outside(
    start: TimeOfDay, end: TimeOfDay, now: datetime, offset: timedelta
) -> None:
    """A moment is inside where it comes no later after the start, going around the clock, than the end does."""
    clock = (now - MIDNIGHT + offset) % DAY
    inside = (clock - since_midnight(start)) % DAY <= (since_midnight(end) - since_midnight(start)) % DAY
    inspection = BetweenTime(start=start, end=end, timezone=zone_of(offset))
    assert strikes(inspection, now, zone=TALLINN) is not inside


@given(clocks, clocks, moments)
def test_between_is_from_and_until_together(start: TimeOfDay, end: TimeOfDay, now: datetime) -> None:
    """By day it strikes where either of the two would, over midnight where both would."""
    early, late = strikes(MinTime(time=start), now), strikes(MaxTime(time=end), now)
    expected = (early or late) if start <= end else (early and late)
    assert strikes(BetweenTime(start=start, end=end), now) is expected


@given(clocks, moments)
def test_no_moment_is_both_before_and_after_a_time(clock: TimeOfDay, now: datetime) -> None:
    """MIN_TIME and MAX_TIME of the same time leave only that very moment to both."""
    early, late = strikes(MinTime(time=clock), now), strikes(MaxTime(time=clock), now)
    assert [early, late, now.timetz().replace(tzinfo=None) == clock].count(True) == 1


@given(amounts, amounts)
def test_an_amount_is_too_little_too_much_or_right(wanted: Decimal, quantity: Decimal) -> None:
    """MIN_AMOUNT and MAX_AMOUNT of the same amount leave only that very amount to both."""
    noon = at("2026-06-10 12:00")
    few = strikes(MinAmount(amount=wanted), noon, quantity=quantity)
    many = strikes(MaxAmount(amount=wanted), noon, quantity=quantity)
    assert [few, many, quantity == wanted].count(True) == 1
    assert few is (quantity - wanted < 0)


inspections = st.builds(
    lambda make, action: make(action),
    st.one_of(
        st.builds(lambda age: lambda action: MinAge(action=action, age=age), st.integers(0, 99)),
        st.builds(lambda amount: lambda action: MinAmount(action=action, amount=amount), amounts),
        st.builds(lambda amount: lambda action: MaxAmount(action=action, amount=amount), amounts),
        st.builds(lambda clock: lambda action: MinTime(action=action, time=clock), clocks),
        st.builds(lambda clock: lambda action: MaxTime(action=action, time=clock), clocks),
        st.builds(
            lambda start, end: lambda action: BetweenTime(action=action, start=start, end=end),
            clocks,
            clocks,
        ),
    ),
    st.sampled_from(InspectionAction),
)


@given(st.lists(inspections, max_size=6), amounts, moments)
@settings(max_examples=50)
def test_each_inspection_that_strikes_refuses_or_checks_as_it_says(
    rules: list[Inspection], quantity: Decimal, now: datetime
) -> None:
    """RESTRICT only refuses, INSPECT only asks for a check, in the order sent; each reason is told once."""
    line = Line("line", product(BREAD, "Leib", "1.49", inspections=tuple(rules)), quantity)

    def expected(action: InspectionAction) -> list[Reason]:
        found = (struck(rule, quantity, now, TALLINN) for rule in rules if rule.action is action)
        return list(dict.fromkeys(reason for reason in found if reason))

    assert list(refusals(line, now, TALLINN)) == expected(InspectionAction.RESTRICT)
    assert list(checks(line, now, TALLINN)) == expected(InspectionAction.INSPECT)


def test_an_inspection_without_an_action_asks_for_a_check() -> None:
    """A missing action is INSPECT, and the documentation's RESTICT is RESTRICT."""
    open_rules = sent(type="MIN_AGE", age=18), sent(type="MAX_AMOUNT", amount=0)
    hard_rules = (sent(type="MIN_AGE", age=21, action="RESTICT"),)
    line = Line("line", product(BREAD, "Leib", "1.49", inspections=open_rules + hard_rules), ONE)
    noon = at("2026-06-10 12:00")
    assert [reason.code for reason in checks(line, noon, TALLINN)] == ["MIN_AGE", "MAX_AMOUNT"]
    assert [reason.code for reason in refusals(line, noon, TALLINN)] == ["MIN_AGE"]


def test_what_is_in_a_package_keeps_its_rules_of_age_and_hours() -> None:
    """Beer in a package in a package is still beer; how much of a part may be bought says nothing of packages."""
    night = sent(type="BETWEEN_TIME", start="22:00", end="06:00", action="RESTRICT")
    beer = product("4740000000038", "Õlu", "1.80", inspections=(sent(type="MIN_AGE", age=18), night))
    limited = product("4740000000052", "Pudel", "0.10", inspections=(sent(type="MIN_AMOUNT", amount=6),))
    crate = package("4740000000069", package("4740000000045", beer, limited, beer))
    line, noon = Line("line", crate, ONE), at("2026-06-10 12:00")
    assert [reason.code for reason in checks(line, noon, TALLINN)] == ["MIN_AGE"]
    assert [reason.code for reason in refusals(line, noon, TALLINN)] == ["BETWEEN_TIME"]


def package(barcode: str, *parts: Product) -> Product:
    return replace(product(barcode, "Kast", "9.90"), sub_products=parts)


@pytest.mark.parametrize(
    ("codes", "decision"),
    [
        ([], Decision.NO),
        (["MIN_AGE"], Decision.AGE),
        (["MIN_AGE", "MIN_AGE"], Decision.AGE),
        (["MIN_AGE", "MAX_AMOUNT"], Decision.FULL),
        (["BETWEEN_TIME"], Decision.FULL),
        (["CHECK_FAILED", "MIN_AGE"], Decision.FULL),
    ],
)
def test_ages_alone_ask_for_a_check_of_the_age_and_all_else_for_a_full_one(
    codes: list[str], decision: Decision
) -> None:
    """No reason, no check."""
    assert decision_for(tuple(Reason(code, "because") for code in codes)) is decision


reasons = st.lists(
    st.sampled_from(["MIN_AGE", "MAX_AMOUNT", "BETWEEN_TIME"]).map(lambda code: Reason(code, "because"))
).map(tuple)


@given(reasons, reasons)
def test_more_reasons_never_make_a_check_less_strict(
    some: tuple[Reason, ...], more: tuple[Reason, ...]
) -> None:
    """The reasons of all lines together ask for the strictest of what those of each line ask for."""
    assert decision_for(some + more) is strictest(decision_for(some), decision_for(more))


@pytest.mark.parametrize(
    ("inspection", "words"),
    [
        (DAYTIME, ["10:00", "22:00"]),
        (sent(type="MIN_TIME", time="23:30"), ["23:30"]),
        (sent(type="MAX_TIME", time="02:00"), ["02:00"]),
        (sent(type="MIN_AGE", age=18), ["18"]),
        (sent(type="MIN_AMOUNT", amount=1_000_000), ["1000000"]),
        (sent(type="MAX_AMOUNT", amount=0.5), ["0.5"]),
    ],
)
def test_the_reason_tells_the_shopper_the_limit(inspection: Inspection, words: list[str]) -> None:
    """Code and sentence name the rule and its numbers, as people write them."""
    quantity = Decimal(2) if isinstance(inspection, MaxAmount) else ONE
    reason = struck(inspection, quantity, at("2026-06-10 03:00"), GREENWICH)
    assert reason is not None
    assert list(reason.parameters.values()) == words
    assert reason.code == type(inspection).__struct_config__.tag
    assert all(word in reason.message for word in words)


def limited(*rules: Inspection) -> Product:
    return product("1", "Kaup", "1", inspections=rules)


ages = st.integers(0, 30).map(lambda age: limited(MinAge(age=age)))


@given(ages, ages)
def test_only_as_grown_up_goods_stand_in_for_others(ordered: Product, other: Product) -> None:
    """What has a higher age than what was ordered does not go out for it, and in a package its parts count."""
    allowed = (age_limit((other,)) or 0) <= (age_limit((ordered,)) or 0)
    assert as_strict(ordered, other) is allowed
    assert as_strict(ordered, replace(limited(), sub_products=(other,))) is allowed
    assert age_limit((ordered, other)) == max(age_limit((ordered,)) or 0, age_limit((other,)) or 0)
    assert as_strict(limited(), limited())
    assert age_limit((limited(),)) is None


def test_what_is_refused_to_some_stands_in_only_for_what_is_too() -> None:
    """A RESTRICT rule has to be one of the ordered goods; what is only inspected may go out."""
    night = BetweenTime(action=InspectionAction.RESTRICT, start=TimeOfDay(10), end=TimeOfDay(22))
    looked_at = BetweenTime(start=TimeOfDay(10), end=TimeOfDay(22))
    assert not as_strict(limited(), limited(night))
    assert as_strict(limited(night), limited(night))
    assert as_strict(limited(), limited(looked_at))


def test_a_reason_kept_before_there_were_parameters_is_still_read() -> None:
    """Carts that were stored by an older release keep their reasons."""
    old = decode(b'{"code": "MIN_AGE", "message": "18+: staff check your age"}', Reason)
    assert (old.parameters, old.line_id) == ({}, None)
    assert encode(old) == b'{"code":"MIN_AGE","message":"18+: staff check your age"}'


@pytest.mark.parametrize(
    ("today", "age", "expected"),
    [
        (date(2026, 11, 28), 18, date(2008, 11, 28)),
        (date(2028, 2, 29), 18, date(2010, 2, 28)),
        (date(2028, 2, 29), 20, date(2008, 2, 29)),
        (date(2026, 2, 28), 18, date(2008, 2, 28)),
        (date(2026, 11, 28), 0, date(2026, 11, 28)),
        (date(2026, 11, 28), 2026, None),
        (date(2026, 11, 28), 2**31 - 1, None),
    ],
)
def test_who_is_just_old_enough_was_born_on_this_day(today: date, age: int, expected: date | None) -> None:
    """The same day so many years ago; a leap day stands for the day before it in other years."""
    assert born_by(age, today) == expected


@given(st.dates(), st.integers(0, 150), st.dates())
def test_who_was_born_by_the_day_is_old_enough_and_nobody_else(today: date, age: int, born: date) -> None:
    """Years are counted as the law does: one more on each birthday, those of 29 February on 1 March."""
    had_it = (born.month, born.day) <= (today.month, today.day)
    years = today.year - born.year - (0 if had_it else 1)
    latest = born_by(age, today)
    assert (latest is not None and born <= latest) is (years >= age)
