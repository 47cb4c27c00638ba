"""Telluride's other changes: points redeemed, given back, posted; members enrolled and linked."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from loyalty.commands import (
    AdjustPoints,
    Consents,
    EnrolMember,
    PhoneType,
    Profile,
    RedeemPoints,
    SetAffinity,
    VoidRedemption,
    VoidSale,
)
from loyalty.errors import (
    Declined,
    ErrorCode,
    InsufficientPoints,
    InvalidInput,
    MemberNotFound,
    RetryAdvice,
    Unsupported,
)
from loyalty.members import AffinityStatus, Attribute
from loyalty.operations import Operation
from loyalty.outcomes import CautionCode, RedemptionStatus
from loyalty.points import PointsKind
from loyalty.refs import MemberRef
from loyalty.sales import DocumentReference, LineType, Outlet
from providers.writing import Doubt
from tests.providers.telluride_world import NOW, OUTLET, World, at, goods, opened


@pytest.fixture
async def world():
    async with opened() as made:
        yield made


# ------------------------------------------------------------------ points redeemed


def redemption(world: World, persona: str = "rich", **changes) -> RedeemPoints:
    made = {
        "member": world.ref(persona),
        "outlet": OUTLET,
        "points": Decimal(5000),
        "lines": (goods("30.00"),),
    }
    return RedeemPoints(**(made | changes))


async def test_points_are_redeemed_once_and_told_with_their_worth(world: World):
    before = world.own("rich")
    done = await world.run(world.program.redeem_points, redemption(world))
    (effect,) = world.effects
    assert (effect.kind, effect.delta, world.own("rich")) == ("redeem", -5000, before - 5000)
    assert (done.points, done.worth.amount) == (5000, Decimal("5.00"))
    assert done.redemption is RedemptionStatus.CAPTURED
    assert done.native["code"] == effect.detail["authorization"]
    assert done.effect.redeemed == 5000
    assert done.effect.balance_after == before - 5000


async def test_a_redemption_is_found_in_the_history_by_its_reference(world: World):
    done = await world.run(world.program.redeem_points, redemption(world))
    found = await world.program.transaction(done.transaction.member.key, done.transaction.key)
    assert found.effect.redeemed == 5000


async def test_money_is_redeemed_as_the_points_it_is(world: World):
    command = redemption(world, points=None, money=Decimal("2.50"))
    done = await world.run(world.program.redeem_points, command)
    (body,) = world.bodies("ProcessRedemption")
    assert (body["RedemptionPoints"], body["RedemptionDollarValue"]) == ("2500", "2.50")
    assert done.points == 2500


async def test_the_request_of_a_redemption_has_the_five_values_and_plain_lines(world: World):
    command = redemption(
        world, document=DocumentReference("INV-9"), operator="ANNA", note="birthday"
    )
    done = await world.run(world.program.redeem_points, command)
    (body,) = world.bodies("ProcessRedemption")
    assert body | {"LineItems": None} == {
        "RequestorID": "LGPH",
        "MessageVersion": "12",
        "Function": "R",
        "ApplyFunction": "M",
        "MemberNumber": world.ref("rich").key,
        "PickUpStoreNumber": "09305",
        "OrderStoreNumber": "09305",
        "RegisterNumber": "002",
        "TransactionNumber": "10001",
        "TransactionDate": "2026-06-15",
        "TransactionTime": "12:00:00",
        "RedemptionPoints": "5000",
        "RedemptionDollarValue": "5.00",
        "MaxRedeemablePoints": "0",
        "MaxRedeemableDollarValue": "0",
        "ShowQualifiedOffers": "N",
        "AssociateID": "ANNA",
        "OrderId": "INV-9",
        "LineItems": None,
    }
    assert [line["DollarValuePostDisc"] for line in body["LineItems"]] == ["30.00"]
    assert [caution.message.split(" ")[0] for caution in done.cautions] == ["note"]


async def test_a_document_too_long_for_an_order_id_is_kept_here_alone(world: World):
    command = redemption(world, document=DocumentReference("D" * 17, "1"))
    done = await world.run(world.program.redeem_points, command)
    assert "OrderId" not in world.bodies("ProcessRedemption")[0]
    told = {caution.message.split(" ")[0] for caution in done.cautions}
    assert told == {"document.id", "document.number"}


@pytest.mark.parametrize(
    ("changes", "kind", "place"),
    [
        ({"lines": None}, InvalidInput, ("lines",)),
        ({"lines": ()}, InvalidInput, ("lines",)),
        ({"lines": (goods("1.00", type=LineType.DISCOUNT),)}, InvalidInput, ("lines",)),
        ({"lines": (goods("1.00", type=LineType.RETURN),)}, Unsupported, ("lines", "0", "type")),
        ({"lines": (goods("-1.00"),)}, InvalidInput, ("lines", "0", "subtotal")),
        ({"hold": True}, Unsupported, ("hold",)),
        ({"authorization": "secret"}, Unsupported, ("authorization",)),
        ({"points": Decimal("1.5")}, InvalidInput, ("amount", "points")),
        ({"points": Decimal(0)}, InvalidInput, ("amount", "points")),
        ({"points": Decimal(-5)}, InvalidInput, ("amount", "points")),
        ({"points": None, "money": Decimal("0.0005")}, InvalidInput, ("amount", "money")),
        ({"points": None, "money": Decimal(0)}, InvalidInput, ("amount", "money")),
        ({"points": None}, InvalidInput, ("amount",)),
        ({"outlet": Outlet("123456")}, InvalidInput, ("outlet", "code")),
        ({"operator": ""}, InvalidInput, ("operator",)),
        ({"member": MemberRef("syw", "x")}, MemberNotFound, ("memberId",)),
    ],
)
async def test_a_redemption_that_breaks_a_rule_is_refused_before_anything_is_sent(
    world: World, changes, kind, place
):
    with pytest.raises(kind) as refused:
        await world.run(world.program.redeem_points, redemption(world, **changes))
    assert refused.value.field == ("input", *place)
    assert world.counts == {}


async def test_a_hold_is_another_operation_with_alternatives(world: World):
    with pytest.raises(Unsupported) as refused:
        await world.run(world.program.redeem_points, redemption(world, hold=True))
    assert refused.value.operation is Operation.REDEMPTION_HOLD
    assert Operation.POINTS_REDEEM in refused.value.alternatives


async def test_points_that_are_not_there_are_told_with_what_there_is(world: World):
    command = redemption(world, "no_tier", points=Decimal(20_000))
    with pytest.raises(InsufficientPoints) as refused:
        await world.run(world.program.redeem_points, command)
    assert refused.value.field == ("input", "amount")
    assert (refused.value.asked, refused.value.available) == (20_000, world.own("no_tier"))
    assert world.effects == []


async def test_the_cap_of_a_member_is_what_is_available(world: World):
    with pytest.raises(InsufficientPoints) as refused:
        await world.run(world.program.redeem_points, redemption(world, "capped"))
    assert refused.value.available == 2000


async def test_what_is_available_is_left_out_where_it_cannot_be_asked(world: World):
    world.switch(database_error_apis="GetRewardBalance")
    command = redemption(world, "zero")
    with pytest.raises(InsufficientPoints) as refused:
        await world.run(world.program.redeem_points, command)
    assert refused.value.available is None


async def test_more_than_the_goods_cost_is_refused_at_the_amount(world: World):
    with pytest.raises(InvalidInput) as refused:
        await world.run(world.program.redeem_points, redemption(world, lines=(goods("1.00"),)))
    assert refused.value.field == ("input", "amount")
    assert refused.value.upstream.code == "94"
    assert world.effects == []


@pytest.mark.parametrize("persona", ["inactive", "suspended", "pending_verified", "replaced"])
async def test_a_member_who_is_not_active_redeems_nothing(world: World, persona):
    with pytest.raises(Declined) as refused:
        await world.run(world.program.redeem_points, redemption(world, persona))
    assert refused.value.code is ErrorCode.MEMBER_NOT_ACTIVE
    assert refused.value.field == ("input", "memberId")
    assert world.effects == []


# ------------------------------------------------------------------ given back


async def test_a_redemption_is_voided_by_its_code(world: World):
    before = world.own("rich")
    redeemed = await world.redeemed(redemption(world))
    command = VoidRedemption(
        member=world.ref("rich"), redemption=redeemed.operation, reason="wrong member"
    )
    done = await world.run(world.program.void_redemption, command, redeemed)
    assert world.kinds() == ["redeem", "void"]
    assert world.own("rich") == before
    assert done.redemption is RedemptionStatus.VOIDED
    assert (done.points, done.effect.adjusted) == (5000, 5000)
    body = world.bodies("ProcessRedemption")[-1]
    assert (body["Function"], body["LineItems"]) == ("V", [])
    assert body["TransactionNumber"] == "10002"
    assert [caution.message.split(" ")[0] for caution in done.cautions] == ["reason"]


async def test_a_redemption_voided_elsewhere_counts_as_voided(world: World):
    redeemed = await world.redeemed(redemption(world))
    command = VoidRedemption(member=world.ref("rich"), redemption=redeemed.operation)
    await world.run(world.program.void_redemption, command, redeemed)
    again = await world.run(world.program.void_redemption, command, redeemed)
    assert again.redemption is RedemptionStatus.VOIDED
    assert [caution.code for caution in again.cautions] == [CautionCode.DUPLICATE_IGNORED]
    assert world.kinds() == ["redeem", "void"]


async def test_a_redemption_without_a_code_cannot_be_voided(world: World):
    redeemed = await world.redeemed(redemption(world))
    codeless = replace(redeemed, done=replace(redeemed.done, native={}))
    command = VoidRedemption(member=world.ref("rich"), redemption=redeemed.operation)
    with pytest.raises(Declined) as refused:
        await world.run(world.program.void_redemption, command, codeless)
    assert refused.value.code is ErrorCode.NOT_VOIDABLE
    assert refused.value.field == ("input", "redemptionId")
    assert world.counts == {"ProcessRedemption": 1}


async def test_a_voided_redemption_is_not_voided_twice(world: World):
    redeemed = await world.redeemed(redemption(world))
    voided = replace(redeemed, status=RedemptionStatus.VOIDED)
    command = VoidRedemption(member=world.ref("rich"), redemption=redeemed.operation)
    with pytest.raises(Declined) as refused:
        await world.run(world.program.void_redemption, command, voided)
    assert refused.value.code is ErrorCode.ALREADY_VOIDED


async def test_a_code_that_the_provider_does_not_know_is_not_found(world: World):
    redeemed = await world.redeemed(redemption(world))
    other = replace(redeemed, done=replace(redeemed.done, native={"code": "NOSUCH00"}))
    command = VoidRedemption(member=world.ref("rich"), redemption=redeemed.operation)
    with pytest.raises(Declined) as refused:
        await world.run(world.program.void_redemption, command, other)
    assert refused.value.code is ErrorCode.REDEMPTION_NOT_FOUND
    assert refused.value.field == ("input", "redemptionId")


# ------------------------------------------------------------------ points posted


def posting(world: World, persona: str = "zero", **changes) -> AdjustPoints:
    made = {
        "member": world.ref(persona),
        "delta": Decimal(2500),
        "reason": "welcome",
        "offer_code": "WELCOME1",
    }
    return AdjustPoints(**(made | changes))


async def test_points_are_posted_against_an_offer(world: World):
    done = await world.run(world.program.adjust_points, posting(world))
    (effect,) = world.effects
    assert (effect.kind, effect.delta, world.own("zero")) == ("bonus", 2500, 2500)
    assert (done.effect.earned, done.effect.balance_after) == (2500, 2500)
    assert [(award.offer_code, award.points) for award in done.awards] == [("WELCOME1", 2500)]
    found = await world.program.transaction(done.transaction.member.key, done.transaction.key)
    assert found.effect.earned == 2500


async def test_the_request_of_a_posting_names_it(world: World):
    ends_at = NOW + timedelta(days=30)
    command = posting(world, starts_at=NOW, ends_at=ends_at, outlet=OUTLET, operator="ANNA")
    done = await world.run(world.program.adjust_points, command)
    (body,) = world.bodies("PostExternalBonus")
    assert body == {
        "RequestorID": "LGPH",
        "MessageVersion": "07",
        "StoreNumber": "09305",
        "RegisterNumber": "002",
        "MemberNumber": world.ref("zero").key,
        "TransactionTs": "2026-06-15T12:00:00",
        "OfferId": "WELCOME1",
        "PointsToAdd": "2500",
        "FileIdentifier": "LGPH",
        "TransactionNumber": "B1",
        "PointsStartDate": "2026-06-15T12:00:00",
        "PointsEndDate": "2026-07-15T12:00:00",
    }
    told = {caution.message.split(" ")[0] for caution in done.cautions}
    assert told == {"reason", "operator"}


async def test_points_are_taken_too(world: World):
    before = world.own("rich")
    done = await world.run(world.program.adjust_points, posting(world, "rich", delta=Decimal(-300)))
    assert world.own("rich") == before - 300
    assert (done.effect.earned, done.effect.adjusted) == (0, -300)


async def test_more_than_there_is_cannot_be_taken(world: World):
    with pytest.raises(InsufficientPoints) as refused:
        await world.run(world.program.adjust_points, posting(world, delta=Decimal(-1)))
    assert (refused.value.asked, refused.value.available) == (1, 0)
    assert refused.value.field == ("input", "delta")
    assert world.effects == []


async def test_an_adjustment_is_voided_by_its_opposite(world: World):
    posted = await world.posted(posting(world))
    done = await world.run(world.program.void_sale, VoidSale(transaction=at(posted)), posted)
    assert world.own("zero") == 0
    assert [effect.delta for effect in world.effects] == [2500, -2500]
    assert done.effect.adjusted == -2500


@pytest.mark.parametrize(
    ("changes", "kind", "place"),
    [
        ({"offer_code": None}, InvalidInput, ("offerCode",)),
        ({"offer_code": "O" * 21}, InvalidInput, ("offerCode",)),
        ({"delta": Decimal(0)}, InvalidInput, ("delta",)),
        ({"delta": Decimal("1.5")}, InvalidInput, ("delta",)),
        ({"delta": Decimal(10) ** 12}, InvalidInput, ("delta",)),
        ({"kind": PointsKind.BASE}, Unsupported, ("kind",)),
        ({"starts_at": NOW, "ends_at": NOW - timedelta(days=1)}, InvalidInput, ("endsAt",)),
        ({"member": MemberRef("syw", "x")}, MemberNotFound, ("memberId",)),
        ({"outlet": Outlet("x")}, InvalidInput, ("outlet", "code")),
    ],
)
async def test_a_posting_that_breaks_a_rule_is_refused_before_anything_is_sent(
    world: World, changes, kind, place
):
    with pytest.raises(kind) as refused:
        await world.run(world.program.adjust_points, posting(world, **changes))
    assert refused.value.field == ("input", *place)
    assert world.counts == {}


@pytest.mark.parametrize(
    ("offer", "code"),
    [
        ("NOSUCH", ErrorCode.NOT_FOUND),
        ("ASLEEP", ErrorCode.OFFER_NOT_APPLICABLE),
        ("SOON", ErrorCode.OFFER_NOT_APPLICABLE),
        ("OVER", ErrorCode.OFFER_NOT_APPLICABLE),
        ("GOLDONLY", ErrorCode.OFFER_NOT_APPLICABLE),
    ],
)
async def test_an_offer_that_does_not_apply_is_refused_at_its_code(world: World, offer, code):
    with pytest.raises(Declined) as refused:
        await world.run(world.program.adjust_points, posting(world, "no_tier", offer_code=offer))
    assert (refused.value.code, refused.value.field) == (code, ("input", "offerCode"))
    unknown = code is ErrorCode.NOT_FOUND
    assert refused.value.retry is (RetryAdvice.AFTER_CHANGE if unknown else RetryAdvice.NEVER)
    assert world.effects == []


async def test_a_cap_that_is_reached_is_a_limit(world: World):
    command = posting(world, offer_code="CAPMP", delta=Decimal(3000))
    await world.run(world.program.adjust_points, command)
    with pytest.raises(Declined) as refused:
        await world.run(world.program.adjust_points, command)
    assert refused.value.code is ErrorCode.OFFER_LIMIT
    assert [effect.delta for effect in world.effects] == [3000]


@pytest.mark.parametrize("persona", ["inactive", "pending_verified"])
async def test_a_member_who_is_not_active_gets_no_points(world: World, persona):
    with pytest.raises(Declined) as refused:
        await world.run(world.program.adjust_points, posting(world, persona))
    assert refused.value.code is ErrorCode.MEMBER_NOT_ACTIVE
    assert refused.value.field == ("input", "memberId")


# ------------------------------------------------------------------ members enrolled

ADA = Profile(
    given_name="Ada",
    family_name="Lovelace",
    email="ada.l@example.com",
    phone="+1 (206) 555-0199",
    birth_date=date(1985, 12, 10),
    language="es-MX",
    postal_code="60601-1234",
)


def enrolment(profile: Profile | None = ADA, **changes) -> EnrolMember:
    return EnrolMember(program="syw", profile=profile, **changes)


async def test_a_member_is_enrolled_and_can_be_read(world: World):
    done = await world.run(world.program.enrol_member, enrolment())
    assert world.kinds() == ["enroll"]
    member = await world.program.member_by_number(done.member.key)
    assert (member.given_name, member.family_name) == ("Ada", "Lovelace")
    assert (member.email, member.phone) == ("ada.l@example.com", "2065550199")
    assert (member.birth_date, member.language) == (date(1985, 12, 10), "es")
    assert done.native_id == done.member.key
    assert world.effects[0].member == done.member.key


async def test_consents_are_refused_unless_they_were_given(world: World):
    await world.run(world.program.enrol_member, enrolment())
    agreed = Consents(terms=True, terms_version="7.0", email=True, sms=True, mail=True, phone=True)
    other = replace(ADA, email="b@example.com", phone="2065550198")
    await world.run(world.program.enrol_member, enrolment(other, consents=agreed))
    flags = (
        "ClubDNPStatus",
        "ClubEmailOptStatus",
        "WirelessPermissionFlag",
        "TnCStatus",
        "TnCVersion",
    )
    sent = [[body.get(flag) for flag in flags] for body in world.bodies("CreateMember")]
    assert sent == [["B", "N", "N", None, None], ["", "Y", "Y", "Y", "7.0"]]


@pytest.mark.parametrize(("mail", "calls", "letter"), [(True, False, "P"), (False, True, "M")])
async def test_mail_and_calls_are_agreed_to_apart(world: World, mail, calls, letter):
    consents = Consents(mail=mail, phone=calls)
    await world.run(world.program.enrol_member, enrolment(consents=consents))
    assert world.bodies("CreateMember")[0]["ClubDNPStatus"] == letter


async def test_the_request_of_an_enrolment_has_all_that_is_needed(world: World):
    command = enrolment(
        outlet=Outlet("305", name="Main", register="7"),
        attributes=(Attribute("RECEIPT", "E"),),
        profile=replace(ADA, name="Ada L.", gender="F", phone_type=PhoneType.HOME),
    )
    done = await world.run(world.program.enrol_member, command)
    (body,) = world.bodies("CreateMember")
    assert body["CurrentDate"] == "2026-06-15"
    assert body["CurrentTime"] == "12:00:00"
    assert (body["ZipCode"], body["ZipCodeExtension"], body["CountryCode"]) == (
        "60601",
        "1234",
        "US",
    )
    assert (body["StoreNumber"], body["Terminal"]) == ("00305", "007")
    assert body["ClubMembershipCreatedBy"] == "GRAPH"
    assert body["Attributes"] == {"Attr": [{"attrname": "RECEIPT", "attrvalue": "E"}]}
    assert body["PhoneNumbers"]["Phone"][0]["PhoneType"] == "H"
    told = {caution.message.split(" ")[0] for caution in done.cautions}
    assert told == {"profile.name", "profile.gender", "outlet.name"}


async def test_a_canadian_is_told_by_the_postal_code(world: World):
    await world.run(world.program.enrol_member, enrolment(replace(ADA, postal_code="k1a 0b1")))
    (body,) = world.bodies("CreateMember")
    assert (body["ZipCode"], body["CountryCode"]) == ("K1A0B1", "CA")


async def test_a_newer_message_takes_and_wants_a_gender(world: World):
    world.program = world.open(message_versions={"CreateMember": "15"})
    with pytest.raises(InvalidInput) as refused:
        await world.run(world.program.enrol_member, enrolment())
    assert refused.value.field == ("input", "profile", "gender")
    done = await world.run(world.program.enrol_member, enrolment(replace(ADA, gender="F")))
    member = await world.program.member_by_number(done.member.key)
    assert member.gender == "F"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"given_name": None}, ("profile", "givenName")),
        ({"family_name": ""}, ("profile", "familyName")),
        ({"family_name": "x" * 31}, ("profile", "familyName")),
        ({"email": None, "phone": None}, ("profile", "email")),
        ({"email": "x" * 50}, ("profile", "email")),
        ({"phone": "12345"}, ("profile", "phone")),
        ({"phone": "+60 12-345 6789"}, ("profile", "phone")),
        ({"postal_code": None}, ("profile", "postalCode")),
        ({"postal_code": "1234"}, ("profile", "postalCode")),
    ],
)
async def test_a_profile_that_breaks_a_rule_is_refused_before_anything_is_sent(
    world: World, changes, place
):
    with pytest.raises(InvalidInput) as refused:
        await world.run(world.program.enrol_member, enrolment(replace(ADA, **changes)))
    assert refused.value.field == ("input", *place)
    assert world.counts == {}


@pytest.mark.parametrize(
    ("changes", "kind", "place"),
    [
        ({"profile": None}, InvalidInput, ("profile",)),
        ({"mobile_user": "U1"}, Unsupported, ("mobileUser",)),
        ({"tier": "Gold"}, Unsupported, ("tier",)),
        ({"consents": Consents(terms=True)}, InvalidInput, ("consents", "termsVersion")),
        ({"consents": Consents(terms_version="7.0")}, InvalidInput, ("consents", "terms")),
        (
            {"consents": Consents(terms=True, terms_version="7.0.1.2")},
            InvalidInput,
            ("consents", "termsVersion"),
        ),
        ({"attributes": (Attribute("TOO-LONG-A-KEY", "1"),)}, InvalidInput, ("attributes", "0")),
    ],
)
async def test_an_enrolment_that_breaks_a_rule_is_refused_before_anything_is_sent(
    world: World, changes, kind, place
):
    with pytest.raises(kind) as refused:
        await world.run(world.program.enrol_member, enrolment(**changes))
    assert refused.value.field == ("input", *place)
    assert world.counts == {}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "Aisyah.Rahman@example.com"}, "email"),
        ({"phone": "206-555-0142"}, "phone"),
    ],
)
async def test_a_contact_of_an_active_member_is_taken(world: World, changes, field):
    with pytest.raises(Declined) as refused:
        await world.run(world.program.enrol_member, enrolment(replace(ADA, **changes)))
    assert refused.value.code is ErrorCode.CONTACT_IN_USE
    assert refused.value.field == ("input", "profile", field)
    assert "CreateMember" not in world.counts


async def test_a_home_number_may_be_shared(world: World):
    profile = replace(ADA, phone="2065550142", phone_type=PhoneType.HOME)
    done = await world.run(world.program.enrol_member, enrolment(profile))
    assert world.effects[0].member == done.member.key


async def test_the_email_of_somebody_who_left_is_the_providers_to_judge(world: World):
    gone = replace(ADA, email="inactive@example.com")
    with pytest.raises(Declined) as refused:
        await world.run(world.program.enrol_member, enrolment(gone))
    assert refused.value.code is ErrorCode.CONTACT_IN_USE
    assert world.effects == []
    world.switch(inactive_email="free")
    await world.run(world.program.enrol_member, enrolment(gone))
    assert world.kinds() == ["enroll"]


async def test_what_the_provider_finds_wrong_is_told_at_its_place(world: World):
    with pytest.raises(InvalidInput) as refused:
        await world.run(world.program.enrol_member, enrolment(replace(ADA, given_name="Ada B")))
    assert refused.value.field == ("input", "profile", "givenName")
    with pytest.raises(InvalidInput) as refused:
        await world.run(world.program.enrol_member, enrolment(replace(ADA, email="ada@nowhere")))
    assert refused.value.field == ("input", "profile", "email")
    command = enrolment(attributes=(Attribute("NOSUCH", "1"),))
    with pytest.raises(InvalidInput) as refused:
        await world.run(world.program.enrol_member, command)
    assert refused.value.field == ("input", "attributes")
    assert world.effects == []


async def test_an_account_that_may_not_search_still_enrols_and_nobody_looks(world: World):
    world.switch(lookup_types_refused="02,04")
    write = await world.first(world.program.enrol_member, enrolment())
    assert write.doubt is Doubt.NONE
    await world.send(write)
    assert world.kinds() == ["enroll"]


# ------------------------------------------------------------------ links


def link(world: World, persona: str = "zero", **changes) -> SetAffinity:
    made = {"member": world.ref(persona), "code": "PETCLUB", "status": AffinityStatus.ACTIVE}
    return SetAffinity(**(made | changes))


async def test_a_link_is_made_and_read_back(world: World):
    command = link(world, starts_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=9))
    done = await world.run(world.program.set_affinity, command)
    assert (world.kinds(), done.member) == (["affinity"], world.ref("zero"))
    (links,) = await world.program.affinities([world.ref("zero").key])
    assert [(each.code, each.status) for each in links] == [("PETCLUB", AffinityStatus.ACTIVE)]
    (body,) = world.bodies("UpdateMemberAffinitySubscriptions")
    assert body["affinities"] == [
        {
            "affinityNumber": "",
            "affinityStatus": "A",
            "affiliationCode": "PETCLUB",
            "affinityStartTS": "2026-06-14T12:00:00",
            "affinityEndTS": "2026-06-24T12:00:00",
        }
    ]


@pytest.mark.parametrize(
    ("status", "letter"),
    [(AffinityStatus.INACTIVE, "I"), (AffinityStatus.PENDING, "P"), (AffinityStatus.DECLINED, "D")],
)
async def test_a_link_takes_every_status(world: World, status, letter):
    await world.run(world.program.set_affinity, link(world, "affinities", status=status))
    assert world.effects[0].detail["status"] == letter


@pytest.mark.parametrize(
    ("changes", "kind", "place"),
    [
        ({"code": ""}, InvalidInput, ("code",)),
        ({"code": "TOOLONG99"}, InvalidInput, ("code",)),
        ({"status": AffinityStatus.UNKNOWN}, InvalidInput, ("status",)),
        ({"starts_at": NOW, "ends_at": NOW - timedelta(1)}, InvalidInput, ("endsAt",)),
        ({"member": MemberRef("syw", "")}, MemberNotFound, ("memberId",)),
    ],
)
async def test_a_link_that_breaks_a_rule_is_refused_before_anything_is_sent(
    world: World, changes, kind, place
):
    with pytest.raises(kind) as refused:
        await world.run(world.program.set_affinity, link(world, **changes))
    assert refused.value.field == ("input", *place)
    assert world.counts == {}


async def test_an_unknown_programme_is_refused_at_its_code(world: World):
    with pytest.raises(InvalidInput) as refused:
        await world.run(world.program.set_affinity, link(world, code="NOSUCH"))
    assert refused.value.field == ("input", "code")
    assert world.effects == []


async def test_somebody_inactive_is_not_linked(world: World):
    with pytest.raises(Declined) as refused:
        await world.run(world.program.set_affinity, link(world, "inactive"))
    assert refused.value.code is ErrorCode.MEMBER_NOT_ACTIVE
    assert refused.value.field == ("input", "memberId")


async def test_two_writes_of_one_link_share_a_serial_that_names_nobody(world: World):
    one = await world.first(world.program.set_affinity, link(world))
    two = await world.first(world.program.set_affinity, link(world, status=AffinityStatus.INACTIVE))
    other = await world.first(world.program.set_affinity, link(world, "rich"))
    assert one.serial == two.serial != other.serial
    assert world.ref("zero").key not in repr(one)
