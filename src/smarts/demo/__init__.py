"""A demo store: an invented grocery with its own connection node, built as a merchant would build one.

What a gateway is to be told of it: `demo_card_kinds`, and `catalogue.institution_campaigns`.
"""

from smarts.demo.cards import Member, demo_card_kinds, demo_members

__all__ = ["Member", "demo_card_kinds", "demo_members"]
