"""What a store's checks have taught about its goods."""

from smarts.wire.model import Model


class Knowledge(Model, frozen=True, kw_only=True):
    """What is known of the goods of one cart."""
