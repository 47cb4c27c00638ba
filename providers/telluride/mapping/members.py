"""Members out of lookup answers; a member's tier and where a merged one lives on."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from loyalty.members import Attribute, Member, MemberStatus, MemberTier, Tier, TierProgress
from loyalty.refs import MemberRef
from providers.telluride.mapping.account import Account
from providers.telluride.profile.codes import LANGUAGE, MEMBER_STATUS
from providers.telluride.wire.members import WireMember, WirePhone


def member(account: Account, wire: WireMember, fetched_at: datetime) -> Member | None:
    """The member; None where the profile has no number, so that it is nobody."""
    number = wire.member_number
    if number is None:
        return None
    return Member(
        ref=account.ref(number),
        number=number,
        status=status(account, wire.club_status),
        native_status=wire.club_status,
        merged_into=survivor(account, wire),
        name=" ".join(part for part in (wire.first_name, wire.last_name) if part) or None,
        given_name=wire.first_name,
        family_name=wire.last_name,
        email=wire.email_address,
        phone=phone(wire.phones),
        birth_date=wire.birth_day,
        gender=wire.gender,
        language=LANGUAGE.get(wire.language_preference or "", wire.language_preference),
        joined_at=wire.member_since or wire.date_issued,
        tier=tier(account, wire),
        attributes=tuple(
            Attribute(pair.name, pair.value or "") for pair in wire.attributes if pair.name
        ),
        fetched_at=fetched_at,
        raw=wire.raw,
    )


def status(account: Account, letter: str | None) -> MemberStatus:
    """ClubStatus in our words; an unpublished letter is unknown unless the settings name it."""
    letters: Mapping[str, MemberStatus] = {**dict(account.more_statuses), **MEMBER_STATUS}
    return letters.get(letter or "", MemberStatus.UNKNOWN)


def survivor(account: Account, wire: WireMember) -> MemberRef | None:
    """The member that a merged one lives on as (U-57)."""
    other = wire.survivor_member_number
    if wire.club_status != "O" or other is None or other == wire.member_number:
        return None
    return account.ref(other)


def phone(phones: tuple[WirePhone, ...]) -> str | None:
    """The preferred number, else the first one."""
    ordered = sorted(phones, key=lambda entry: entry.preferred_phone_type is not True)
    return next((entry.phone_number for entry in ordered if entry.phone_number), None)


def tier(account: Account, wire: WireMember) -> MemberTier | None:
    """The tier; an empty VIPTier is none. No date until which it holds is published."""
    if wire.vip_tier is None:
        return None
    return MemberTier(Tier(wire.vip_tier, wire.vip_tier), progress=progress(account, wire))


def progress(account: Account, wire: WireMember) -> TierProgress | None:
    """The year's spend on the way to the next level, in money; a level of 0 is no level."""
    spent = wire.total_spent
    if spent is None:
        return None
    target = wire.spend_next_tier_level or None
    return TierProgress(
        current=spent,
        target=target,
        remaining=None if target is None else max(target - spent, Decimal(0)),
        currency=account.currency,
    )
