"""Balances, and what expires, has expired or can be spent somewhere."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from loyalty.errors import ErrorCode, MemberNotFound, Unavailable
from loyalty.operations import Operation
from loyalty.points import Balance, ExpiringPoints, ExpiryPrecision
from loyalty.refs import MemberRef
from providers.port import (
    ListsPointTypes,
    ListsReasons,
    Period,
    ReadsExpired,
    ReadsExpiry,
    ReadsRedeemable,
)
from tests.providers.contract.proofs import proves
from tests.providers.contract.worlds import NOW, World, value


def amounts(balance: Balance) -> list[Decimal]:
    """Every figure in a balance."""
    told = [
        balance.points,
        balance.worth and balance.worth.amount,
        balance.pending,
        balance.locked,
        balance.restricted,
        balance.lifetime_earned,
        balance.lifetime_redeemed,
        balance.lifetime_expired,
        *(bucket.points for bucket in balance.buckets or ()),
        *(entry.points for entry in balance.expiring or ()),
    ]
    return [each for each in told if each is not None]


@proves(Operation.BALANCE_READ)
async def test_every_personas_balance_is_that_of_the_books(world: World) -> None:
    keys = world.personas
    answers = await world.provider.balances(list(keys.values()))
    for persona, answer in zip(keys, answers, strict=True):
        book, balance = world.book(persona), value(answer)
        assert balance.member == MemberRef(world.program, keys[persona])
        assert balance.points == Decimal(book["points"])
        for name in ("pending", "restricted"):
            figure = getattr(balance, name)
            assert figure is None or figure == Decimal(book[name]), persona
        assert balance.fetched_at.tzinfo is not None


@proves(Operation.BALANCE_READ)
async def test_the_worth_is_the_providers_own_or_else_by_the_configured_rate(world: World) -> None:
    keys = world.personas
    answers = await world.provider.balances(list(keys.values()))
    for persona, answer in zip(keys, answers, strict=True):
        book, worth = world.book(persona), value(answer).worth
        rate = Decimal(str(world.settings.get("point_worth", 0)))
        expected = book["worth"] or Decimal(book["points"]) * rate
        assert worth is not None
        assert (worth.amount, worth.currency) == (Decimal(expected), world.settings["currency"])


@proves(Operation.BALANCE_READ)
async def test_every_figure_is_an_exact_and_finite_decimal(world: World) -> None:
    answers = await world.provider.balances(list(world.personas.values()))
    for answer in answers:
        assert all(isinstance(each, Decimal) for each in amounts(value(answer)))
        assert all(each.is_finite() for each in amounts(value(answer)))
    (rich,) = await world.provider.balances([world.key("twelve_digits")])
    assert value(rich).points == 123_456_789_012


@proves(Operation.BALANCE_READ)
async def test_answers_are_as_many_as_the_keys_and_in_their_order(world: World) -> None:
    rich, zero = world.key("rich"), world.key("zero")
    keys = [zero, world.nobody, rich, world.malformed[1], zero]
    answers = await world.provider.balances(keys)
    told_of = [None if answer is None else value(answer).member.key for answer in answers]
    assert told_of == [zero, None, rich, None, zero]
    assert await world.provider.balances([]) == []


@proves(Operation.BALANCE_READ)
async def test_a_malformed_key_is_nobody_and_nothing_is_sent(world: World) -> None:
    with world.silent():
        answers = await world.provider.balances(list(world.malformed))
    assert answers == [None] * len(world.malformed)


@proves(Operation.BALANCE_READ)
async def test_a_hundred_balances_are_a_hundred_calls_and_one_token(world: World) -> None:
    keys = world.crowd(100)
    provider = world.adapter(max_connections=5)
    answers = await provider.balances(keys)
    assert [value(answer).member.key for answer in answers] == keys
    assert world.calls.total() == 100
    assert world.tokens == (1 if world.has_token else 0)
    assert 1 < world.wire.most_at_once <= 5


@proves(Operation.BALANCE_READ)
async def test_a_balance_that_fails_leaves_its_neighbours_alone(world: World) -> None:
    keys = [world.key("rich"), world.key("zero"), world.key("everywhere")]
    await world.provider.members(keys)
    world.fault(status=500)
    answers = await world.provider.balances(keys)
    failed = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert [(each.code, each.program) for each in failed] == [
        (ErrorCode.PROVIDER_UNAVAILABLE, world.program)
    ]
    assert sum(isinstance(answer, Balance) for answer in answers) == 2


@proves(Operation.BALANCE_READ)
async def test_no_answer_about_somebody_else_is_taken_for_a_members(world: World) -> None:
    rich, zero = world.key("rich"), world.key("zero")
    await world.provider.balances([rich])
    _, other = world.wire.passed[-1]
    if world.names_member("balances"):
        world.wire.bend = lambda _, reply: replace(reply, body=other.body)
        (error,) = await world.provider.balances([zero])
        assert isinstance(error, Unavailable)
        assert (error.code, error.program) == (ErrorCode.PROVIDER_BAD_RESPONSE, world.program)
    else:
        told = other.body.decode()
        assert rich not in told
        assert world.book("rich")["number"] not in told


# ------------------------------------------------------------------ expiry


async def expiring_of(world: World, persona: str) -> tuple[ExpiringPoints, ...]:
    """By the ability of its own, or with the balance: wherever the profile says."""
    key = world.key(persona)
    if isinstance(world.provider, ReadsExpiry):
        (answer,) = await world.provider.expiring([key])
        return value(answer)
    (balance,) = await world.provider.balances([key])
    expiring = value(balance).expiring
    assert expiring is not None
    return expiring


@proves(Operation.EXPIRY_READ)
async def test_what_expires_is_told_soonest_first(world: World) -> None:
    for persona in world.personas:
        expiring = await expiring_of(world, persona)
        assert all(one.expires_at <= other.expires_at for one, other in pairwise(expiring))
        assert all(each.expires_at.tzinfo is not None for each in expiring)
        assert all(each.points > 0 and each.points.is_finite() for each in expiring)
        assert {each.member.key for each in expiring} <= {world.key(persona)}


@proves(Operation.EXPIRY_READ)
async def test_what_expires_is_what_the_books_say(world: World) -> None:
    """To the day where that is known; else no later than the end of the window."""
    for persona in ("expiring", "rich", "everywhere"):
        booked = world.book(persona)["expiring"]
        left = [(Decimal(lot["points"]), datetime.fromisoformat(lot["at"])) for lot in booked]
        for entry in await expiring_of(world, persona):
            until = entry.expires_at.replace(tzinfo=None)
            due = [lot for lot in left if lot[1].replace(tzinfo=None) <= until]
            assert sum(points for points, _ in due) == entry.points, persona
            if entry.precision is ExpiryPrecision.EXACT:
                assert {at.date() for _, at in due} == {until.date()}
            left = [lot for lot in left if lot not in due]
        within = [lot for lot in left if lot[1].replace(tzinfo=None) < datetime(2027, 2, 1)]  # noqa: DTZ001
        assert within == [], "nothing that is near has been kept back"


@proves(ReadsExpiry)
async def test_expiry_answers_are_as_many_as_the_keys_and_in_their_order(world: World) -> None:
    keys = [world.nobody, world.key("expiring"), world.malformed[1], world.key("expiring")]
    answers = await world.provider.expiring(keys)
    assert [answer is None for answer in answers] == [True, False, True, False]
    assert value(answers[1]) == value(answers[3])


@proves(ReadsExpired)
async def test_points_that_expired_are_told_for_the_period(world: World) -> None:
    key = world.key("expiring")
    (lost,) = await world.provider.expired(key, Period(NOW - timedelta(days=30), NOW))
    booked = [row for row in world.book("expiring")["transactions"] if row["kind"] == "EXPIRY"]
    assert [-Decimal(row["points"]) for row in booked] == [lost.points]
    assert [datetime.fromisoformat(row["at"]) for row in booked] == [lost.expired_at]
    assert await world.provider.expired(key, Period(NOW - timedelta(days=5), NOW)) == ()


@proves(ReadsExpired)
async def test_nobody_has_no_expired_points_to_tell(world: World) -> None:
    with pytest.raises(MemberNotFound) as told:
        await world.provider.expired(world.nobody, Period())
    assert told.value.program == world.program
    with world.silent(), pytest.raises(MemberNotFound):
        await world.provider.expired(world.malformed[1], Period())


@proves(ReadsRedeemable)
async def test_restricted_points_can_be_spent_at_their_store_only(world: World) -> None:
    key, book = world.key("restricted"), world.book("restricted")
    anywhere = Decimal(book["points"])
    restricted = Decimal(book["restricted"])
    assert await world.provider.redeemable_at(key, "NS-SEA-04") == anywhere
    assert await world.provider.redeemable_at(key, "NS-PDX-01") == anywhere + restricted > anywhere
    with world.silent(), pytest.raises(MemberNotFound):
        await world.provider.redeemable_at(world.malformed[1], "NS-SEA-04")


@proves(ListsReasons)
async def test_reasons_of_corrections_have_codes_of_their_own(world: World) -> None:
    reasons = await world.provider.adjustment_reasons()
    assert {reason.code for reason in reasons} >= {"4102", "4103"}
    assert len({reason.code for reason in reasons}) == len(reasons)
    assert all(reason.title for reason in reasons)


@proves(ListsPointTypes)
async def test_point_types_are_told_once_each(world: World) -> None:
    types = await world.provider.point_types()
    assert len(set(types)) == len(types) > 0
    assert {"Base", "Bonus"} <= set(types)
