"""OneRewards (AutoCount) behind the port: what the registry lists of it."""

from collections.abc import Callable
from datetime import datetime

from providers.adapter import Adapter
from providers.http import Transport
from providers.onerewards.client import OneRewards
from providers.onerewards.profile import PROFILE
from providers.onerewards.settings import Settings

__all__ = ["ADAPTER"]


def _build(
    program: str,
    settings: Settings,
    api: Transport,
    token: Transport,  # noqa: ARG001 - a key in the headers is all it takes, there is no token
    now: Callable[[], datetime],
) -> OneRewards:
    return OneRewards(program, settings, api, now)


ADAPTER: Adapter[Settings] = Adapter(profile=PROFILE, settings=Settings, build=_build)
"""How the registry knows OneRewards."""
