"""The Telluride (Shop Your Way) adapter; nothing of it is known outside but ADAPTER."""

from providers.adapter import Adapter
from providers.telluride.client import Telluride
from providers.telluride.profile import PROFILE
from providers.telluride.settings import TellurideSettings

ADAPTER: Adapter[TellurideSettings] = Adapter(
    profile=PROFILE, settings=TellurideSettings, build=Telluride
)
"""What the registry lists."""
