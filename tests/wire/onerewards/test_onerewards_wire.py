"""Every published reply of OneRewards, and every status, means what the contract says it means."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from loyalty.errors import ErrorCode, LoyaltyError, RetryAdvice, Unavailable
from loyalty.members import Attribute, MemberStatus, MobileUser, Tier
from loyalty.money import Money
from loyalty.offers import (
    AmountOff,
    OfferKind,
    PercentageOff,
    UnusableReason,
    Usability,
    VoucherStatus,
)
from loyalty.outcomes import Upload
from loyalty.refs import MemberRef, VoucherRef
from providers.onerewards.client.routes import routes
from providers.onerewards.mapping.integrations import Approval, Integration, integration
from providers.onerewards.mapping.members import balance, member, mobile_user, tier
from providers.onerewards.mapping.outcomes import (
    Membership,
    PostOutcome,
    created_member,
    membership,
    post_outcome,
    uploads,
)
from providers.onerewards.mapping.program import Program
from providers.onerewards.mapping.refusals import error, fitting, normalised, scrubbed
from providers.onerewards.mapping.vouchers import offer, voucher
from providers.onerewards.profile import ASSUMED_FIELDS, GET_REASONS, USE_REASONS, Upstream
from providers.onerewards.settings import AssumedPaths
from providers.onerewards.wire import members as wire_members
from providers.onerewards.wire import vouchers as wire_vouchers
from providers.onerewards.wire import writes as wire_writes
from providers.onerewards.wire.integrations import WireIntegration
from providers.onerewards.wire.listings import listing
from providers.onerewards.wire.members import (
    WireLevel,
    WireMember,
    WireMemberInfo,
    WireMobileUser,
)
from providers.onerewards.wire.model import BadAnswer, Wire, one, parsed, several
from providers.onerewards.wire.vouchers import WireObtainableVoucher, WireUsableVoucher
from providers.onerewards.wire.writes import (
    WireCreated,
    WireIssued,
    WireMembership,
    WirePostResult,
    WireUpload,
)
from tests.wire.onerewards.samples import NAMES, sample

KL = ZoneInfo("Asia/Kuala_Lumpur")
NOW = datetime(2025, 3, 14, 4, 0, tzinfo=UTC)  # a Friday, noon in Kuala Lumpur
KOPI = Program(
    key="kopi",
    zone=KL,
    currency="MYR",
    point_worth=Decimal("0.10"),
    use_reasons=USE_REASONS,
    get_reasons=GET_REASONS,
    end_date_is_whole_day=True,
)
AISYAH = "7d0c2f54-93f0-4a07-9c2e-50c5c1d5a9be"
RECEIPT = "c0a1f6c2-5a7d-4c59-9b1e-0d7e0b9e6a33"
NEW_ID = "5b0c6f1e-8a0d-4f8b-9d53-2f6f0f4f7a11"


def body(name: str) -> bytes:
    return sample(name).body


# --------------------------------------------------------------------------- members


@pytest.mark.parametrize("name", ["member_listing", "member_listing_bare", "member_listing_pascal"])
def test_a_listing_is_read_wrapped_or_bare_and_in_any_case_of_names(name: str) -> None:
    (found,) = listing(WireMember, body(name))
    who = member(found, KOPI, NOW)
    assert who.ref == MemberRef("kopi", "4821")
    assert (who.number, who.name, who.phone) == ("4821", "Aisyah Rahman", "+60123456781")
    assert (who.email, who.gender) == ("aisyah@example.my", "F")
    assert who.status is MemberStatus.ACTIVE
    assert who.native_status == "isActive=true"
    assert who.birth_date == date(1992, 7, 19)
    assert who.joined_at == datetime(2023, 2, 1, tzinfo=KL)
    assert who.tier is not None
    assert who.tier.tier == Tier("2", "Silver")
    assert who.attributes == (Attribute("memberNo", "M-004821"), Attribute("mobileUserId", AISYAH))


def test_get_member_is_one_element_of_the_listing() -> None:
    (listed,) = listing(WireMember, body("member_listing"))
    assert one(WireMember, body("get_member")) == listed


def test_a_page_past_the_end_is_empty() -> None:
    assert listing(WireMember, body("member_listing_past_the_end")) == ()


def test_total_count_is_never_read() -> None:
    assert len(listing(WireMember, b'{"data":[{"memberId":1}],"totalCount":"many"}')) == 1


def test_a_page_of_more_than_a_hundred_is_a_bad_answer() -> None:
    rows = ",".join(f'{{"memberId":{number}}}' for number in range(1, 102))
    with pytest.raises(BadAnswer):
        listing(WireMember, f"[{rows}]".encode())


def test_a_member_of_whom_only_the_documented_fields_come_is_a_member() -> None:
    who = member(one(WireMember, b'{"memberId": 7, "phoneNo": null}'), KOPI, NOW)
    assert (who.number, who.status, who.native_status) == ("7", MemberStatus.UNKNOWN, None)
    assert (who.name, who.phone, who.tier, who.joined_at) == (None, None, None, None)
    assert who.attributes == ()


def test_an_inactive_member_and_the_platform_s_empty_date() -> None:
    wire = one(
        WireMember,
        b'{"memberId":7,"isActive":false,"birthDate":"0001-01-01T00:00:00",'
        b'"expiryDate":"2025-01-31T00:00:00"}',
    )
    who = member(wire, KOPI, NOW)
    assert (who.status, who.native_status) == (MemberStatus.INACTIVE, "isActive=false")
    assert who.birth_date is None
    assert who.attributes == (Attribute("expiryDate", "2025-01-31"),)


def test_the_balance_is_worth_the_configured_rate() -> None:
    wire = one(WireMemberInfo, body("member_info"))
    told = balance(wire, "4821", KOPI, NOW)
    assert told.points == Decimal(3250)
    assert told.worth == Money(Decimal("325.00"), "MYR")
    assert (told.pending, told.restricted, told.expiring) == (None, None, None)


def test_points_stay_exact_however_many_digits_they_have() -> None:
    wire = one(WireMemberInfo, b'{"pointBalance": 12345678901234567.89}')
    assert wire.point_balance == Decimal("12345678901234567.89")


def test_levels_have_no_rank() -> None:
    levels = listing(WireLevel, body("member_level_listing"))
    assert [tier(level) for level in levels] == [Tier("1", "Bronze"), Tier("2", "Silver")]


def test_a_mobile_user() -> None:
    wire = one(WireMobileUser, body("mobile_user"))
    assert mobile_user(wire, KOPI) == MobileUser(
        id=AISYAH,
        name="Aisyah Rahman",
        phone="+60123456781",
        email="aisyah@example.my",
        birth_date=date(1992, 7, 19),
    )


# --------------------------------------------------------------------------- vouchers


def test_a_usable_list_is_a_bare_array_with_flag_and_reason_number() -> None:
    (wire,) = several(WireUsableVoucher, parsed(body("usable_vouchers")))
    held = voucher(wire, "4821", KOPI, NOW, Decimal(50))
    assert held.ref == VoucherRef(MemberRef("kopi", "4821"), "00017-00009-000042")
    assert held.status is VoucherStatus.ISSUED
    assert held.title == "RM10 off on weekdays"
    assert held.discount == AmountOff(Money(Decimal("10.00"), "MYR"))
    assert held.usable == Usability(
        now=False, reasons=(UnusableReason.BELOW_MINIMUM_SPEND,), native_reason="6"
    )
    assert held.starts_at == datetime(2025, 1, 1, tzinfo=KL)
    assert held.expires_at == datetime(2026, 1, 1, tzinfo=KL)


def test_the_date_part_of_a_time_of_day_is_a_dummy() -> None:
    (wire,) = several(WireUsableVoucher, parsed(body("usable_vouchers")))
    assert (wire.voucher_info.use_start_time, wire.voucher_info.use_end_time) == (
        time(10),
        time(22),
    )


def test_an_obtainable_voucher_is_an_offer_to_claim() -> None:
    (wire,) = several(WireObtainableVoucher, parsed(body("obtainable_vouchers")))
    told = offer(wire, "4821", KOPI, NOW)
    assert (told.kind, told.code) == (OfferKind.CLAIMABLE_VOUCHER, "9")
    assert told.points_cost == Decimal(400)
    assert told.eligible == Usability(now=True)
    assert told.discount == AmountOff(Money(Decimal("10.00"), "MYR"))
    assert told.starts_at == datetime(2025, 1, 1, tzinfo=KL)
    assert told.ends_at == datetime(2026, 1, 1, tzinfo=KL)


def test_a_check_of_one_voucher_may_shorten_its_info() -> None:
    wire = one(WireUsableVoucher, body("can_use_voucher_now"))
    held = voucher(wire, "4821", KOPI, NOW)
    assert (held.status, held.usable) == (VoucherStatus.USABLE, Usability(now=True))
    assert (held.starts_at, held.expires_at, held.title) == (None, None, "Weekday RM10 off")


def test_a_used_voucher_is_redeemed() -> None:
    held = voucher(one(WireUsableVoucher, body("can_use_voucher_now_used")), "4821", KOPI, NOW)
    assert held.status is VoucherStatus.REDEEMED
    assert held.usable is not None
    assert held.usable.reasons == (UnusableReason.ALREADY_USED,)


def test_a_check_of_one_offer_tells_why_not() -> None:
    told = offer(one(WireObtainableVoucher, body("can_get_voucher_now")), "4821", KOPI, NOW)
    assert told.eligible == Usability(
        now=False, reasons=(UnusableReason.NOT_ENOUGH_POINTS,), native_reason="6"
    )


def test_a_percentage_is_no_money() -> None:
    wire = one(
        WireUsableVoucher,
        b'{"canUseNow":true,"voucherNo":"1","voucherInfo":'
        b'{"voucherId":1,"isPercent":true,"discountValue":12.5}}',
    )
    assert voucher(wire, "1", KOPI, NOW).discount == PercentageOff(Decimal("12.5"))


# --------------------------------------------------------------------------- the handshake


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("add_integration_request_approved", Integration(Approval.APPROVED, NEW_ID)),
        ("add_integration_request_pending", Integration(Approval.PENDING)),
        ("integration_status_rejected", Integration(Approval.REJECTED)),
    ],
)
def test_a_request_is_pending_approved_or_rejected(name: str, meaning: Integration) -> None:
    assert integration(one(WireIntegration, body(name))) == meaning


@pytest.mark.parametrize(
    "flags",
    [
        b'{"isApproved":true,"isPending":true,"isRejected":false,"integrationId":"x"}',
        b'{"isApproved":false,"isPending":false,"isRejected":false}',
        b'{"isApproved":true,"isPending":false,"isRejected":false,"integrationId":null}',
    ],
)
def test_flags_that_contradict_each_other_are_a_bad_answer(flags: bytes) -> None:
    with pytest.raises(BadAnswer):
        integration(one(WireIntegration, flags))


# --------------------------------------------------------------------------- writes


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("posted", PostOutcome()),
        (
            "too_few_points",
            PostOutcome(refusal=ErrorCode.INSUFFICIENT_POINTS, points_over_redeemed=True),
        ),
        (
            "voucher_refused",
            PostOutcome(
                refusal=ErrorCode.VOUCHER_NOT_USABLE,
                voucher_not_applied=True,
                words="Voucher is already used.",
            ),
        ),
        ("posted_over_balance", PostOutcome(points_over_redeemed=True)),
        (
            "posted_without_voucher",
            PostOutcome(voucher_not_applied=True, words="Voucher is expired."),
        ),
        ("refused_without_reason", PostOutcome(refusal=ErrorCode.PROVIDER_ERROR)),
    ],
)
def test_a_201_tells_posted_refused_and_done_but_apart(name: str, meaning: PostOutcome) -> None:
    written = sample(f"post_transaction_{name}")
    assert written.status == 201
    assert post_outcome(one(WirePostResult, written.body)) == meaning


@pytest.mark.parametrize("absent", [b"{}", b'{"isSuccess":null}', b'{"isOverRedeemPoint":false}'])
def test_a_post_result_without_is_success_is_never_a_success(absent: bytes) -> None:
    with pytest.raises(BadAnswer):
        one(WirePostResult, absent)


def test_an_auth_code_of_a_member_gives_a_right_that_ends() -> None:
    assert membership(one(WireMembership, body("auth_code_member")), KL) == Membership(
        mobile_user=AISYAH,
        member="4821",
        redemption_code=90317,
        expires_at=datetime(2025, 3, 14, 6, 42, 10, 125000, tzinfo=UTC),
    )


def test_an_auth_code_of_a_stranger_gives_nothing_but_the_app_user() -> None:
    told = membership(one(WireMembership, body("auth_code_stranger")), KL)
    assert told == Membership(mobile_user=AISYAH)


def test_a_redemption_code_is_never_printed() -> None:
    assert "90317" not in repr(membership(one(WireMembership, body("auth_code_member")), KL))


def test_an_issued_voucher_has_a_number() -> None:
    assert one(WireIssued, body("issue_voucher")).voucher_no == "00017-00009-000144"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("create_member", "4822"),
        ("create_member_from_mobile_user", "4823"),
        ("migrate_member", "4824"),
    ],
)
def test_a_created_member_is_named_by_the_body(name: str, key: str) -> None:
    written = sample(name)
    wire = one(WireCreated, written.body)
    assert created_member(wire, written.headers.get("location")) == key


def test_a_created_member_is_named_by_the_location_of_an_empty_201() -> None:
    written = sample("create_member_location_only")
    assert written.body == b""
    assert created_member(None, written.headers["location"]) == "4822"


@pytest.mark.parametrize("location", [None, "", "/member", "/member?memberId=", "?memberId=x"])
def test_a_created_member_that_nobody_names_is_a_bad_answer(location: str | None) -> None:
    with pytest.raises(BadAnswer):
        created_member(one(WireCreated, b"{}"), location)


@pytest.mark.parametrize("name", ["unpost_transaction", "update_member"])
def test_a_change_is_answered_without_a_body(name: str) -> None:
    assert (sample(name).status, sample(name).body) == (204, b"")


def test_upload_urls_keep_the_order_of_the_question() -> None:
    wires = several(WireUpload, parsed(body("upload_receipt_url")))
    (upload,) = uploads([RECEIPT], wires)
    assert upload.receipt == RECEIPT
    assert upload.headers == (Attribute("Content-Type", "application/pdf"),)
    assert "Signature" not in repr(upload)
    with pytest.raises(BadAnswer):
        uploads([RECEIPT, AISYAH], wires)
    with pytest.raises(BadAnswer):
        uploads([AISYAH, RECEIPT], [*wires, *wires])


def test_upload_headers_may_be_null() -> None:
    wires = several(WireUpload, parsed(b'[{"url":"https://x.example/1","requestHeaders":null}]'))
    assert uploads(["1"], wires) == (Upload("1", "https://x.example/1"),)


# --------------------------------------------------------------------------- refusals

ABSENT = None


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("refused_401", ErrorCode.PROVIDER_CREDENTIALS),
        ("refused_403", ErrorCode.PROVIDER_CREDENTIALS),
        ("refused_404", ErrorCode.PROVIDER_CREDENTIALS),
        ("refused_404_member", ABSENT),
        ("refused_404_empty", ABSENT),
        ("refused_429", ErrorCode.PROVIDER_RATE_LIMITED),
        ("refused_500", ErrorCode.PROVIDER_UNAVAILABLE),
        ("refused_500_text", ErrorCode.PROVIDER_UNAVAILABLE),
        ("auth_code_stale", ErrorCode.AUTHORIZATION_INVALID),
        ("post_transaction_changed_document", ErrorCode.DUPLICATE),
    ],
)
def test_a_refusal_means_what_the_table_says(name: str, meaning: ErrorCode | None) -> None:
    written = sample(name)
    row = fitting(written.operation, written.status, written.body)
    assert row is not None
    assert row.meaning is meaning


@pytest.mark.parametrize("name", ["refused_400", "refused_400_problem_details"])
def test_a_400_of_a_read_is_in_no_table(name: str) -> None:
    written = sample(name)
    assert fitting(written.operation, written.status, written.body) is None


@pytest.mark.parametrize("name", ["refused_401", "refused_403", "refused_404"])
def test_refused_credentials_are_ours_to_mend_and_not_the_client_s(name: str) -> None:
    written = sample(name)
    told = error(ErrorCode.PROVIDER_CREDENTIALS, "kopi", written.status, written.body)
    assert isinstance(told, Unavailable)
    assert (told.retry, told.program) == (RetryAdvice.NEVER, "kopi")


def test_the_provider_s_words_lose_what_may_be_personal() -> None:
    told: LoyaltyError = error(
        ErrorCode.PROVIDER_ERROR,
        "kopi",
        400,
        b'{"message":"Phone +60 12-345 6781 of \'Aisyah\' <a@b.my> is taken by 1234567; see 12"}',
    )
    assert told.upstream is not None
    assert told.upstream.message == "Phone … of '… is … by …; see 12"
    assert "6781" not in str(told)


def test_long_words_are_cut() -> None:
    assert len(scrubbed("token " * 200)) == 200


def test_texts_are_compared_without_case_numbers_and_marks() -> None:
    assert normalised("Member 4821: NOT found!") == "member # not found"


# --------------------------------------------------------------------------- tolerance


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (WireMemberInfo, b""),
        (WireMemberInfo, b"<html></html>"),
        (WireMemberInfo, b"[]"),
        (WireMemberInfo, b"null"),
        (WireMemberInfo, b"{}"),
        (WireMemberInfo, b'{"pointBalance":"12"}'),
        (WireMemberInfo, b'{"pointBalance":true}'),
        (WireMemberInfo, b'{"pointBalance":NaN}'),
        (WireMemberInfo, b'{"pointBalance":Infinity}'),
        (WireMemberInfo, b'{"pointBalance":1e999999999}'),
        (WireMemberInfo, b'{"pointBalance":1,"memberId":4.5}'),
        (WireMember, b'{"memberId":"4821"}'),
        (WireMember, b'{"memberId":1,"name":5}'),
        (WireMember, b'{"memberId":1,"isActive":"true"}'),
        (WireMember, b'{"memberId":1,"birthDate":"soon"}'),
        (WireMember, b'{"memberId":1,"birthDate":20250101}'),
        (WireUsableVoucher, b'{"canUseNow":1,"voucherNo":"1","voucherInfo":{"voucherId":1}}'),
        (WireUsableVoucher, b'{"canUseNow":true,"voucherNo":"1","voucherInfo":[]}'),
    ],
)
def test_another_type_than_documented_is_a_bad_answer(model: type[Wire], text: bytes) -> None:
    with pytest.raises(BadAnswer) as told:
        one(model, text)
    assert "4821" not in str(told.value)


def test_json_nested_too_deep_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer):
        one(WireMemberInfo, b"[" * 200_000)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("2025-03-14T06:42:10.125Z", datetime(2025, 3, 14, 6, 42, 10, 125000, tzinfo=UTC)),
        ("2025-03-14T06:42:10.1250001Z", datetime(2025, 3, 14, 6, 42, 10, 125000, tzinfo=UTC)),
        ("2025-03-14T14:42:10+08:00", datetime(2025, 3, 14, 6, 42, 10, tzinfo=UTC)),
        ("2025-03-14T14:42:10", datetime(2025, 3, 14, 6, 42, 10, tzinfo=UTC)),
        ("2025-03-14", datetime(2025, 3, 13, 16, tzinfo=UTC)),
    ],
)
def test_a_date_without_zone_is_the_program_s(text: str, meaning: datetime) -> None:
    who = member(one(WireMember, f'{{"memberId":1,"joinDate":"{text}"}}'.encode()), KOPI, NOW)
    assert who.joined_at == meaning
    assert who.joined_at is not None
    assert who.joined_at.utcoffset() is not None


def test_an_account_s_own_field_names_can_be_set() -> None:
    renames = {"member_info": {"pointBalance": "availablePoint"}}
    told = one(WireMemberInfo, b'{"memberId":1,"AvailablePoint":12}', renames)
    assert told.point_balance == Decimal(12)
    with pytest.raises(BadAnswer):
        one(WireMemberInfo, b'{"memberId":1,"pointBalance":12}', renames)


def test_every_assumed_field_is_one_of_its_shape() -> None:
    shapes: dict[str, type[Wire]] = {
        model.noun: model
        for module in (wire_members, wire_vouchers, wire_writes)
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, Wire) and model.noun
    }
    assert shapes.keys() == ASSUMED_FIELDS.keys()
    for noun, names in ASSUMED_FIELDS.items():
        known = {field.alias for field in shapes[noun].model_fields.values()}
        assert names <= known, noun


# --------------------------------------------------------------------------- the kit itself


def test_every_operation_has_a_route_and_a_sample() -> None:
    assert routes(AssumedPaths()).keys() == set(Upstream)
    assert {sample(name).operation for name in NAMES} == set(Upstream)


def test_every_documented_status_has_a_sample() -> None:
    assert {sample(name).status for name in NAMES} == {200, 201, 204, 400, 401, 403, 404, 429, 500}


READERS: dict[Upstream, Callable[[bytes], object]] = {
    Upstream.ADD_INTEGRATION_REQUEST: lambda text: one(WireIntegration, text),
    Upstream.GET_INTEGRATION_REQUEST_STATUS: lambda text: one(WireIntegration, text),
    Upstream.GET_RECORD_BY_AUTH_CODE: lambda text: one(WireMembership, text),
    Upstream.GET_MEMBER_LISTING: lambda text: listing(WireMember, text),
    Upstream.GET_MEMBER: lambda text: one(WireMember, text),
    Upstream.GET_MEMBER_INFO: lambda text: one(WireMemberInfo, text),
    Upstream.GET_MEMBER_LEVEL_LISTING: lambda text: listing(WireLevel, text),
    Upstream.GET_USABLE_VOUCHER: lambda text: several(WireUsableVoucher, parsed(text)),
    Upstream.GET_OBTAINABLE_VOUCHER: lambda text: several(WireObtainableVoucher, parsed(text)),
    Upstream.CAN_USE_VOUCHER_NOW: lambda text: one(WireUsableVoucher, text),
    Upstream.CAN_GET_VOUCHER_NOW: lambda text: one(WireObtainableVoucher, text),
    Upstream.ISSUE_VOUCHER_TO_MEMBER: lambda text: one(WireIssued, text),
    Upstream.POST_TRANSACTION: lambda text: one(WirePostResult, text),
    Upstream.CREATE_MEMBER: lambda text: one(WireCreated, text),
    Upstream.CREATE_MEMBER_FROM_MOBILE_USER: lambda text: one(WireCreated, text),
    Upstream.GET_MOBILE_USER: lambda text: one(WireMobileUser, text),
    Upstream.MIGRATE_MEMBER: lambda text: one(WireCreated, text),
    Upstream.GET_UPLOAD_RECEIPT_URL: lambda text: several(WireUpload, parsed(text)),
}


@pytest.mark.parametrize(
    "name", [name for name in NAMES if sample(name).status in {200, 201} and sample(name).body]
)
def test_every_published_reply_is_read(name: str) -> None:
    written = sample(name)
    assert READERS[written.operation](written.body) is not None


@pytest.mark.parametrize(
    "name", [name for name in NAMES if sample(name).status == 200 and sample(name).body]
)
def test_a_reply_cut_short_is_never_read_as_whole(name: str) -> None:
    written = sample(name)
    with pytest.raises(BadAnswer):
        READERS[written.operation](written.body[:-1])
