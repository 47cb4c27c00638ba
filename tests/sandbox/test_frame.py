"""The frame in process: books, clock, faults, switches and controls, over a tiny upstream."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from sandbox import control, personas
from sandbox.books import Books, Call
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.frame import (
    Arrival,
    ConnectionDropped,
    Frame,
    Reply,
    endpoint,
    fallback,
    presented_token,
    written,
)
from sandbox.personas import Persona
from sandbox.switches import Switch, Switches

START = datetime(2025, 3, 14, 6, 0, tzinfo=UTC)
ANSWER = {"name": "Aisyah", "points": Decimal("12.50"), "tags": ["a"], "gone": None, "ok": True}


class Acme:
    """A world of one counter."""

    personas = (Persona("rich", "acme", "1", "has it all"), Persona("zero", "acme", "2", "none"))

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.pings = 0
        frame.switches.declare(
            "acme",
            Switch("loud", False, "shouts"),
            Switch("quota", None, "calls"),
            Switch("case", "camel", "names", ("camel", "pascal")),
        )

    def reset(self) -> None:
        self.pings = 0

    def member(self, number: str) -> dict[str, object] | None:
        return {"number": number} if number == "1" else None

    def ping(self, arrival: Arrival) -> Reply:
        if self.frame.is_revoked("acme", presented_token(arrival.headers)):
            return self.frame.refusal("acme", 401)
        self.pings += 1
        return Reply(200, ANSWER)

    def token(self, _: Arrival) -> Reply:
        return Reply(200, {"access_token": "t-1"})

    def echo(self, arrival: Arrival) -> Reply:
        return Reply(200, arrival.json())


@pytest.fixture
def frame() -> Frame:
    return Frame(Clock(START), Books(), Faults(), Switches())


@pytest.fixture
def acme(frame: Frame) -> Acme:
    return Acme(frame)


@pytest.fixture
async def client(frame: Frame, acme: Acme) -> AsyncIterator[httpx.AsyncClient]:
    known = [
        Route("/ping", endpoint(frame, "acme", "ping", acme.ping)),
        Route("/token", endpoint(frame, "acme", "token", acme.token), methods=["POST"]),
        Route("/echo", endpoint(frame, "acme", "echo", acme.echo), methods=["POST"]),
    ]
    app = Starlette(
        routes=[
            Mount("/acme", routes=[*known, fallback(frame, "acme", known)]),
            Mount("/__sandbox__", routes=control.routes(frame, {"acme": acme})),
        ]
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        yield client


async def order(client: httpx.AsyncClient, fault: dict[str, object], **rest: object) -> None:
    spec = {"upstream": "acme", "operation": "ping", "fault": fault, **rest}
    answer = await client.post("/__sandbox__/faults", json=spec)
    assert answer.status_code == 201, answer.text


async def test_a_call_is_recorded_with_its_answer_and_without_its_secrets(
    client: httpx.AsyncClient,
) -> None:
    headers = {"Authorization": "Bearer s3cret", "API-Key": "s3cret", "X-Trace": "t"}
    await client.get("/acme/ping?a=1", headers=headers)
    answer = await client.get("/__sandbox__/calls")
    (call,) = answer.json()
    assert (call["upstream"], call["operation"], call["method"]) == ("acme", "ping", "GET")
    assert (call["path"], call["query"], call["status"]) == ("/acme/ping", {"a": "1"}, 200)
    assert (call["headers"]["authorization"], call["headers"]["x-trace"]) == ("***", "t")
    assert call["at"] == START.isoformat()
    assert "s3cret" not in answer.text


async def test_secrets_in_a_token_call_are_not_written_down(client: httpx.AsyncClient) -> None:
    await client.post("/acme/token", json={"assertion": "aaa.bbb.ccc", "grant_type": "jwt"})
    await client.post("/acme/token", data={"client_secret": "hush", "scope": "s2s"})
    calls = (await client.get("/__sandbox__/calls?operation=token")).json()
    assert "jwt" in calls[0]["body"]
    assert "aaa" not in calls[0]["body"]
    assert calls[1]["body"] == "client_secret=***&scope=s2s"


async def test_counts_are_by_upstream_and_operation_and_can_be_forgotten(
    client: httpx.AsyncClient,
) -> None:
    for _ in range(3):
        await client.get("/acme/ping")
    await client.post("/acme/token")
    counts = await client.get("/__sandbox__/counts")
    assert counts.json() == {"acme": {"ping": 3, "token": 1}}
    assert len((await client.get("/__sandbox__/calls?operation=ping")).json()) == 3
    assert (await client.get("/__sandbox__/calls?upstream=other")).json() == []
    await client.delete("/__sandbox__/calls")
    assert (await client.get("/__sandbox__/counts")).json() == {}


async def test_an_unknown_path_and_a_wrong_method_are_told_apart_and_recorded(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/acme/nowhere")).status_code == 404
    wrong = await client.delete("/acme/ping")
    assert (wrong.status_code, wrong.json()["message"]) == (405, "Method Not Allowed")
    assert (await client.get("/__sandbox__/counts")).json() == {"acme": {"unknown": 2}}


async def test_a_body_that_is_not_json_is_400(client: httpx.AsyncClient) -> None:
    assert (await client.post("/acme/echo", content=b"{")).status_code == 400
    assert (await client.post("/acme/echo", content=b'{"a": NaN}')).status_code == 400


async def test_decimals_keep_their_digits_both_ways(client: httpx.AsyncClient) -> None:
    answer = await client.post("/acme/echo", content=b'{"a": 123456789012.3400, "b": 1}')
    assert answer.text == '{"a":123456789012.3400,"b":1}'


def test_a_decimal_is_a_plain_number_and_text_is_not_escaped() -> None:
    assert written([Decimal("1E+3"), "陈美玲", Decimal("0.10")]) == '[1000,"陈美玲",0.10]'
    with pytest.raises(TypeError):
        written(Decimal("NaN"))


async def test_a_fault_hits_as_many_calls_as_ordered(client: httpx.AsyncClient) -> None:
    await order(client, {"status": 503}, times=2)
    statuses = [(await client.get("/acme/ping")).status_code for _ in range(3)]
    assert statuses == [503, 503, 200]
    assert (await client.get("/__sandbox__/faults")).json() == []
    calls = (await client.get("/__sandbox__/calls")).json()
    assert [call["fault"] for call in calls] == ["status", "status", None]
    assert [call["status"] for call in calls] == [503, 503, 200]


async def test_any_operation_is_not_the_token_call(client: httpx.AsyncClient) -> None:
    await order(client, {"status": 500}, operation="*")
    assert (await client.post("/acme/token")).status_code == 200
    assert (await client.get("/acme/ping")).status_code == 500
    await order(client, {"status": 500}, operation="token")
    assert (await client.post("/acme/token")).status_code == 500


async def test_a_status_does_not_run_the_handler_and_brings_its_own_body(
    client: httpx.AsyncClient, acme: Acme
) -> None:
    await order(client, {"status": 418, "body": {"tea": True}})
    answer = await client.get("/acme/ping")
    assert (answer.status_code, answer.json(), acme.pings) == (418, {"tea": True}, 0)
    await order(client, {"status": 200, "body": '{"broken": '})
    assert (await client.get("/acme/ping")).text == '{"broken": '


@pytest.mark.parametrize(("when", "pings"), [("before", 0), ("after", 1)])
async def test_a_drop_is_an_exception_before_or_after_the_effect(
    client: httpx.AsyncClient, acme: Acme, when: str, pings: int
) -> None:
    await order(client, {"drop": when})
    with pytest.raises(ConnectionDropped):
        await client.get("/acme/ping")
    assert acme.pings == pings
    (call,) = (await client.get("/__sandbox__/calls")).json()
    assert (call["status"], call["fault"]) == (None, "drop")


async def test_html_and_empty_answers_keep_or_get_a_status(
    client: httpx.AsyncClient, acme: Acme
) -> None:
    await order(client, {"html": True})
    page = await client.get("/acme/ping")
    assert (page.status_code, acme.pings) == (200, 1)
    assert page.headers["content-type"].startswith("text/html")
    await order(client, {"html": True, "status": 502})
    gateway = await client.get("/acme/ping")
    assert (gateway.status_code, acme.pings) == (502, 1)
    assert "Bad Gateway" in gateway.text
    await order(client, {"empty": True})
    assert (await client.get("/acme/ping")).content == b""


async def test_wrong_types_spoil_every_value(client: httpx.AsyncClient) -> None:
    await order(client, {"wrong_types": True})
    spoilt = (await client.get("/acme/ping")).json()
    assert spoilt == [False, {"was": "12.50"}, [False], ["null"], {"was": "True"}]
    await order(client, {"wrong_types": "scalars"})
    spoilt = (await client.get("/acme/ping")).json()
    assert spoilt.keys() == ANSWER.keys()
    assert spoilt["points"] == {"was": "12.50"}


async def test_a_revoked_token_is_dead_for_this_and_later_calls(
    client: httpx.AsyncClient,
) -> None:
    old, new = {"Authorization": "Bearer old"}, {"Authorization": "Bearer new"}
    await order(client, {"revoke_token": True})
    statuses = [(await client.get("/acme/ping", headers=h)).status_code for h in (old, old, new)]
    assert statuses == [401, 401, 200]
    await client.post("/__sandbox__/reset")
    assert (await client.get("/acme/ping", headers=old)).status_code == 200


def test_a_token_is_found_wherever_an_upstream_wants_it() -> None:
    assert presented_token({"authorization": "Bearer abc"}) == "abc"
    assert presented_token({"access_token": "def"}) == "def"
    assert presented_token({"api-key": "ghi"}) == "ghi"
    assert presented_token({}) == ""


async def test_a_rate_limit_tells_how_long_to_wait_or_not(client: httpx.AsyncClient) -> None:
    await order(client, {"rate_limited": True, "retry_after": 7})
    told = await client.get("/acme/ping")
    assert (told.status_code, told.headers["retry-after"]) == (429, "7")
    await order(client, {"rate_limited": True})
    assert "retry-after" not in (await client.get("/acme/ping")).headers


async def test_truncation_promises_the_whole_and_ends_early(client: httpx.AsyncClient) -> None:
    await order(client, {"truncate": 5})
    with pytest.raises(ConnectionDropped):
        await client.get("/acme/ping")
    await order(client, {"truncate": 0})
    with pytest.raises(ConnectionDropped):
        await client.get("/acme/ping")


@pytest.mark.parametrize(
    "spec",
    [
        {"operation": "ping", "fault": {"status": 500}},
        {"upstream": "nobody", "fault": {"status": 500}},
        {"upstream": "acme", "operation": "pong", "fault": {"status": 500}},
        {"upstream": "acme", "times": 0, "fault": {"status": 500}},
        {"upstream": "acme", "fault": {}},
        {"upstream": "acme", "fault": {"explode": True}},
        {"upstream": "acme", "fault": {"status": 99}},
        {"upstream": "acme", "fault": {"drop": "never"}},
        {"upstream": "acme", "fault": {"drop": "before", "html": True}},
        {"upstream": "acme", "fault": {"truncate": -1}},
        {"upstream": "acme", "fault": {"delay_ms": "long"}},
        {"upstream": "acme", "fault": {"empty": "yes"}},
        {"upstream": "acme", "fault": {"wrong_types": "some"}},
    ],
)
async def test_a_fault_that_cannot_be_is_refused(
    client: httpx.AsyncClient, spec: dict[str, object]
) -> None:
    answer = await client.post("/__sandbox__/faults", json=spec)
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert (await client.get("/__sandbox__/faults")).json() == []


async def test_pending_faults_are_listed_as_they_were_ordered_and_can_be_forgotten(
    client: httpx.AsyncClient,
) -> None:
    await order(client, {"delay_ms": 1, "status": 503, "body": None}, times=4)
    listed = (await client.get("/__sandbox__/faults")).json()
    fault = {"delay_ms": 1, "status": 503, "body": None}
    assert listed == [{"upstream": "acme", "operation": "ping", "times": 4, "fault": fault}]
    await client.delete("/__sandbox__/faults")
    assert (await client.get("/acme/ping")).status_code == 200


async def test_a_delay_goes_with_a_right_answer(client: httpx.AsyncClient) -> None:
    await order(client, {"delay_ms": 1})
    assert (await client.get("/acme/ping")).json()["name"] == "Aisyah"
    assert (await client.get("/__sandbox__/calls")).json()[0]["fault"] == "delay_ms"


async def test_the_clock_stands_where_it_is_set_and_moves_when_told(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.put("/__sandbox__/clock", json={"now": "2025-01-01T08:00:00+08:00"})
    assert answer.json() == {"now": "2025-01-01T00:00:00+00:00"}
    answer = await client.put("/__sandbox__/clock", json={"advance_seconds": 90})
    assert answer.json() == {"now": "2025-01-01T00:01:30+00:00"}
    assert (await client.get("/__sandbox__/clock")).json() == answer.json()


async def test_a_released_clock_runs_in_real_time(client: httpx.AsyncClient, frame: Frame) -> None:
    await client.put("/__sandbox__/clock", json={"now": None})
    assert abs((frame.clock.now() - datetime.now(UTC)).total_seconds()) < 60
    await client.put("/__sandbox__/clock", json={"advance_seconds": 3600})
    ahead = (frame.clock.now() - datetime.now(UTC)).total_seconds()
    assert 3590 < ahead < 3610


@pytest.mark.parametrize(
    "body",
    [{}, {"now": "2025-01-01T00:00:00"}, {"now": "soon"}, {"advance_seconds": "1"}, {"x": 1}],
)
async def test_a_clock_without_sense_is_refused(
    client: httpx.AsyncClient, frame: Frame, body: dict[str, object]
) -> None:
    assert (await client.put("/__sandbox__/clock", json=body)).status_code == 400
    assert frame.clock.now() == START


async def test_switches_turn_all_or_none(client: httpx.AsyncClient, frame: Frame) -> None:
    answer = await client.put("/__sandbox__/switches", json={"acme": {"loud": True, "quota": 5}})
    assert answer.json() == {"acme": {"loud": True, "quota": 5, "case": "camel"}}
    assert frame.switches.flag("acme", "loud")
    assert frame.switches.number("acme", "quota") == 5
    both = {"acme": {"case": "pascal", "louder": True}}
    refused = await client.put("/__sandbox__/switches", json=both)
    assert refused.status_code == 400
    assert "acme.louder" in refused.json()["message"]
    assert frame.switches.text("acme", "case") == "camel"


@pytest.mark.parametrize(("name", "value"), [("loud", 1), ("quota", "5"), ("case", "kebab")])
async def test_a_switch_does_not_take_any_value(
    client: httpx.AsyncClient, name: str, value: object
) -> None:
    answer = await client.put("/__sandbox__/switches", json={"acme": {name: value}})
    assert answer.status_code == 400
    assert f"acme.{name}" in answer.json()["message"]


async def test_reset_brings_everything_back(
    client: httpx.AsyncClient, frame: Frame, acme: Acme
) -> None:
    await client.get("/acme/ping")
    await order(client, {"status": 503}, times=9)
    await client.put("/__sandbox__/switches", json={"acme": {"loud": True}})
    await client.put("/__sandbox__/clock", json={"now": "2030-01-01T00:00:00Z"})
    assert (await client.post("/__sandbox__/reset")).status_code == 204
    assert (acme.pings, frame.books.calls(), frame.faults.pending()) == (0, [], [])
    assert not frame.switches.flag("acme", "loud")
    assert (frame.clock.now(), frame.clock.started) == (START, START)


def call(operation: str) -> Call:
    return Call("acme", operation, "GET", f"/{operation}", {}, {}, "", START)


def test_a_call_that_outlives_a_reset_does_not_touch_the_new_books() -> None:
    books = Books()
    open_call = books.record(call("ping"))
    books.reset()
    books.answered(open_call, 200, None)
    books.record(call("pong"))
    books.answered(open_call, 500, None)
    assert [(kept.operation, kept.status) for kept in books.calls()] == [("pong", None)]


def test_a_long_run_keeps_the_last_calls_and_every_count() -> None:
    books = Books(kept=2)
    for operation in ("one", "two", "three", "three"):
        books.answered(books.record(call(operation)), 200, None)
    assert [kept.operation for kept in books.calls()] == ["three", "three"]
    assert books.counts() == {"acme": {"one": 1, "two": 1, "three": 2}}


async def test_members_and_personas_can_be_looked_at(client: httpx.AsyncClient) -> None:
    assert (await client.get("/__sandbox__/members/acme/1")).json() == {"number": "1"}
    assert (await client.get("/__sandbox__/members/acme/9")).status_code == 404
    assert (await client.get("/__sandbox__/members/nobody/1")).status_code == 404
    listed = (await client.get("/__sandbox__/personas")).json()
    assert listed[0] == {"key": "rich", "upstream": "acme", "number": "1", "why": "has it all"}
    assert (await client.get("/__sandbox__/effects")).json() == []


async def test_control_calls_are_not_in_the_books(client: httpx.AsyncClient) -> None:
    await client.get("/__sandbox__/personas")
    assert (await client.get("/__sandbox__/counts")).json() == {}


async def test_a_control_body_that_is_not_an_object_is_400(client: httpx.AsyncClient) -> None:
    for body in (b"[]", b"{", b""):
        assert (await client.post("/__sandbox__/faults", content=body)).status_code == 400


async def test_without_a_signed_upstream_there_is_no_key(client: httpx.AsyncClient) -> None:
    assert (await client.get("/__sandbox__/telluride/private-key")).status_code == 400


def test_the_table_of_personas_puts_one_key_together(frame: Frame) -> None:
    class Other:
        personas = (Persona("zero", "other", "9", "none either"),)

    table = personas.markdown([Acme(frame), Other()])
    assert table.splitlines() == [
        "| Persona | Upstream | Number | Good for |",
        "| --- | --- | --- | --- |",
        "| rich | acme | `1` | has it all |",
        "| zero | acme | `2` | none |",
        "| zero | other | `9` | none either |",
    ]


def test_an_arrival_reads_a_form() -> None:
    arrival = Arrival("POST", "/", {}, {}, {}, b"grant_type=client_credentials&scope=s2s&empty=")
    assert arrival.form() == {"grant_type": "client_credentials", "scope": "s2s", "empty": ""}
    assert json.loads('{"a": 1}') == Arrival("POST", "/", {}, {}, {}, b'{"a": 1}').json()
