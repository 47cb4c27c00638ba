"""The calls to fabric Loyalty: the only place with its paths."""

from collections.abc import Callable
from datetime import datetime

from providers.fabric.client.adjusting import Adjusting
from providers.fabric.client.enrolling import Enrolling
from providers.fabric.client.posting import Posting
from providers.fabric.client.redeeming import Redeeming
from providers.fabric.client.rewards import Rewards
from providers.fabric.client.sales import Sales
from providers.fabric.settings import FabricSettings
from providers.http import Transport


class Fabric(Posting, Redeeming, Adjusting, Enrolling, Rewards, Sales):
    """A program at fabric Loyalty, with all that can be read and changed of it."""


def build(
    program: str,
    settings: FabricSettings,
    api: Transport,
    token: Transport,
    now: Callable[[], datetime],
) -> Fabric:
    """The program behind the port; nothing is called before the first question."""
    return Fabric(program, settings, api, token, now)
