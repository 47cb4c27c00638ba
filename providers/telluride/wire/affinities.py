"""The answers of the two affinity APIs (contract 4.4, 4.5)."""

from typing import Annotated

from providers.telluride.wire.scalars import Day, Digits, Text
from providers.telluride.wire.shapes import (
    CamelAnswer,
    Told,
    WireCamel,
    WireCamelStatus,
    listed,
    single,
)


class WireAffinity(WireCamel):
    """A link to an affiliated programme."""

    affiliation_code: Text = None
    affinity_status: Text = None
    affinity_start_date: Day = None
    affinity_end_date: Day = None


Links = Annotated[tuple[WireAffinity, ...], listed()]


class WireAffinityLists(WireCamel):
    """Three lists, and the same link may sit in any of them (Q-26)."""

    affinity: Links = ()
    affinity_extended: Links = ()
    affinity_for_member_pricing: Links = ()


class WireAffinities(CamelAnswer):
    """The answer of GetMemberAffinitySubscriptions."""

    member_number: Digits = None
    additional: Annotated[WireCamelStatus | None, single] = None
    affinities: Annotated[WireAffinityLists | None, single] = None

    @property
    def told(self) -> Told | None:
        """The outcome, in additional."""
        return self.additional


class WireAffinityUpdate(CamelAnswer):
    """The answer of UpdateMemberAffinitySubscriptions: an outcome and nothing else."""

    additional: Annotated[WireCamelStatus | None, single] = None

    @property
    def told(self) -> Told | None:
        """The outcome, in additional."""
        return self.additional
