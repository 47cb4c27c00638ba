"""Members in our words: which account of a person is the membership, and what it says."""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from loyalty.members import Attribute, Member, MemberLookup, MemberStatus, MemberTier, Tier
from providers.fabric.mapping.tenant import Tenant, WrongMember, uuid
from providers.fabric.profile import MEMBER_STATUSES
from providers.fabric.wire.members import WireAccount, WireMember


def member_asked(
    people: tuple[WireMember, ...], asked: str, tenant: Tenant, fetched_at: datetime
) -> Member | None:
    """The membership with the profileId or loyaltyNumber asked for.

    None where there is nobody, or where the account is of another club; raises WrongMember where
    the answer is about somebody else.
    """
    accounts = [(person, account) for person in people for account in person.accounts or ()]
    if not accounts:
        return None
    for person, account in accounts:
        if asked in (account.profile_id.lower(), account.loyalty_number):
            return member(person, account, tenant, fetched_at) if _ours(account, tenant) else None
    raise WrongMember


def members_matching(
    people: tuple[WireMember, ...], by: MemberLookup, tenant: Tenant, fetched_at: datetime
) -> list[Member]:
    """The memberships of our club that meet every criterion, each once.

    The provider may ignore a filter, so what it found is tested again (contract 6.3).
    """
    found = {
        account.profile_id.lower(): member(person, account, tenant, fetched_at)
        for person in people
        for account in person.accounts or ()
        if _ours(account, tenant) and _meets(person, account, by)
    }
    return list(found.values())


def member(wire: WireMember, account: WireAccount, tenant: Tenant, fetched_at: datetime) -> Member:
    """One account of a person as a membership; the raw record is the person's."""
    return Member(
        ref=tenant.ref(account.profile_id),
        number=account.loyalty_number,
        status=_status(account.account_status, tenant),
        fetched_at=fetched_at,
        native_status=account.account_status,
        name=_name(wire),
        given_name=wire.first_name,
        family_name=wire.last_name,
        email=wire.email_address,
        phone=wire.phone_number,
        birth_date=wire.birthdate,
        gender=None if wire.gender == "None" else wire.gender,
        joined_at=wire.enrollment_timestamp,
        tier=_tier(account),
        attributes=tuple(_attributes(account)),
        raw=wire.raw,
    )


def accounts(
    people: tuple[WireMember, ...], tenant: Tenant
) -> Iterator[tuple[WireMember, WireAccount]]:
    """The accounts of our club, with whose they are."""
    for person in people:
        for account in person.accounts or ():
            if _ours(account, tenant):
                yield person, account


def _ours(account: WireAccount, tenant: Tenant) -> bool:
    """Whether the account is of our club; shortened answers do not name it."""
    if account.club_reference is None:
        return True
    return tenant.club in (account.club_reference, account.club_title)


def _status(native: str | None, tenant: Tenant) -> MemberStatus:
    if native is None:
        return MemberStatus.UNKNOWN
    own = tenant.assumptions.account_statuses.get(native)
    return own or MEMBER_STATUSES.get(native.lower(), MemberStatus.UNKNOWN)


def _name(wire: WireMember) -> str | None:
    parts = (wire.first_name, wire.middle_name, wire.last_name, wire.suffix)
    return " ".join(part for part in parts if part) or None


def _tier(account: WireAccount) -> MemberTier | None:
    code = account.tier_external_reference
    if code is None and account.tier_id is not None:
        code = str(account.tier_id)
    name = account.tier_title or code
    if code is None or name is None:
        return None
    return MemberTier(Tier(code, name), account.tier_expiry_date)


def _attributes(account: WireAccount) -> Iterator[Attribute]:
    yield Attribute("profileId", account.profile_id.lower())
    for key, value in (account.custom_attributes or {}).items():
        if value is not None:
            yield Attribute(key, _shown(value))


def _shown(value: object) -> str:
    if isinstance(value, str | Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _meets(person: WireMember, account: WireAccount, by: MemberLookup) -> bool:
    number = None if by.number is None else by.number.strip()
    if number is not None and (uuid(number) or number) not in (
        account.profile_id.lower(),
        account.loyalty_number,
    ):
        return False
    if by.native_id is not None and uuid(by.native_id) != account.profile_id.lower():
        return False
    return _reached_at(person, by) and _named(person, by)


def _reached_at(person: WireMember, by: MemberLookup) -> bool:
    if by.email is not None and not _same(by.email, person.email_address):
        return False
    return by.phone is None or digits(by.phone) == digits(person.phone_number or "")


def _named(person: WireMember, by: MemberLookup) -> bool:
    if by.name is None:
        return True
    wanted = (
        (by.name.given_name, person.first_name),
        (by.name.family_name, person.last_name),
        (by.name.postal_code, person.postal_code),
    )
    return all(_same(asked, told) for asked, told in wanted if asked is not None)


def _same(asked: str, told: str | None) -> bool:
    return told is not None and asked.strip().casefold() == told.strip().casefold()


def digits(phone: str) -> str:
    """A phone number without spaces, dashes and plus: as the wire has it (contract 6.1)."""
    return "".join(char for char in phone if char.isascii() and char.isdigit())
