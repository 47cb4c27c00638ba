"""A OneRewards program behind the port: which call answers which question; no wire shapes here."""

import time
from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from loyalty.errors import InvalidInput, LoyaltyError, Unsupported
from loyalty.members import Member, MemberFilter, MemberLookup, MobileUser, Tier
from loyalty.offers import Basket, Offer, OfferKind, Voucher
from loyalty.operations import Operation
from loyalty.points import Balance
from loyalty.refs import OfferRef, VoucherRef
from providers.fan_out import all_of
from providers.onerewards.client.claims import Claims
from providers.onerewards.client.enrolments import Enrols
from providers.onerewards.client.listing import meets_all
from providers.onerewards.client.position import Position
from providers.onerewards.client.redemptions import Redeems
from providers.onerewards.client.sales import Sells
from providers.onerewards.client.sending import Sends
from providers.onerewards.mapping.lookups import (
    Condition,
    by_mobile_users,
    by_numbers,
    by_phones,
    member_id,
)
from providers.onerewards.mapping.members import member, mobile_user, tier
from providers.onerewards.mapping.refusals import bad_answer
from providers.onerewards.profile import Upstream
from providers.onerewards.wire.listings import PAGE_SIZE
from providers.onerewards.wire.members import WireMobileUser
from providers.onerewards.wire.model import one
from providers.port import Answer, Page, PageRequest, Probe


class OneRewards(Sells, Redeems, Claims, Enrols, Sends):
    """One company's account: what it can be asked is here, how it is changed in its parents."""

    async def probe(self) -> Probe:
        """Ask the listing, whose path is documented, for one member: there or not, it answers."""
        condition = by_numbers(["1"])
        started = time.perf_counter()
        await self._listing.page(1, [condition] if condition else [])
        return Probe(latency_ms=(time.perf_counter() - started) * 1000)

    async def members(self, keys: Sequence[str]) -> list[Answer[Member]]:
        """The members' records: one listing call for every 100 of them."""
        possible = list(dict.fromkeys(key for key in keys if member_id(key) is not None))
        chunks = [possible[at : at + PAGE_SIZE] for at in range(0, len(possible), PAGE_SIZE)]
        found: dict[str, Answer[Member]] = {}
        for answers in await all_of(self._chunk(chunk) for chunk in chunks):
            found |= answers
        return [found.get(key) for key in keys]

    async def member_by_number(self, number: str) -> Member | None:
        """The member with this memberId."""
        answer = (await self.members([number]))[0]
        if isinstance(answer, LoyaltyError):
            raise answer
        return answer

    async def find_members(self, by: MemberLookup) -> list[Member]:
        """Members by number, phone and app user, which must all match where several are given."""
        conditions = self._sought(by)
        possible = [condition for condition in conditions if condition is not None]
        if len(possible) < len(conditions):
            return []
        found = await self._listing.all_that_meet(possible)
        now = self._now()
        return [member(wire, self._program, now) for wire in found]

    async def list_members(self, where: MemberFilter, page: PageRequest) -> Page[Member]:
        """Members in the provider's own order, read on from where `page` says."""
        place = Position.parsed(page.after, self.program)
        conditions = self._narrowed(where)
        possible = [condition for condition in conditions if condition is not None]
        if len(possible) < len(conditions) or page.first <= 0:
            return Page((), (), has_next=False)
        return await self._page(possible, place, page.first)

    async def balances(self, keys: Sequence[str]) -> list[Answer[Balance]]:
        """The members' points: one call a member."""
        return await self._fan_out.each(keys, self._balance)

    async def vouchers(
        self, keys: Sequence[str], spending: Decimal | None
    ) -> list[Answer[tuple[Voucher, ...]]]:
        """All vouchers the members hold, usable or not: one call a member."""
        return await self._fan_out.each(keys, partial(self._vouchers.held, spending=spending))

    async def voucher(self, ref: VoucherRef) -> Voucher | None:
        """One voucher of a member, used or not."""
        if member_id(ref.member.key) is None or not ref.code:
            return None
        return await self._vouchers.held_one(ref.member.key, ref.code)

    async def offers(
        self, keys: Sequence[str], basket: Basket | None
    ) -> list[Answer[tuple[Offer, ...]]]:
        """The vouchers that the members could claim, now or not: one call a member."""
        return await self._fan_out.each(keys, partial(self._vouchers.obtainable, basket=basket))

    async def offer(self, ref: OfferRef) -> Offer | None:
        """One voucher that a member could claim, judged now."""
        if ref.kind != OfferKind.CLAIMABLE_VOUCHER or ref.member is None:
            return None
        if member_id(ref.member) is None or member_id(ref.code) is None:
            return None
        return await self._vouchers.obtainable_one(ref.member, ref.code)

    async def tiers(self) -> tuple[Tier, ...]:
        """The program's levels, in the provider's order."""
        return tuple(tier(wire) for wire in await self._listing.levels())

    async def mobile_user(self, user_id: str) -> MobileUser | None:
        """A user of the vendor's app."""
        if not user_id:
            return None
        wire = await self._caller.read(
            Upstream.GET_MOBILE_USER,
            partial(one, WireMobileUser, renames=self._renames),
            query={"mobileUserId": user_id},
        )
        if wire is None:
            return None
        if wire.mobile_user_id.casefold() != user_id.casefold():
            raise bad_answer(self.program)
        return mobile_user(wire, self._program)

    async def _chunk(self, keys: Sequence[str]) -> dict[str, Answer[Member]]:
        """What one call says of up to 100 members; its failure is all theirs."""
        condition = by_numbers(keys)
        try:
            found = await self._listing.page(1, [condition] if condition else [])
        except LoyaltyError as error:
            return dict.fromkeys(keys, error)
        now = self._now()
        return {str(wire.member_id): member(wire, self._program, now) for wire in found}

    def _sought(self, by: MemberLookup) -> list[Condition | None]:
        """The listing's conditions for a search; raises Unsupported and InvalidInput."""
        for name in ("email", "name", "attribute"):
            if getattr(by, name) is not None:
                raise Unsupported(
                    f"this program cannot search by {name}; "
                    "search by number, nativeId, phone or mobileUser",
                    operation=Operation.MEMBER_LOOKUP,
                    alternatives=(Operation.MEMBER_LIST,),
                    field=("by", name),
                    program=self.program,
                )
        sought = [by_numbers([key]) for key in {by.number, by.native_id} if key is not None]
        if by.phone is not None:
            sought.append(by_phones([by.phone], self._calling_code))
        if by.mobile_user is not None:
            sought.append(by_mobile_users([by.mobile_user]))
        if not sought:
            msg = "name at least one criterion to search by"
            raise InvalidInput(msg, field=("by",), program=self.program)
        return [None] if _is_torn(by) else sought

    def _narrowed(self, where: MemberFilter) -> list[Condition | None]:
        """The listing's conditions for a filter, whose empty parts set none."""
        narrowed: list[Condition | None] = []
        if where.numbers:
            narrowed.append(by_numbers(where.numbers))
        if where.phones:
            narrowed.append(by_phones(where.phones, self._calling_code))
        if where.mobile_users:
            narrowed.append(by_mobile_users(where.mobile_users))
        return narrowed

    async def _page(
        self, conditions: Sequence[Condition], place: Position, first: int
    ) -> Page[Member]:
        entries: list[Member] = []
        positions: list[str] = []
        while True:
            found = await self._listing.page(place.page, conditions)
            now, offset = self._now(), place.offset
            for read, wire in enumerate(found[offset:], start=offset + 1):
                if len(entries) == first:
                    return Page(tuple(entries), tuple(positions), has_next=True)
                if meets_all(wire, conditions):
                    entries.append(member(wire, self._program, now))
                    positions.append(str(place.after(read)))
            is_full = len(found) == PAGE_SIZE
            if len(entries) == first or not is_full:
                return Page(tuple(entries), tuple(positions), has_next=is_full)
            place = Position(place.page + 1)


def _is_torn(by: MemberLookup) -> bool:
    """Whether two numbers are sought at once: number and native id are one thing here."""
    return by.number is not None and by.native_id is not None and by.number != by.native_id
