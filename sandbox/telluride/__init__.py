"""The Telluride (Shop Your Way) emulator: its world and its routes; knows nothing of any client."""

from sandbox.telluride.app import routes
from sandbox.telluride.state import State

__all__ = ["State", "routes"]
