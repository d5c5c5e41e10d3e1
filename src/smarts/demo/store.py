"""The demo store, as a merchant would put one together: an object a feature, on one database."""

from dataclasses import dataclass
from decimal import Decimal

from smarts.demo.bonus import BonusBook
from smarts.demo.books import Books
from smarts.demo.catalogue import institution_campaigns
from smarts.demo.control import Control
from smarts.demo.database import Database
from smarts.demo.ledger import Ledger
from smarts.demo.members import Members
from smarts.demo.offers import Offers
from smarts.demo.orders import Orders
from smarts.demo.products import Products
from smarts.demo.receipts import Receipts
from smarts.demo.till import Till
from smarts.node import Inbox, Node, ProductList


@dataclass(frozen=True)
class DemoStore:
    """All that the store does, and what of it the back office looks at."""

    ledger: Ledger
    products: Products
    members: Members
    control: Control
    books: Books
    receipts: Receipts
    orders: Orders
    offers: Offers
    inbox: Inbox

    @classmethod
    def on(
        cls,
        database: Database,
        for_everybody: ProductList,
        for_members: ProductList,
        full_check_share: Decimal = Decimal("0.1"),
    ) -> "DemoStore":
        """A store that keeps everything in this database, with these price lists."""
        ledger, bonus = Ledger(database), BonusBook(database)
        members = Members(database, bonus)
        products = Products(for_everybody, for_members, members)
        till = Till(products, institution_campaigns())
        receipts = Receipts(database, till, members, bonus)
        return cls(
            ledger=ledger,
            products=products,
            members=members,
            control=Control(for_everybody, ledger, full_check_share),
            books=Books(ledger, members, bonus),
            receipts=receipts,
            orders=Orders(database, receipts),
            offers=Offers(products, members),
            inbox=Inbox(database),
        )

    def node(self, token: str) -> Node:
        """The store's connection node."""
        features = (
            self.products,
            self.control,
            self.books,
            self.members,
            self.receipts,
            self.orders,
            self.offers,
        )
        return Node(
            *features,
            token=token,
            name="Smarts demo store",
            version="1.0",
            inbox=self.inbox,
        )
