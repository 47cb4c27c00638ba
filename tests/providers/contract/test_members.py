"""Reading, finding and listing members: what every adapter owes who asks."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from loyalty.errors import ErrorCode, InvalidInput, LoyaltyError, Unavailable, Unsupported
from loyalty.members import Attribute, Member, MemberFilter, MemberLookup, PersonName
from loyalty.operations import LookupKey, Operation
from loyalty.refs import MemberRef
from providers.port import PageRequest
from tests.providers.contract.proofs import proves
from tests.providers.contract.worlds import World, told, value

PERSON = "everywhere"


@proves(Operation.MEMBER_READ)
async def test_every_persona_is_told_as_in_the_books(world: World) -> None:
    keys = world.personas
    answers = await world.provider.members(list(keys.values()))
    for persona, answer in zip(keys, answers, strict=True):
        book, member = world.book(persona), value(answer)
        assert member.ref == MemberRef(world.program, keys[persona])
        assert (member.number, member.name) == (book["number"], book["name"])
        assert member.status is world.statuses[book["status"]]
        assert member.fetched_at.tzinfo is not None
        assert member.joined_at is None or member.joined_at.tzinfo is not None


@proves(Operation.TIER_READ)
async def test_the_tier_comes_with_the_member(world: World) -> None:
    keys = world.personas
    members = await world.provider.members(list(keys.values()))
    tiers = [None if value(each).tier is None else value(each).tier.tier for each in members]
    booked = [world.book(persona)["tier"] for persona in keys]
    assert [tier is None for tier in tiers] == [tier is None for tier in booked]
    assert {None} < set(booked), "somebody has a tier, and somebody has none"
    for tier, native in zip(tiers, booked, strict=True):
        assert tier is None or native in {tier.code, tier.name}


@proves(Operation.MEMBER_READ)
async def test_answers_are_as_many_as_the_keys_and_in_their_order(world: World) -> None:
    rich, zero = world.key("rich"), world.key("zero")
    keys = [zero, world.nobody, rich, world.malformed[1], zero, rich, world.nobody]
    answers = await world.provider.members(keys)
    told_of = [None if answer is None else value(answer).ref.key for answer in answers]
    assert told_of == [zero, None, rich, None, zero, rich, None]
    assert await world.provider.members([]) == []


@proves(Operation.MEMBER_READ)
async def test_a_malformed_key_is_nobody_and_nothing_is_sent(world: World) -> None:
    keys = list(world.malformed)
    with world.silent():
        assert await world.provider.members(keys) == [None] * len(keys)


@proves(Operation.MEMBER_READ)
async def test_a_hundred_members_are_no_more_calls_than_they_must_be(world: World) -> None:
    keys = world.crowd(100)
    answers = await world.provider.members(keys)
    assert [value(answer).ref.key for answer in answers] == keys
    assert world.calls.total() == 100 // world.members_a_call
    assert world.tokens == (1 if world.has_token else 0)


@proves(Operation.MEMBER_READ)
async def test_no_more_is_asked_at_once_than_the_settings_allow(world: World) -> None:
    provider = world.adapter(max_connections=3)
    await provider.members(world.crowd(6 * world.members_a_call))
    assert 1 < world.wire.most_at_once <= 3


@proves(Operation.MEMBER_READ)
async def test_a_member_is_found_by_number(world: World) -> None:
    member = await world.provider.member_by_number(world.book(PERSON)["number"])
    assert value(member).ref == MemberRef(world.program, world.key(PERSON))
    assert await world.provider.member_by_number(world.nobody) is None
    with world.silent():
        assert await world.provider.member_by_number("") is None


@proves(Operation.MEMBER_READ)
async def test_a_number_is_the_key_where_the_profile_says_so(world: World) -> None:
    book = world.book(PERSON)
    assert world.provider.profile.number_is_key == (world.key(PERSON) == book["number"])


@proves(Operation.MEMBER_READ)
async def test_an_answer_about_somebody_else_is_refused(world: World) -> None:
    rich, zero = world.key("rich"), world.key("zero")
    await world.provider.members([rich])
    _, other = world.wire.passed[-1]
    world.wire.bend = lambda _, reply: replace(reply, body=other.body)
    (error,) = await world.provider.members([zero])
    assert isinstance(error, Unavailable)
    assert (error.code, error.program) == (ErrorCode.PROVIDER_BAD_RESPONSE, world.program)


# ------------------------------------------------------------------ finding

CRITERIA = ("number", "native_id", "email", "phone", "attribute", "mobile_user")
FORMS = {
    "": None,
    "full": ("given", "family"),
    "given": ("given",),
    "full+postal": ("given", "family", "postal"),
    "given+postal": ("given", "postal"),
    "full*": ("given", "family", "wildcard"),
}
KEY_OF = {name: LookupKey[name.upper()] for name in CRITERIA}

TELLURIDE_TYPES = {
    ("", "full"), ("", "full*"),
    ("number", ""), ("number", "given+postal"), ("number", "full"),
    ("email", ""), ("email", "full"), ("email+phone", ""), ("email+phone", "given+postal"),
    ("phone", ""), ("phone", "full"),
    ("attribute", ""), ("native_id", ""),
}  # fmt: skip
"""Telluride contract 5.1: the thirteen search types, and so the note of the profile."""


def combinations() -> Iterator[tuple[tuple[str, ...], str]]:
    """Every set of criteria with every form of a name, but for nothing at all."""
    for flags, form in product(product((False, True), repeat=len(CRITERIA)), FORMS):
        chosen = tuple(name for name, flag in zip(CRITERIA, flags, strict=True) if flag)
        if chosen or form:
            yield chosen, form


def is_claimed(world: World, chosen: tuple[str, ...], form: str) -> bool:
    """Whether the profile, note and all, says that this can be searched."""
    if world.code == "telluride":
        return ("+".join(chosen), form) in TELLURIDE_TYPES
    keys = set(world.provider.profile.lookup_keys)
    by_name = not form or (LookupKey.NAME in keys and form != "full*")
    return by_name and keys >= {KEY_OF[name] for name in chosen}


@proves(Operation.MEMBER_LOOKUP)
async def test_every_combination_is_found_or_refused_before_any_call(world: World) -> None:
    facts = world.facts(PERSON)
    claimed = 0
    for chosen, form in combinations():
        by = _lookup(facts, chosen, form)
        world.forget()
        found = await told(world.provider.find_members(by))
        if is_claimed(world, chosen, form):
            claimed += 1
            assert not isinstance(found, LoyaltyError), (chosen, form, found)
            assert [member.ref.key for member in found] == [world.key(PERSON)], (chosen, form)
        else:
            assert isinstance(found, Unsupported), (chosen, form, found)
            assert (found.operation, found.program) == (Operation.MEMBER_LOOKUP, world.program)
            assert world.calls == {}, (chosen, form)
    assert claimed >= len(world.provider.profile.lookup_keys)


def _lookup(facts: dict[str, str], chosen: tuple[str, ...], form: str) -> MemberLookup:
    named = {name: facts[name] for name in chosen if name != "attribute"}
    attribute = Attribute(*facts["attribute"].split("=")) if "attribute" in chosen else None
    parts = FORMS[form]
    name = None
    if parts is not None:
        star = "*" if "wildcard" in parts else ""
        name = PersonName(
            facts["given"] + star,
            facts["family"] if "family" in parts else None,
            facts["postal"] if "postal" in parts else None,
            wildcard=bool(star),
        )
    return MemberLookup(**named, attribute=attribute, name=name)  # type: ignore[arg-type]


@proves(Operation.MEMBER_LOOKUP)
async def test_a_search_for_nothing_is_refused_before_any_call(world: World) -> None:
    with world.silent(), pytest.raises((InvalidInput, Unsupported)) as refused:
        await world.provider.find_members(MemberLookup())
    assert refused.value.program == world.program


@proves(Operation.MEMBER_LOOKUP)
async def test_a_search_that_nobody_meets_is_an_empty_list(world: World) -> None:
    assert await world.provider.find_members(MemberLookup(phone="2125550000")) == []
    assert await world.provider.find_members(MemberLookup(number=world.nobody)) == []


# ------------------------------------------------------------------ listing


@proves(Operation.MEMBER_LIST)
@pytest.mark.parametrize("first", [1, 7, 100])
async def test_turning_the_pages_shows_every_member_once(world: World, first: int) -> None:
    keys = world.crowd(103)
    seen: list[Member] = []
    page, turns = PageRequest(first), 0
    while True:
        shown = await world.provider.list_members(MemberFilter(numbers=tuple(keys)), page)
        assert len(shown.entries) == len(shown.positions) <= first
        seen += shown.entries
        turns += 1
        if not shown.has_next:
            break
        page = PageRequest(first, shown.positions[-1])
    assert sorted(member.ref.key for member in seen) == sorted(keys)
    assert turns <= len(keys) // first + 2


@proves(Operation.MEMBER_LIST)
async def test_a_foreign_position_is_refused_before_any_call(world: World) -> None:
    with world.silent(), pytest.raises(InvalidInput) as refused:
        await world.provider.list_members(MemberFilter(), PageRequest(5, "no such place"))
    assert (refused.value.field, refused.value.program) == (("after",), world.program)
