"""Proof of every change that OneRewards takes: made once, told as the books have it."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from loyalty.commands import (
    AdjustPoints,
    AuthorizeRedemption,
    ClaimVoucher,
    EnrolMember,
    MigrateMember,
    Profile,
    ProfileChanges,
    RedeemPoints,
    RedeemVoucher,
    RequestReceiptUploads,
    ReturnedPart,
    ReturnSale,
    UpdateMember,
    VoidRedemption,
    VoidSale,
)
from loyalty.operations import Operation
from loyalty.outcomes import RedemptionStatus
from loyalty.refs import OfferRef
from loyalty.sales import DocumentReference
from tests.providers.contract.proofs import proves
from tests.providers.contract.worlds import World
from tests.providers.onerewards_till import (
    COFFEE,
    NOW,
    OUTLET,
    RICH,
    Till,
    ref,
    sale,
    small_crowd,
    voucher,
)

ONLY = "onerewards"
JASON = Profile(name="Jason Lim", phone="+60167788990")


@pytest.fixture
async def till(kind: type[World]) -> AsyncIterator[Till]:
    assert kind.code == ONLY
    with small_crowd():
        made = Till()
    yield made
    assert made.frame.books.gaps(ONLY) == []
    await made.client.aclose()


@proves(Operation.TRANSACTION_POST)
async def test_a_sale_is_booked_once_with_the_points_that_are_told(till: Till) -> None:
    done = await till.done(till.program.post_sale, sale(redeem=Decimal(500)))
    assert done.effect is not None
    assert till.effects() == [("earn", done.effect.earned), ("redeem", -done.effect.redeemed)]
    assert till.calls.count("post_transaction") == 1


@proves(Operation.TRANSACTION_RETURN)
async def test_a_part_of_a_sale_comes_back(till: Till) -> None:
    posted = await till.posted()
    command = ReturnSale(
        transaction=till.target(posted),
        document=DocumentReference("B-1"),
        occurred_at=NOW,
        lines=(ReturnedPart(1, Decimal(1)),),
        take_back=Decimal(45),
    )
    done = await till.done(till.program.return_sale, command, posted)
    assert done.effect is not None
    assert till.effects()[1:] == [("adjust", done.effect.adjusted)] == [("adjust", Decimal(-45))]


@proves(Operation.TRANSACTION_VOID)
async def test_a_voided_sale_leaves_no_points(till: Till) -> None:
    before = till.balance(RICH)
    posted = await till.posted()
    await till.done(till.program.void_sale, VoidSale(transaction=till.target(posted)), posted)
    assert till.balance(RICH) == before
    assert [kind for kind, _ in till.effects()] == ["earn", "void"]


def redemption() -> RedeemPoints:
    return RedeemPoints(member=ref(RICH), outlet=OUTLET, points=Decimal(500))


@proves(Operation.POINTS_REDEEM)
async def test_points_are_spent_once(till: Till) -> None:
    done = await till.done(till.program.redeem_points, redemption())
    assert done.points == 500
    assert till.effects() == [("redeem", -done.points)]


@proves(Operation.VOUCHER_REDEEM)
async def test_a_voucher_is_used_up(till: Till) -> None:
    command = RedeemVoucher(voucher=voucher(), outlet=OUTLET, discount=Decimal(8))
    done = await till.done(till.program.redeem_voucher, command)
    assert done.redemption is RedemptionStatus.CAPTURED
    assert till.voucher_state(COFFEE) == "used"


@proves(Operation.REDEMPTION_VOID)
async def test_a_voided_redemption_gives_the_points_back(till: Till) -> None:
    before = till.balance(RICH)
    target = await till.redeemed(till.program.redeem_points, redemption())
    command = VoidRedemption(member=ref(RICH), redemption=target.operation)
    done = await till.done(till.program.void_redemption, command, target)
    assert done.redemption is RedemptionStatus.VOIDED
    assert till.balance(RICH) == before


@proves(Operation.REDEMPTION_AUTHORIZE)
async def test_a_code_of_the_app_is_spent_for_a_right(till: Till) -> None:
    command = AuthorizeRedemption(program="kopi", code=await till.auth_code())
    done = await till.done(till.program.authorize_redemption, command)
    assert done.member is not None
    assert done.secret is not None
    spend = sale(done.member.key, redeem=Decimal(100), authorization=done.secret)
    await till.done(till.program.post_sale, spend)
    assert [kind for kind, _ in till.effects()] == ["authorize", "earn", "redeem"]


@proves(Operation.VOUCHER_CLAIM)
async def test_a_claimed_voucher_is_the_member_s(till: Till) -> None:
    offer = OfferRef("kopi", RICH, "CLAIMABLE_VOUCHER", "16")
    done = await till.done(till.program.claim_voucher, ClaimVoucher(member=ref(RICH), offer=offer))
    assert done.voucher is not None
    assert till.effects() == [("issue", Decimal(-5000))]
    assert till.voucher_state(done.voucher.code, RICH) == "usable"


@proves(Operation.POINTS_ADJUST)
async def test_points_are_corrected_once(till: Till) -> None:
    command = AdjustPoints(member=ref(RICH), delta=Decimal(-25), reason="Goodwill")
    await till.done(till.program.adjust_points, command)
    assert till.effects() == [("adjust", Decimal(-25))]


@proves(Operation.MEMBER_ENROLL)
async def test_a_new_member_can_be_read(till: Till) -> None:
    done = await till.done(till.program.enrol_member, EnrolMember(program="kopi", profile=JASON))
    assert done.member is not None
    assert till.book(done.member.key)["name"] == JASON.name
    assert till.effects() == [("enroll", Decimal(0))]


@proves(Operation.MEMBER_UPDATE)
async def test_a_member_s_data_change_once(till: Till) -> None:
    changes = ProfileChanges(name="Tengku Aminah II")
    await till.done(till.program.update_member, UpdateMember(member=ref(RICH), profile=changes))
    assert till.book(RICH)["name"] == "Tengku Aminah II"
    assert till.effects() == [("update", Decimal(0))]


@proves(Operation.MEMBER_MIGRATE)
async def test_a_member_of_another_system_brings_their_points(till: Till) -> None:
    command = MigrateMember(
        program="kopi", source_number="OLD-1", profile=JASON, opening_points=Decimal(1200)
    )
    done = await till.done(till.program.migrate_member, command)
    assert done.member is not None
    assert till.balance(done.member.key) == 1200


@proves(Operation.RECEIPT_UPLOAD)
async def test_a_receipt_can_be_put_where_we_say(till: Till) -> None:
    receipt = "c0a1f6c2-5a7d-4c59-9b1e-0d7e0b9e6a33"
    command = RequestReceiptUploads(program="kopi", receipts=(receipt,))
    done = await till.done(till.program.request_uploads, command)
    assert done.uploads is not None
    (upload,) = done.uploads
    headers = {header.key: header.value for header in upload.headers}
    put = await till.client.request(upload.method, upload.url, content=b"%PDF-", headers=headers)
    assert put.is_success
    stored = await till.client.get("/__sandbox__/onerewards/receipts")
    assert [each["receiptId"] for each in stored.json()] == [receipt]
