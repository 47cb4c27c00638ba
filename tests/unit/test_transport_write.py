"""What Transport.write makes of answers and failures: sent once or not at all, never guessed."""

import asyncio

import pytest

from loyalty.errors import ErrorCode, InvalidInput, LoyaltyError, OutcomeUnknown, Unavailable
from providers.calls import NeverLeftReason
from providers.fast_engine import FastEngine
from providers.http import (
    Call,
    Interrupted,
    InterruptedReason,
    NeverLeft,
    Policy,
    Reply,
    Transport,
    no_verdict,
)
from tests.unit import faulty_sockets as faulty
from tests.unit.transport_fakes import Clock, ScriptedEngine, reply, until

POST = Call("PostTransaction", "POST", "http://upstream.test/transaction/post", {}, b"{}")


def transport(engine: ScriptedEngine, clock: Clock, policy: Policy | None = None) -> Transport:
    return Transport(
        "kopi",
        ScriptedEngine(),
        policy or Policy(),
        clock=clock,
        sleep=clock.sleep,
        write_engine=engine,
    )


async def written(
    engine: ScriptedEngine, clock: Clock | None = None, policy: Policy | None = None
) -> Reply:
    clock = clock or Clock()
    return await transport(engine, clock, policy).write(POST, leave_by=clock() + 5, timeout=30)


async def error_of(engine: ScriptedEngine, policy: Policy | None = None) -> LoyaltyError:
    with pytest.raises(LoyaltyError) as caught:
        await written(engine, policy=policy)
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 401, 408, 429, 500, 502, 503, 504])
async def test_every_status_is_given_back_after_one_sending(status: int) -> None:
    engine = ScriptedEngine(reply(status, {"retry-after": "0"}))
    assert (await written(engine)).status == status
    assert len(engine.calls) == 1


@pytest.mark.parametrize("reason", ["connect", "tls", "dns", "pool", "closed"])
async def test_what_never_left_is_unavailable_and_not_sent_again(reason: NeverLeftReason) -> None:
    engine = ScriptedEngine(NeverLeft(reason))
    error = await error_of(engine)
    assert isinstance(error, Unavailable)
    assert (error.program, len(engine.calls)) == ("kopi", 1)


@pytest.mark.parametrize("reason", ["timeout", "closed", "protocol", "too_large"])
async def test_what_broke_on_the_way_is_unknown_and_not_sent_again(
    reason: InterruptedReason,
) -> None:
    engine = ScriptedEngine(Interrupted(reason))
    error = await error_of(engine)
    assert isinstance(error, OutcomeUnknown)
    assert (error.code, error.program) == (ErrorCode.OUTCOME_UNKNOWN, "kopi")
    assert len(engine.calls) == 1


async def test_nothing_leaves_after_its_moment() -> None:
    engine, clock = ScriptedEngine(), Clock()
    with pytest.raises(Unavailable) as caught:
        await transport(engine, clock).write(POST, leave_by=clock(), timeout=30)
    assert caught.value.code is ErrorCode.PROVIDER_TIMEOUT
    assert engine.calls == []


async def test_a_write_that_waits_for_a_place_too_long_never_leaves() -> None:
    engine, clock = ScriptedEngine(), Clock()
    engine.gate = asyncio.Event()
    line = transport(engine, clock, Policy(write_connections=1))
    first = asyncio.create_task(line.write(POST, leave_by=clock() + 5, timeout=30))
    await until(lambda: len(engine.calls) == 1)
    with pytest.raises(Unavailable):
        await line.write(POST, leave_by=clock() + 0.06, timeout=30)
    engine.gate.set()
    assert (await first).status == 200
    assert len(engine.calls) == 1


async def test_the_answer_is_waited_for_as_long_as_was_said() -> None:
    engine = ScriptedEngine()
    await written(engine)
    assert engine.timeouts == [30]


async def test_the_answer_is_waited_for_from_when_it_left() -> None:
    engine, clock = ScriptedEngine(), Clock()
    engine.gate = asyncio.Event()
    line = transport(engine, clock, Policy(write_connections=1))
    first = asyncio.create_task(line.write(POST, leave_by=clock() + 5, timeout=30))
    await until(lambda: len(engine.calls) == 1)
    second = asyncio.create_task(line.write(POST, leave_by=clock() + 5, timeout=30))
    await asyncio.sleep(0)
    clock.seconds += 4
    engine.gate.set()
    await asyncio.gather(first, second)
    assert engine.timeouts == [30, 30]


async def test_what_cannot_be_written_as_http_is_invalid_and_never_leaves() -> None:
    engine, clock = ScriptedEngine(), Clock()
    broken = Call("PostTransaction", "POST", POST.url, {"X": "a\r\nb"}, b"{}")
    with pytest.raises(InvalidInput):
        await transport(engine, clock).write(broken, leave_by=clock() + 5, timeout=30)
    assert engine.calls == []


async def test_reads_and_writes_share_the_quota() -> None:
    engine, clock = ScriptedEngine(), Clock()
    line = transport(engine, clock, Policy(requests_per_minute=1))
    await line.read(Call("GetMember", "GET", "http://upstream.test/members/1"))
    with pytest.raises(Unavailable) as caught:
        await line.write(POST, leave_by=clock() + 1, timeout=30)
    assert caught.value.code is ErrorCode.PROVIDER_RATE_LIMITED
    assert engine.calls == []


async def test_failed_writes_open_the_breaker_of_the_program() -> None:
    engine, clock = ScriptedEngine(reply(503)), Clock()
    line = transport(engine, clock, Policy(breaker_calls=3))
    for _ in range(3):
        await line.write(POST, leave_by=clock() + 5, timeout=30)
    with pytest.raises(Unavailable):
        await line.write(POST, leave_by=clock() + 0.1, timeout=30)
    assert len(engine.calls) == 3


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (429, Unavailable),
        (413, Unavailable),
        (414, Unavailable),
        (415, Unavailable),
        (431, Unavailable),
        (301, OutcomeUnknown),
        (302, OutcomeUnknown),
        (408, OutcomeUnknown),
        (500, OutcomeUnknown),
        (502, OutcomeUnknown),
        (503, OutcomeUnknown),
        (504, OutcomeUnknown),
    ],
)
def test_a_status_alone_says_unsent_or_unknown(status: int, meaning: type[LoyaltyError]) -> None:
    error = no_verdict("kopi", reply(status))
    assert type(error) is meaning
    assert error.upstream is not None
    assert error.upstream.http_status == status


@pytest.mark.parametrize("status", [200, 201, 204, 400, 401, 403, 404, 409, 422])
def test_of_other_statuses_the_body_must_be_read(status: int) -> None:
    assert no_verdict("kopi", reply(status)) is None


async def test_a_connection_for_writes_is_never_used_twice() -> None:
    async with faulty.upstream(faulty.whole()) as up:
        engine = FastEngine(2, reuse=False)
        try:
            for _ in range(3):
                await engine.send(Call("op", "POST", up.url, {}, b"{}"), 5.0)
        finally:
            await engine.aclose()
        assert (len(up.requests), up.connections) == (3, 3)


async def test_a_connection_for_reads_is_used_again() -> None:
    async with faulty.upstream(faulty.whole()) as up:
        engine = FastEngine(2)
        try:
            for _ in range(3):
                await engine.send(Call("op", "GET", up.url), 5.0)
        finally:
            await engine.aclose()
        assert (len(up.requests), up.connections) == (3, 1)
