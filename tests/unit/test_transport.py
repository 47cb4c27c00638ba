"""What Transport.read makes of answers and failures: retries, deadlines, quota, breaker, places."""

import asyncio
import contextlib

import pytest

from loyalty.errors import ErrorCode, InvalidInput, LoyaltyError, Unavailable
from providers.http import Call, Interrupted, NeverLeft, Policy, deadline_in
from providers.policy import policy_of, token_policy_of
from providers.settings import ProgramSettings
from tests.unit.transport_fakes import CALL, Clock, ScriptedEngine, Step, reply, transport, until


async def refused(
    engine: ScriptedEngine, clock: Clock, policy: Policy | None = None
) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        await transport(engine, clock, policy).read(CALL)
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 204, 400, 401, 403, 404, 409, 500])
async def test_a_status_that_says_something_is_left_to_the_adapter(status: int) -> None:
    engine = ScriptedEngine(reply(status))
    assert (await transport(engine, Clock()).read(CALL)).status == status
    assert len(engine.calls) == 1


@pytest.mark.parametrize(
    ("step", "sent", "code"),
    [
        (reply(502), 3, ErrorCode.PROVIDER_UNAVAILABLE),
        (reply(503), 3, ErrorCode.PROVIDER_UNAVAILABLE),
        (reply(504), 3, ErrorCode.PROVIDER_UNAVAILABLE),
        (reply(501), 1, ErrorCode.PROVIDER_UNAVAILABLE),
        (reply(302), 1, ErrorCode.PROVIDER_BAD_RESPONSE),
        (reply(429), 1, ErrorCode.PROVIDER_RATE_LIMITED),
        (reply(429, {"retry-after": "1"}), 3, ErrorCode.PROVIDER_RATE_LIMITED),
        (reply(429, {"retry-after": "60"}), 1, ErrorCode.PROVIDER_RATE_LIMITED),
        (reply(503, {"retry-after": "60"}), 1, ErrorCode.PROVIDER_UNAVAILABLE),
        (NeverLeft("connect"), 3, ErrorCode.PROVIDER_UNAVAILABLE),
        (NeverLeft("tls"), 3, ErrorCode.PROVIDER_UNAVAILABLE),
        (NeverLeft("dns"), 3, ErrorCode.PROVIDER_UNAVAILABLE),
        (NeverLeft("pool"), 3, ErrorCode.PROVIDER_UNAVAILABLE),
        (NeverLeft("closed"), 1, ErrorCode.PROVIDER_UNAVAILABLE),
        (Interrupted("closed"), 3, ErrorCode.PROVIDER_UNAVAILABLE),
        (Interrupted("timeout"), 3, ErrorCode.PROVIDER_TIMEOUT),
        (Interrupted("protocol"), 3, ErrorCode.PROVIDER_BAD_RESPONSE),
        (Interrupted("too_large"), 1, ErrorCode.PROVIDER_BAD_RESPONSE),
    ],
)
async def test_a_failure_is_tried_again_only_where_that_may_help(
    step: Step, sent: int, code: ErrorCode
) -> None:
    engine = ScriptedEngine(step)
    error = await refused(engine, Clock())
    assert (error.code, error.program, len(engine.calls)) == (code, "kopi", sent)


async def test_a_retry_that_succeeds_is_the_answer() -> None:
    clock = Clock()
    engine = ScriptedEngine(NeverLeft("connect"), Interrupted("closed"), reply(404))
    assert (await transport(engine, clock).read(CALL)).status == 404
    assert clock.slept == [0.05, 0.05]


async def test_the_status_of_a_failed_answer_is_told_and_its_words_are_not() -> None:
    error = await refused(ScriptedEngine(reply(502)), Clock())
    assert error.upstream is not None
    assert (error.upstream.http_status, error.upstream.message) == (502, None)
    assert "upstream.test" not in str(error)


async def test_retries_share_the_time_of_the_first_try() -> None:
    clock = Clock()
    engine = ScriptedEngine(Interrupted("closed"), clock=clock, takes=2.0)
    await refused(engine, clock)
    assert engine.timeouts == pytest.approx([5.0, 2.95, 0.9])


async def test_no_retry_begins_with_less_time_than_it_needs() -> None:
    clock = Clock()
    engine = ScriptedEngine(Interrupted("timeout"), clock=clock, takes=4.95)
    await refused(engine, clock)
    assert len(engine.calls) == 1


async def test_a_read_ends_with_the_request_it_belongs_to() -> None:
    clock = Clock()
    engine = ScriptedEngine()
    with deadline_in(0.3, clock=clock), deadline_in(9, clock=clock):
        await transport(engine, clock).read(CALL)
    await transport(engine, clock).read(CALL)
    assert engine.timeouts == pytest.approx([0.3, 5.0])


async def test_no_call_starts_with_less_than_50_ms_left() -> None:
    clock = Clock()
    engine = ScriptedEngine()
    with deadline_in(0.049, clock=clock):
        error = await refused(engine, clock)
    assert (error.code, engine.calls) == (ErrorCode.PROVIDER_TIMEOUT, [])


async def test_retries_are_a_fifth_of_the_calls_and_one_a_second() -> None:
    clock = Clock()
    engine = ScriptedEngine(reply(503))
    upstream = transport(engine, clock, Policy(breaker_calls=10_000))
    upstream._sleep = lambda _: asyncio.sleep(0)  # time stands still
    for _ in range(100):
        with pytest.raises(Unavailable):
            await upstream.read(CALL)
    burst, share = 10, 20
    assert len(engine.calls) - 100 == pytest.approx(burst + share, abs=2)
    spent = len(engine.calls)
    clock.seconds += 3
    for _ in range(2):
        with pytest.raises(Unavailable):
            await upstream.read(CALL)
    assert len(engine.calls) - spent - 2 == pytest.approx(3, abs=1)


@pytest.mark.parametrize(
    "call",
    [
        Call("op", "GET", "http://upstream.test/members/../admin"),
        Call("op", "GET", "http://upstream.test/members/%2E%2e?a=b"),
        Call("op", "GET", "http://upstream.test/members/."),
        Call("op", "GET", "http://upstream.test/a b"),
        Call("op", "GET", "http://upstream.test/a\r\nHost: b"),
        Call("op", "GET", "http://upstream.test/\u00e9"),
        Call("op", "GET", "http://upstream.test/a\\..\\b"),
        Call("op", "GET", "http://upstream.test/a#b"),
        Call("op", "GET", "file:///etc/passwd"),
        Call("op", "GET", "http://upstream.test/", {"x": "a\r\nb: c"}),
        Call("op", "GET", "http://upstream.test/", {"x": "\u00e9"}),
        Call("op", "GET", "http://upstream.test/", {"x": "a\x00b"}),
        Call("op", "GET", "http://upstream.test/", {"x:": "a"}),
    ],
)
async def test_a_value_that_would_change_the_request_is_refused_unsent(call: Call) -> None:
    engine = ScriptedEngine()
    with pytest.raises(InvalidInput) as caught:
        await transport(engine, Clock()).read(call)
    assert (engine.calls, caught.value.program) == ([], "kopi")


@pytest.mark.parametrize(
    "url", ["http://u.test/..a/b..", "http://u.test/a%2F..%2Fb", "https://u.test/?q=/../"]
)
async def test_dots_that_change_nothing_pass(url: str) -> None:
    engine = ScriptedEngine()
    await transport(engine, Clock()).read(Call("op", "GET", url, {"client_id": "a b\tc"}))
    assert len(engine.calls) == 1


async def test_a_call_shows_its_operation_alone() -> None:
    secret = Call("GetMember", "GET", "http://u.test/91234567", {"api_key": "s3cret"}, b"91234567")
    assert repr(secret) == "Call(operation='GetMember', method='GET')"


# The quota


async def test_a_quota_that_is_gone_is_refused_unsent_and_says_when_to_come_back() -> None:
    clock = Clock()
    engine = ScriptedEngine()
    upstream = transport(engine, clock, Policy(requests_per_minute=3))
    for _ in range(3):
        await upstream.read(CALL)
    with pytest.raises(Unavailable) as caught:
        await upstream.read(CALL)
    assert caught.value.code is ErrorCode.PROVIDER_RATE_LIMITED
    assert caught.value.retry_after == pytest.approx(20)
    assert len(engine.calls) == 3


async def test_a_call_waits_for_the_quota_where_that_fits_its_time() -> None:
    clock = Clock()
    engine = ScriptedEngine()
    upstream = transport(engine, clock, Policy(requests_per_minute=60, timeout=2))
    for _ in range(61):
        await upstream.read(CALL)
    assert clock.slept == pytest.approx([1.0])


async def test_what_the_provider_says_is_left_of_its_window_counts() -> None:
    clock = Clock()
    told = {
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": "2026-03-01T10:00:40.0Z",
        "date": "Sun, 01 Mar 2026 10:00:10 GMT",
    }
    engine = ScriptedEngine(reply(200, told))
    upstream = transport(engine, clock, Policy(requests_per_minute=100))
    await upstream.read(CALL)
    with pytest.raises(Unavailable) as caught:
        await upstream.read(CALL)
    assert caught.value.retry_after == pytest.approx(30)
    assert len(engine.calls) == 1
    clock.seconds += 30
    await upstream.read(CALL)
    assert len(engine.calls) == 2


async def test_a_429_pauses_all_callers_and_a_short_pause_is_waited_for() -> None:
    clock = Clock()
    engine = ScriptedEngine(reply(429, {"retry-after": "2"}), reply())
    upstream = transport(engine, clock)
    assert (await upstream.read(CALL)).status == 200
    assert clock.slept == [2.0]
    engine.script = [reply(429, {"retry-after": "60"}), reply()]
    for _ in range(3):
        with pytest.raises(Unavailable) as caught:
            await upstream.read(CALL)
        assert caught.value.retry_after == pytest.approx(60)
    assert len(engine.calls) == 3


# The breaker


@pytest.mark.parametrize(
    ("step", "opens"),
    [
        (reply(500), True),
        (reply(503), True),
        (NeverLeft("connect"), True),
        (NeverLeft("dns"), True),
        (NeverLeft("tls"), True),
        (Interrupted("closed"), True),
        (Interrupted("protocol"), True),
        (NeverLeft("pool"), False),
        (NeverLeft("request"), False),
        (reply(404), False),
        (reply(401), False),
        (reply(429), False),
    ],
)
async def test_the_breaker_opens_by_failures_of_the_provider_alone(step: Step, opens: bool) -> None:
    clock = Clock()
    engine = ScriptedEngine(step)
    upstream = transport(engine, clock, Policy(retries=0, rate_pause=0))
    for _ in range(20):
        with contextlib.suppress(LoyaltyError):
            await upstream.read(CALL)
    engine.script = [reply()]
    if opens:
        with pytest.raises(Unavailable) as caught:
            await upstream.read(CALL)
        assert caught.value.code is ErrorCode.PROVIDER_UNAVAILABLE
        assert caught.value.retry_after == pytest.approx(5)
    else:
        await upstream.read(CALL)
    assert len(engine.calls) == (20 if opens else 21)


@pytest.mark.parametrize(("waited", "opens"), [(0.9, False), (1.1, True)])
async def test_a_timeout_counts_against_the_provider_only_if_it_had_time(
    waited: float, opens: bool
) -> None:
    clock = Clock()
    engine = ScriptedEngine(Interrupted("timeout"), clock=clock, takes=waited)
    policy = Policy(retries=0, breaker_bucket=100)
    upstream = transport(engine, clock, policy)
    for _ in range(20):
        with pytest.raises(Unavailable):
            await upstream.read(CALL)
    assert upstream._breaker.is_closed is not opens


async def test_a_429_to_a_probe_does_not_prove_the_provider_well() -> None:
    clock = Clock()
    engine = ScriptedEngine(reply(500))
    upstream = transport(engine, clock, Policy(rate_pause=0))
    for _ in range(20):
        await upstream.read(CALL)
    clock.seconds += 5
    engine.script = [reply(429)]
    for _ in range(3):
        with pytest.raises(Unavailable):
            await upstream.read(CALL)
    assert len(engine.calls) == 23
    assert not upstream._breaker.is_closed


async def test_an_open_breaker_answers_before_anybody_queues_for_quota() -> None:
    clock = Clock()
    upstream = transport(
        ScriptedEngine(reply(500)), clock, Policy(requests_per_minute=20, timeout=25)
    )
    for _ in range(20):
        await upstream.read(CALL)
    with pytest.raises(Unavailable) as caught:
        await upstream.read(CALL)
    assert (caught.value.code, clock.slept) == (ErrorCode.PROVIDER_UNAVAILABLE, [])


async def test_answers_that_adapters_cannot_read_open_the_breaker() -> None:
    upstream = transport(ScriptedEngine(), Clock())
    for _ in range(20):
        await upstream.read(CALL)
        upstream.unusable()
    with pytest.raises(Unavailable):
        await upstream.read(CALL)


# Cancellation, places


async def test_cancelled_callers_neither_open_the_breaker_nor_keep_places_or_quota() -> None:
    clock = Clock()
    engine = ScriptedEngine()
    policy = Policy(connections=2, queue=100, requests_per_minute=1000)
    upstream = transport(engine, clock, policy)
    engine.gate = asyncio.Event()
    callers = [asyncio.create_task(upstream.read(CALL)) for _ in range(60)]
    await until(lambda: len(engine.calls) == 2)
    for caller in callers:
        caller.cancel()
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
    engine.gate.set()
    assert upstream._breaker.is_closed
    for _ in range(998):
        await upstream.read(CALL)
    assert clock.slept == []


async def test_a_cancelled_probe_lets_the_next_one_through() -> None:
    clock = Clock()
    engine = ScriptedEngine(reply(503))
    upstream = transport(engine, clock, Policy(retries=0))
    for _ in range(20):
        with pytest.raises(Unavailable):
            await upstream.read(CALL)
    clock.seconds += 5
    engine.gate = asyncio.Event()
    probe = asyncio.create_task(upstream.read(CALL))
    await until(lambda: len(engine.calls) == 21)
    with pytest.raises(Unavailable):
        await upstream.read(CALL)
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    engine.gate, engine.script = None, [reply()]
    assert (await upstream.read(CALL)).status == 200


async def test_a_full_queue_refuses_at_once_and_serves_those_in_it() -> None:
    engine = ScriptedEngine()
    upstream = transport(engine, Clock(), Policy(connections=1, queue=1, timeout=400))
    engine.gate = asyncio.Event()
    callers = [asyncio.create_task(upstream.read(CALL)) for _ in range(2)]
    await until(lambda: len(engine.calls) == 1)
    with pytest.raises(Unavailable) as caught:
        await asyncio.wait_for(upstream.read(CALL), 5)
    assert caught.value.code is ErrorCode.PROVIDER_UNAVAILABLE
    engine.gate.set()
    assert [(await caller).status for caller in callers] == [200, 200]


async def test_nobody_queues_for_more_than_a_quarter_of_the_time() -> None:
    engine = ScriptedEngine()
    upstream = transport(engine, Clock(), Policy(connections=1, timeout=0.2))
    engine.gate = asyncio.Event()
    first = asyncio.create_task(upstream.read(CALL))
    await until(lambda: len(engine.calls) == 1)
    with pytest.raises(Unavailable) as caught:
        await upstream.read(CALL)
    assert caught.value.code is ErrorCode.PROVIDER_UNAVAILABLE
    engine.gate.set()
    assert (await first).status == 200
    assert (await upstream.read(CALL)).status == 200
    assert len(engine.calls) == 2


async def test_closing_a_transport_closes_its_engine() -> None:
    engine = ScriptedEngine()
    await transport(engine, Clock()).aclose()
    assert engine.closed


def test_the_numbers_are_those_of_the_design() -> None:
    policy = Policy()
    assert (policy.connections, policy.queue, policy.queue_share) == (32, 64, 0.25)
    assert (policy.retries, policy.backoff_from, policy.backoff_to) == (2, 0.05, 0.4)
    assert (policy.retry_share, policy.retries_per_second) == (0.2, 1.0)
    assert (policy.breaker_buckets, policy.breaker_bucket) == (10, 1.0)
    assert (policy.breaker_calls, policy.breaker_share, policy.breaker_good) == (20, 0.5, 3)
    assert (policy.breaker_sleep, policy.breaker_sleep_most) == (5.0, 30.0)
    assert (policy.timeout, policy.least) == (5.0, 0.05)


def test_a_program_s_table_sets_its_policy() -> None:
    settings = ProgramSettings.model_validate(
        {
            "environment": "SANDBOX",
            "provider": "onerewards",
            "name": "Kopi",
            "currency": "MYR",
            "time_zone": "UTC",
            "base_url": "http://127.0.0.1:1/",
            "timeout_seconds": 3,
            "max_connections": 8,
            "requests_per_minute": 100,
        }
    )
    policy = policy_of(settings)
    assert (policy.timeout, policy.connections, policy.queue) == (3.0, 8, 16)
    assert policy.requests_per_minute == 100
    assert token_policy_of(settings).requests_per_minute is None
