"""Members, balances, tiers and users of the app, out of their wire shapes."""

from datetime import datetime

from loyalty.members import Attribute, Member, MemberStatus, MemberTier, MobileUser, Tier
from loyalty.money import rounded
from loyalty.points import Balance
from providers.onerewards.mapping.program import Program
from providers.onerewards.mapping.times import day, instant
from providers.onerewards.wire.members import (
    WireLevel,
    WireMember,
    WireMemberInfo,
    WireMobileUser,
)


def member(wire: WireMember, program: Program, now: datetime) -> Member:
    """A member; the vendor's memberId is both the key and the number."""
    key = str(wire.member_id)
    return Member(
        ref=program.member(key),
        number=key,
        status=_status(wire.is_active),
        native_status=_native_status(wire.is_active),
        fetched_at=now,
        name=wire.name or None,
        email=wire.email or None,
        phone=wire.phone_no or None,
        birth_date=day(wire.birth_date, program.zone),
        gender=wire.gender or None,
        joined_at=instant(wire.join_date, program.zone),
        tier=_tier(wire),
        attributes=_attributes(wire, program),
        raw=wire.raw,
    )


def balance(wire: WireMemberInfo, key: str, program: Program, now: datetime) -> Balance:
    """A member's points; their worth is by the configured rate, None without one."""
    worth = program.point_worth
    points = wire.point_balance
    return Balance(
        member=program.member(key),
        points=points,
        fetched_at=now,
        worth=None if worth is None else rounded(points * worth, program.currency),
    )


def tier(wire: WireLevel) -> Tier:
    """A level; the vendor tells no order, so it has no rank."""
    code = str(wire.member_level_id)
    return Tier(code=code, name=wire.member_level or code)


def mobile_user(wire: WireMobileUser, program: Program) -> MobileUser:
    """A user of the vendor's app."""
    return MobileUser(
        id=wire.mobile_user_id,
        name=wire.name or None,
        phone=wire.phone_no or None,
        email=wire.email or None,
        birth_date=day(wire.birth_date, program.zone),
    )


def _status(is_active: bool | None) -> MemberStatus:
    match is_active:
        case True:
            return MemberStatus.ACTIVE
        case False:
            return MemberStatus.INACTIVE
        case None:
            return MemberStatus.UNKNOWN


def _native_status(is_active: bool | None) -> str | None:
    """The vendor has no word for it, only a flag."""
    return None if is_active is None else f"isActive={'true' if is_active else 'false'}"


def _tier(wire: WireMember) -> MemberTier | None:
    if wire.member_level_id is None:
        return None
    code = str(wire.member_level_id)
    return MemberTier(Tier(code=code, name=wire.member_level or code))


def _attributes(wire: WireMember, program: Program) -> tuple[Attribute, ...]:
    """What of the record has no place of its own; a mobileUserId means linked to an app user."""
    expiry = day(wire.expiry_date, program.zone)
    pairs = (
        ("memberNo", wire.member_no),
        ("mobileUserId", wire.mobile_user_id),
        ("expiryDate", None if expiry is None else expiry.isoformat()),
    )
    return tuple(Attribute(key, value) for key, value in pairs if value)
