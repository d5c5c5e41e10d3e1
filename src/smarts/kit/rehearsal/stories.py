"""Stories: scripts that a node which has the features should play to the end."""

from dataclasses import dataclass

from smarts.kit.rehearsal.play import Misplayed, Play, command
from smarts.wire.nodes import Feature


@dataclass(frozen=True)
class Story:
    """A script, and the features that it needs."""

    words: str
    needs: frozenset[Feature]
    script: str


def _story(words: str, script: str, *needs: Feature) -> Story:
    return Story(words, frozenset(needs), script)


STORIES = {
    "shopping": _story("look around and fill a cart", "version\nhealth\ncategories\nlist\nscan\nscan\ncart"),
    "unknown": _story("scan what the store does not sell", "scan 0000000000000\nexpect 404"),
    "purchase": _story(
        "scan, be checked, pay; the invoice comes twice",
        "leave\nscan\nscan\ncheck\nrepeat\nresult PASSED\ninvoice\nrepeat",
        Feature.PURCHASE_CONTROL,
        Feature.INVOICES,
    ),
    "invoice": _story(
        "buy without a check; the invoice comes twice", "leave\nscan\ninvoice\nrepeat", Feature.INVOICES
    ),
    "receipt": _story(
        "the store makes the receipt; the word of its payment comes twice",
        "leave\nscan\nscan\nreceipt\nrepeat\nconfirm\nrepeat",
        Feature.RECEIPTS,
    ),
    "order": _story(
        "home delivery to the end",
        "leave\nscan\nship COURIER\norder\nrepeat\nstatus CONFIRMED\nstatus ASSEMBLE_READY\nstatus SHIPPING\n"
        "status COMPLETED\nrepeat",
        Feature.ORDERS,
    ),
    "cancelled": _story(
        "home delivery that the shopper cancels",
        "leave\nscan\nship PICKUP\norder\nstatus CANCELLED_BY_CLIENT",
        Feature.ORDERS,
    ),
    "offers": _story("look at the offers", "offers", Feature.OFFERS),
    "card": _story(
        "type nonsense for a card", 'card "no such card, surely"\nexpect 422', Feature.LOYALTY_CARDS
    ),
}


@command("story NAME", f"play a whole story: {', '.join(STORIES)}, or all that the node has the features for")
async def story(play: Play, name: str) -> None:
    """Stories are scripts of the same commands."""
    if name != "all" and name not in STORIES:
        raise Misplayed(f"There is no story {name}; there are {', '.join([*STORIES, 'all'])}")
    if play.features is None:
        await play.line("version")
    for chosen in STORIES if name == "all" else (name,):
        told = STORIES[chosen]
        missing = told.needs - (play.features or frozenset())
        if not missing:
            play.say(f"Story {chosen}: {told.words}")
            await _play_script(play, told.script)
        elif name != "all":
            raise Misplayed(
                f"The story {chosen} needs {', '.join(sorted(missing))}, which the node does not name"
            )


async def _play_script(play: Play, script: str) -> None:
    for line in script.splitlines():
        await play.line(line)
    play.judge()
