"""What a counter does at OneRewards: members, codes of the app, vouchers claimed, receipts."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from loyalty.commands import (
    AuthorizeRedemption,
    ClaimVoucher,
    Consents,
    EnrolMember,
    MigrateMember,
    PhoneType,
    Profile,
    ProfileChanges,
    RequestReceiptUploads,
    UpdateMember,
)
from loyalty.errors import (
    Declined,
    ErrorCode,
    InsufficientPoints,
    InvalidInput,
    LoyaltyError,
    MemberNotFound,
    OutcomeUnknown,
    RetryAdvice,
)
from loyalty.members import Attribute
from loyalty.offers import OfferKind
from loyalty.outcomes import CautionCode
from loyalty.refs import OfferRef
from providers.writing import Doubt
from sandbox.onerewards import campaigns
from tests.providers.onerewards_till import (
    AISYAH,
    AISYAH_APP,
    HOLDER,
    NOBODY,
    NOW,
    OUTLET,
    RICH,
    STRANGER_APP,
    ZERO,
    Till,
    ref,
    small_crowd,
)

JASON = Profile(
    name="Jason Lim",
    phone="016-778 8990",
    email="jason@example.my",
    birth_date=date(1988, 11, 2),
    gender="male",
)
RECEIPTS = ("c0a1f6c2-5a7d-4c59-9b1e-0d7e0b9e6a33", "c0a1f6c2-5a7d-4c59-9b1e-0d7e0b9e6a34")


@pytest.fixture(scope="module", autouse=True)
def _small_crowd() -> Iterator[None]:
    with small_crowd():
        yield


@pytest.fixture
async def till() -> AsyncIterator[Till]:
    made = Till()
    yield made
    assert made.frame.books.gaps("onerewards") == []
    await made.client.aclose()


async def refusal(till: Till, command: Any, script: Any) -> LoyaltyError:
    with till.nothing_changes(), pytest.raises(LoyaltyError) as caught:
        await till.run(script, command)
    return caught.value


def enrol(profile: Profile | None = JASON, **more: Any) -> EnrolMember:
    return EnrolMember(program="kopi", profile=profile, **more)


# --------------------------------------------------------------------------- enrolling


@pytest.mark.parametrize("told", ["body_and_location", "body", "location"])
async def test_a_new_member_is_told_by_whatever_names_them(till: Till, told: str) -> None:
    till.switch(created_answer=told)
    done = await till.done(till.program.enrol_member, enrol(tier="2"))
    assert done.member is not None
    book = till.book(done.member.key)
    assert (book["name"], book["tier"], book["points"]) == ("Jason Lim", "Silver", "0.00")
    assert till.effects(done.member.key) == [("enroll", Decimal(0))]
    assert done.native_id == done.member.key
    assert till.sent("create_member") == [
        {
            "name": "Jason Lim",
            "phoneNo": "+60167788990",
            "email": "jason@example.my",
            "birthDate": "1988-11-02",
            "gender": "M",
            "memberLevelId": 2,
        }
    ]


async def test_a_name_in_two_parts_is_one_name_here(till: Till) -> None:
    profile = replace(JASON, name=None, given_name="Jason", family_name="Lim")
    done = await till.done(till.program.enrol_member, enrol(profile))
    assert done.member is not None
    assert till.book(done.member.key)["name"] == "Jason Lim"


async def test_what_a_member_has_no_place_for_is_told(till: Till) -> None:
    profile = replace(JASON, phone_type=PhoneType.MOBILE, language="ms", postal_code="50000")
    command = enrol(
        profile, consents=Consents(terms=True), outlet=OUTLET, attributes=(Attribute("a", "b"),)
    )
    done = await till.done(till.program.enrol_member, command)
    assert {each.code for each in done.cautions} == {CautionCode.FIELD_NOT_SENT}
    assert {each.message.split()[0] for each in done.cautions} == {
        "profile.phoneType",
        "profile.language",
        "profile.postalCode",
        "consents",
        "outlet",
        "attributes",
    }


@pytest.mark.parametrize("phone", ["+60123456781", "0123456781", "012-345 6781"])
async def test_a_phone_that_is_a_member_s_already_is_in_use(till: Till, phone: str) -> None:
    command = enrol(replace(JASON, phone=phone))
    error = await refusal(till, command, till.program.enrol_member)
    assert error.code is ErrorCode.CONTACT_IN_USE
    assert error.field == ("input", "profile", "phone")
    assert error.retry is RetryAdvice.AFTER_CHANGE
    assert till.sent("create_member") == []
    assert "12345" not in str(error)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"name": None}, "profile.name"),
        ({"name": "x" * 101}, "profile.name"),
        ({"phone": None}, "profile.phone"),
        ({"phone": "12"}, "profile.phone"),
        ({"phone": "+60 call me"}, "profile.phone"),
        ({"gender": "other"}, "profile.gender"),
    ],
)
async def test_a_person_who_cannot_be_recorded_is_refused_before_anything_is_sent(
    till: Till, changes: dict[str, Any], place: str
) -> None:
    with till.silent(), pytest.raises(InvalidInput) as caught:
        await till.program.enrol_member(till.job(enrol(replace(JASON, **changes))))
    assert caught.value.field == ("input", *place.split("."))


async def test_it_has_to_be_said_who(till: Till) -> None:
    for command in (enrol(None), enrol(JASON, mobile_user=STRANGER_APP)):
        with till.silent(), pytest.raises(InvalidInput):
            await till.program.enrol_member(till.job(command))


@pytest.mark.parametrize("tier", ["9", "gold"])
async def test_a_tier_that_is_none_is_refused_by_its_field(till: Till, tier: str) -> None:
    error = await refusal(till, enrol(tier=tier), till.program.enrol_member)
    assert isinstance(error, InvalidInput)
    assert error.field == ("input", "tier")


async def test_a_user_of_the_app_becomes_a_member(till: Till) -> None:
    command = enrol(None, mobile_user=STRANGER_APP)
    done = await till.done(till.program.enrol_member, command)
    assert done.member is not None
    assert till.book(done.member.key)["name"] == "Sam Stranger"
    error = await refusal(till, command, till.program.enrol_member)
    assert (error.code, error.field) == (ErrorCode.CONTACT_IN_USE, ("input", "mobileUser"))
    unknown = await refusal(till, enrol(None, mobile_user="MU-0"), till.program.enrol_member)
    assert (unknown.code, unknown.field) == (ErrorCode.NOT_FOUND, ("input", "mobileUser"))


async def test_an_app_user_whose_phone_is_a_linked_member_s_is_refused(till: Till) -> None:
    await till.control("/mobile-user", mobileUserId="MU-7", name="Twin", phoneNo="+60123456781")
    error = await refusal(till, enrol(None, mobile_user="MU-7"), till.program.enrol_member)
    assert (error.code, error.field) == (ErrorCode.CONTACT_IN_USE, ("input", "mobileUser"))


async def test_no_serial_of_a_write_tells_a_phone(till: Till) -> None:
    write = await till.write(till.program.enrol_member, enrol())
    same = await till.write(
        till.program.enrol_member, enrol(replace(JASON, phone="+60167788990", name="Other"))
    )
    assert write.serial == same.serial
    assert "6778" not in f"{write.serial}{write.reference}{write!r}"


# --------------------------------------------------------------------------- changing


def update(member: str = RICH, tier: str | None = None, **changes: Any) -> UpdateMember:
    return UpdateMember(member=ref(member), profile=ProfileChanges(**changes), tier=tier)


async def test_what_is_left_out_stays_and_null_clears(till: Till) -> None:
    command = update(name="Tengku Aminah II", email=None, tier="1")
    done = await till.done(till.program.update_member, command)
    assert till.sent("update_member") == [
        {"name": "Tengku Aminah II", "email": None, "memberLevelId": 1}
    ]
    assert done.member == ref(RICH)
    found = (await till.program.members([RICH]))[0]
    assert found is not None
    assert not isinstance(found, LoyaltyError)
    assert (found.name, found.email) == ("Tengku Aminah II", None)
    assert found.phone is not None
    assert till.effects(RICH) == [("update", Decimal(0))]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({}, "profile"),
        ({"language": "ms"}, "profile"),
        ({"name": None}, "profile.name"),
        ({"given_name": "Tengku"}, "profile.name"),
        ({"phone": "x"}, "profile.phone"),
        ({"gender": "?"}, "profile.gender"),
    ],
)
async def test_a_change_that_cannot_be_is_refused_before_anything_is_sent(
    till: Till, changes: dict[str, Any], place: str
) -> None:
    with till.silent(), pytest.raises(InvalidInput) as caught:
        await till.program.update_member(till.job(update(**changes)))
    assert caught.value.field == ("input", *place.split("."))


@pytest.mark.parametrize("rule", ["refused", "ignored", "accepted"])
async def test_what_the_app_shares_is_changed_in_the_app(till: Till, rule: str) -> None:
    till.switch(linked_fields=rule)
    with till.nothing_changes(), pytest.raises(InvalidInput) as caught:
        await till.run(till.program.update_member, update(AISYAH, name="Somebody Else"))
    assert caught.value.field == ("input", "profile", "name")
    same = update(AISYAH, name="Aisyah Rahman", phone="012-3456781", tier="3")
    await till.done(till.program.update_member, same)
    assert till.book(AISYAH)["tier"] == "Gold"


async def test_where_the_app_s_fields_are_free_the_provider_decides(till: Till) -> None:
    till.assume(linked_profile_is_fixed=False)
    command = update(AISYAH, name="Somebody Else")
    error = await refusal(till, command, till.program.update_member)
    assert (error.code, error.field) == (ErrorCode.INVALID_INPUT, ("input", "profile"))
    till.switch(linked_fields="accepted")
    await till.done(till.program.update_member, command)
    assert till.book(AISYAH)["name"] == "Somebody Else"


async def test_a_change_into_somebody_s_phone_is_refused(till: Till) -> None:
    error = await refusal(till, update(phone="+60123456781"), till.program.update_member)
    assert (error.code, error.field) == (
        ErrorCode.CONTACT_IN_USE,
        ("input", "profile", "phone"),
    )


async def test_nobody_cannot_be_changed(till: Till) -> None:
    error = await refusal(till, update(NOBODY, name="X"), till.program.update_member)
    assert isinstance(error, MemberNotFound)
    assert error.field == ("input", "memberId")


# --------------------------------------------------------------------------- migrating


def migrate(number: str = "OLD-7781", **more: Any) -> MigrateMember:
    return MigrateMember(**{"program": "kopi", "source_number": number, "profile": JASON, **more})


async def test_a_member_of_another_system_comes_with_their_points(till: Till) -> None:
    done = await till.done(till.program.migrate_member, migrate(opening_points=Decimal(1200)))
    assert done.member is not None
    assert till.effects(done.member.key) == [("migrate", Decimal(1200))]
    assert till.balance(done.member.key) == 1200


async def test_a_member_comes_over_once(till: Till) -> None:
    await till.done(till.program.migrate_member, migrate(opening_points=Decimal(1200)))
    error = await refusal(till, migrate(), till.program.migrate_member)
    assert error.code is ErrorCode.CONTACT_IN_USE


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"profile": None}, "profile"),
        ({"source_number": " "}, "sourceNumber"),
        ({"opening_points": Decimal(-1)}, "openingPoints"),
        ({"opening_points": Decimal("0.001")}, "openingPoints"),
    ],
)
async def test_a_migration_that_cannot_be_is_refused_before_anything_is_sent(
    till: Till, changes: dict[str, Any], place: str
) -> None:
    with till.silent(), pytest.raises(InvalidInput) as caught:
        await till.program.migrate_member(till.job(replace(migrate(), **changes)))
    assert caught.value.field == ("input", place)


# --------------------------------------------------------------------------- codes of the app


async def test_a_code_becomes_a_right_to_redeem_for_ten_minutes(till: Till) -> None:
    command = AuthorizeRedemption(program="kopi", code=await till.auth_code())
    done = await till.done(till.program.authorize_redemption, command)
    assert done.member == ref(AISYAH)
    assert done.mobile_user == AISYAH_APP
    assert done.secret is not None
    assert done.secret_until == NOW + timedelta(minutes=10)
    assert done.secret not in f"{done!r}{command!r}"
    assert till.effects(AISYAH) == [("authorize", None)]


@pytest.mark.parametrize("digits", [5, 10, 18])
async def test_a_right_of_any_length_is_told(till: Till, digits: int) -> None:
    till.switch(redemption_code_digits=digits)
    command = AuthorizeRedemption(program="kopi", code=await till.auth_code())
    done = await till.done(till.program.authorize_redemption, command)
    assert done.secret is not None
    assert len(done.secret.partition(".")[0]) == digits


async def test_a_code_of_somebody_who_is_no_member_tells_the_app_user(till: Till) -> None:
    command = AuthorizeRedemption(program="kopi", code=await till.auth_code(STRANGER_APP))
    done = await till.done(till.program.authorize_redemption, command)
    assert (done.member, done.secret, done.mobile_user) == (None, None, STRANGER_APP)


async def test_a_code_works_once_and_for_a_minute(till: Till) -> None:
    code = await till.auth_code()
    command = AuthorizeRedemption(program="kopi", code=code)
    await till.done(till.program.authorize_redemption, command)
    late = AuthorizeRedemption(program="kopi", code=await till.auth_code())
    till.wait(61)
    for each in (command, late):
        error = await refusal(till, each, till.program.authorize_redemption)
        assert (error.code, error.field) == (
            ErrorCode.AUTHORIZATION_INVALID,
            ("input", "code"),
        )
        assert each.code not in f"{error}{error.upstream}"


@pytest.mark.parametrize("code", ["", "../member", "1234 5678", "a" * 65, "١٢٣"])
async def test_what_is_no_code_is_never_sent(till: Till, code: str) -> None:
    command = AuthorizeRedemption(program="kopi", code=code)
    with till.silent(), pytest.raises(InvalidInput) as caught:
        await till.program.authorize_redemption(till.job(command))
    assert caught.value.code is ErrorCode.AUTHORIZATION_INVALID


async def test_a_lost_answer_about_a_code_is_never_asked_for_again(till: Till) -> None:
    command = AuthorizeRedemption(program="kopi", code=await till.auth_code())
    write = await till.write(till.program.authorize_redemption, command)
    till.fault("get_record_by_auth_code", drop="after")
    with pytest.raises(OutcomeUnknown):
        await till.send(write)
    assert write.doubt is Doubt.NONE
    with pytest.raises(OutcomeUnknown):
        await till.send(write, again=True)


# --------------------------------------------------------------------------- vouchers claimed


def claim(voucher: int = campaigns.FREE_COFFEE, member: str = RICH, **more: Any) -> ClaimVoucher:
    kind = OfferKind.CLAIMABLE_VOUCHER.value
    offer = OfferRef("kopi", member, kind, str(voucher))
    return ClaimVoucher(**{"member": ref(member), "offer": offer, **more})


async def test_a_claimed_voucher_is_the_member_s_and_its_price_is_paid(till: Till) -> None:
    before = till.balance(RICH)
    command = claim(campaigns.RM50_FOR_5000, outlet=OUTLET, operator="ali")
    done = await till.done(till.program.claim_voucher, command)
    assert till.balance(RICH) == before - 5000
    assert done.voucher is not None
    assert done.voucher.member == ref(RICH)
    assert till.voucher_state(done.voucher.code, RICH) == "usable"
    assert till.sent("issue_voucher") == [
        {
            "memberId": 4801,
            "voucherId": 16,
            "outletId": "2",
            "outlet": "PJ-02",
            "createdUser": "ali",
        }
    ]


async def test_a_linked_member_claims_with_an_authorization(till: Till) -> None:
    command = claim(member=AISYAH)
    error = await refusal(till, command, till.program.claim_voucher)
    assert error.code is ErrorCode.AUTHORIZATION_REQUIRED
    right = AuthorizeRedemption(program="kopi", code=await till.auth_code())
    done = await till.done(till.program.authorize_redemption, right)
    await till.done(till.program.claim_voucher, replace(command, authorization=done.secret))
    assert till.effects(AISYAH)[-1] == ("issue", Decimal(0))


async def test_too_few_points_for_a_voucher_are_told_in_figures(till: Till) -> None:
    error = await refusal(till, claim(campaigns.RM50_FOR_5000, HOLDER), till.program.claim_voucher)
    assert isinstance(error, InsufficientPoints)
    assert (error.asked, error.available) == (Decimal(5000), Decimal(1000))
    assert error.field == ("input", "offerId")


@pytest.mark.parametrize(
    ("voucher", "member", "code"),
    [
        (campaigns.BIRTHDAY, RICH, ErrorCode.OFFER_LIMIT),
        (campaigns.WELCOME, HOLDER, ErrorCode.OFFER_LIMIT),
        (campaigns.NEXT_SEASON, RICH, ErrorCode.OFFER_NOT_APPLICABLE),
        (campaigns.LAST_SEASON, RICH, ErrorCode.OFFER_NOT_APPLICABLE),
        (campaigns.GOLD_LOUNGE, ZERO, ErrorCode.OFFER_NOT_APPLICABLE),
        (999, RICH, ErrorCode.OFFER_NOT_APPLICABLE),
    ],
)
async def test_a_voucher_that_cannot_be_had_is_refused_by_its_reason(
    till: Till, voucher: int, member: str, code: ErrorCode
) -> None:
    error = await refusal(till, claim(voucher, member), till.program.claim_voucher)
    assert isinstance(error, Declined)
    assert (error.code, error.field) == (code, ("input", "offerId"))


async def test_nobody_claims_nothing(till: Till) -> None:
    error = await refusal(till, claim(member=NOBODY), till.program.claim_voucher)
    assert isinstance(error, MemberNotFound)


@pytest.mark.parametrize(
    "offer",
    [
        OfferRef("kopi", ZERO, "CLAIMABLE_VOUCHER", "12"),
        OfferRef("kopi", RICH, "EARN", "12"),
        OfferRef("kopi", RICH, "CLAIMABLE_VOUCHER", "x"),
    ],
)
async def test_an_offer_that_is_not_the_member_s_is_refused_before_anything_is_sent(
    till: Till, offer: OfferRef
) -> None:
    with till.silent(), pytest.raises(LoyaltyError) as caught:
        await till.program.claim_voucher(till.job(replace(claim(), offer=offer)))
    assert caught.value.field == ("input", "offerId")


# --------------------------------------------------------------------------- receipts


@pytest.mark.parametrize("order", ["as_asked", "reversed"])
@pytest.mark.parametrize("headers", ["content_type", "both", "none"])
async def test_a_receipt_goes_where_its_address_says(till: Till, order: str, headers: str) -> None:
    till.switch(receipt_url_order=order, receipt_headers=headers)
    command = RequestReceiptUploads(program="kopi", receipts=RECEIPTS)
    done = await till.done(till.program.request_uploads, command)
    assert done.uploads is not None
    for upload, receipt in zip(done.uploads, RECEIPTS, strict=True):
        assert upload.receipt == receipt
        assert upload.expires_at == NOW + timedelta(minutes=60)
        sent = {header.key: header.value for header in upload.headers}
        sent.setdefault("Content-Type", "application/pdf")
        put = await till.client.request(upload.method, upload.url, content=b"%PDF-", headers=sent)
        assert put.is_success, put.text
        assert "kopi-secret" not in str(put.request.headers)
    reply = await till.client.get("/__sandbox__/onerewards/receipts")
    assert isinstance(reply, httpx.Response)
    assert {each["receiptId"] for each in reply.json()} == set(RECEIPTS)


@pytest.mark.parametrize(
    "receipts", [(), ("x",), (RECEIPTS[0], RECEIPTS[0].upper()), RECEIPTS * 51]
)
async def test_receipts_that_cannot_be_are_refused_before_anything_is_sent(
    till: Till, receipts: tuple[str, ...]
) -> None:
    command = RequestReceiptUploads(program="kopi", receipts=receipts)
    with till.silent(), pytest.raises(InvalidInput) as caught:
        await till.program.request_uploads(till.job(command))
    assert caught.value.field is not None
    assert caught.value.field[:2] == ("input", "receiptIds")
