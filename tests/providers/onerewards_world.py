"""A OneRewards adapter over an upstream in this process: the sandbox, or a scripted one."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import cast
from urllib.parse import parse_qs, urlsplit

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette

from loyalty.operations import Environment
from providers.calls import Call, Reply
from providers.engines import HttpxEngine
from providers.http import Policy, Transport
from providers.onerewards import ADAPTER
from providers.onerewards.client import OneRewards
from providers.onerewards.settings import Settings
from sandbox.app import Sandbox, create_app
from sandbox.books import Call as BookedCall
from sandbox.faults import fault_from

NOW = datetime(2025, 3, 14, 4, 0, tzinfo=UTC)
"""A Friday, noon in Kuala Lumpur."""

INTEGRATION_ID = "5b0c6f1e-8a0d-4f8b-9d53-2f6f0f4f7a11"
BASE_URL = "http://sandbox.test/onerewards"


def settings(**changes: object) -> Settings:
    """The sandbox's company as a program."""
    keys: dict[str, object] = {
        "environment": Environment.SANDBOX,
        "provider": "onerewards",
        "name": "Kopi Corner Rewards",
        "currency": "MYR",
        "time_zone": "Asia/Kuala_Lumpur",
        "base_url": BASE_URL,
        "point_worth": "0.10",
        "integration_id": INTEGRATION_ID,
        "api_key": "kopi-secret",
        "key_id": "kopi-key",
    }
    return Settings.model_validate(keys | changes)


def adapter(api: Transport, now: Callable[[], datetime], **changes: object) -> OneRewards:
    """The adapter as the registry builds it."""
    built = ADAPTER.build("kopi", settings(**changes), api, api, now)
    assert isinstance(built, OneRewards)
    return built


@cache
def _app() -> Starlette:
    return create_app(now=NOW)


class World:
    """The sandbox on a stopped clock, and adapters that talk to it.

    Its members are made once a process: reads leave them as they are.
    """

    def __init__(self) -> None:
        self._app = _app()
        self.sandbox.frame.reset()
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(self._app))
        self.api = Transport("kopi", HttpxEngine(self._client), Policy())
        self.program = self.adapter()

    @property
    def sandbox(self) -> Sandbox:
        return cast("Sandbox", self._app.state.sandbox)

    def adapter(self, **changes: object) -> OneRewards:
        return adapter(self.api, self.sandbox.frame.clock.now, **changes)

    def switch(self, **values: object) -> None:
        self.sandbox.frame.switches.set({"onerewards": values})

    def fault(self, operation: str, times: int = 1, **spec: object) -> None:
        self.sandbox.frame.faults.add("onerewards", operation, fault_from(spec), times)

    @property
    def calls(self) -> list[BookedCall]:
        return self.sandbox.frame.books.calls("onerewards")

    @contextmanager
    def expected(self, **counts: int) -> Iterator[None]:
        """Exactly these calls arrive meanwhile, by operation, and no others."""
        before = Counter(call.operation for call in self.calls)
        yield
        after = Counter(call.operation for call in self.calls)
        assert dict(after - before) == counts

    async def aclose(self) -> None:
        await self._client.aclose()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a scripted upstream is asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: dict[str, object] | None


Script = Callable[[Asked], Awaitable[Reply]]


class Scripted:
    """An engine whose upstream is a function: for answers that the sandbox never gives."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.asked: list[Asked] = []

    async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - Engine
        del timeout
        url = urlsplit(call.url)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        body = None if call.body is None else json.loads(call.body)
        asked = Asked(call.method, url.path, query, call.headers, body)
        self.asked.append(asked)
        return await self._script(asked)

    async def aclose(self) -> None:
        """Nothing is open."""


def answering(body: object, status: int = 200) -> Script:
    """The same answer to everything; bytes go out as they are."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def script(_: Asked) -> Reply:
        return Reply(status, {}, sent)

    return script


def scripted(script: Script, **changes: object) -> tuple[OneRewards, Scripted]:
    """An adapter over a scripted upstream."""
    engine = Scripted(script)
    return adapter(Transport("kopi", engine, Policy()), lambda: NOW, **changes), engine


API_KEY, KEY_ID = SecretStr("kopi-secret"), SecretStr("kopi-key")
