"""The adapter for fabric Loyalty (Member): what the registry lists, nothing else."""

from providers.adapter import Adapter
from providers.fabric.client import Fabric, build
from providers.fabric.profile import PROFILE
from providers.fabric.settings import FabricSettings

__all__ = ["ADAPTER", "Fabric"]

ADAPTER = Adapter(PROFILE, FabricSettings, build)
