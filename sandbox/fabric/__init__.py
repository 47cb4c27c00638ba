"""The fabric Loyalty (Member) API as a tenant would serve it; no code of its clients."""

from sandbox.fabric.app import routes
from sandbox.fabric.state import State

__all__ = ["State", "routes"]
