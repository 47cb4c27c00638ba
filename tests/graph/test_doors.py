"""The door: whose requests come in, in what time, and what is written down of them."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest
from starlette.datastructures import Headers

from graph import http_requests
from graph.hosts import hostname
from graph.logs import TRACE, JsonLines
from graph.settings import is_loopback
from tests.graph.world import World


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1:8000", True),
        ("127.0.0.2", True),
        ("localhost:8000", True),
        ("[::1]:8000", True),
        ("testserver", False),
        ("graph.example.com", False),
        ("127.0.0.1.example.com", False),
        ("", False),
    ],
)
def test_only_names_of_this_machine_are_let_in(host: str, ours: bool) -> None:
    assert is_loopback(hostname(Headers({"host": host}))) is ours


async def test_a_foreign_host_is_refused(world: World) -> None:
    answer = await world.http.post(
        "/graphql", json={"query": "{__typename}"}, headers={"host": "a.b"}
    )
    assert answer.status_code == 400
    assert "__typename" not in answer.text


async def test_a_page_of_another_site_may_not_ask_by_get(world: World) -> None:
    answer = await world.http.get(
        "/graphql", params={"query": "{__typename}"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


async def test_a_body_that_does_not_arrive_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_requests, "_BODY_SECONDS", 0.01)

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    answer = await world.http.post(
        "/graphql", content=slow(), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 408


def test_a_log_line_has_the_trace_id_and_only_listed_keys() -> None:
    record = logging.makeLogRecord(
        {"name": "loyalty_graph.x", "msg": "defect", "kind": "KeyError", "person": "Aisyah"}
    )
    token = TRACE.set("abc123")
    try:
        entry = json.loads(JsonLines().format(record))
    finally:
        TRACE.reset(token)
    assert entry["trace_id"] == "abc123"
    assert entry["kind"] == "KeyError"
    assert "Aisyah" not in json.dumps(entry)
