"""The composition root: the only place that builds the gateway's parts and puts them together."""

from smarts.gateway.app.gateway import Gateway, application, open_gateway
from smarts.gateway.app.rooms import utc_now

__all__ = ["Gateway", "application", "open_gateway", "utc_now"]
