"""Programs: the configured accounts that everything is routed by, and how they feel."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from loyalty.operations import Environment


@dataclass(frozen=True, slots=True)
class Program:
    """One configured account at a provider; `key` is the routing key."""

    key: str
    name: str
    provider: str
    currency: str
    time_zone: str
    environment: Environment

    @property
    def zone(self) -> ZoneInfo:
        """The zone that local times of this program are in."""
        return ZoneInfo(self.time_zone)


class HealthState(StrEnum):
    """How a program has answered lately."""

    UP = "UP"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Health:
    """What our own recent calls tell of a program; asking for it costs no call."""

    state: HealthState
    checked_at: datetime | None = None
    latency_ms: float | None = None
