"""Every read of every upstream, as a question that can be asked again; no fault and no verdict."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from loyalty.errors import ErrorCode, LoyaltyError
from loyalty.members import MemberFilter, MemberLookup
from loyalty.offers import OfferKind
from loyalty.refs import MemberRef, OfferRef, VoucherRef
from loyalty.sales import Outlet, SaleDraft, SaleLine
from providers.port import PageRequest, Period
from tests.providers.contract.kinds import FabricWorld, OneRewardsWorld, TellurideWorld
from tests.providers.contract.worlds import NOW, World, told

Ask = Callable[[World, str], Awaitable[Any]]

EVER = Period(NOW - timedelta(days=80), NOW)
NAMED = "everywhere"
"""The persona that is asked about."""

OTHERS = {"onerewards": "rich", "telluride": "rich", "fabric": "restricted"}
"""The one whose answers come instead, by upstream."""

BAD = ErrorCode.PROVIDER_BAD_RESPONSE
UNNAMED = "names nobody"
AS_THEMSELVES = "found as who they are"
NOT_FOUND = "the one asked for is not in it"


@dataclass(frozen=True, slots=True)
class Read:
    """A question about a persona, and the upstream's operation that is to fail.

    `of_others` is what becomes of another member's answer: it is refused; or it is searched for
    what was asked, which is not in it; or, of a search, it is whom the provider says was found;
    or it names nobody, so that nobody can tell.
    """

    name: str
    operation: str
    ask: Ask
    about_member: bool = True
    of_others: str = BAD
    persona: str = NAMED

    async def outcome(self, world: World, persona: str | None = None) -> object:
        """The answer, or the error, whether raised or a batch's only value."""
        return await told(self.ask(world, persona or self.persona))


def _batch(method: str, *more: object) -> Ask:
    async def ask(world: World, persona: str) -> object:
        (answer,) = await getattr(world.provider, method)([world.key(persona)], *more)
        return answer

    return ask


async def _found_by_phone(world: World, persona: str) -> object:
    return await world.provider.find_members(MemberLookup(phone=world.facts(persona)["phone"]))


async def _by_number(world: World, persona: str) -> object:
    return await world.provider.member_by_number(world.book(persona)["number"])


async def _listed(world: World, persona: str) -> object:
    where = MemberFilter(numbers=(world.key(persona),))
    return await world.provider.list_members(where, PageRequest(5))


async def _offers_for_a_basket(world: World, persona: str) -> object:
    (answer,) = await world.provider.offers([world.key(persona)], world.basket)
    return answer


async def _voucher(world: World, persona: str) -> object:
    code = (world.book(persona)["vouchers"] or world.book(NAMED)["vouchers"])[0]["code"]
    return await world.provider.voucher(
        VoucherRef(MemberRef(world.program, world.key(persona)), code)
    )


async def _offer(world: World, persona: str) -> object:
    code = "12" if persona == NAMED else "9"
    ref = OfferRef(world.program, world.key(persona), OfferKind.CLAIMABLE_VOUCHER, code)
    return await world.provider.offer(ref)


async def _mobile_user(world: World, persona: str) -> object:
    who = world.facts(persona)["mobile_user"] if persona == NAMED else "MU-900001"
    return await world.provider.mobile_user(who)


async def _transactions(world: World, persona: str) -> object:
    return await world.provider.transactions(world.key(persona), EVER, PageRequest(50))


async def _transaction(world: World, persona: str) -> object:
    named = world.a_transaction
    if persona != NAMED and world.code == "fabric":
        named = ("", "", world.book(persona)["transactions"][0]["id"])
    return await world.provider.transaction(world.key(persona), named)


async def _activity(world: World, persona: str) -> object:
    return await world.provider.activity(world.key(persona), NOW - timedelta(days=60), NOW)


async def _quote(world: World, persona: str) -> object:
    line = SaleLine(subtotal=Decimal(25), product_code="20001", division="020")
    member = MemberRef(world.program, world.key(persona))
    return await world.provider.quote(
        SaleDraft(member=member, outlet=Outlet("1", register="1"), lines=(line,))
    )


def _plain(method: str) -> Ask:
    async def ask(world: World, _: str) -> object:
        return await getattr(world.provider, method)()

    return ask


async def _expired(world: World, persona: str) -> object:
    return await world.provider.expired(world.key(persona), EVER)


async def _redeemable(world: World, persona: str) -> object:
    return await world.provider.redeemable_at(world.key(persona), "NS-SEA-04")


READS: dict[type[World], tuple[Read, ...]] = {
    OneRewardsWorld: (
        Read("members", "member_listing", _batch("members")),
        Read("by_number", "member_listing", _by_number),
        Read("find", "member_listing", _found_by_phone),
        Read("list", "member_listing", _listed),
        Read("balances", "get_member_info", _batch("balances")),
        Read(
            "tiers",
            "member_level_listing",
            _plain("tiers"),
            about_member=False,
        ),
        Read(
            "vouchers",
            "usable_vouchers",
            _batch("vouchers", None),
            of_others=UNNAMED,
        ),
        Read("voucher", "can_use_voucher", _voucher, of_others=UNNAMED),
        Read(
            "offers",
            "obtainable_vouchers",
            _batch("offers", None),
            of_others=UNNAMED,
        ),
        Read("offer", "can_get_voucher", _offer),
        Read("mobile_user", "get_mobile_user", _mobile_user),
    ),
    TellurideWorld: (
        Read("members", "GetMemberLookup", _batch("members")),
        Read("by_number", "GetMemberLookup", _by_number),
        Read("find", "GetMemberLookup", _found_by_phone, of_others=AS_THEMSELVES),
        Read("balances", "GetRewardBalance", _batch("balances")),
        Read(
            "affinities",
            "GetMemberAffinitySubscriptions",
            _batch("affinities"),
            of_others=UNNAMED,
            persona="affinities",
        ),
        Read("offers", "GetApplicableOffers", _batch("offers", None)),
        Read("transactions", "GetMemberActivityDetail", _transactions, of_others=UNNAMED),
        Read("transaction", "GetMemberActivityDetail", _transaction, of_others=NOT_FOUND),
        Read("activity", "GetMemberActivitySummary", _activity),
        Read("quote_earn", "ProcessEarn", _quote),
        Read("quote_redeem", "ProcessRedemption", _quote),
    ),
    FabricWorld: (
        Read("members", "get_members", _batch("members")),
        Read("by_number", "get_members", _by_number),
        Read("find", "get_members", _found_by_phone, of_others=NOT_FOUND),
        Read("balances", "member_points", _batch("balances"), of_others=UNNAMED),
        Read("expiring", "points_expiry", _batch("expiring"), of_others=UNNAMED),
        Read("expired", "expired_points", _expired, of_others=UNNAMED, persona="expiring"),
        Read("redeemable", "redeemable_points", _redeemable, of_others=UNNAMED),
        Read("reasons", "action_reasons", _plain("adjustment_reasons"), about_member=False),
        Read("point_types", "point_types", _plain("point_types"), about_member=False),
        Read("transactions", "get_transactions", _transactions),
        Read("transaction", "get_transactions", _transaction, of_others=NOT_FOUND),
        Read("vouchers", "rewards_history", _batch("vouchers", None)),
        Read("voucher", "rewards_history", _voucher),
        Read("offers", "get_discounts", _offers_for_a_basket, of_others=UNNAMED),
    ),
}


def texts_of(error: LoyaltyError) -> str:
    """Everything that an error could ever show."""
    words = error.upstream
    shown = [str(error), repr(error), error.message, str(error.field), str(error.args)]
    if words is not None:
        shown += [words.code or "", words.message or ""]
    cause = error.__cause__
    return " ".join([*shown, repr(cause) if cause else ""])


def numbers_replaced(body: bytes, by: bytes) -> bytes:
    """The body with every bare number replaced."""
    return re.sub(rb"(?<=[:\[,])-?\d+(?:\.\d+)?(?=[,\]}])", by, body)
