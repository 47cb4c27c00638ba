"""A person as Create, Update and Migrate Member take it; and whether a record is of that person."""

import re
from collections.abc import Mapping
from datetime import date

from loyalty.commands import (
    KEPT,
    EnrolMember,
    Kept,
    MigrateMember,
    Profile,
    ProfileChanges,
    UpdateMember,
)
from loyalty.errors import InvalidInput
from providers.onerewards.mapping.checks import check_points, wrong
from providers.onerewards.mapping.documents import Json
from providers.onerewards.mapping.lookups import e164, member_id
from providers.onerewards.wire.members import WireMember

_LONGEST_NAME = 100
_GENDERS = {"m": "M", "male": "M", "f": "F", "female": "F"}
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)

PERSONAL = {
    "name": ("profile", "name"),
    "phoneNo": ("profile", "phone"),
    "email": ("profile", "email"),
    "birthDate": ("profile", "birthDate"),
    "gender": ("profile", "gender"),
}
"""What a linked member shares with the app (contract 3.15), and where the input has it."""


def created(command: EnrolMember, calling_code: str) -> Json:
    """A new member (contract 3.14); raises InvalidInput."""
    if command.profile is None:
        raise wrong("say who: a profile, or a mobileUser", "profile")
    return _person(command.profile, calling_code) | _tier(command.tier)


def from_mobile_user(command: EnrolMember) -> Json:
    """A member out of a user of the app (contract 3.16); raises InvalidInput."""
    if not (command.mobile_user or "").strip():
        raise wrong("an empty app user's id", "mobileUser")
    return {"mobileUserId": command.mobile_user} | _tier(command.tier)


def migrated(command: MigrateMember, calling_code: str, decimals: int) -> Json:
    """A member of another system (contract 3.18); raises InvalidInput."""
    if command.profile is None:
        raise wrong("this program wants to know who it is: at least name and phone", "profile")
    if not command.source_number.strip():
        raise wrong("an empty number; write the old system's", "sourceNumber")
    body = _person(command.profile, calling_code) | {"sourceMemberNo": command.source_number}
    if command.opening_points is not None:
        check_points(command.opening_points, decimals, "openingPoints")
        body["openingPoint"] = command.opening_points
    return body


def changed(command: UpdateMember, calling_code: str) -> Json:
    """What changes of a member: absent leaves a value, null clears it (contract 3.15)."""
    changes = command.profile
    body: Json = {}
    name = _new_name(changes)
    if name is not KEPT:
        body["name"] = _name(name)
    if changes.phone is not KEPT:
        body["phoneNo"] = None if changes.phone is None else _phone(changes.phone, calling_code)
    if changes.email is not KEPT:
        body["email"] = changes.email
    if changes.birth_date is not KEPT:
        body["birthDate"] = _day(changes.birth_date)
    if changes.gender is not KEPT:
        body["gender"] = _gender(changes.gender)
    body |= _tier(command.tier)
    if not body:
        raise wrong("nothing here can be changed at this provider", "profile")
    return body


def drifting(
    body: Mapping[str, object], wire: WireMember, calling_code: str
) -> tuple[str, ...] | None:
    """The place of the first shared field that would get another value than the record has."""
    known = {
        "name": wire.name or None,
        "phoneNo": e164(wire.phone_no, calling_code) if wire.phone_no else None,
        "email": wire.email or None,
        "birthDate": None if wire.birth_date is None else wire.birth_date.date().isoformat(),
        "gender": wire.gender or None,
    }
    return next(
        (place for name, place in PERSONAL.items() if name in body and body[name] != known[name]),
        None,
    )


def is_of(body: Mapping[str, object], wire: WireMember) -> bool:
    """Whether a record is what this body made: same name, and nothing that speaks against it."""
    day = None if wire.birth_date is None else wire.birth_date.date().isoformat()
    pairs = (("email", wire.email), ("birthDate", day), ("gender", wire.gender))
    told = [(body[name], found) for name, found in pairs if body.get(name) and found]
    return _plain(body.get("name")) == _plain(wire.name) and all(
        _plain(asked) == _plain(found) for asked, found in told
    )


def spellings(phone: str, calling_code: str) -> tuple[str, ...]:
    """A phone in international form, and as it is dialled at home where it is from there."""
    home = f"+{calling_code}"
    return (phone, f"0{phone.removeprefix(home)}") if phone.startswith(home) else (phone,)


def _person(profile: Profile, calling_code: str) -> Json:
    parts = (profile.given_name, profile.family_name)
    name = profile.name or " ".join(part for part in parts if part)
    body: Json = {"name": _name(name), "phoneNo": _phone(profile.phone, calling_code)}
    known = {
        "email": profile.email or None,
        "birthDate": _day(profile.birth_date),
        "gender": _gender(profile.gender),
    }
    return body | {field: value for field, value in known.items() if value is not None}


def _new_name(changes: ProfileChanges) -> str | Kept | None:
    """The vendor has one name: both parts make it, one alone cannot."""
    if changes.name is not KEPT:
        return changes.name
    given, family = changes.given_name, changes.family_name
    if given is KEPT and family is KEPT:
        return KEPT
    if given is KEPT or family is KEPT:
        msg = "this program keeps one name: write name, or givenName and familyName together"
        raise wrong(msg, "profile", "name")
    return " ".join(part for part in (given, family) if part)


def _name(name: str | None) -> str:
    plain = (name or "").strip()
    if not plain or len(plain) > _LONGEST_NAME:
        msg = f"this program wants a name of 1 to {_LONGEST_NAME} characters"
        raise wrong(msg, "profile", "name")
    return plain


def _phone(phone: str | None, calling_code: str) -> str:
    full = None if phone is None else e164(phone, calling_code)
    if full is None or _PHONE.fullmatch(full) is None:
        msg = "this program wants a phone number, best in international form like +60123456789"
        raise wrong(msg, "profile", "phone")
    return full


def _gender(gender: str | None) -> str | None:
    if not gender:
        return None
    known = _GENDERS.get(gender.strip().lower())
    if known is None:
        raise wrong("this program knows M and F", "profile", "gender")
    return known


def _tier(code: str | None) -> Json:
    if code is None:
        return {}
    number = member_id(code)
    if number is None:
        raise InvalidInput("no tier of this program; tiers lists them", field=("input", "tier"))
    return {"memberLevelId": number}


def _day(day: date | Kept | None) -> str | None:
    return day.isoformat() if isinstance(day, date) else None


def _plain(text: object) -> str:
    return " ".join(str(text or "").casefold().split())
