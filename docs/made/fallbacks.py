"""What works without a store's node, out of the table that the gateway itself goes by."""

from made.markdown import table
from smarts.gateway.nodes.fallbacks import FALLBACKS, MEANINGS, still_works


def markdown(what: str) -> str:
    """The features and what becomes of each, or the words that problem documents have."""
    if what == "words":
        return table(
            ("word", "the shopper can go on, since"), ((f"`{word}`", told) for word, told in MEANINGS.items())
        )
    return table(
        ("feature", "the shopper", "later", "`stillWorks`"),
        ((f"`{each.feature}`", each.shopper, each.later, _words(still_works(each.feature, makes_receipts=False)))
         for each in FALLBACKS),
    )  # fmt: skip


def _words(words: tuple[str, ...]) -> str:
    return " ".join(f"`{word}`" for word in words)
