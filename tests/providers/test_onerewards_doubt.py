"""Lost answers and doubled deliveries of every change at OneRewards: one effect, or known doubt."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

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
from loyalty.errors import ErrorCode, LoyaltyError, OutcomeUnknown, Unavailable
from loyalty.refs import OfferRef
from loyalty.sales import DocumentReference
from providers.writing import Doubt, Sending, Write
from sandbox.onerewards import campaigns
from tests.providers.onerewards_till import (
    AISYAH,
    HOLDER,
    NOW,
    OUTLET,
    RICH,
    STRANGER_APP,
    Till,
    ref,
    sale,
    small_crowd,
    voucher,
)

RECEIPT = "c0a1f6c2-5a7d-4c59-9b1e-0d7e0b9e6a33"
Effects = list[tuple[str, Decimal | None]]


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


@dataclass(frozen=True, slots=True)
class Case:
    """One change, ready to be sent, and its whole effect in the books."""

    operation: str
    prepare: Callable[[Till], Awaitable[Write]]
    effects: Effects
    doubt: Doubt = Doubt.REPLAY


async def _sale(till: Till) -> Write:
    return await till.write(till.program.post_sale, sale(redeem=Decimal(500)))


async def _return(till: Till) -> Write:
    posted = await till.posted()
    command = ReturnSale(
        transaction=till.target(posted),
        document=DocumentReference("B-1"),
        occurred_at=NOW,
        lines=(ReturnedPart(1, Decimal(1)),),
        take_back=Decimal(45),
    )
    return await till.write(till.program.return_sale, command, posted)


async def _void(till: Till) -> Write:
    posted = await till.posted()
    command = VoidSale(transaction=till.target(posted))
    return await till.write(till.program.void_sale, command, posted)


async def _points(till: Till) -> Write:
    command = RedeemPoints(member=ref(RICH), outlet=OUTLET, points=Decimal(500))
    return await till.write(till.program.redeem_points, command)


async def _voucher(till: Till) -> Write:
    command = RedeemVoucher(voucher=voucher(), outlet=OUTLET, discount=Decimal(8))
    return await till.write(till.program.redeem_voucher, command)


async def _give_back(till: Till) -> Write:
    command = RedeemPoints(member=ref(RICH), outlet=OUTLET, points=Decimal(500))
    target = await till.redeemed(till.program.redeem_points, command)
    void = VoidRedemption(member=ref(RICH), redemption=target.operation)
    return await till.write(till.program.void_redemption, void, target)


async def _adjust(till: Till) -> Write:
    command = AdjustPoints(member=ref(RICH), delta=Decimal(-25), reason="Oops")
    return await till.write(till.program.adjust_points, command)


async def _claim(till: Till) -> Write:
    return await till.write(till.program.claim_voucher, claim(campaigns.WELCOME))


def claim(definition: int, member: str = RICH) -> ClaimVoucher:
    offer = OfferRef("kopi", member, "CLAIMABLE_VOUCHER", str(definition))
    return ClaimVoucher(member=ref(member), offer=offer)


JASON = Profile(name="Jason Lim", phone="+60167788990")


async def _enrol(till: Till) -> Write:
    command = EnrolMember(program="kopi", profile=JASON)
    return await till.write(till.program.enrol_member, command)


async def _join(till: Till) -> Write:
    command = EnrolMember(program="kopi", mobile_user=STRANGER_APP)
    return await till.write(till.program.enrol_member, command)


async def _update(till: Till) -> Write:
    changes = ProfileChanges(name="Tengku Aminah II")
    command = UpdateMember(member=ref(RICH), profile=changes)
    return await till.write(till.program.update_member, command)


async def _migrate(till: Till) -> Write:
    command = MigrateMember(
        program="kopi", source_number="OLD-1", profile=JASON, opening_points=Decimal(1200)
    )
    return await till.write(till.program.migrate_member, command)


async def _authorize(till: Till) -> Write:
    command = AuthorizeRedemption(program="kopi", code=await till.auth_code())
    return await till.write(till.program.authorize_redemption, command)


async def _upload(till: Till) -> Write:
    command = RequestReceiptUploads(program="kopi", receipts=(RECEIPT,))
    return await till.write(till.program.request_uploads, command)


ZERO = Decimal(0)
CASES = {
    "sale": Case("post_transaction", _sale, [("earn", Decimal(90)), ("redeem", Decimal(-500))]),
    "return": Case("post_transaction", _return, [("adjust", Decimal(-45))]),
    "void": Case("unpost_transaction", _void, [("void", Decimal(-90))]),
    "points": Case("post_transaction", _points, [("redeem", Decimal(-500))]),
    "voucher": Case("post_transaction", _voucher, [("redeem", ZERO)]),
    "give_back": Case("unpost_transaction", _give_back, [("void", Decimal(500))]),
    "adjust": Case("post_transaction", _adjust, [("adjust", Decimal(-25))]),
    "claim": Case("issue_voucher", _claim, [("issue", ZERO)], Doubt.LOOK),
    "enrol": Case("create_member", _enrol, [("enroll", ZERO)], Doubt.LOOK),
    "join": Case("create_from_mobile_user", _join, [("enroll", ZERO)], Doubt.LOOK),
    "update": Case("update_member", _update, [("update", ZERO)]),
    "migrate": Case("migrate_member", _migrate, [("migrate", Decimal(1200))], Doubt.LOOK),
    "authorize": Case("get_record_by_auth_code", _authorize, [("authorize", None)], Doubt.NONE),
    "upload": Case("upload_receipt_url", _upload, []),
}

APPLIED: dict[str, dict[str, Any]] = {
    "lost after": {"drop": "after"},
    "500 applied": {"status": 500, "apply": True},
    "502 applied, a page": {"status": 502, "html": True, "apply": True},
    "302 applied": {"status": 302, "apply": True},
    "408 applied": {"status": 408, "apply": True},
    "409 applied": {"status": 409, "apply": True},
    "a page": {"html": True},
    "200 and nothing": {"status": 200, "empty": True, "apply": True},
    "200 and another body": {"status": 200, "body": {"ok": True}, "apply": True},
}
NOT_APPLIED: dict[str, dict[str, Any]] = {
    "lost before": {"drop": "before"},
    "500": {"status": 500},
    "503": {"status": 503},
    "302": {"status": 302},
    "404, a page": {"status": 404, "html": True},
    "200 and nothing": {"status": 200, "empty": True},
    "200, a page": {"status": 200, "html": True},
    "201 and null": {"status": 201, "body": None},
}


async def unknown(till: Till, write: Write) -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        await till.send(write)
    assert caught.value.code is ErrorCode.OUTCOME_UNKNOWN


@pytest.mark.parametrize("fault", APPLIED)
@pytest.mark.parametrize("name", CASES)
async def test_a_change_whose_answer_is_lost_is_found_and_made_once(
    till: Till, name: str, fault: str
) -> None:
    case = CASES[name]
    write = await case.prepare(till)
    assert write.doubt is case.doubt
    before = len(till.effects())
    till.fault(case.operation, **APPLIED[fault])
    await unknown(till, write)
    assert till.effects()[before:] == case.effects
    settled = await till.settled(write)
    assert (settled is None) == (case.doubt is Doubt.NONE)
    assert till.effects()[before:] == case.effects, "and no effect more"


@pytest.mark.parametrize("fault", NOT_APPLIED)
@pytest.mark.parametrize("name", CASES)
async def test_a_change_that_never_happened_is_made_or_stays_in_doubt(
    till: Till, name: str, fault: str
) -> None:
    case = CASES[name]
    write = await case.prepare(till)
    before = len(till.effects())
    till.fault(case.operation, **NOT_APPLIED[fault])
    await unknown(till, write)
    assert till.effects()[before:] == []
    settled = await till.settled(write)
    assert (settled is not None) == (case.doubt is Doubt.REPLAY)
    made = case.effects if case.doubt is Doubt.REPLAY else []
    assert till.effects()[before:] == made


@pytest.mark.parametrize("name", [name for name in CASES if name != "authorize"])
async def test_a_delivery_that_comes_twice_is_one_effect_and_never_a_refusal(
    till: Till, name: str
) -> None:
    case = CASES[name]
    write = await case.prepare(till)
    before = len(till.effects())
    till.fault(case.operation, twice=True)
    try:
        done: object = await till.send(write)
    except OutcomeUnknown:
        done = await till.settled(write)
    assert done is not None
    assert till.effects()[before:] == case.effects


@pytest.mark.parametrize("name", CASES)
async def test_an_answer_that_is_lost_twice_is_still_found(till: Till, name: str) -> None:
    case = CASES[name]
    write = await case.prepare(till)
    before = len(till.effects())
    till.fault(case.operation, times=2, drop="after")
    await unknown(till, write)
    if write.doubt is Doubt.REPLAY:
        with pytest.raises(OutcomeUnknown):
            await till.send(write, again=True)
    assert (await till.settled(write) is None) == (case.doubt is Doubt.NONE)
    assert till.effects()[before:] == case.effects


@pytest.mark.parametrize("status", [400, 404])
@pytest.mark.parametrize("name", CASES)
async def test_a_refused_repeat_proves_nothing(till: Till, name: str, status: int) -> None:
    case = CASES[name]
    write = await case.prepare(till)
    till.fault(case.operation, status=status)
    with till.nothing_changes(), pytest.raises(OutcomeUnknown):
        await till.send(write, again=True)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"rate_limited": True, "retry_after": 1}, ErrorCode.PROVIDER_RATE_LIMITED),
        ({"status": 401}, ErrorCode.PROVIDER_CREDENTIALS),
        ({"status": 403}, ErrorCode.PROVIDER_CREDENTIALS),
        (
            {"status": 404, "body": {"message": "Integration not found."}},
            ErrorCode.PROVIDER_CREDENTIALS,
        ),
        ({"status": 413}, ErrorCode.PROVIDER_ERROR),
        ({"status": 415}, ErrorCode.PROVIDER_ERROR),
    ],
)
@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("name", CASES)
async def test_what_was_not_looked_at_may_be_sent_again(
    till: Till, name: str, fault: dict[str, Any], code: ErrorCode, again: bool
) -> None:
    case = CASES[name]
    write = await case.prepare(till)
    till.fault(case.operation, **fault)
    with till.nothing_changes(), pytest.raises(Unavailable) as caught:
        await till.send(write, again=again)
    assert caught.value.code is code


@pytest.mark.parametrize("name", CASES)
async def test_nothing_leaves_after_its_time(till: Till, name: str) -> None:
    write = await CASES[name].prepare(till)
    with till.silent(), pytest.raises(Unavailable):
        await till.program.send(write, Sending(again=False, leave_by=0.0, timeout=5))


@pytest.mark.parametrize("name", CASES)
async def test_no_secret_and_no_person_is_in_a_write_s_looks(till: Till, name: str) -> None:
    write = await CASES[name].prepare(till)
    shown = f"{write!r}{write.name}{write.reference}{write.serial}"
    for secret in ("kopi-secret", "kopi-key", "Jason", "Aminah", "7788990", STRANGER_APP):
        assert secret not in shown
    assert "kopi-secret" not in f"{write.request.path}{write.request.headers}"


@pytest.mark.parametrize("name", CASES)
async def test_a_write_that_was_recorded_is_sent_by_any_process(till: Till, name: str) -> None:
    case = CASES[name]
    write = await case.prepare(till)
    till.program = till.adapter()
    before = len(till.effects())
    await till.send(write)
    assert till.effects()[before:] == case.effects


@pytest.mark.parametrize("name", ["sale", "update", "authorize", "upload"])
async def test_what_cannot_be_looked_for_says_so(till: Till, name: str) -> None:
    write = await CASES[name].prepare(till)
    with pytest.raises(OutcomeUnknown):
        await till.program.look(write, NOW)


@pytest.mark.parametrize("name", ["claim", "enrol", "join", "migrate"])
async def test_a_look_that_cannot_be_made_now_says_so(till: Till, name: str) -> None:
    write = await CASES[name].prepare(till)
    till.fault("*", times=9, status=500)
    with pytest.raises(Unavailable):
        await till.program.look(write, NOW)


# --------------------------------------------------------------------------- whose is it


async def test_a_member_of_the_same_phone_who_is_another_is_not_ours(till: Till) -> None:
    write = await _enrol(till)
    other = Profile(name="Somebody Else", phone="+60167788990")
    await till.done(till.program.enrol_member, EnrolMember(program="kopi", profile=other))
    with pytest.raises(OutcomeUnknown):
        await till.program.look(write, NOW)
    with till.nothing_changes(), pytest.raises(LoyaltyError) as caught:
        await till.send(write)
    assert caught.value.code is ErrorCode.CONTACT_IN_USE


async def test_two_new_vouchers_are_nobody_s_to_choose_from(till: Till) -> None:
    write = await till.write(till.program.claim_voucher, claim(campaigns.FREE_COFFEE))
    for _ in range(2):
        await till.control("/claim-voucher", memberId=int(RICH), voucherId=campaigns.FREE_COFFEE)
    with pytest.raises(OutcomeUnknown):
        await till.program.look(write, NOW)


async def test_vouchers_held_before_and_of_other_kinds_are_not_the_new_one(till: Till) -> None:
    write = await till.write(till.program.claim_voucher, claim(campaigns.FREE_COFFEE, HOLDER))
    await till.control("/claim-voucher", memberId=int(HOLDER), voucherId=campaigns.WEEKEND)
    assert await till.program.look(write, NOW) is None
    till.fault("issue_voucher", drop="after")
    await unknown(till, write)
    done = await till.program.look(write, NOW)
    assert done is not None
    assert done.voucher is not None
    assert till.voucher_state(done.voucher.code) == "usable"


async def test_claims_of_one_voucher_by_one_member_are_never_under_way_together(
    till: Till,
) -> None:
    first = await till.write(till.program.claim_voucher, claim(campaigns.FREE_COFFEE))
    second = await till.write(till.program.claim_voucher, claim(campaigns.FREE_COFFEE))
    other = await till.write(till.program.claim_voucher, claim(campaigns.WELCOME))
    assert first.serial == second.serial != other.serial
    assert first.serial is not None


async def test_a_right_that_is_over_leaves_a_repeat_in_doubt(till: Till) -> None:
    done = await till.done(
        till.program.authorize_redemption,
        AuthorizeRedemption(program="kopi", code=await till.auth_code()),
    )
    command = sale(AISYAH, redeem=Decimal(100), authorization=done.secret)
    write = await till.write(till.program.post_sale, command)
    till.fault("post_transaction", drop="before")
    await unknown(till, write)
    till.wait(601)
    assert await till.settled(write) is None
    assert till.effects(AISYAH)[1:] == []
