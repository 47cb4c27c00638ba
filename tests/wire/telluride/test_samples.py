"""Each documented reply of Telluride, and what it must mean; write replies are decoded too."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from loyalty.members import Affinity, AffinityStatus, Attribute, Member, MemberStatus
from loyalty.money import Money
from loyalty.offers import Offer, OfferKind
from loyalty.points import (
    Balance,
    ExpiringPoints,
    ExpiryPrecision,
    PointsBucket,
    PointsKind,
    PointsState,
)
from loyalty.refs import MemberRef, TransactionRef
from loyalty.sales import (
    Activity,
    Award,
    DocumentReference,
    Outlet,
    PointsEffect,
    Transaction,
    TransactionKind,
    TransactionStatus,
)
from providers.telluride.mapping.account import Account
from providers.telluride.mapping.activity import activity
from providers.telluride.mapping.affinities import affinities
from providers.telluride.mapping.balances import balance, channel
from providers.telluride.mapping.bonuses import balance_after
from providers.telluride.mapping.earnings import awards, effect
from providers.telluride.mapping.members import member
from providers.telluride.mapping.offers import offers
from providers.telluride.mapping.redemptions import Redeemable, Redeemed, redeemable, redeemed
from providers.telluride.mapping.refusals import outcome
from providers.telluride.mapping.transactions import history, transaction
from providers.telluride.profile.apis import Api
from providers.telluride.wire.activity import WireRows, WireSummary
from providers.telluride.wire.affinities import WireAffinities, WireAffinityUpdate
from providers.telluride.wire.balances import WireBalance
from providers.telluride.wire.bonuses import WireBonus
from providers.telluride.wire.earnings import WireEarning
from providers.telluride.wire.grants import WireGrant
from providers.telluride.wire.members import WireCreatedMember, WireMembers
from providers.telluride.wire.offers import WireOffers
from providers.telluride.wire.redemptions import WireRedemption
from providers.telluride.wire.shapes import json_of

SAMPLES = Path(__file__).parent / "samples"
ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2025, 1, 15, 16, 0, tzinfo=UTC)
ACCOUNT = Account(program="syw", currency="USD", zone=ZONE)
NUMBER = "7081555000000018"
ADA = MemberRef("syw", NUMBER)


def last_second(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 23, 59, 59, tzinfo=ZONE)


def sample(name: str, answer):
    return answer.decoded(json_of((SAMPLES / f"{name}.json").read_bytes()), ZONE)


@pytest.mark.parametrize(
    ("name", "answer", "api"),
    [
        ("create-member", WireCreatedMember, Api.CREATE_MEMBER),
        ("lookup", WireMembers, Api.MEMBER_LOOKUP),
        ("balance", WireBalance, Api.REWARD_BALANCE),
        ("update-affinities", WireAffinityUpdate, Api.UPDATE_AFFINITIES),
        ("affinities", WireAffinities, Api.AFFINITIES),
        ("redemption", WireRedemption, Api.REDEMPTION),
        ("void", WireRedemption, Api.REDEMPTION),
        ("redemption-repeat", WireRedemption, Api.REDEMPTION),
        ("earn", WireEarning, Api.EARN),
        ("bonus", WireBonus, Api.EXTERNAL_BONUS),
        ("offers", WireOffers, Api.APPLICABLE_OFFERS),
        ("summary", WireSummary, Api.ACTIVITY_SUMMARY),
        ("detail", WireRows, Api.ACTIVITY_DETAIL),
    ],
)
def test_the_outcome_is_found_where_each_api_has_it(name, answer, api):
    told = outcome(api, sample(name, answer).told, 200)
    assert told is not None
    assert (told.code, told.known) == (None, True)


def test_no_sample_lies_unused():
    assert len(list(SAMPLES.glob("*.json"))) == 14


def test_the_member_of_a_lookup():
    (wire,) = sample("lookup", WireMembers).members
    assert member(ACCOUNT, wire, NOW) == Member(
        ref=ADA,
        number=NUMBER,
        status=MemberStatus.ACTIVE,
        native_status="A",
        name="Ada Byron",
        given_name="Ada",
        family_name="Byron",
        email="ada@example.com",
        phone="3125550100",
        birth_date=date(1985, 12, 10),
        language="en",
        joined_at=datetime(2025, 1, 15, 9, 30, tzinfo=ZONE),
        attributes=(Attribute("receipt", ""),),
        fetched_at=NOW,
    )


def test_a_created_member_answers_in_the_envelope_of_the_lookup():
    (wire,) = sample("create-member", WireCreatedMember).members
    created = member(ACCOUNT, wire, NOW)
    assert (created.number, created.joined_at) == (
        NUMBER,
        datetime(2025, 1, 15, 9, 30, tzinfo=ZONE),
    )
    assert (wire.total_spent, wire.spend_next_tier_level) == (Decimal(0), Decimal(2500))


def test_the_balance():
    wire = sample("balance", WireBalance)
    told = balance(ACCOUNT, ADA, channel(wire.points, "EXMP"), NOW)
    own = last_second(2025, 12, 31)
    surprise = last_second(2025, 3, 31)
    available = PointsState.AVAILABLE
    assert wire.member_number == NUMBER
    assert told == Balance(
        member=ADA,
        points=Decimal(12500),
        worth=Money(Decimal("12.50"), "USD"),
        restricted=Decimal(2000),
        buckets=(
            PointsBucket(
                kind=PointsKind.BASE, state=available, points=Decimal(500), expires_at=own
            ),
            PointsBucket(
                kind=PointsKind.BONUS, state=available, points=Decimal(12000), expires_at=own
            ),
            PointsBucket(
                kind=PointsKind.PROMOTIONAL,
                native_kind="SURPRISE",
                state=available,
                points=Decimal(2000),
                worth=Money(Decimal("2.00"), "USD"),
                expires_at=surprise,
                restriction="Any item",
            ),
        ),
        expiring=(
            ExpiringPoints(
                member=ADA,
                points=Decimal(2000),
                worth=Money(Decimal("2.00"), "USD"),
                expires_at=surprise,
                precision=ExpiryPrecision.EXACT,
            ),
            ExpiringPoints(
                member=ADA,
                points=Decimal(12500),
                expires_at=own,
                precision=ExpiryPrecision.EXACT,
            ),
        ),
        offers=(
            Offer(
                program="syw",
                member=ADA,
                code="SUR-1",
                kind=OfferKind.SURPRISE_POINTS,
                native_kind="SURPRISE",
                title="Spring surprise",
                description="One per member",
                terms="Quantity>0.0",
                starts_at=datetime(2025, 1, 1, tzinfo=ZONE),
                ends_at=surprise,
                points=Decimal(2000),
            ),
        ),
        fetched_at=NOW,
    )


def test_the_affinities():
    assert affinities(ACCOUNT, sample("affinities", WireAffinities).affinities) == (
        Affinity("EXAMPLE1", AffinityStatus.ACTIVE, datetime(2025, 1, 15, tzinfo=ZONE)),
    )


def test_the_redemption_tells_the_balance_after_it():
    told = redeemed(ACCOUNT, sample("redemption", WireRedemption))
    assert told == Redeemed(
        points=Decimal(5000),
        worth=Money(Decimal("5.00"), "USD"),
        authorization="QK4T7Z2M",
        balance_after=Decimal(7500),
        repeat=False,
    )


def test_the_void_has_the_form_of_the_redemption():
    told = redeemed(ACCOUNT, sample("void", WireRedemption))
    assert (told.authorization, told.balance_after) == ("QK4T7Z2M", Decimal(12500))


def test_a_repeated_redemption_is_the_success_of_the_first():
    told = redeemed(ACCOUNT, sample("redemption-repeat", WireRedemption))
    assert (told.repeat, told.authorization) == (True, "QK4T7Z2M")


def test_the_most_a_cart_could_take():
    told = redeemable(ACCOUNT, sample("redemption", WireRedemption))
    assert told == Redeemable(Decimal(12500), Money(Decimal("12.50"), "USD"))


def test_the_earning_is_base_and_bonus_and_its_total_is_the_balance():
    reply = sample("earn", WireEarning).reply
    assert effect(ACCOUNT, reply, guest=False) == PointsEffect(
        earned=Decimal(1200),
        base=Decimal(200),
        bonus=Decimal(1000),
        state=PointsState.AVAILABLE,
        balance_after=Decimal(8700),
    )
    assert awards(reply) == (Award("TOYS50", Decimal(1000), "Toys bonus"),)


def test_a_bonus_posting_tells_the_balance_after_it():
    assert balance_after(sample("bonus", WireBonus)) == Decimal(11200)


def test_the_applicable_offers():
    earn, multiplier = offers(ACCOUNT, ADA, sample("offers", WireOffers).offers)
    assert earn == Offer(
        program="syw",
        member=ADA,
        code="TOYS50",
        kind=OfferKind.EARN,
        native_kind="EARN",
        title="Toys bonus",
        description="Bonus on toys",
        starts_at=datetime(2025, 1, 1, tzinfo=ZONE),
        ends_at=last_second(2025, 6, 30),
        conditional=False,
        stackable=True,
        points=Decimal(1000),
    )
    assert (multiplier.kind, multiplier.conditional, multiplier.points) == (
        OfferKind.REDEMPTION_MULTIPLIER,
        True,
        None,
    )


def test_the_summary():
    start, end = datetime(2025, 1, 1, tzinfo=ZONE), last_second(2025, 1, 31)
    assert activity(sample("summary", WireSummary), start, end) == Activity(
        starts_at=start,
        ends_at=end,
        opening=Decimal(12500),
        earned=Decimal(3700),
        redeemed=Decimal(5000),
        expired=Decimal(0),
        closing=Decimal(11200),
    )


def test_the_row_of_a_sale():
    ((named, rows),) = history(ACCOUNT, sample("detail", WireRows).rows)
    assert transaction(ACCOUNT, ADA, named, rows, NOW) == Transaction(
        ref=TransactionRef(ADA, ("00001", "001", "4711", "2025-01-15T10:05:00")),
        kind=TransactionKind.PURCHASE,
        native_kind="P",
        native_id="0A1B2C3D4E5F60718293A4B5C6D7E8F9",
        status=TransactionStatus.POSTED,
        occurred_at=datetime(2025, 1, 15, 10, 5, tzinfo=ZONE),
        posted_at=datetime(2025, 1, 15, 10, 5, 1, tzinfo=ZONE),
        document=DocumentReference("ORD-1001"),
        outlet=Outlet("00001", "Example shop", register="001"),
        total=Money(Decimal("20.00"), "USD"),
        tax=Money(Decimal("0.00"), "USD"),
        discount=Money(Decimal("0.00"), "USD"),
        effect=PointsEffect(
            earned=Decimal(1200),
            base=Decimal(200),
            bonus=Decimal(1000),
            balance_after=Decimal(8700),
        ),
        awards=(Award("TOYS50", Decimal(1000), "Toys bonus"),),
        description="00001 - Example shop",
        fetched_at=NOW,
    )


def test_the_issuer_of_a_token_is_a_time():
    grant = sample("token", WireGrant)
    assert (grant.expires - grant.issued) / 1000 == 36_000
    assert grant.access_token.startswith("3f0c9a7b")
