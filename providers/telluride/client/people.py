"""Who the members are: records, lookups and affinities; points are another's."""

from collections.abc import Sequence

from loyalty.members import Affinity, Member, MemberLookup
from providers.port import Answer
from providers.telluride.client.desk import Desk
from providers.telluride.client.numbers import is_number
from providers.telluride.client.searches import Search, search
from providers.telluride.mapping.affinities import affinities
from providers.telluride.mapping.members import member
from providers.telluride.mapping.refusals import unsupported_search
from providers.telluride.profile.apis import Api
from providers.telluride.wire.affinities import WireAffinities
from providers.telluride.wire.members import WireMembers

_NOBODY = "7081000000000000"


class People:
    """Members of the program, one a call: the upstream has no bulk read."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def members(self, keys: Sequence[str]) -> list[Answer[Member]]:
        """The records, in the order of the keys."""
        return await self._desk.fan_out.each(keys, self.member)

    async def member(self, number: str) -> Member | None:
        """The member with the number; a malformed one is nobody's, without a call."""
        if not is_number(number):
            return None
        found = await self._search(_by_number(number))
        own = next((entry for entry in found if same(entry.ref.key, number)), None)
        if own is None and found:
            raise self._desk.bad("the member found is not the one asked for")
        return own

    async def find(self, by: MemberLookup) -> list[Member]:
        """All members that match; raises Unsupported before any call."""
        chosen = search(by)
        if chosen is None:
            raise unsupported_search(self._desk.account.program)
        if chosen.hopeless:
            return []
        found = await self._search(chosen)
        if by.number is not None and any(not same(m.ref.key, by.number) for m in found):
            raise self._desk.bad("the member found is not the one asked for")
        return found

    async def affinities(self, keys: Sequence[str]) -> list[Answer[tuple[Affinity, ...]]]:
        """The links of each member."""
        return await self._desk.fan_out.each(keys, self._affinities)

    async def expect(self, asked: str, answered: str | None) -> None:
        """Raise unless an answer is about the member asked for, or about whom it was merged into.

        Only a merged member is documented to be answered under another number (Q-29), so another
        one costs a look at the member asked for.
        """
        if answered is None or same(answered, asked):
            return
        known = await self.member(asked)
        survivor = None if known is None else known.merged_into
        if survivor is None or not same(survivor.key, answered):
            raise self._desk.bad("the answer is about another member")

    async def knock(self) -> None:
        """Ask for a member that cannot be: any answer but a fault shows that we are let in."""
        desk = self._desk
        body = desk.bodies.lookup(_by_number(_NOBODY))
        heard = await desk.exchange.ask(Api.MEMBER_LOOKUP, body, WireMembers)
        if heard.outcome.code is not None and not heard.outcome.says_no_member:
            raise desk.exchange.error(heard.outcome)

    async def _search(self, chosen: Search) -> list[Member]:
        desk = self._desk
        body = desk.bodies.lookup(chosen)
        answer = await desk.exchange.read(Api.MEMBER_LOOKUP, body, WireMembers)
        if answer is None:
            return []
        fetched_at = desk.now()
        found = [member(desk.account, wire, fetched_at) for wire in answer.members]
        members = [entry for entry in found if entry is not None]
        if not members or len(members) != len(found):
            raise desk.bad("a member without a number")
        return members

    async def _affinities(self, number: str) -> tuple[Affinity, ...] | None:
        desk = self._desk
        body = desk.bodies.affinities(number)
        answer = await desk.exchange.read(Api.AFFINITIES, body, WireAffinities)
        if answer is None:
            return None
        await self.expect(number, answer.member_number)
        return affinities(desk.account, answer.affinities)


def same(one: str, other: str) -> bool:
    """Whether two numbers name one member: a JSON number has lost its leading zeros (Q-10)."""
    return one.lstrip("0") == other.lstrip("0")


def _by_number(number: str) -> Search:
    return Search("05", {"MemberNumber": number})
