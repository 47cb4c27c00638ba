"""OneRewards as its contract describes it, reads and the integration handshake; no writes yet."""

from sandbox.onerewards.app import routes
from sandbox.onerewards.state import State

__all__ = ["State", "routes"]
