"""The two listings, page by page; a record not asked for spoils its page (contract 1.9)."""

from collections.abc import AsyncIterator, Sequence
from functools import partial

from providers.onerewards.client.caller import Caller
from providers.onerewards.mapping.lookups import Condition, wire_filter
from providers.onerewards.mapping.refusals import bad_answer
from providers.onerewards.profile import Upstream
from providers.onerewards.wire.listings import PAGE_SIZE, listing
from providers.onerewards.wire.members import WireLevel, WireMember
from providers.onerewards.wire.model import Renames

_MOST_PAGES = 100
"""A listing that never ends is a broken one: its pages would come round for ever."""


class Listing:
    """Members and levels, as the listings give them: 100 a page, in no stated order."""

    def __init__(self, caller: Caller, renames: Renames) -> None:
        self._caller = caller
        self._renames = renames

    async def page(self, number: int, conditions: Sequence[Condition]) -> tuple[WireMember, ...]:
        """One page of the members that meet at least one condition.

        Raises Unavailable when a record meets none: then the filter was not understood, and
        somebody else's data came.
        """
        body: dict[str, object] = {"page": number}
        if conditions:
            body["filter"] = wire_filter(conditions)
        found = await self._caller.read(
            Upstream.GET_MEMBER_LISTING,
            partial(listing, WireMember, renames=self._renames),
            body=body,
        )
        if found is None or not all(_asked_for(wire, conditions) for wire in found):
            raise bad_answer(self._caller.program)
        return found

    async def all_that_meet(self, conditions: Sequence[Condition]) -> list[WireMember]:
        """Every member that meets all conditions."""
        return [
            wire
            async for page in self._pages(conditions)
            for wire in page
            if meets_all(wire, conditions)
        ]

    async def levels(self) -> list[WireLevel]:
        """Every member level."""
        levels: list[WireLevel] = []
        for number in range(1, _MOST_PAGES):
            page = await self._caller.read(
                Upstream.GET_MEMBER_LEVEL_LISTING,
                partial(listing, WireLevel, renames=self._renames),
                body={"page": number},
            )
            if page is None:
                break
            levels += page
            if len(page) < PAGE_SIZE:
                return levels
        raise bad_answer(self._caller.program)

    async def _pages(
        self, conditions: Sequence[Condition]
    ) -> AsyncIterator[tuple[WireMember, ...]]:
        for number in range(1, _MOST_PAGES):
            page = await self.page(number, conditions)
            yield page
            if len(page) < PAGE_SIZE:
                return
        raise bad_answer(self._caller.program)


def meets_all(wire: WireMember, conditions: Sequence[Condition]) -> bool:
    """Whether the record is one that was searched for."""
    return all(condition.holds(wire) for condition in conditions)


def _asked_for(wire: WireMember, conditions: Sequence[Condition]) -> bool:
    return not conditions or any(condition.holds(wire) for condition in conditions)
