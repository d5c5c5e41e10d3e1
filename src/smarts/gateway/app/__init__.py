"""The composition root: the only place that builds the gateway's parts and puts them together."""

from smarts.gateway.app.gateway import Gateway, application, observation, open_gateway
from smarts.gateway.app.rooms import utc_now

__all__ = ["Gateway", "application", "observation", "open_gateway", "utc_now"]
