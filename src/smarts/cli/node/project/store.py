"""The connection node of my-store: `make run` serves it, `make check` proves it."""

import os

from smarts.node import Node

import invoices  # only: invoices
import loyalty_bonus  # only: loyalty-bonus
import loyalty_cards  # only: loyalty-cards
import offers  # only: offers
import orders  # only: orders
import purchase_control  # only: purchase-control
import receipts  # only: receipts
from books import inbox  # only: invoices, receipts, orders
from goods import goods

node = Node(
    goods,
    purchase_control,  # only: purchase-control
    invoices,  # only: invoices
    receipts,  # only: receipts
    loyalty_cards,  # only: loyalty-cards
    loyalty_bonus,  # only: loyalty-bonus
    orders,  # only: orders
    offers,  # only: offers
    token=os.environ.get("NODE_TOKEN", ""),
    name="my-store",
    version="0.1.0",
    inbox=inbox,  # only: invoices, receipts, orders
    signing_secrets=os.environ.get("NODE_SIGNING_SECRETS", "").split(),
)

if __name__ == "__main__":
    node.run(os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000"))
