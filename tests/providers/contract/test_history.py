"""What members did, what a sale would do, and the facts of a program."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from loyalty.errors import InvalidInput, MemberNotFound
from loyalty.members import AffinityStatus
from loyalty.operations import Operation
from loyalty.refs import MemberRef
from loyalty.sales import Outlet, PointsEffect, SaleDraft, SaleLine, Transaction
from providers.port import PageRequest, Period
from tests.providers.contract.proofs import proves
from tests.providers.contract.worlds import NOW, World, value

EVER = Period(NOW - timedelta(days=800), NOW)


async def history(world: World, persona: str, first: int) -> list[Transaction]:
    """All pages of a member's history."""
    entries: list[Transaction] = []
    page = PageRequest(first)
    while True:
        shown = await world.provider.transactions(world.key(persona), EVER, page)
        assert len(shown.entries) == len(shown.positions) <= first
        entries += shown.entries
        if not shown.has_next:
            return entries
        page = PageRequest(first, shown.positions[-1])


def net(effect: PointsEffect | None) -> Decimal:
    """What a transaction did to the balance."""
    assert effect is not None
    return effect.earned - effect.redeemed + effect.adjusted


@proves(Operation.TRANSACTION_LIST)
async def test_every_personas_history_is_that_of_the_books(world: World) -> None:
    for persona, key in world.personas.items():
        booked = [
            row
            for row in world.book(persona)["transactions"]
            if EVER.starts_at <= datetime.fromisoformat(row["at"]) <= NOW
        ]
        told = await history(world, persona, 100)
        assert {each.native_id for each in told} == {row["id"] for row in booked}, persona
        figures = {row["id"]: Decimal(row["points"]) for row in booked}
        assert {each.native_id: net(each.effect) for each in told} == figures
        assert {each.ref.member for each in told} <= {MemberRef(world.program, key)}


@proves(Operation.TRANSACTION_LIST)
@pytest.mark.parametrize("first", [1, 7, 100])
async def test_turning_the_pages_shows_every_entry_once_newest_first(
    world: World, first: int
) -> None:
    told = await history(world, "rich", first)
    assert len({each.ref for each in told}) == len(told) == len(await history(world, "rich", 100))
    times = [each.occurred_at for each in told]
    assert all(at.tzinfo is not None for at in times)
    assert times == sorted(times, reverse=True)


@proves(Operation.TRANSACTION_LIST)
async def test_a_period_narrows_the_history(world: World) -> None:
    told = await history(world, "rich", 100)
    middle = told[len(told) // 2].occurred_at
    page = await world.provider.transactions(
        world.key("rich"), Period(middle, NOW), PageRequest(100)
    )
    assert {each.ref for each in page.entries} == {
        each.ref for each in told if each.occurred_at >= middle
    }


@proves(Operation.TRANSACTION_LIST)
async def test_a_single_transaction_is_told_as_in_the_list(world: World) -> None:
    for listed in await history(world, "everywhere", 100):
        found = await world.provider.transaction(world.key("everywhere"), listed.ref.key)
        assert found == listed


@proves(Operation.TRANSACTION_LIST)
async def test_a_transaction_that_is_none_is_none(world: World) -> None:
    foreign = (await history(world, "rich", 1))[0].ref.key
    assert await world.provider.transaction(world.key("zero"), foreign) is None
    with world.silent():
        assert await world.provider.transaction(world.malformed[1], foreign) is None
        assert await world.provider.transaction(world.key("zero"), ()) is None


@proves(Operation.TRANSACTION_LIST)
async def test_nobody_has_no_history_to_tell(world: World) -> None:
    with pytest.raises(MemberNotFound) as told:
        await world.provider.transactions(world.nobody, EVER, PageRequest(5))
    assert told.value.program == world.program
    with world.silent(), pytest.raises(MemberNotFound):
        await world.provider.transactions(world.malformed[1], EVER, PageRequest(5))


@proves(Operation.TRANSACTION_LIST)
async def test_a_foreign_position_is_refused_before_any_call(world: World) -> None:
    with world.silent(), pytest.raises(InvalidInput) as refused:
        await world.provider.transactions(world.key("rich"), EVER, PageRequest(5, "no place"))
    assert (refused.value.field, refused.value.program) == (("after",), world.program)


@proves(Operation.ACTIVITY_SUMMARY)
async def test_the_totals_of_a_period_add_up_and_are_those_of_the_books(world: World) -> None:
    starts_at = NOW - timedelta(days=59)
    for persona in ("rich", "everywhere", "zero"):
        told = value(await world.provider.activity(world.key(persona), starts_at, NOW))
        assert told.opening + told.earned - told.redeemed - told.expired == told.closing
        assert told.closing == Decimal(world.book(persona)["points"])
        rows = [
            Decimal(row["points"])
            for row in world.book(persona)["transactions"]
            if datetime.fromisoformat(row["at"]) >= starts_at
        ]
        assert told.earned - told.redeemed - told.expired == sum(rows)
    assert await world.provider.activity(world.nobody, starts_at, NOW) is None
    with world.silent():
        assert await world.provider.activity(world.malformed[1], starts_at, NOW) is None


@proves(Operation.TRANSACTION_QUOTE)
async def test_a_quote_tells_what_a_sale_would_earn_and_records_nothing(world: World) -> None:
    before = world.book("everywhere")
    line = SaleLine(
        subtotal=Decimal("25.00"), product_code="20001", division="020", quantity=Decimal(1)
    )
    member = MemberRef(world.program, world.key("everywhere"))
    outlet = Outlet("1", register="1")
    quote = await world.provider.quote(SaleDraft(member=member, outlet=outlet, lines=(line,)))
    assert net(quote.earns) > 0
    assert quote.redeemable is not None
    assert quote.redeemable <= Decimal(before["points"])
    guest = await world.provider.quote(SaleDraft(member=None, outlet=outlet, lines=(line,)))
    assert guest.redeemable is None
    assert world.book("everywhere") == before
    nobody = MemberRef(world.program, world.malformed[1])
    with world.silent(), pytest.raises(MemberNotFound):
        await world.provider.quote(SaleDraft(member=nobody, outlet=outlet, lines=(line,)))


# ------------------------------------------------------------------ the program


@proves(Operation.TIER_LIST)
async def test_every_tier_that_somebody_has_is_among_the_programs(world: World) -> None:
    tiers = await world.provider.tiers()
    members = await world.provider.members(list(world.personas.values()))
    held = {value(each).tier.tier for each in members if value(each).tier}
    assert held <= set(tiers)
    assert len({tier.code for tier in tiers}) == len(tiers)


@proves(Operation.AFFINITY_READ)
async def test_affinities_are_told_with_their_state(world: World) -> None:
    keys = [world.nobody, world.key("affinities"), world.malformed[1], world.key("zero")]
    answers = await world.provider.affinities(keys)
    assert [answer is None for answer in answers] == [True, False, True, False]
    states = {each.code: each.status for each in value(answers[1])}
    assert states["EXAMPLE1"] is AffinityStatus.ACTIVE
    assert states["WAITING"] is AffinityStatus.PENDING
    assert value(answers[3]) == ()
    for each in value(answers[1]):
        assert all(at is None or at.tzinfo is not None for at in (each.starts_at, each.ends_at))


@proves(Operation.MOBILE_USER_READ)
async def test_a_user_of_the_app_is_told_member_or_not(world: World) -> None:
    stranger = value(await world.provider.mobile_user("MU-900001"))
    assert (stranger.id, stranger.name) == ("MU-900001", "Sam Stranger")
    linked = value(await world.provider.mobile_user(world.facts("everywhere")["mobile_user"]))
    assert linked.name == world.book("everywhere")["name"]
    assert await world.provider.mobile_user("MU-0") is None
    with world.silent():
        assert await world.provider.mobile_user("") is None


async def test_a_probe_is_a_single_call_that_names_no_member(world: World) -> None:
    probe = await world.provider.probe()
    assert probe.latency_ms > 0
    assert world.calls.total() == 1
