"""Rescans: staff look at some pieces of a cart, or at all of them; a part grows into everything when something differs.

The rule (`control/rescans.py`) is kept here, on the server: once a part has differed, its check ends only with
everything rescanned, or as FAILED, whoever of the staff goes on with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from smarts.control import RescanPiece
from smarts.control.rescans import grows
from smarts.edge.problems import invalid
from smarts.gateway import errors
from smarts.gateway.carts import rules
from smarts.gateway.carts.model import Cart, Line
from smarts.gateway.control.lessons import Lessons
from smarts.gateway.control.rescanned import CountedProduct, Finding, Looked, RescanKind, Rescanned, findings
from smarts.gateway.control.service import require_open
from smarts.gateway.control.store import Check
from smarts.gateway.journeys.shop import Shopping
from smarts.gateway.storage.database import Transaction
from smarts.wire.control import CheckStatus
from smarts.wire.errors import ProblemError
from smarts.wire.model import Model
from smarts.wire.products import Product

_NOTHING = Decimal(0)
_PATH = "$.rescanned"
_LETS_PAY = frozenset({CheckStatus.PASSED, CheckStatus.FAILED_ALLOW_PAYMENT})


class RescanState(Model, frozen=True, kw_only=True):
    """How a rescan stands: the `rescan` that is left, absent where everything is to be, and what was found by now."""

    rescan: tuple[RescanPiece, ...] | None = None
    grown: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Done:
    """What was rescanned in a check that ends, and how that came."""

    looked: Sequence[Looked]
    kind: RescanKind


class Rescans:
    """The verbs."""

    def __init__(self, shopping: Shopping, lessons: Lessons) -> None:
        self._shopping = shopping
        self._lessons = lessons

    async def look(self, cart: Cart, check: Check, rescanned: Rescanned, now: datetime) -> RescanState:
        """What was counted until now; a part that differs has grown from then on.

        Raises:
            ProblemError: 409 the check is finished, 422 that names the row.
        """
        require_open(check, now)
        looked = await self.looked(cart, rescanned)
        grown = check.grown_at is not None or (check.rescan is not None and _grows(cart, rescanned, looked))
        if grown and check.grown_at is None:
            await self._lessons.grow(check, now)
        kind = _kind(check, grown=grown)
        left = None if grown else check.rescan
        return RescanState(rescan=left, grown=grown, findings=findings(looked, kind))

    async def done(
        self, cart: Cart, check: Check, status: CheckStatus, rescanned: Rescanned, now: datetime
    ) -> Done:
        """What was rescanned when a check ends with a result, if that may be the result of such a rescan.

        Raises:
            ProblemError: 409 a part differs, so that everything is rescanned first; 422 something is not rescanned
                that was to be, or a cart that differs is said to be all right.
        """
        looked = await self.looked(cart, rescanned)
        whole = _is_whole(cart, rescanned)
        done = Done(looked, _kind(check, grown=whole or check.grown_at is not None))
        if status not in _LETS_PAY:
            return done
        if check.part is not None and not whole and _grows(cart, rescanned, looked):
            await self._lessons.grow(check, now)
            raise errors.RESCAN_GROWS.error("Rescan everything, or end the check as FAILED")
        _require_counted(cart, check, rescanned)
        if status is CheckStatus.PASSED and any(each.differs for each in looked):
            raise invalid(f"{_PATH}.products", "Expected no difference where a check has PASSED")
        return done

    def require_told(self, check: Check, status: CheckStatus) -> None:
        """Refuses a result that lets the shopper pay and says nothing of what was rescanned, once a part has differed.

        Raises:
            ProblemError: 409, everything is rescanned first.
        """
        if check.grown_at is not None and status in _LETS_PAY:
            raise errors.RESCAN_GROWS.error("Rescan everything, or end the check as FAILED")

    async def keep(self, tx: Transaction, check: Check, done: Done, now: datetime) -> None:
        """Keeps what was found in the transaction that ends the check."""
        await self._lessons.keep(tx, check, done.looked, done.kind, now)

    async def looked(self, cart: Cart, rescanned: Rescanned) -> Sequence[Looked]:
        """The products that staff looked at, each with what was scanned of it and what was there.

        Raises:
            ProblemError: 422, a product is named twice, is not sold here, or its amount makes no sense.
        """
        scanned = {line.product.barcode: line for line in cart.lines}
        known = set[str]()
        looked = []
        for place, counted in enumerate(rescanned.products):
            path = f"{_PATH}.products[{place}]"
            if counted.barcode in known:
                raise invalid(f"{path}.barcode", "Expected each product once")
            known.add(counted.barcode)
            looked.append(await self._one(cart, scanned.get(counted.barcode), counted, path))
        return looked

    async def _one(self, cart: Cart, line: Line | None, counted: CountedProduct, path: str) -> Looked:
        product = line.product if line else await self._sold(cart, counted.barcode, path)
        if counted.amount:
            rules.require_quantity(counted.amount, product, f"{path}.amount")
        return _looked(product, line.quantity if line else _NOTHING, counted.amount, cart)

    async def _sold(self, cart: Cart, barcode: str, path: str) -> Product:
        try:
            return await self._shopping.product(cart, barcode)
        except ProblemError as error:
            if error.problem.status == 404:
                raise invalid(f"{path}.barcode", "The store does not sell this") from error
            raise


def compared(cart: Cart, check: Check, lines: Iterable[Line]) -> Done:
    """What the new cart that comes with a result says: everything was rescanned, and this is what was there."""
    before = {line.product.barcode: line for line in cart.lines}
    after = {line.product.barcode: line for line in lines}
    pairs = ((before.get(barcode), after.get(barcode)) for barcode in before | after)
    looked = tuple(
        _looked(named.product, one.quantity if one else _NOTHING, other.quantity if other else _NOTHING, cart)
        for one, other in pairs
        if (named := one or other)
    )
    return Done(looked, _kind(check, grown=True))


def _looked(product: Product, scanned: Decimal, found: Decimal, cart: Cart) -> Looked:
    return Looked(
        barcode=product.barcode,
        product_name=product.translatable_name.in_language(cart.head.lang_code),
        unit_price=product.price.total,
        weighed=bool(product.weight_item),
        scanned=scanned,
        found=found,
    )


def _grows(cart: Cart, rescanned: Rescanned, looked: Sequence[Looked]) -> bool:
    pieces = sum(1 if line.product.weight_item else int(line.quantity) for line in cart.lines)
    pairs = ((0, int(each.differs)) for each in looked)  # a weight that differs is no other number of pieces
    return rescanned.differs or grows(rescanned.pieces, pieces, pairs)


def _is_whole(cart: Cart, rescanned: Rescanned) -> bool:
    counted = {each.barcode for each in rescanned.products}
    return all(line.product.barcode in counted for line in cart.lines)


def _require_counted(cart: Cart, check: Check, rescanned: Rescanned) -> None:
    asked = (
        [line.product.barcode for line in cart.lines]
        if check.part is None
        else [piece.barcode for piece in check.part]
    )
    counted = {each.barcode for each in rescanned.products}
    absent = next((barcode for barcode in asked if barcode not in counted), None)
    if absent is not None:
        raise invalid(
            f"{_PATH}.products", f"Expected {absent} among what was rescanned, 0 where there is none"
        )


def _kind(check: Check, *, grown: bool) -> RescanKind:
    if check.rescan is None:
        return RescanKind.FULL
    return RescanKind.GROWN if grown else RescanKind.PART
