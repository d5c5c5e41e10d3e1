"""Guessing other people's loyalty cards: bounded for each shopper, and for all who join to go on guessing."""

import asyncio

from gateway.journeys.club import ClubWorld, numbers
from smarts.gateway.loyalty.service import MOST_REFUSALS, MOST_REFUSALS_OF_A_KIND, MOST_WHILE_GUESSED


async def test_joining_anew_buys_no_more_guesses(club: ClubWorld) -> None:
    """Whoever joins and leaves again and again is stopped, in all stores; the node is no longer asked."""
    card_id = await club.define()
    for _ in range(MOST_REFUSALS_OF_A_KIND // MOST_REFUSALS):
        guesser = await club.world.shopper()
        replies = await asyncio.gather(*(club.link(guesser, card_id, f"x{n}") for n in range(MOST_REFUSALS)))
        assert {reply.status for reply in replies} == {422}
        assert (await guesser.call("DELETE", "/shop/v1/shoppers/me")).status == 204
    stopped = await club.link(await club.world.shopper(), card_id)
    assert (stopped.status, stopped.body["type"]) == (429, "too-many")
    assert 3500 < int(stopped.headers["Retry-After"]) <= 3600
    assert len(club.merchant.registrations) == MOST_REFUSALS_OF_A_KIND


async def test_while_others_guess_those_who_joined_before_link_their_cards(club: ClubWorld) -> None:
    """An honest shopper of yesterday may mistype the number, and then has the card."""
    card_id, honest = await club.define(), await club.world.shopper()
    async with club.world.gateway.database.connection() as connection:
        await connection.execute("UPDATE shoppers SET created_at = created_at - interval '1 day'")
        await connection.execute(
            "INSERT INTO loyalty_refusals (kind_id, tried_at) SELECT $1, now() FROM generate_series(1, $2)",
            card_id,
            MOST_REFUSALS_OF_A_KIND,
        )
    for _ in range(MOST_WHILE_GUESSED - 1):
        assert (await club.link(honest, card_id, "oops")).status == 422
    assert (await club.link(honest, card_id)).status == 201
    assert len(await numbers(honest)) == 1
