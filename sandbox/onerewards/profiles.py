"""A member's data as a caller may send it: reading, checking and comparing; stores nothing."""

import re
from dataclasses import dataclass
from datetime import date

from sandbox.onerewards.asked import Body
from sandbox.onerewards.doors import Refused
from sandbox.onerewards.entities import Company, Member, MobileUser, dialled

LONGEST_NAME = 100
GENDERS = ("M", "F")
_E164 = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True, slots=True)
class Profile:
    """The fields of a member that writes can set (OneRewards contract 3.14)."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    born: date | None = None
    gender: str | None = None
    level_id: int | None = None
    joined: date | None = None
    expires: date | None = None

    def changed(self, other: "Profile") -> list[str]:
        """Names of the fields in which the two differ; phones differ by their digits."""
        return [
            name
            for name in (
                "name",
                "phone",
                "email",
                "born",
                "gender",
                "level_id",
                "joined",
                "expires",
            )
            if self.comparable(name) != other.comparable(name)
        ]

    def comparable(self, name: str) -> object:
        """The value of a field as two of them are compared."""
        if name == "phone":
            return None if self.phone is None else dialled(self.phone)
        value: object = getattr(self, name)
        return value


SHARED = {"name", "phone", "email", "born", "gender"}
"""What the app keeps too, so that a linked member's cannot be changed here (3.15)."""


def profile_of(member: Member) -> Profile:
    """What a member's data are now."""
    return Profile(
        member.name,
        member.phone,
        member.email,
        member.born,
        member.gender,
        member.level_id,
        member.joined,
        member.expires,
    )


def profile_of_user(user: MobileUser) -> Profile:
    """What the app knows of its user."""
    return Profile(user.name, user.phone, user.email, user.born, user.gender)


def read(company: Company, body: Body, base: Profile) -> Profile:
    """`base` with what was sent: absent leaves a value, null or blank clears it (6.2#34)."""
    profile = Profile(
        name=body.optional_text("name") if body.has("name") else base.name,
        phone=body.optional_text("phoneNo") if body.has("phoneNo") else base.phone,
        email=body.optional_text("email") if body.has("email") else base.email,
        born=body.day("birthDate") if body.has("birthDate") else base.born,
        gender=body.optional_text("gender") if body.has("gender") else base.gender,
        level_id=(
            body.optional_integer("memberLevelId") if body.has("memberLevelId") else base.level_id
        ),
        joined=body.day("joinDate") if body.has("joinDate") else base.joined,
        expires=body.day("expiryDate") if body.has("expiryDate") else base.expires,
    )
    _check(company, profile, base)
    return profile


def _check(company: Company, profile: Profile, base: Profile) -> None:
    if profile.name is None:
        raise Refused(400, "name is required.")
    if len(profile.name) > LONGEST_NAME:
        raise Refused(400, f"name must not be longer than {LONGEST_NAME} characters.")
    if profile.joined is None:
        raise Refused(400, "joinDate is required.")
    if profile.gender is not None and profile.gender not in GENDERS:
        raise Refused(400, "gender must be M or F.")
    if profile.level_id is not None and profile.level_id not in company.levels:
        raise Refused(400, "Unknown member level.")
    is_new_phone = profile.phone is not None and profile.phone != base.phone
    if is_new_phone and not _E164.fullmatch(dialled(profile.phone or "")):
        raise Refused(400, "phoneNo must be an international phone number.")
