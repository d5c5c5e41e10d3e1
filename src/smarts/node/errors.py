"""What a store's methods may raise; anything else is answered with a 500 that tells nothing."""

from smarts.edge.problems import NOT_FOUND, REFUSED
from smarts.wire.errors import ProblemError


class NotFound(ProblemError):  # noqa: N818 - reads as what it says: raise NotFound
    """There is no such thing: the store does not sell the barcode, does not know the card."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(NOT_FOUND.error(detail).problem)


class Refused(ProblemError):  # noqa: N818 - reads as what it says: raise Refused
    """The store says no; `reason` is shown to the shopper, in the language that the request asks for."""

    def __init__(self, reason: str) -> None:
        super().__init__(REFUSED.error(reason).problem)
