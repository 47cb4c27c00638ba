"""Each read of each upstream under each fault: the outcome, the calls, the words, and after."""

from contextlib import nullcontext

import pytest

from loyalty.errors import ErrorCode, LoyaltyError, Unavailable
from providers.deadline import deadline_in
from tests.faults import reads
from tests.faults.faults import ABSENT, FAULTS, HEALTHY, NOTHING, Fault, Outcome
from tests.faults.reads import OTHERS, READS, Read, texts_of
from tests.providers.contract.worlds import World

CASES = [
    pytest.param(kind, read, id=f"{kind.code}-{read.name}")
    for kind in READS
    for read in READS[kind]
]
LONG = 400.0
"""More seconds than any pause that a fault asks for."""


def named(found: object, healthy: object) -> Outcome:
    """An outcome as the table has it; a value that is neither right nor empty has no name."""
    if isinstance(found, LoyaltyError):
        return found.code
    if found == healthy:
        return HEALTHY
    if found is None:
        return ABSENT
    is_empty = found in ((), []) or getattr(found, "entries", None) == ()
    return NOTHING if is_empty else f"the wrong value {found!r}"


def check_words(world: World, error: LoyaltyError, persona: str) -> None:
    """An error names its program, and neither host nor secret nor person."""
    assert error.program == world.program
    text = texts_of(error)
    facts = {each for each in world.facts(persona).values() if len(each) > 3}
    for secret in world.secret_texts(persona) | facts - {"memberNo"}:
        assert secret not in text, secret


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
@pytest.mark.parametrize(("kind", "read"), CASES)
async def test_a_fault_has_its_outcome_and_leaves_nothing_behind(
    world: World, read: Read, fault: Fault
) -> None:
    healthy = await read.outcome(world)
    assert healthy is not None
    assert not isinstance(healthy, LoyaltyError), healthy
    world.forget()

    fault.inject(world, read)
    with nullcontext() if fault.seconds is None else deadline_in(fault.seconds):
        found = await read.outcome(world)

    allowed, most = fault.expected(world, read)
    assert named(found, healthy) in allowed
    assert world.calls[read.operation] <= most
    assert world.tokens <= 1
    if isinstance(found, LoyaltyError):
        check_words(world, found, read.persona)
    if isinstance(found, Unavailable) and fault.retry_after is not None:
        assert found.retry_after == pytest.approx(fault.retry_after, abs=2)

    heal(world)
    assert await read.outcome(world) == healthy


def heal(world: World) -> None:
    """End what ails the upstream, and let every pause pass."""
    world.sandbox.frame.reset()
    world.wire.bend = lambda _, reply: reply
    world.clock.skip(LONG)


# ------------------------------------------------------------------ somebody else's data

OF_MEMBERS = [case for case in CASES if case.values[1].about_member]


@pytest.mark.parametrize(("kind", "read"), OF_MEMBERS)
async def test_what_belongs_to_somebody_else_is_never_taken_for_an_answer(
    world: World, read: Read
) -> None:
    """Where an answer does not say whom it is about, it cannot: no key of theirs is in it."""
    other = OTHERS[world.code]
    healthy = await read.outcome(world)
    world.wire.passed.clear()
    await read.outcome(world, other)
    others = {call.operation: reply for call, reply in world.wire.passed}
    world.wire.bend = lambda call, reply: others.get(call.operation, reply)

    found = await read.outcome(world)

    match read.of_others:
        case ErrorCode.PROVIDER_BAD_RESPONSE:
            assert isinstance(found, Unavailable), found
            assert found.code is ErrorCode.PROVIDER_BAD_RESPONSE
            check_words(world, found, other)
            check_words(world, found, read.persona)
        case reads.NOT_FOUND:
            assert not found
        case reads.AS_THEMSELVES:
            assert [who.ref.key for who in found] == [world.key(other)]  # type: ignore[attr-defined]
        case _:
            told = b"".join(reply.body for reply in others.values()).decode()
            assert world.key(other) not in told
            assert world.book(other)["number"] not in told
    heal(world)
    assert await read.outcome(world) == healthy


# ------------------------------------------------------------------ the token

TOKENS = [kind for kind in READS if kind.has_token]
FIRST = {kind: READS[kind][0] for kind in TOKENS}


@pytest.mark.parametrize("kind", TOKENS)
@pytest.mark.parametrize(
    ("spec", "code", "most"),
    [
        ({"drop": "before"}, ErrorCode.PROVIDER_UNAVAILABLE, 3),
        ({"drop": "after"}, ErrorCode.PROVIDER_UNAVAILABLE, 3),
        ({"status": 500}, ErrorCode.PROVIDER_UNAVAILABLE, 1),
        ({"status": 503}, ErrorCode.PROVIDER_UNAVAILABLE, 3),
        ({"status": 502, "html": True}, ErrorCode.PROVIDER_UNAVAILABLE, 3),
        ({"status": 401}, ErrorCode.PROVIDER_CREDENTIALS, 1),
        ({"status": 403, "html": True}, ErrorCode.PROVIDER_CREDENTIALS, 1),
        ({"status": 400, "empty": True}, ErrorCode.PROVIDER_CREDENTIALS, 1),
        ({"rate_limited": True}, ErrorCode.PROVIDER_RATE_LIMITED, 1),
        ({"html": True}, ErrorCode.PROVIDER_BAD_RESPONSE, 1),
        ({"empty": True}, ErrorCode.PROVIDER_BAD_RESPONSE, 1),
        ({"wrong_types": "all"}, ErrorCode.PROVIDER_BAD_RESPONSE, 1),
        ({"wrong_types": "scalars"}, ErrorCode.PROVIDER_BAD_RESPONSE, 1),
        ({"status": 200, "body": "{}"}, ErrorCode.PROVIDER_BAD_RESPONSE, 1),
        ({"status": 200, "body": "[" * 10_000}, ErrorCode.PROVIDER_BAD_RESPONSE, 1),
    ],
    ids=str,
)
async def test_without_a_token_nothing_is_asked_and_the_next_try_may_have_one(
    world: World, spec: dict[str, object], code: ErrorCode, most: int
) -> None:
    read = FIRST[type(world)]
    world.fault("token", 1000, **spec)
    found = await read.outcome(world)
    assert isinstance(found, Unavailable)
    assert found.code is code
    check_words(world, found, read.persona)
    assert world.calls == {}
    assert 1 <= world.tokens <= most
    heal(world)
    assert not isinstance(await read.outcome(world), LoyaltyError | None)


@pytest.mark.parametrize("kind", TOKENS)
async def test_a_slow_token_is_waited_for_no_longer_than_the_caller_has(world: World) -> None:
    read = FIRST[type(world)]
    world.fault("token", 1, delay_ms=400)
    with deadline_in(0.1):
        found = await read.outcome(world)
    assert isinstance(found, Unavailable)
    assert found.code is ErrorCode.PROVIDER_TIMEOUT
    assert world.calls == {}
    assert not isinstance(await read.outcome(world), LoyaltyError | None)
    assert world.tokens == 1, "the fetch that nobody waited for was not in vain"


@pytest.mark.parametrize("kind", TOKENS)
async def test_a_token_revoked_while_many_ask_is_fetched_anew_once(world: World) -> None:
    keys = world.crowd(20)
    await world.provider.members(keys[:1])
    world.forget()
    world.fault(times=1, revoke_token=True)
    answers = await world.provider.members(keys)
    assert not [answer for answer in answers if isinstance(answer, LoyaltyError | None)]
    assert world.tokens == 1
    assert world.calls.total() <= 2 * len(keys)
