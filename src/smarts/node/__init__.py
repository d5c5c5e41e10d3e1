"""The merchant's starter: write what the store can do, get a connection node.

```python
from smarts.node import Node, NotFound

class Store:
    def by_barcode(self, request): ...   # and the other methods of smarts.node.features.ProductSearch

node = Node(Store(), token="…", name="My store", version="1.0")  # an ASGI application
```

A store whose products are a plain list has product search from `ProductList`.
"""

from smarts.node.bill import Bill
from smarts.node.databases import (
    AsyncSQLAlchemyEngine,
    Connections,
    InboxDatabase,
    SQLAlchemyEngine,
    SQLiteFile,
)
from smarts.node.errors import NotFound, Refused
from smarts.node.features import (
    Health,
    Invoices,
    LoyaltyBonus,
    LoyaltyCards,
    Offers,
    Orders,
    ProductSearch,
    PurchaseControl,
    Receipts,
)
from smarts.node.gateway import Gateway, blocking
from smarts.node.inbox import Inbox
from smarts.node.node import Node
from smarts.node.products import ProductList

__all__ = [
    "AsyncSQLAlchemyEngine",
    "Bill",
    "Connections",
    "Gateway",
    "Health",
    "Inbox",
    "InboxDatabase",
    "Invoices",
    "LoyaltyBonus",
    "LoyaltyCards",
    "Node",
    "NotFound",
    "Offers",
    "Orders",
    "ProductList",
    "ProductSearch",
    "PurchaseControl",
    "Receipts",
    "Refused",
    "SQLAlchemyEngine",
    "SQLiteFile",
    "blocking",
]
