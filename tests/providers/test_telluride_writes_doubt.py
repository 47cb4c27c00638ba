"""Writes to Telluride whose answer was lost: never a failure, and looked for or sent again once."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from loyalty.commands import (
    AdjustPoints,
    EnrolMember,
    RedeemPoints,
    SetAffinity,
    VoidRedemption,
    VoidSale,
)
from loyalty.errors import Declined, ErrorCode, LoyaltyError, OutcomeUnknown, Unavailable
from loyalty.members import AffinityStatus, Attribute
from loyalty.outcomes import CautionCode
from providers.calls import Reply
from providers.writing import Doubt, Job, Next, Write
from tests.providers.telluride_world import NOTHING, NOW, OUTLET, World, at, goods, opened
from tests.providers.test_telluride_writes_members import ADA


@pytest.fixture
async def world():
    async with opened() as made:
        yield made


# ------------------------------------------------------------------ one write of each kind


async def sale(world: World) -> Write:
    return await world.first(world.program.post_sale, world.sale("rich"), NOTHING)


async def void_of_sale(world: World) -> Write:
    posted = await world.posted(world.sale("rich"))
    return await world.first(world.program.void_sale, VoidSale(transaction=at(posted)), posted)


async def redemption(world: World) -> Write:
    return await world.first(world.program.redeem_points, redeeming(world))


async def void_of_redemption(world: World) -> Write:
    redeemed = await world.redeemed(redeeming(world))
    command = VoidRedemption(member=world.ref("rich"), redemption=redeemed.operation)
    return await world.first(world.program.void_redemption, command, redeemed)


async def posting(world: World) -> Write:
    command = AdjustPoints(
        member=world.ref("rich"), delta=Decimal(700), reason="sorry", offer_code="GOODWILL"
    )
    return await world.first(world.program.adjust_points, command)


async def enrolment(world: World) -> Write:
    return await world.first(world.program.enrol_member, EnrolMember(program="syw", profile=ADA))


async def link(world: World) -> Write:
    command = SetAffinity(member=world.ref("zero"), code="PETCLUB", status=AffinityStatus.ACTIVE)
    return await world.first(world.program.set_affinity, command)


def redeeming(world: World) -> RedeemPoints:
    return RedeemPoints(
        member=world.ref("rich"), outlet=OUTLET, points=Decimal(5000), lines=(goods("30.00"),)
    )


@dataclass(frozen=True)
class Kind:
    """One kind of write: how it is made, where it goes, what it does, how doubt about it ends."""

    name: str
    make: Callable[[World], Awaitable[Write]]
    api: str
    effect: str
    doubt: Doubt

    @property
    def is_looked_for(self) -> bool:
        return self.doubt is not Doubt.REPLAY


KINDS = [
    Kind("sale", sale, "ProcessEarn", "earn", Doubt.LOOK_THEN_REPLAY),
    Kind("return", void_of_sale, "ProcessEarn", "return", Doubt.LOOK_THEN_REPLAY),
    Kind("redemption", redemption, "ProcessRedemption", "redeem", Doubt.LOOK_THEN_REPLAY),
    Kind("void", void_of_redemption, "ProcessRedemption", "void", Doubt.REPLAY),
    Kind("posting", posting, "PostExternalBonus", "bonus", Doubt.LOOK),
    Kind("enrolment", enrolment, "CreateMember", "enroll", Doubt.LOOK),
    Kind("link", link, "UpdateMemberAffinitySubscriptions", "affinity", Doubt.REPLAY),
]
every = pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
LOOKED_FOR = [kind for kind in KINDS if kind.is_looked_for]
looked_for = pytest.mark.parametrize("kind", LOOKED_FOR, ids=[kind.name for kind in LOOKED_FOR])
SENT_AGAIN = [kind for kind in KINDS if kind.doubt in {Doubt.REPLAY, Doubt.LOOK_THEN_REPLAY}]
sent_again = pytest.mark.parametrize("kind", SENT_AGAIN, ids=[kind.name for kind in SENT_AGAIN])


def count(world: World, kind: Kind) -> int:
    return world.kinds().count(kind.effect)


@every
async def test_each_kind_says_what_is_done_about_doubt_and_has_its_own_name(
    world: World, kind: Kind
):
    write = await kind.make(world)
    assert (write.name, write.doubt) == (kind.api, kind.doubt)
    has_name = kind.name not in {"enrolment", "link"}
    assert (write.reference is not None) == has_name
    assert (write.serial is not None) != has_name


# ------------------------------------------------------------------ lost answers

APPLIED = {
    "the connection broke after it": {"drop": "after"},
    "500, and it was done": {"status": 500, "apply": True},
    "502 as HTML, and it was done": {"status": 502, "html": True, "apply": True},
    "a redirect, and it was done": {"status": 302, "apply": True},
    "a bare 401, and it was done": {"status": 401, "apply": True},
    "a bare 403, and it was done": {"status": 403, "apply": True},
    "a bare 404, and it was done": {"status": 404, "apply": True},
    "a bare 408, and it was done": {"status": 408, "apply": True},
    "an empty answer": {"empty": True},
    "an HTML answer": {"html": True},
    "half an answer": {"truncate": 40},
    "an answer of wrong types": {"wrong_types": True},
}
NOT_APPLIED = {
    "the connection broke before it": {"drop": "before"},
    "500, and it was not done": {"status": 500},
    "503 as HTML": {"status": 503, "html": True},
    "200 without a status": {"status": 200, "body": {"Additional": {}}},
    "200 with a code that nobody knows": {
        "status": 200,
        "body": {"Additional": {"Status": "777", "StatusText": "Ping"}},
    },
}
applied = pytest.mark.parametrize("fault", APPLIED.values(), ids=APPLIED)
not_applied = pytest.mark.parametrize("fault", NOT_APPLIED.values(), ids=NOT_APPLIED)


async def lost(world: World, kind: Kind, **fault: object) -> Write:
    """A write of the kind whose answer was lost."""
    write = await kind.make(world)
    world.fault(kind.api, **fault)
    with pytest.raises(OutcomeUnknown):
        await world.send(write)
    return write


@applied
@looked_for
async def test_what_was_done_is_found_once(world: World, kind: Kind, fault: dict):
    write = await lost(world, kind, **fault)
    done = await world.look(write)
    assert done is not None
    assert count(world, kind) == 1
    assert "code" not in done.native


@not_applied
@looked_for
async def test_what_was_not_done_is_not_found(world: World, kind: Kind, fault: dict):
    write = await lost(world, kind, **fault)
    assert await world.look(write) is None
    assert count(world, kind) == 0


@applied
@sent_again
async def test_the_same_bytes_again_are_the_same_effect(world: World, kind: Kind, fault: dict):
    write = await lost(world, kind, **fault)
    done = await world.send(write, again=True)
    assert count(world, kind) == 1
    if kind.name == "redemption":
        assert done.native["code"] == world.effects[-1].detail["authorization"]


@not_applied
@sent_again
async def test_the_same_bytes_again_do_what_was_not_done(world: World, kind: Kind, fault: dict):
    write = await lost(world, kind, **fault)
    await world.send(write, again=True)
    assert count(world, kind) == 1


@every
async def test_a_database_error_is_no_refusal(world: World, kind: Kind):
    write = await kind.make(world)
    for form in (kind.api, f"{kind.api}:apply"):
        world.switch(database_error_apis=form)
        with pytest.raises(OutcomeUnknown) as unknown:
            await world.send(write)
        assert unknown.value.upstream.code == "90"
    assert count(world, kind) == 1


@every
async def test_a_request_that_arrived_twice_is_one_success(world: World, kind: Kind):
    write = await kind.make(world)
    world.fault(kind.api, twice=True)
    await world.send(write)
    assert count(world, kind) == (2 if kind.name == "posting" else 1)


async def test_a_first_answer_that_is_marked_as_a_repeat_says_so(world: World):
    write = await redemption(world)
    world.fault("ProcessRedemption", twice=True)
    done = await world.send(write)
    assert [caution.code for caution in done.cautions] == [CautionCode.DUPLICATE_IGNORED]


MARKS = ["both", "letter", "text", "flag"]


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("kind", [KINDS[0], KINDS[1], KINDS[2]], ids=["sale", "return", "redeem"])
async def test_a_doubled_delivery_is_a_success_with_a_caution(world: World, kind: Kind, mark: str):
    world.switch(redemption_duplicate_mark=mark)
    write = await kind.make(world)
    world.fault(kind.api, twice=True)
    done = await world.send(write)
    assert [caution.code for caution in done.cautions] == [CautionCode.DUPLICATE_IGNORED]
    assert count(world, kind) == 1


def lost_ledger(world: World) -> None:
    """Another ledger counts through the same numbers again, and the provider answers the first."""
    world.counters.clear()
    world.switch(different_details="answer_first")


@pytest.mark.parametrize("whose", ["rich", "zero"])
@pytest.mark.parametrize("again", [False, True], ids=["first", "again"])
async def test_a_sale_that_has_anothers_name_is_not_taken_for_done(
    world: World, whose: str, again: bool
):
    other = world.sale(whose, goods("7.00"))
    await world.run(world.program.post_sale, other, NOTHING)
    lost_ledger(world)
    write = await sale(world)
    with pytest.raises(OutcomeUnknown):
        await world.send(write, again=again)
    assert world.kinds() == ["earn"]


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("again", [False, True], ids=["first", "again"])
async def test_a_redemption_that_has_anothers_name_is_not_taken_for_done(
    world: World, again: bool, mark: str
):
    world.switch(redemption_duplicate_mark=mark)
    await world.run(world.program.redeem_points, replace(redeeming(world), points=Decimal(3000)))
    lost_ledger(world)
    write = await redemption(world)
    with pytest.raises(OutcomeUnknown):
        await world.send(write, again=again)
    assert world.kinds() == ["redeem"]


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[2]], ids=["sale", "redeem"])
@pytest.mark.parametrize(
    "blind",
    [
        {"status": 503, "html": True},
        {"status": 200, "body": {"Status": "99", "StatusText": "Member Number is a required"}},
    ],
    ids=["down", "refused"],
)
async def test_a_repeat_that_cannot_be_looked_at_is_in_doubt(world: World, kind: Kind, blind: dict):
    write = await kind.make(world)
    world.fault(kind.api, twice=True)
    world.fault("GetMemberActivityDetail", times=9, **blind)
    with pytest.raises(OutcomeUnknown):
        await world.send(write)
    world.sandbox.frame.faults.reset()
    assert await world.look(write) is not None
    assert count(world, kind) == 1


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[2]], ids=["sale", "redeem"])
async def test_a_repeat_whose_row_comes_late_is_in_doubt_until_it_shows(world: World, kind: Kind):
    write = await kind.make(world)
    world.switch(**LAG)
    world.fault(kind.api, twice=True)
    with pytest.raises(OutcomeUnknown):
        await world.send(write)
    world.sandbox.frame.clock.advance(61)
    assert await world.look(write) is not None
    assert count(world, kind) == 1


@every
async def test_a_refusal_of_a_repeat_proves_nothing(world: World, kind: Kind):
    write = await kind.make(world)
    body = json.loads(write.request.body)
    body["MessageVersion" if "MessageVersion" in body else "messageVersion"] = "x"
    request = replace(write.request, body=json.dumps(body).encode())
    broken = replace(write, request=request)
    with pytest.raises(LoyaltyError) as first:
        await world.send(broken)
    assert not isinstance(first.value, OutcomeUnknown | Unavailable)
    with pytest.raises(OutcomeUnknown):
        await world.send(broken, again=True)


# ------------------------------------------------------------------ turned away at the door


@every
async def test_a_revoked_token_is_renewed_once_and_nothing_is_done_twice(world: World, kind: Kind):
    write = await kind.make(world)
    await world.program.member_by_number(world.ref("rich").key)
    world.fault(kind.api, revoke_token=True)
    await world.send(write)
    assert count(world, kind) == 1


@every
@pytest.mark.parametrize("form", ["http", "body"])
async def test_an_account_that_is_refused_has_done_nothing(world: World, kind: Kind, form: str):
    write = await kind.make(world)
    world.switch(forbidden_apis=kind.api, auth_failure=form)
    with pytest.raises(Unavailable) as refused:
        await world.send(write)
    assert refused.value.code is ErrorCode.PROVIDER_CREDENTIALS
    world.switch(forbidden_apis="", authentication_exception=True)
    with pytest.raises(Unavailable):
        await world.send(write)
    assert count(world, kind) == 0


@every
async def test_too_many_calls_are_nothing_done(world: World, kind: Kind):
    write = await kind.make(world)
    world.fault(kind.api, rate_limited=True, retry_after=1)
    with pytest.raises(Unavailable) as refused:
        await world.send(write)
    assert refused.value.code is ErrorCode.PROVIDER_RATE_LIMITED
    assert count(world, kind) == 0


async def test_the_words_of_a_refused_account_in_our_own_echo_are_no_refusal(world: World):
    line = goods("10.00", attributes=(Attribute("note", "ACCESSTOKEN_EXPIRED"),))
    write = await world.first(world.program.post_sale, world.sale("rich", line), NOTHING)
    cut = 5 * 1000
    world.bend = lambda _, reply: replace(reply, body=reply.body[:cut].rstrip(b"}"))
    with pytest.raises(OutcomeUnknown):
        await world.send(write)
    world.bend = lambda _, reply: Reply(500, {}, b"<pre>" + reply.body)
    with pytest.raises(OutcomeUnknown):
        await world.send(write, again=True)
    assert world.kinds() == ["earn"]


async def test_a_token_that_a_bare_401_refused_is_not_used_again(world: World):
    write = await redemption(world)
    world.fault("ProcessRedemption", status=401)
    with pytest.raises(OutcomeUnknown):
        await world.send(write)
    await world.send(write, again=True)
    assert world.sandbox.frame.books.counts()["telluride"]["token"] == 2


# ------------------------------------------------------------------ what assumptions change

LAG = {"activity_delay_seconds": 60}


@looked_for
async def test_a_row_that_comes_late_is_not_found_yet(world: World, kind: Kind):
    write = await kind.make(world)
    world.switch(**LAG)
    world.fault(kind.api, drop="after")
    with pytest.raises(OutcomeUnknown):
        await world.send(write)
    found = await world.look(write)
    assert (found is None) == (kind.name != "enrolment")
    world.sandbox.frame.clock.advance(61)
    assert await world.look(write) is not None


HISTORY = [kind for kind in LOOKED_FOR if kind.name != "enrolment"]
in_history = pytest.mark.parametrize("kind", HISTORY, ids=[kind.name for kind in HISTORY])
HARMLESS = [
    {"row_transaction_number": "bare"},
    {"row_types": "only_p"},
    {"void_rows": "status_only"},
    {"void_rows": "row_only"},
    {"returned_points": "positive"},
    {"return_shortage": "go_negative"},
    {"total_points_earned": "lifetime"},
    {"earn_duplicates_marked": False},
    {"redemption_duplicate_mark": "none"},
    {"redemption_duplicate_mark": "letter"},
    {"redemption_duplicate_mark": "text"},
    {"redemption_duplicate_mark": "flag"},
    {"different_details": "answer_first"},
    {"two_digit_status": True},
    {"message_version_echo": "one_lower"},
    {"strict_required": True},
    {"starred_texts": False},
    {"empty_lists": "array"},
    {"empty_lists": "null"},
    {"empty_lists": "missing"},
    {"bonus_duplicates_detected": True},
    {"void_restores": "fresh"},
    {"address_service_down": True},
    {"balance_inquiry_required": True},
    {"earn_duplicates_detected": False},
    {"redemption_duplicates_detected": False},
]


@pytest.mark.parametrize(
    "switch", HARMLESS, ids=["-".join(map(str, *each.items())) for each in HARMLESS]
)
@every
async def test_an_assumption_that_does_not_hold_costs_nothing(
    world: World, kind: Kind, switch: dict
):
    world.switch(**switch)
    write = await kind.make(world)
    world.fault(kind.api, drop="after")
    if switch.get("balance_inquiry_required") and kind.name == "redemption":
        world.sandbox.frame.faults.reset()
        await world.send(write)
    else:
        with pytest.raises(OutcomeUnknown):
            await world.send(write)
    assert count(world, kind) == 1
    if kind.is_looked_for:
        assert await world.look(write) is not None
    else:
        await world.send(write, again=True)
    assert count(world, kind) == 1


@pytest.mark.parametrize(
    "switch",
    [
        {"row_times": "posted"},
        {"activity_fields_missing": "TransactionDTTM"},
        {"activity_fields_missing": "RegisterNumber"},
        {"activity_fields_missing": "TransactionNumber"},
        {"activity_fields_missing": "StoreLocation"},
        {"activity_fields_missing": "GrossSpend,TotalPointsRedeemed,TotalBonusPoints,TotalPoints"},
    ],
    ids=lambda switch: "-".join(map(str, *switch.items())),
)
@in_history
async def test_a_row_that_only_resembles_it_is_no_proof_either_way(
    world: World, kind: Kind, switch: dict
):
    write = await kind.make(world)
    world.sandbox.frame.clock.advance(30)
    write = await lost_already(world, kind, write)
    world.switch(**switch)
    with pytest.raises(OutcomeUnknown):
        await world.look(write)


async def lost_already(world: World, kind: Kind, write: Write) -> Write:
    world.fault(kind.api, drop="after")
    with pytest.raises(OutcomeUnknown):
        await world.send(write)
    return write


async def test_a_bare_redemption_that_has_no_row_is_not_found(world: World):
    world.switch(bare_redemption_row=False)
    write = await lost(world, KINDS[2], drop="after")
    assert await world.look(write) is None
    done = await world.send(write, again=True)
    assert done.native["code"]
    assert world.kinds() == ["redeem"]


async def test_a_posting_that_has_no_row_is_not_found(world: World):
    world.switch(bonus_row=False)
    write = await lost(world, KINDS[4], drop="after")
    assert write.doubt is Doubt.LOOK
    assert await world.look(write) is None


async def test_where_repeats_are_not_recognised_a_repeat_is_a_second_effect(world: World):
    """Why replay_is_safe is false until the vendor has said otherwise."""
    world.switch(redemption_duplicates_detected=False)
    write = await lost(world, KINDS[2], drop="after")
    await world.send(write, again=True)
    assert world.kinds() == ["redeem", "redeem"]
    with pytest.raises(OutcomeUnknown):
        await world.look(write)


async def test_an_inquiry_is_made_where_the_provider_wants_one_first(world: World):
    world.switch(balance_inquiry_required=True)
    write = await redemption(world)
    done = await world.send(write)
    functions = [body["Function"] for body in world.bodies("ProcessRedemption")]
    assert functions == ["R", "B", "R"]
    assert world.kinds() == ["redeem"]
    assert done.native["code"]


async def test_a_merged_members_writes_are_found_under_the_survivor(world: World):
    write = await world.first(world.program.post_sale, world.sale("merged"), NOTHING)
    world.fault("ProcessEarn", drop="after")
    with pytest.raises(OutcomeUnknown):
        await world.send(write)
    done = await world.look(write)
    assert done.transaction.member == world.ref("survivor")


async def test_where_merged_members_are_not_followed_nothing_is_done(world: World):
    world.switch(merged_followed=False)
    write = await world.first(world.program.post_sale, world.sale("merged"), NOTHING)
    with pytest.raises(Declined) as refused:
        await world.send(write)
    assert refused.value.code is ErrorCode.MEMBER_NOT_ACTIVE
    assert world.effects == []


# ------------------------------------------------------------------ twins and strangers


@pytest.mark.parametrize("kind", [KINDS[1], KINDS[4]], ids=["return", "posting"])
async def test_a_twin_that_met_a_refusal_is_no_failure(world: World, kind: Kind):
    """The network delivers it twice; the second is refused for what the first has done."""
    world.switch(earn_duplicates_detected=False)
    write = await kind.make(world)
    if kind.name == "posting":
        body = json.loads(write.request.body) | {"OfferId": "CAPMP", "PointsToAdd": "3000"}
        write = replace(write, request=replace(write.request, body=json.dumps(body).encode()))
    world.fault(kind.api, twice=True)
    await world.send(write)
    assert count(world, kind) == 1


async def test_somebody_who_took_the_contact_meanwhile_is_not_ours(world: World):
    write = await enrolment(world)
    other = replace(ADA, given_name="Eve")
    await world.run(world.program.enrol_member, EnrolMember(program="syw", profile=other))
    with pytest.raises(OutcomeUnknown):
        await world.look(write)
    with pytest.raises(Declined) as refused:
        await world.send(write)
    assert refused.value.code is ErrorCode.CONTACT_IN_USE
    assert world.kinds() == ["enroll"]


async def test_a_contact_that_is_taken_by_nobody_is_no_refusal(world: World):
    write = await enrolment(world)
    told = {"Status": "86", "StatusText": "EMAIL ADDRESS EXISTS ON AN ACTIVE MEMBER"}
    reply = {"CreateMemberResult": {"GetMemberLookupReply": [{"Additional": told}]}}
    world.fault("CreateMember", status=200, body=reply)
    with pytest.raises(OutcomeUnknown):
        await world.send(write)


async def test_another_sale_of_the_same_number_is_not_taken_for_it(world: World):
    other = world.sale("rich", goods("7.00"), occurred_at=NOW - timedelta(hours=3))
    await world.run(world.program.post_sale, other, NOTHING)
    world.counters.clear()
    write = await lost(world, KINDS[0], drop="before")
    assert await world.look(write) is None


async def test_who_had_the_contact_before_is_not_taken_for_the_new_member(world: World):
    world.switch(inactive_email="free", identities_checked=False)
    gone = replace(ADA, given_name="Ian", family_name="Idle", email="inactive@example.com")
    command = EnrolMember(program="syw", profile=gone)
    write = await world.first(world.program.enrol_member, command)
    assert await world.look(write) is None
    world.fault("CreateMember", drop="after")
    with pytest.raises(OutcomeUnknown):
        await world.send(write)
    done = await world.look(write)
    assert done.member.key == world.effects[-1].member


async def test_two_new_members_that_are_alike_need_a_person(world: World):
    world.switch(identities_checked=False)
    write = await lost(world, KINDS[5], twice=True, drop="after")
    assert world.kinds() == ["enroll", "enroll"]
    with pytest.raises(OutcomeUnknown):
        await world.look(write)


async def test_a_look_that_is_refused_or_down_is_no_answer(world: World):
    write = await lost(world, KINDS[0], drop="after")
    world.fault("GetMemberActivityDetail", times=9, status=503, html=True)
    with pytest.raises(Unavailable):
        await world.look(write)
    world.sandbox.frame.faults.reset()
    world.fault(
        "GetMemberActivityDetail",
        status=200,
        body={"Status": "99", "StatusText": "Member Number is a required field"},
    )
    with pytest.raises(OutcomeUnknown):
        await world.look(write)


# ------------------------------------------------------------------ bytes


@every
async def test_a_second_try_has_the_very_same_bytes(world: World, kind: Kind):
    write = await lost(world, kind, status=500)
    world.sandbox.frame.clock.advance(3600)
    await world.send(write, again=True) if kind in SENT_AGAIN else await world.look(write)
    raw = [call.body for call in world.sandbox.frame.books.calls("telluride", kind.api)]
    assert len({body for body in raw if body == write.request.body.decode()}) == 1
    if kind in SENT_AGAIN:
        assert raw[-1] == raw[-2]


@every
async def test_nothing_personal_or_secret_shows_in_a_write(world: World, kind: Kind):
    write = await kind.make(world)
    shown = repr(write)
    for secret in (world.ref("rich").key, world.ref("zero").key, "ada.l", "2065550199", "Lovelace"):
        assert secret not in shown
    assert world.sandbox.telluride.private_key_pem()[40:80] not in shown


async def test_what_was_asked_again_after_a_death_is_the_same_question(world: World):
    """A script keeps no memory: with the same steps it answers the same."""
    numbers: list[tuple[str, int]] = []

    async def number(counter: str, most: int) -> int:
        numbers.append((counter, most))
        return 7

    ticket = replace(world.ticket(), number=number)
    job: Job = Job(command=world.sale(), target=NOTHING, ticket=ticket)
    first: Next = await world.program.post_sale(job)
    second: Next = await world.open().post_sale(job)
    assert first == second
    assert numbers == [("earn", 9999)] * 2


async def test_the_settings_say_how_long_doubt_lasts(world: World):
    patience = world.program.patience
    assert (patience.wire, patience.review) == (60, 24 * 3600)
    assert (patience.read_lag, patience.replay_is_safe) == (None, False)
    told = world.open(
        read_lag_max="5m", replay_is_safe=True, wire_seconds=20, processing_seconds=30,
        review_hours=2,
    ).patience  # fmt: skip
    assert told.fence == 20 + 30 + timedelta(minutes=5).total_seconds()
    assert told.replay_is_safe
    assert told.review == 7200
