"""Enrolments and changed members as bodies, and what they found; pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from loyalty.commands import KEPT, Profile, ProfileChanges
from loyalty.members import Attribute
from loyalty.outcomes import Done
from loyalty.refs import MemberRef
from providers.fabric.mapping.bodies import Body, marked
from providers.fabric.mapping.members import accounts, digits
from providers.fabric.mapping.tenant import Tenant, Unreadable
from providers.fabric.wire.asked import WireAskedPerson
from providers.fabric.wire.members import WireAccount, WireMember

LONGEST_NAME = 100
LONGEST_EMAIL = 254
LONGEST_PHONE = 16
_GENDERS = {
    "none": "None",
    "m": "Male",
    "male": "Male",
    "f": "Female",
    "female": "Female",
    "other": "Other",
}
_NEVER_CLEARED = {
    "given_name": ("profile", "givenName"),
    "family_name": ("profile", "familyName"),
    "email": ("profile", "email"),
    "phone": ("profile", "phone"),
    "birth_date": ("profile", "birthDate"),
    "postal_code": ("profile", "postalCode"),
}

Fault = tuple[str, tuple[str, ...]]
"""What is wrong with a value, and its place in the input."""


def faults(profile: Profile) -> Iterator[Fault]:
    """What keeps a person from being enrolled (contract 6.1)."""
    for text, name, most in (
        (profile.given_name, "givenName", LONGEST_NAME),
        (profile.family_name, "familyName", LONGEST_NAME),
        (profile.email, "email", LONGEST_EMAIL),
        (digits(profile.phone or ""), "phone", LONGEST_PHONE),
    ):
        yield from _of_text(text, name, most)
    yield from _of_gender(profile.gender)


def faults_of(changes: ProfileChanges) -> Iterator[Fault]:
    """What keeps a member from being changed so (contract 6.2)."""
    if changes.name is not KEPT:
        yield "give givenName and familyName instead", ("profile", "name")
    for attribute, place in _NEVER_CLEARED.items():
        if getattr(changes, attribute) is None:
            yield "this program cannot clear it; give another value", place
    for text, name, most in (
        (changes.given_name, "givenName", LONGEST_NAME),
        (changes.family_name, "familyName", LONGEST_NAME),
        (changes.email, "email", LONGEST_EMAIL),
        (_phone(changes), "phone", LONGEST_PHONE),
    ):
        if text is not KEPT and text is not None:
            yield from _of_text(text, name, most)
    if changes.gender is not KEPT:
        yield from _of_gender(changes.gender)


def _phone(changes: ProfileChanges) -> str | None:
    phone = changes.phone
    return phone if phone is None or phone is KEPT else digits(phone)


def _of_text(text: str | None, name: str, most: int) -> Iterator[Fault]:
    if not text or not text.strip():
        yield "this program needs it", ("profile", name)
    elif len(text) > most:
        yield f"at most {most} characters", ("profile", name)
    elif name == "email" and "@" not in text:
        yield "this is no e-mail address", ("profile", name)


def _of_gender(text: str | None) -> Iterator[Fault]:
    if text is not None and text.strip().lower() not in _GENDERS:
        yield "Male, Female, Other or None", ("profile", "gender")


def newcomer(profile: Profile) -> Body:
    """A person as Enroll wants it; `faults` has found none."""
    body: dict[str, object] = {
        "firstName": (profile.given_name or "").strip(),
        "lastName": (profile.family_name or "").strip(),
        "emailAddress": (profile.email or "").strip(),
        "phoneNumber": digits(profile.phone or ""),
    }
    if profile.birth_date is not None:
        body["birthDate"] = profile.birth_date.isoformat()
    if profile.gender is not None:
        body["gender"] = _GENDERS[profile.gender.strip().lower()]
    if profile.postal_code:
        body["postalCode"] = profile.postal_code
    return body


def changed(changes: ProfileChanges) -> Body:
    """What Update is to change; `faults_of` has found none."""
    body: dict[str, object] = {}
    for name, value in (
        ("firstName", changes.given_name),
        ("lastName", changes.family_name),
        ("emailAddress", changes.email),
        ("postalCode", changes.postal_code),
    ):
        if isinstance(value, str) and value is not KEPT:
            body[name] = value.strip()
    if (phone := _phone(changes)) is not KEPT:
        body["phoneNumber"] = phone
    if changes.birth_date is not KEPT and changes.birth_date is not None:
        body["birthDate"] = changes.birth_date.isoformat()
    if changes.gender is not KEPT:
        body["gender"] = _GENDERS[(changes.gender or "none").strip().lower()]
    return body


def kept(account: WireAccount, attributes: tuple[Attribute, ...]) -> Body:
    """What must be said again of an account, so that an Update leaves it as it is.

    The schema's default for redemptionThreshold is 0.00 (contract 6.2), and it is not documented
    whether customAttributes are replaced as a whole.
    """
    body: dict[str, object] = {}
    threshold = account.redemption_threshold
    if threshold is not None:
        body["redemptionThreshold"] = f"{threshold:f}" if _is_number(threshold) else threshold
    if attributes:
        given = {each.key: each.value for each in attributes}
        body["customAttributes"] = {**(account.custom_attributes or {}), **given}
    return body


def _is_number(value: object) -> bool:
    return isinstance(value, Decimal)


def enrolled(
    people: tuple[WireMember, ...], asked: WireAskedPerson, tenant: Tenant
) -> tuple[Done, ...]:
    """Who was enrolled by this very request: by our mark, else by all that was said of them."""
    found: Mapping[str, Done] = {
        account.profile_id.lower(): _done(person, account, tenant)
        for person, account in accounts(people, tenant)
        if _is_the_one(person, asked)
    }
    return tuple(found.values())


def newly(wire: WireMember, asked: WireAskedPerson, tenant: Tenant) -> Done:
    """The answer to Enroll; raises Unreadable where it is about anybody else."""
    found = [_done(person, account, tenant) for person, account in accounts((wire,), tenant)]
    if len(found) != 1 or not _has_data(wire, asked):
        raise Unreadable
    return found[0]


def _done(person: WireMember, account: WireAccount, tenant: Tenant) -> Done:
    ref = tenant.ref(account.profile_id)
    return Done(
        native={"number": account.loyalty_number or ""},
        native_id=ref.key,
        member=ref,
        posted_at=person.enrollment_timestamp,
    )


def _is_the_one(person: WireMember, asked: WireAskedPerson) -> bool:
    mark = marked(person.enroll_reason_note)
    if mark is not None:
        return mark == marked(asked.enroll_reason_note)
    return person.enroll_reason_note is None and _has_data(person, asked)


def _has_data(person: WireMember, asked: WireAskedPerson) -> bool:
    told = (
        (person.first_name, asked.first_name),
        (person.last_name, asked.last_name),
        (person.email_address, asked.email_address),
    )
    same = all((shown or "").casefold() == sent.casefold() for shown, sent in told)
    return same and digits(person.phone_number or "") == asked.phone_number


def is_member(people: tuple[WireMember, ...], tenant: Tenant, but: MemberRef | None) -> bool:
    """Whether anybody of our club is among them, other than `but`."""
    found = (tenant.ref(account.profile_id) for _, account in accounts(people, tenant))
    return any(ref != but for ref in found)
