"""Enroll Member and Update Member (contract 6.1, 6.2); neither touches points."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sandbox.fabric.answers import ENTITY_UNKNOWN, Refused, refuse
from sandbox.fabric.bodies import Fields
from sandbox.fabric.book import ZERO
from sandbox.fabric.evidence import Deed
from sandbox.fabric.profile import Profile
from sandbox.fabric.rendering import member
from sandbox.fabric.state import State
from sandbox.fabric.tenant import BRONZE, CLUB, CLUB_TITLE, STORES, TIERS, Tier
from sandbox.frame import Arrival

TEXTS = (
    ("middleName", "middle_name", 0, 100),
    ("suffix", "suffix", 0, None),
    ("city", "city", 0, 50),
    ("region", "region", 0, 150),
    ("region", "full_region", 0, 150),
    ("postalCode", "postal_code", 0, None),
    ("country", "country", 1, None),
    ("country", "full_country", 1, None),
)
ENROL_TEXTS = (
    ("nationality", "nationality", 0, None),
    ("enrollReasonCode", "enroll_reason_code", 0, 30),
    ("enrollReasonNote", "enroll_reason_note", 0, 300),
    ("sourceExternalReference", "source", 0, 100),
    ("channelExternalReference", "channel", 0, 100),
)
CHOICES = (
    ("prefix", "prefix", ("None", "Mr", "Mrs", "Ms")),
    ("gender", "gender", ("None", "Male", "Female", "Other")),
    (
        "maritalStatus",
        "marital_status",
        ("None", "Single", "Married", "Divorced", "Widowed", "Separated"),
    ),
)
ADDRESS = ("addressLine1", "addressLine2", "addressLine3")
LONGEST_LINE = 500
LONGEST_NAME = 100


def enroll(state: State, arrival: Arrival) -> object:
    """Enroll Member: one account in the club's default tier, unless a tier is named."""
    fields = Fields(arrival.json(), {})
    drawn = _newcomer(fields, state.now)
    club = fields.text("clubReference")
    changes = _changes(fields, drawn) | _texts(fields, ENROL_TEXTS)
    if fields.given("enrollmentTimestamp"):
        changes["enrolled_at"] = fields.day("enrollmentTimestamp")
    tier = _tier(fields, "tierReference")
    fields.check()
    if club not in {CLUB, CLUB_TITLE}:
        raise refuse("clubReference", "Club not found.")
    if drawn.entity not in STORES:
        raise refuse("entityReference", ENTITY_UNKNOWN)
    _refuse_known(state, drawn.email, drawn.phone)
    # Nothing may refuse any more: an identity is used up when it is drawn.
    profile_id, number = state.next_identity(tier or BRONZE)
    identity = {"profile_id": profile_id, "loyalty_number": number, "tier": tier or BRONZE}
    profile = _amended(drawn, changes | identity)
    state.keep(profile)
    deed = Deed(
        kind="enroll",
        operation="enroll_member",
        reference=profile.enroll_reason_note or profile_id,
        detail={"emailAddress": profile.email, "phoneNumber": profile.phone},
    )
    state.settled(profile_id)
    state.note(profile, deed)
    return member(profile, state.style)


def _amended(profile: Profile, changes: Mapping[str, object]) -> Profile:
    # Each value was read by the reader of its field, which a mapping cannot tell.
    return replace(profile, **cast("dict[str, Any]", changes))


def _newcomer(fields: Fields, now: datetime) -> Profile:
    store = fields.text("entityReference")
    return Profile(
        profile_id="",
        loyalty_number="",
        first_name=fields.text("firstName", most=LONGEST_NAME),
        last_name=fields.text("lastName", most=LONGEST_NAME),
        email=fields.email("emailAddress"),
        phone=fields.phone("phoneNumber", 16),
        enrolled_at=now,
        updated_at=now,
        recorded_at=now,
        tier=BRONZE,
        tier_expires_at=tier_end(now),
        entity=store,
        enrollment_entity=store,
    )


def tier_end(now: datetime) -> datetime:
    """The last second of the twelfth month, the present one being the first (contract 6.1)."""
    return datetime(now.year + 1, now.month, 1, tzinfo=UTC) - timedelta(seconds=1)


def update(state: State, arrival: Arrival) -> object:
    """Update Member: what is sent changes, everything else stays."""
    fields = Fields(arrival.json(), {})
    profile_id = fields.uuid("profileId")
    fields.check()
    old = state.profile(profile_id)
    _refuse_fixed(state, fields)
    changes = _changes(fields, old) | _named(fields) | _places(fields) | _moved(fields, state.now)
    if state.flag("threshold_default_applied") and not fields.given("redemptionThreshold"):
        changes["redemption_threshold"] = ZERO
    fields.check()
    new = _amended(old, changes)
    if new.enrollment_entity not in STORES:
        raise refuse("enrollmentStore", ENTITY_UNKNOWN)
    _refuse_known(state, new.email, new.phone, old)
    state.settled(profile_id)
    changed = new != old
    new = replace(new, updated_at=state.now)
    state.keep(new)
    if changed:
        told = [name for name, value in changes.items() if value != getattr(old, name)]
        reference = new.profile_id
        deed = Deed(
            kind="update", operation="update_member", reference=reference, detail={"changed": told}
        )
        state.note(new, deed)
    return member(new, state.style)


def _named(fields: Fields) -> dict[str, object]:
    changes: dict[str, object] = {}
    for wire, name in (("firstName", "first_name"), ("lastName", "last_name")):
        if fields.given(wire):
            changes[name] = fields.text(wire, most=LONGEST_NAME)
    if fields.given("emailAddress"):
        changes["email"] = fields.email("emailAddress")
    if fields.given("phoneNumber"):
        changes["phone"] = fields.phone("phoneNumber")
    return changes


def _places(fields: Fields) -> dict[str, object]:
    changes: dict[str, object] = {}
    if fields.given("enrollmentStore"):
        changes["enrollment_entity"] = fields.text("enrollmentStore")
    if fields.given("enrollmentDate"):
        changes["enrolled_at"] = fields.day("enrollmentDate")
    # A paid tier is nothing that this tenant has: checked, and not kept.
    fields.optional_text("lastPaidStatusCenter", least=1)
    if fields.given("lastPaidStatusDate"):
        fields.day("lastPaidStatusDate")
    return changes


def _moved(fields: Fields, now: datetime) -> dict[str, object]:
    tier = _tier(fields, "tierReference")
    until = fields.optional_instant("tierExpirationDatetime")
    return {} if tier is None else {"tier": tier, "tier_expires_at": until or tier_end(now)}


def _tier(fields: Fields, name: str) -> Tier | None:
    wanted = fields.optional_text(name)
    if wanted is None:
        return None
    found = next((tier for tier in TIERS if wanted in {tier.reference, tier.title}), None)
    if found is None:
        raise refuse(name, "Tier not found.")
    return found


def _changes(fields: Fields, old: Profile) -> dict[str, object]:
    """What Enroll and Update have in common."""
    changes = _texts(fields, TEXTS)
    for wire, name, choices in CHOICES:
        if fields.given(wire):
            changes[name] = fields.choice(wire, choices)
    if fields.given("redemptionChoice"):
        changes["redemption_choice"] = fields.choice(
            "redemptionChoice", ("Bank", "Auto"), any_case=True
        )
    if fields.given("redemptionThreshold"):
        changes["redemption_threshold"] = fields.threshold("redemptionThreshold")
    if fields.given("birthDate"):
        changes["birth_date"] = fields.day("birthDate").date().isoformat()
    if fields.given("customAttributes"):
        changes["custom_attributes"] = fields.mapping("customAttributes")
    # A null clears a line of the address, the only one that may be null in Update.
    changes["address"] = tuple(
        fields.optional_text(wire, most=LONGEST_LINE) if fields.sent(wire) else line
        for wire, line in zip(ADDRESS, old.address, strict=True)
    )
    return changes


def _texts(
    fields: Fields, table: tuple[tuple[str, str, int, int | None], ...]
) -> dict[str, object]:
    return {
        name: fields.optional_text(wire, least=least, most=most)
        for wire, name, least, most in table
        if fields.given(wire)
    }


def _refuse_fixed(state: State, fields: Fields) -> None:
    fixed = [name for name in state.choice("fields_not_updatable").split(",") if name]
    sent = [name for name in fixed if fields.sent(name)]
    if sent:
        raise Refused({name: ["This field cannot be updated."] for name in sent})


def _refuse_known(state: State, email: str, phone: str, old: Profile | None = None) -> None:
    if state.choice("duplicate_members") == "allowed":
        return
    # Only a value that is new to a member is looked for: some share one from before.
    new_email = old is None or old.email.casefold() != email.casefold()
    new_phone = old is None or old.phone != phone
    for other in state.profiles():
        if new_email and other.email.casefold() == email.casefold():
            raise refuse("ExceptionString", "The email address is already enrolled in the club.")
        if new_phone and other.phone == phone:
            raise refuse("ExceptionString", "The phone number is already enrolled in the club.")
