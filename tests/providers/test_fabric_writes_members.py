"""Enrolments and changed members through the fabric adapter, judged by the tenant's books."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest
from starlette.applications import Starlette

from loyalty.commands import Consents, EnrolMember, PhoneType, Profile, ProfileChanges, UpdateMember
from loyalty.errors import (
    ErrorCode,
    LoyaltyError,
    OutcomeUnknown,
    RetryAdvice,
    Unavailable,
    Unsupported,
)
from loyalty.members import Attribute, Member
from loyalty.sales import Outlet
from providers.writing import Doubt
from sandbox.app import create_app
from tests.providers.fabric_till import NADIA, NOW, SEATTLE, STRANGER, Till, member, opened

PERSON = Profile(
    given_name="Nora",
    family_name="Newell",
    email="nora.newell@example.com",
    phone="+1 206-555-9911",
    birth_date=date(1990, 5, 4),
    gender="female",
    postal_code="98109",
)


@pytest.fixture(scope="module")
def app() -> Starlette:
    return create_app(now=NOW)


@pytest.fixture
async def till(app: Starlette) -> AsyncIterator[Till]:
    async with opened(app) as made:
        yield made


def enrolling(person: Profile | None = PERSON, **changes: object) -> EnrolMember:
    command = EnrolMember(program="northshore", profile=person)
    return replace(command, **changes)  # type: ignore[arg-type]


def changing(changes: ProfileChanges | None = None, **more: object) -> UpdateMember:
    command = UpdateMember(member=member(), profile=changes or ProfileChanges())
    return replace(command, **more)  # type: ignore[arg-type]


async def read(till: Till, key: str = NADIA) -> Member:
    (found,) = await till.fabric.members([key])
    assert isinstance(found, Member)
    return found


# ---------------------------------------------------------------- enrolling


async def test_a_person_becomes_a_member(till: Till) -> None:
    command = enrolling(outlet=SEATTLE, tier="GLD", attributes=(Attribute("favourite", "tea"),))
    done = await till.done(till.fabric.enrol_member, command)
    assert done.member is not None
    found = await read(till, done.member.key)
    assert (found.name, found.email, found.phone) == (
        "Nora Newell",
        "nora.newell@example.com",
        "12065559911",
    )
    assert (found.birth_date, found.gender) == (date(1990, 5, 4), "Female")
    assert found.tier is not None
    assert found.tier.tier.code == "GLD"
    assert Attribute("favourite", "tea") in (found.attributes or ())
    assert till.kinds == ["enroll_member"]
    assert till.effects[0].reference == f"op:{till.operations:032x}"
    body = till.body("enroll_member")
    assert (body["entityReference"], body["clubReference"]) == ("NS-SEA-04", "NORTHSHORE_PLUS")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"given_name": None}, "givenName"),
        ({"family_name": " "}, "familyName"),
        ({"email": None}, "email"),
        ({"email": "nora"}, "email"),
        ({"phone": None}, "phone"),
        ({"phone": "---"}, "phone"),
        ({"phone": "1" * 17}, "phone"),
        ({"gender": "w"}, "gender"),
        ({"given_name": "x" * 101}, "givenName"),
    ],
    ids=str,
)
async def test_what_the_provider_needs_is_named_and_nothing_is_sent(
    till: Till, changes: dict[str, object], field: str
) -> None:
    person = replace(PERSON, **changes)  # type: ignore[arg-type]
    error = await till.error(till.fabric.enrol_member, enrolling(person))
    assert (error.code, error.field) == (
        ErrorCode.INVALID_INPUT,
        ("input", "profile", field),
    )
    assert till.calls("get_members") == []
    assert till.effects == []


async def test_a_user_of_an_app_cannot_be_enrolled(till: Till) -> None:
    error = await till.error(till.fabric.enrol_member, enrolling(None, mobile_user="MU-1"))
    assert isinstance(error, Unsupported)
    assert error.field == ("input", "mobileUser")


@pytest.mark.parametrize("duplicates", ["refused", "allowed"])
@pytest.mark.parametrize(
    ("changes", "field"),
    [({"email": "Nadia.Okafor@example.com"}, "email"), ({"phone": "1-206-555-0118"}, "phone")],
)
async def test_a_contact_of_another_member_is_in_use(
    till: Till, duplicates: str, changes: dict[str, str], field: str
) -> None:
    till.turn(duplicate_members=duplicates)
    error = await till.error(
        till.fabric.enrol_member,
        enrolling(replace(PERSON, **changes)),  # type: ignore[arg-type]
    )
    assert (error.code, error.field, error.retry) == (
        ErrorCode.CONTACT_IN_USE,
        ("input", "profile", field),
        RetryAdvice.AFTER_CHANGE,
    )
    assert till.calls("enroll_member") == []


async def test_a_contact_taken_meanwhile_is_in_use(till: Till) -> None:
    write = await till.first(till.fabric.enrol_member, enrolling())
    await till.done(till.fabric.enrol_member, enrolling())
    outcome = await till._outcome(write)
    assert isinstance(outcome, LoyaltyError)
    assert (outcome.code, outcome.retry) == (ErrorCode.CONTACT_IN_USE, RetryAdvice.AFTER_CHANGE)
    assert till.kinds == ["enroll_member"]


async def test_filters_that_match_a_part_are_looked_at_again(till: Till) -> None:
    till.turn(text_filters="contains")
    person = replace(PERSON, email="okafor@example.com", phone="2065550118")
    done = await till.done(till.fabric.enrol_member, enrolling(person))
    assert done.member is not None


async def test_an_unknown_tier_or_store_is_refused_at_its_code(till: Till) -> None:
    error = await till.error(till.fabric.enrol_member, enrolling(tier="PLATINUM"))
    assert (error.code, error.field) == (ErrorCode.INVALID_INPUT, ("input", "tier"))
    error = await till.error(till.fabric.update_member, changing(tier="PLATINUM"))
    assert (error.code, error.field) == (ErrorCode.INVALID_INPUT, ("input", "tier"))
    error = await till.error(till.fabric.enrol_member, enrolling(outlet=Outlet("NOWHERE")))
    assert (error.code, error.field) == (ErrorCode.INVALID_INPUT, ("input", "outlet", "code"))
    assert till.effects == []


async def test_what_has_no_place_is_told(till: Till) -> None:
    person = replace(PERSON, language="en", phone_type=PhoneType.MOBILE, name="Nora Newell")
    command = enrolling(person, consents=Consents(email=False, terms_version="3"))
    done = await till.done(till.fabric.enrol_member, command)
    assert {each.message.split(":")[0] for each in done.cautions} == {
        "consents.email",
        "consents.termsVersion",
        "profile.language",
        "profile.name",
        "profile.phoneType",
    }


LOST = [{"drop": "after"}, {"status": 500, "apply": True}, {"html": True}, {"truncate": 20}]


@pytest.mark.parametrize(
    "switches", [{}, {"note_echoed": False}, {"custom_attributes_echoed": False}], ids=str
)
@pytest.mark.parametrize("fault", LOST, ids=str)
async def test_a_lost_enrolment_is_found(
    till: Till, switches: dict[str, object], fault: dict[str, object]
) -> None:
    till.turn(**switches)
    write = await till.first(till.fabric.enrol_member, enrolling())
    assert write.doubt is Doubt.LOOK
    till.suffer("enroll_member", **fault)
    await till.doubtful(write)
    found = await till.look(write)
    assert found is not None
    assert found.member is not None
    assert (await read(till, found.member.key)).given_name == "Nora"
    assert till.kinds == ["enroll_member"]


async def test_an_enrolment_that_never_arrived_is_not_found(till: Till) -> None:
    write = await till.first(till.fabric.enrol_member, enrolling())
    till.suffer("enroll_member", drop="before")
    await till.doubtful(write)
    assert await till.look(write) is None


async def test_somebody_elses_enrolment_of_the_person_is_not_ours(till: Till) -> None:
    write = await till.first(till.fabric.enrol_member, enrolling())
    till.suffer("enroll_member", drop="before")
    await till.doubtful(write)
    await till.done(till.fabric.enrol_member, enrolling(replace(PERSON)))
    assert await till.look(write) is None


async def test_an_enrolment_delivered_twice_is_one(till: Till) -> None:
    write = await till.first(till.fabric.enrol_member, enrolling())
    till.suffer("enroll_member", twice=True)
    assert (await till.send(write)).member is not None
    assert till.kinds == ["enroll_member"]


async def test_two_members_for_one_enrolment_are_for_a_person_to_judge(till: Till) -> None:
    till.turn(duplicate_members="allowed")
    write = await till.first(till.fabric.enrol_member, enrolling())
    till.suffer("enroll_member", twice=True, drop="after")
    await till.doubtful(write)
    with pytest.raises(OutcomeUnknown):
        await till.look(write)


async def test_a_lagging_read_proves_nothing(till: Till) -> None:
    write = await till.first(till.fabric.enrol_member, enrolling())
    till.turn(member_lag_seconds=60)
    till.suffer("enroll_member", drop="after")
    await till.doubtful(write)
    assert await till.look(write) is None
    till.later(61)
    assert await till.look(write) is not None


async def test_what_cannot_be_looked_for_now_is_told_so(till: Till) -> None:
    write = await till.first(till.fabric.enrol_member, enrolling())
    till.suffer("get_members", status=500, times=5)
    with pytest.raises(Unavailable):
        await till.look(write)


async def test_nobodys_data_is_printed(till: Till) -> None:
    write = await till.first(till.fabric.enrol_member, enrolling())
    done = await till.send(write)
    for text in ("Nora", "Newell", "example.com", "2065559911"):
        assert text not in repr(write)
        assert text not in repr(done)


# ---------------------------------------------------------------- changing


async def test_what_is_sent_changes_and_all_else_stays(till: Till) -> None:
    before = await read(till)
    done = await till.done(
        till.fabric.update_member,
        changing(ProfileChanges(given_name="Nadja", email="nadja@example.com"), tier="GLD"),
    )
    assert done.member == before.ref
    after = await read(till)
    assert (after.given_name, after.email) == ("Nadja", "nadja@example.com")
    assert (after.family_name, after.phone, after.birth_date, after.attributes) == (
        before.family_name,
        before.phone,
        before.birth_date,
        before.attributes,
    )
    assert till.kinds == ["update_member"]
    assert set(till.effects[0].detail["changed"]) == {  # type: ignore[call-overload]
        "first_name",
        "email",
        "tier",
        "tier_expires_at",
    }


async def test_attributes_are_added_to_those_there_are(till: Till) -> None:
    await till.done(till.fabric.update_member, changing(attributes=(Attribute("cup", "large"),)))
    told = (await read(till)).attributes or ()
    assert {Attribute("favouriteStore", "NS-SEA-04"), Attribute("cup", "large")} <= set(told)


@pytest.mark.parametrize("shown", ["number", "string"])
async def test_the_threshold_stays_where_the_schemas_default_is_applied(
    till: Till, shown: str
) -> None:
    till.turn(threshold_default_applied=True, redemption_threshold_as=shown)
    before = till.sandbox.fabric.profile(NADIA).redemption_threshold
    assert before > 0
    await till.done(till.fabric.update_member, changing(ProfileChanges(given_name="Nadja")))
    assert till.sandbox.fabric.profile(NADIA).redemption_threshold == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (ProfileChanges(email=None), ("profile", "email")),
        (ProfileChanges(phone=None), ("profile", "phone")),
        (ProfileChanges(given_name=None), ("profile", "givenName")),
        (ProfileChanges(family_name=""), ("profile", "familyName")),
        (ProfileChanges(birth_date=None), ("profile", "birthDate")),
        (ProfileChanges(postal_code=None), ("profile", "postalCode")),
        (ProfileChanges(name="Nadia O"), ("profile", "name")),
        (ProfileChanges(gender="w"), ("profile", "gender")),
        (ProfileChanges(language="en"), ("profile",)),
        (ProfileChanges(), ("profile",)),
    ],
    ids=str,
)
async def test_what_cannot_be_changed_is_refused_and_nothing_is_sent(
    till: Till, changes: ProfileChanges, field: tuple[str, ...]
) -> None:
    error = await till.error(till.fabric.update_member, changing(changes))
    assert error.field == ("input", *field)
    assert till.calls("update_member") == []


async def test_a_gender_is_cleared(till: Till) -> None:
    await till.done(till.fabric.update_member, changing(ProfileChanges(gender="M")))
    assert (await read(till)).gender == "Male"
    await till.done(till.fabric.update_member, changing(ProfileChanges(gender=None)))
    assert (await read(till)).gender is None


async def test_a_new_contact_of_another_member_is_in_use(till: Till) -> None:
    changes = ProfileChanges(email="ruth.keller@example.com")
    error = await till.error(till.fabric.update_member, changing(changes))
    assert (error.code, error.field, error.retry) == (
        ErrorCode.CONTACT_IN_USE,
        ("input", "profile", "email"),
        RetryAdvice.AFTER_CHANGE,
    )
    changes = ProfileChanges(email="nadia.okafor@example.com", phone="12065550118")
    await till.done(till.fabric.update_member, changing(changes))


async def test_nobody_cannot_be_changed(till: Till) -> None:
    changes = ProfileChanges(given_name="No")
    for key in (STRANGER, "nonsense"):
        error = await till.error(till.fabric.update_member, changing(changes, member=member(key)))
        assert (error.code, error.field) == (
            ErrorCode.MEMBER_NOT_FOUND,
            ("input", "memberId"),
        )


async def test_what_the_tenant_does_not_let_change_is_refused(till: Till) -> None:
    till.turn(fields_not_updatable="firstName")
    error = await till.error(
        till.fabric.update_member, changing(ProfileChanges(given_name="Nadja"))
    )
    assert error.code is ErrorCode.PROVIDER_ERROR
    assert till.effects == []


async def test_a_repeated_update_is_the_same_update(till: Till) -> None:
    write = await till.first(
        till.fabric.update_member, changing(ProfileChanges(given_name="Nadja"))
    )
    assert (write.doubt, write.serial) == (Doubt.REPLAY, f"update {NADIA}")
    till.suffer("update_member", drop="after")
    await till.doubtful(write)
    await till.send(write, again=True)
    assert till.kinds == ["update_member"]
    assert (await read(till)).given_name == "Nadja"
    bodies = {json.dumps(json.loads(call.body)) for call in till.calls("update_member")}
    assert len(bodies) == 1
