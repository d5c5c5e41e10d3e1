"""Tokens for programs over HTTP: everybody of the staff makes and ends their own."""

from collections.abc import Sequence
from typing import Any

from smarts.edge.problems import CONFLICT, FORBIDDEN, NOT_FOUND
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.parties import Staff
from smarts.gateway.people.programs import IssuedProgramToken, NewProgramToken, Programs, ProgramToken


def routes(programs: Programs, reach: Reach, staff: Authenticate[Staff]) -> Sequence[Route]:
    """The rows; each is about the tokens of the one who asks."""

    async def add(call: Call[NewProgramToken, Staff]) -> Any:
        for institution_id in call.body.institution_ids:
            await reach.store(call.who, institution_id)
        return await programs.add(call.who, call.body)

    async def all_of(call: Call[None, Staff]) -> Any:
        return await programs.all_of(call.who.person_id)

    async def end(call: Call[None, Staff]) -> Any:
        if call.who.by_program:
            raise FORBIDDEN.error("A token for programs ends no others")
        await programs.end(call.who.person_id, call.path["id"])

    return (
        Route("GET", "/work/v1/tokens", all_of, None, tuple[ProgramToken, ...], "One's own tokens for programs", "work",
              staff),
        Route("POST", "/work/v1/tokens", add, NewProgramToken, IssuedProgramToken, "A token for a program", "work",
              staff, status=201, problems=(FORBIDDEN, NOT_FOUND, CONFLICT),
              description="A program gets a token of its own, with a name, an end, and no more rights than it needs:"
              " a lesser role, certain stores (where it acts as a worker), or reading alone."),
        Route("DELETE", "/work/v1/tokens/{id}", end, None, None, "End a token for a program", "work", staff,
              problems=(FORBIDDEN, NOT_FOUND)),
    )  # fmt: skip
