"""The one table of adapters: a provider's code -> how its programs are configured and built."""

from collections.abc import Mapping
from typing import Any

from providers.adapter import Adapter
from providers.fabric import ADAPTER as FABRIC
from providers.onerewards import ADAPTER as ONEREWARDS
from providers.onerewards.connect import (
    Approval,
    Integration,
    integration_status,
    request_integration,
)
from providers.telluride import ADAPTER as TELLURIDE

__all__ = ["ADAPTERS", "Approval", "Integration", "integration_status", "request_integration"]

ADAPTERS: Mapping[str, Adapter[Any]] = {
    adapter.profile.code: adapter for adapter in (ONEREWARDS, TELLURIDE, FABRIC)
}
