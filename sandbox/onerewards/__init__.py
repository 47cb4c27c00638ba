"""OneRewards as its contract describes it, and the sandbox's own calls into its world."""

from sandbox.onerewards.app import routes
from sandbox.onerewards.controls import controls
from sandbox.onerewards.state import State

__all__ = ["State", "controls", "routes"]
