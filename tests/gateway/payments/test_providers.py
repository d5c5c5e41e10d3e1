"""What every provider promises, by the sandbox's books and by Stripe's."""

from decimal import Decimal

from gateway.payments.benches import NOTHING, Bench, Money
from gateway.payments.purchases import TEN, hold, now, outcome_of, step
from smarts.gateway.payments.providers import Hold, Outcome

FOUR, SIX = Decimal("4.00"), Decimal("6.00")


async def held(bench: Bench, card: str | None = None) -> Hold:
    """Ten euros that are held."""
    made = hold(card=card or bench.good)
    assert (await bench.provider.authorise(made)).outcome is Outcome.DONE
    return made


async def taken(bench: Bench, card: str | None = None) -> Hold:
    """Ten euros that are taken."""
    made = hold(card=card or bench.good, capture=True)
    assert (await bench.provider.authorise(made)).outcome is Outcome.DONE
    return made


async def test_money_is_held_until_its_time_is_over(bench: Bench) -> None:
    """A hold holds the sum, takes nothing, and tells until when."""
    made = hold(card=bench.good)
    answered = await bench.provider.authorise(made)
    assert answered.outcome is Outcome.DONE
    assert answered.expires_at
    assert answered.expires_at > now()
    assert await bench.books(made.id) == Money(held=TEN)


async def test_money_is_taken_at_once_where_the_hold_says_so(bench: Bench) -> None:
    """A sale takes the sum and holds nothing."""
    assert await bench.books((await taken(bench)).id) == Money(taken=TEN)


async def test_a_declined_card_says_why_and_is_charged_nothing(bench: Bench) -> None:
    """There is a sentence for the shopper, and asking again gives the same answer."""
    made = hold(card=bench.declined, capture=True)
    answered = await bench.provider.authorise(made)
    assert (answered.outcome, bool(answered.detail)) == (Outcome.DECLINED, True)
    assert (await bench.provider.find(made)).outcome is Outcome.DECLINED
    assert await bench.books(made.id) == Money()


async def test_asking_twice_holds_once(bench: Bench) -> None:
    """However much later a hold is repeated, the money is held once."""
    made = await held(bench)
    for _ in range(2):
        assert (await bench.provider.authorise(made)).outcome is Outcome.DONE
        bench.a_day_goes_by()
    assert (await bench.provider.find(made)).outcome is Outcome.DONE
    assert await bench.books(made.id) == Money(held=TEN)


async def test_a_lost_answer_is_found(bench: Bench) -> None:
    """The answer of a hold is lost, and asking about it tells that the money is held."""
    made = hold(card=bench.lose_answer())
    assert await outcome_of(bench.provider.authorise(made)) is Outcome.UNKNOWN
    assert (await bench.provider.find(made)).outcome is Outcome.DONE
    assert await bench.books(made.id) == Money(held=TEN)


async def test_the_lost_answer_of_a_sale_is_found(bench: Bench) -> None:
    """The money was taken, or is taken now, and once only."""
    made = hold(card=bench.lose_answer(), capture=True)
    assert await outcome_of(bench.provider.authorise(made)) is Outcome.UNKNOWN
    for _ in range(2):
        assert (await bench.provider.find(made)).outcome is Outcome.DONE
        bench.a_day_goes_by()
    assert await bench.books(made.id) == Money(taken=TEN)


async def test_a_lost_request_is_declined_for_ever(bench: Bench) -> None:
    """Once it was asked about, a request that comes late takes nothing any more."""
    made = hold(card=bench.lose_request())
    assert await outcome_of(bench.provider.authorise(made)) is Outcome.UNKNOWN
    assert (await bench.provider.find(made)).outcome is Outcome.DECLINED
    for _ in range(2):
        assert await outcome_of(bench.provider.authorise(made)) is not Outcome.DONE
        bench.a_day_goes_by()
    assert (await bench.provider.find(made)).outcome is Outcome.DECLINED
    assert await bench.books(made.id) == Money()


async def test_a_payment_that_never_arrived_is_declined_for_ever(bench: Bench) -> None:
    """Asking about a payment that the provider has not heard of refuses it, also when it comes afterwards."""
    made = hold(card=bench.good, capture=True)
    assert (await bench.provider.find(made)).outcome is Outcome.DECLINED
    assert (await bench.provider.authorise(made)).outcome is Outcome.DECLINED
    assert await bench.books(made.id) == Money()


async def test_less_than_what_is_held_can_be_taken(bench: Bench) -> None:
    """The rest is let go, and repeating the step takes nothing more."""
    made = await held(bench)
    less = step(made, "4.00")
    for _ in range(3):
        assert (await bench.provider.capture(less)).outcome is Outcome.DONE
        bench.a_day_goes_by()
    assert await bench.books(made.id) == Money(taken=FOUR)


async def test_more_than_what_is_held_cannot_be_taken(bench: Bench) -> None:
    """Such a capture is declined, and the money is still held."""
    made = await held(bench)
    assert (await bench.provider.capture(step(made, "10.01"))).outcome is Outcome.DECLINED
    assert await bench.books(made.id) == Money(held=TEN)


async def test_the_lost_answer_of_a_capture_is_known_when_it_is_repeated(bench: Bench) -> None:
    """The money was taken once, also where the provider has forgotten the request's key meanwhile."""
    made = await held(bench, bench.lose_capture_answer())
    less = step(made, "4.00")
    assert await outcome_of(bench.provider.capture(less)) is Outcome.UNKNOWN
    bench.a_day_goes_by()
    assert (await bench.provider.capture(less)).outcome is Outcome.DONE
    assert await bench.books(made.id) == Money(taken=FOUR)


async def test_money_that_is_held_can_be_let_go(bench: Bench) -> None:
    """Letting go twice is letting go once, and what is let go cannot be taken."""
    made = await held(bench)
    let_go = step(made)
    for _ in range(3):
        assert (await bench.provider.release(let_go)).outcome is Outcome.DONE
        bench.a_day_goes_by()
    assert (await bench.provider.capture(step(made))).outcome is Outcome.DECLINED
    assert await bench.books(made.id) == Money()


async def test_money_that_was_taken_cannot_be_let_go(bench: Bench) -> None:
    """It can only be given back."""
    made = await taken(bench)
    assert (await bench.provider.release(step(made))).outcome is Outcome.DECLINED
    assert await bench.books(made.id) == Money(taken=TEN)


async def test_money_can_be_given_back_in_parts(bench: Bench) -> None:
    """Each refund is made once, however often and however much later it is repeated."""
    made = await taken(bench)
    parts = [step(made, "4.00"), step(made, "6.00")]
    for part in [*parts, *parts, *parts]:
        assert (await bench.provider.refund(part)).outcome is Outcome.DONE
        bench.a_day_goes_by()
    assert await bench.books(made.id) == Money(NOTHING, TEN, FOUR + SIX)


async def test_the_lost_answer_of_a_refund_is_known_when_it_is_repeated(bench: Bench) -> None:
    """The money was given back once."""
    made = await taken(bench, bench.lose_refund_answer())
    part = step(made, "4.00")
    assert await outcome_of(bench.provider.refund(part)) is Outcome.UNKNOWN
    bench.a_day_goes_by()
    assert (await bench.provider.refund(part)).outcome is Outcome.DONE
    assert await bench.books(made.id) == Money(NOTHING, TEN, FOUR)


async def test_a_shopper_confirms_a_payment(bench: Bench) -> None:
    """The app is told what it needs to have it confirmed, and nothing is taken before."""
    made = hold(card=bench.to_be_confirmed, capture=True)
    answered = await bench.provider.authorise(made)
    assert (answered.outcome, bool(answered.action)) == (Outcome.ACTION_NEEDED, True)
    assert (await bench.provider.find(made)).outcome is Outcome.ACTION_NEEDED
    assert await bench.books(made.id) == Money()
    await bench.confirm(made.id)
    assert (await bench.provider.find(made)).outcome is Outcome.DONE
    assert await bench.books(made.id) == Money(taken=TEN)
