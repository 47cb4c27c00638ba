"""The frame under writes: what a fault leaves applied, and what the books say of effects."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from sandbox import control
from sandbox.books import Books, Effect
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.frame import Arrival, ConnectionDropped, Frame, Reply, endpoint
from sandbox.personas import Persona
from sandbox.switches import Switches

START = datetime(2025, 3, 14, 6, 0, tzinfo=UTC)


def effect(before: int, after: int, member: str = "1") -> Effect:
    return Effect(
        upstream="acme",
        operation="earn",
        kind="earn",
        member=member,
        at=START,
        reference="R-1",
        points_before=Decimal(before),
        points_after=Decimal(after),
    )


class Acme:
    """A world whose one write adds a point."""

    personas: tuple[Persona, ...] = ()

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.points = 0

    def reset(self) -> None:
        self.points = 0

    def member(self, number: str) -> dict[str, object] | None:
        return {"number": number, "points": self.points}

    def earn(self, _: Arrival) -> Reply:
        self.points += 1
        self.frame.books.effect(effect(self.points - 1, self.points))
        return Reply(201, {"points": self.points})


@pytest.fixture
def acme() -> Acme:
    return Acme(Frame(Clock(START), Books(), Faults(), Switches()))


@pytest.fixture
async def client(acme: Acme) -> AsyncIterator[httpx.AsyncClient]:
    earn = Route("/earn", endpoint(acme.frame, "acme", "earn", acme.earn), methods=["POST"])
    app = Starlette(
        routes=[
            Mount("/acme", routes=[earn]),
            Mount("/__sandbox__", routes=control.routes(acme.frame, {"acme": acme})),
        ]
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        yield client


async def order(client: httpx.AsyncClient, fault: dict[str, object]) -> None:
    spec = {"upstream": "acme", "operation": "earn", "fault": fault}
    answer = await client.post("/__sandbox__/faults", json=spec)
    assert answer.status_code == 201, answer.text
    assert answer.json()[-1]["fault"] == fault


@pytest.mark.parametrize(("apply", "points"), [(True, 1), (False, 0)])
async def test_a_status_comes_with_or_without_the_effect(
    client: httpx.AsyncClient, acme: Acme, apply: bool, points: int
) -> None:
    fault: dict[str, object] = {"status": 500, "apply": True} if apply else {"status": 500}
    await order(client, fault)
    answer = await client.post("/acme/earn")
    assert (answer.status_code, acme.points) == (500, points)
    assert len((await client.get("/__sandbox__/effects")).json()) == points


async def test_apply_false_is_the_plain_status(client: httpx.AsyncClient, acme: Acme) -> None:
    spec = {"upstream": "acme", "operation": "earn", "fault": {"status": 503, "apply": False}}
    assert (await client.post("/__sandbox__/faults", json=spec)).status_code == 201
    assert (await client.post("/acme/earn")).status_code == 503
    assert acme.points == 0


async def test_an_applied_status_keeps_its_own_body_or_page(
    client: httpx.AsyncClient, acme: Acme
) -> None:
    await order(client, {"status": 502, "apply": True, "html": True})
    assert (await client.post("/acme/earn")).headers["content-type"].startswith("text/html")
    await order(client, {"status": 200, "apply": True, "body": {"points": 77}})
    assert (await client.post("/acme/earn")).json() == {"points": 77}
    assert acme.points == 2


async def test_twice_applies_as_two_deliveries_and_answers_the_second(
    client: httpx.AsyncClient, acme: Acme
) -> None:
    await order(client, {"twice": True})
    assert (await client.post("/acme/earn")).json() == {"points": 2}
    effects = (await client.get("/__sandbox__/effects")).json()
    (call,) = (await client.get("/__sandbox__/calls")).json()
    assert [each["call"] for each in effects] == [call["n"], call["n"]]
    assert call["fault"] == "twice"
    await order(client, {"twice": True, "drop": "after"})
    with pytest.raises(ConnectionDropped):
        await client.post("/acme/earn")
    await order(client, {"twice": True, "status": 500, "apply": True})
    assert (await client.post("/acme/earn")).status_code == 500
    assert acme.points == 6


@pytest.mark.parametrize(
    "fault",
    [
        {"apply": True},
        {"apply": True, "drop": "after"},
        {"status": 500, "apply": "yes"},
        {"twice": 2},
        {"twice": True, "status": 500},
        {"twice": True, "drop": "before"},
        {"twice": True, "rate_limited": True},
    ],
)
async def test_running_what_never_runs_is_refused(
    client: httpx.AsyncClient, fault: dict[str, object]
) -> None:
    spec = {"upstream": "acme", "operation": "earn", "fault": fault}
    assert (await client.post("/__sandbox__/faults", json=spec)).status_code == 400
    assert (await client.get("/__sandbox__/faults")).json() == []


async def test_an_effect_names_its_call(client: httpx.AsyncClient) -> None:
    await client.post("/acme/earn")
    await client.post("/acme/earn")
    effects = (await client.get("/__sandbox__/effects?upstream=acme&member=1")).json()
    calls = (await client.get("/__sandbox__/calls")).json()
    assert [each["call"] for each in effects] == [call["n"] for call in calls]
    assert effects[0]["call"] != effects[1]["call"]
    assert effects[1]["delta"] == "1"


def test_an_effect_outside_any_call_names_none() -> None:
    books = Books()
    books.effect(effect(0, 1))
    assert books.effects()[0][1].call is None


def test_points_that_moved_without_an_effect_are_a_gap() -> None:
    books = Books()
    books.effect(effect(10, 15))
    books.effect(effect(3, 4, member="2"))
    books.effect(effect(15, 12))
    assert books.gaps("acme") == []
    books.effect(effect(20, 21))
    assert books.gaps("acme") == ["effect 3: 1 had 12, then 20"]
    assert books.gaps("other") == []
