"""Members: inputs as commands. What is left out is KEPT, null clears."""

from typing import TypeVar

from strawberry import UNSET

from graph.asking.references import References
from graph.asking.sales import maybe_outlet
from graph.types.checks import (
    CODE,
    INPUT,
    WORDS,
    Place,
    attributes,
    maybe_amount,
    maybe_text,
    ordered,
    some,
    text,
)
from graph.types.inputs import given
from graph.types.member_inputs import (
    ConsentsInput,
    EnrollMemberInput,
    MigrateMemberInput,
    ProfileChangesInput,
    ProfileInput,
    ReceiptUploadsInput,
    SetAffinityInput,
    UpdateMemberInput,
)
from loyalty.commands import (
    KEPT,
    Consents,
    EnrolMember,
    Kept,
    MigrateMember,
    Profile,
    ProfileChanges,
    RequestReceiptUploads,
    SetAffinity,
    UpdateMember,
)
from loyalty.members import AffinityStatus

T = TypeVar("T")
_MOST_RECEIPTS = 100
_NAME = 200


def enrol_member(references: References, asked: EnrollMemberInput) -> EnrolMember:
    """What enrollMember asks."""
    profile, mobile_user = given(asked.profile), given(asked.mobile_user)
    if (profile is None) == (mobile_user is None):
        raise INPUT.refused("must hold exactly one of `profile` and `mobileUser`")
    return EnrolMember(
        program=references.program(INPUT.at("program"), asked.program),
        profile=None if profile is None else _profile(INPUT.at("profile"), profile),
        mobile_user=maybe_text(INPUT.at("mobileUser"), mobile_user),
        tier=maybe_text(INPUT.at("tier"), asked.tier),
        consents=_consents(given(asked.consents)),
        outlet=maybe_outlet(INPUT.at("outlet"), asked.outlet),
        attributes=attributes(INPUT.at("attributes"), asked.attributes),
    )


def update_member(references: References, asked: UpdateMemberInput) -> UpdateMember:
    """What updateMember asks."""
    changes = given(asked.profile)
    command = UpdateMember(
        member=references.member(INPUT.at("memberId"), asked.member_id),
        profile=ProfileChanges() if changes is None else _changes(INPUT.at("profile"), changes),
        tier=maybe_text(INPUT.at("tier"), asked.tier),
        attributes=attributes(INPUT.at("attributes"), asked.attributes),
    )
    if command == UpdateMember(member=command.member):
        raise INPUT.refused("changes nothing: give `profile`, `tier` or `attributes`")
    return command


def migrate_member(references: References, asked: MigrateMemberInput) -> MigrateMember:
    """What migrateMember asks."""
    return MigrateMember(
        program=references.program(INPUT.at("program"), asked.program),
        source_number=text(INPUT.at("sourceNumber"), asked.source_number),
        profile=_profile(INPUT.at("profile"), asked.profile),
        opening_points=maybe_amount(INPUT.at("openingPoints"), asked.opening_points),
    )


def set_affinity(references: References, asked: SetAffinityInput) -> SetAffinity:
    """What setAffinity asks."""
    starts_at, ends_at = given(asked.starts_at), given(asked.ends_at)
    ordered(INPUT.at("endsAt"), starts_at, ends_at)
    return SetAffinity(
        member=references.member(INPUT.at("memberId"), asked.member_id),
        code=text(INPUT.at("code"), asked.code),
        status=AffinityStatus(asked.status.value),
        starts_at=starts_at,
        ends_at=ends_at,
    )


def request_uploads(references: References, asked: ReceiptUploadsInput) -> RequestReceiptUploads:
    """What requestReceiptUploads asks."""
    place = INPUT.at("receiptIds")
    receipts = some(place, asked.receipt_ids, _MOST_RECEIPTS)
    if len(set(receipts)) < len(receipts):
        raise place.refused("names one twice")
    return RequestReceiptUploads(
        program=references.program(INPUT.at("program"), asked.program),
        receipts=tuple(text(place.at(index), each) for index, each in enumerate(receipts)),
    )


def _profile(place: Place, value: ProfileInput) -> Profile:
    return Profile(
        name=maybe_text(place.at("name"), value.name, _NAME),
        given_name=maybe_text(place.at("givenName"), value.given_name, _NAME),
        family_name=maybe_text(place.at("familyName"), value.family_name, _NAME),
        email=maybe_text(place.at("email"), value.email, WORDS),
        phone=maybe_text(place.at("phone"), value.phone, CODE),
        phone_type=given(value.phone_type),
        birth_date=given(value.birth_date),
        gender=maybe_text(place.at("gender"), value.gender, CODE),
        language=maybe_text(place.at("language"), value.language, CODE),
        postal_code=maybe_text(place.at("postalCode"), value.postal_code, CODE),
    )


def _changes(place: Place, value: ProfileChangesInput) -> ProfileChanges:
    return ProfileChanges(
        name=_changed_text(place.at("name"), value.name, _NAME),
        given_name=_changed_text(place.at("givenName"), value.given_name, _NAME),
        family_name=_changed_text(place.at("familyName"), value.family_name, _NAME),
        email=_changed_text(place.at("email"), value.email, WORDS),
        phone=_changed_text(place.at("phone"), value.phone, CODE),
        phone_type=_changed(value.phone_type),
        birth_date=_changed(value.birth_date),
        gender=_changed_text(place.at("gender"), value.gender, CODE),
        language=_changed_text(place.at("language"), value.language, CODE),
        postal_code=_changed_text(place.at("postalCode"), value.postal_code, CODE),
    )


def _changed(value: T | None) -> T | Kept | None:
    return KEPT if value is UNSET else value


def _changed_text(place: Place, value: str | None, most: int) -> str | Kept | None:
    """A text that replaces another; to clear one is said by null, not by an empty text."""
    if value is UNSET or value is None:
        return _changed(value)
    if not value.strip():
        raise place.refused("is empty: write null to clear it, or leave it out to keep it")
    return text(place, value, most)


def _consents(value: ConsentsInput | None) -> Consents | None:
    if value is None:
        return None
    return Consents(
        terms=given(value.terms),
        terms_version=maybe_text(INPUT.at("consents", "termsVersion"), value.terms_version),
        email=given(value.email),
        sms=given(value.sms),
        mail=given(value.mail),
        phone=given(value.phone),
    )
