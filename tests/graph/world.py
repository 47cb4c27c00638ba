"""The whole house in one process: the graph over the sandbox, its books open beside it."""

import asyncio
import shutil
import socket
import threading
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette

from graph import demo
from graph.app import Openings, create_app, opened_ledger
from graph.auth import DevelopmentTokens
from graph.principals import Kind
from graph.settings import Ledger, Settings, key_bytes, load
from loyalty.refs import MemberRef
from providers.engines import HttpxEngine
from providers.registry import ADAPTERS
from providers.settings import ProgramSettings
from resolvers.pace import Pace
from resolvers.routing import Ids, Reference
from sandbox.app import Sandbox
from sandbox.app import create_app as create_sandbox
from sandbox.faults import fault_from
from sandbox.personas import Persona
from sandbox.server import listening
from tests.graph.tide import Line, TidalEngine, Tide

NOW = datetime(2026, 6, 15, 17, 0, tzinfo=UTC)
SANDBOX = "http://sandbox.test"
UPSTREAMS = {"kopi": "onerewards", "syw": "telluride", "northshore": "fabric"}
"""Program -> the sandbox's upstream behind it."""

Json = dict[str, Any]
Body = Json | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the graph, and the very text of it."""

    data: Json
    errors: list[Json]
    text: str
    status: int


@dataclass(slots=True)
class World:
    """A graph over the sandbox; its clock stands still."""

    sandbox: Sandbox
    settings: Settings
    http: httpx.AsyncClient
    tide: Tide
    lines: dict[str, Line]

    @property
    def now(self) -> datetime:
        """The sandbox's instant, and the graph's."""
        return self.sandbox.frame.clock.now()

    def signed_in(self, subject: str, **token: Any) -> dict[str, str]:
        """The headers of another principal."""
        return signed_in(self.settings, subject, **token)

    async def query(
        self, document: str, variables: Json | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Ask as a client does, over HTTP."""
        body = {"query": document, "variables": variables}
        response = await self.http.post("/graphql", json=body, headers=headers)
        told = response.json()
        return Answer(
            told.get("data") or {}, told.get("errors", []), response.text, response.status_code
        )

    async def data(self, document: str, variables: Json | None = None) -> Json:
        """The data of an answer that must be without errors."""
        answer = await self.query(document, variables)
        assert answer.errors == []
        return answer.data

    # ------------------------------------------------------------------ who there is

    @property
    def ids(self) -> Ids:
        return Ids([key_bytes(key) for key in self.settings.server.id_keys])

    def id(self, reference: Reference) -> str:
        return self.ids.of(reference)

    def member_id(self, program: str, persona: str) -> str:
        return self.id(self.ref(program, persona))

    def ref(self, program: str, persona: str) -> MemberRef:
        book = self.book(program, self.number(program, persona))
        native = program == "northshore"
        return MemberRef(program, str(book["native_id" if native else "number"]))

    def number(self, program: str, persona: str) -> str:
        return next(p.number for p in self.personas(program) if p.key == persona)

    def personas(self, program: str) -> tuple[Persona, ...]:
        return self.sandbox.worlds[UPSTREAMS[program]].personas

    def book(self, program: str, number: str) -> Json:
        """The sandbox's own books of a member."""
        found = self.sandbox.worlds[UPSTREAMS[program]].member(number)
        assert found is not None
        return found

    # ------------------------------------------------------------------ what was asked

    @property
    def calls(self) -> dict[str, int]:
        """`program.operation` -> how often it arrived; token calls are told apart."""
        programs = {upstream: program for program, upstream in UPSTREAMS.items()}
        return {
            f"{programs[call.upstream]}.{call.operation}": count
            for call, count in self._counted().items()
            if call.operation != "token"
        }

    @property
    def tokens(self) -> int:
        return len(self.sandbox.frame.books.calls(operation="token"))

    @property
    def waves(self) -> list[list[str]]:
        return self.tide.waves

    def forget(self) -> None:
        """Begin to count anew."""
        self.sandbox.frame.books.forget_calls()
        self.tide.waves.clear()

    @contextmanager
    def expected(self, **counts: int) -> Iterator[None]:
        """Exactly these calls arrive meanwhile, and no others; `program__operation=n`."""
        self.forget()
        yield
        assert self.calls == {name.replace("__", "."): count for name, count in counts.items()}

    def _counted(self) -> "Counter[_Kind]":
        calls = self.sandbox.frame.books.calls()
        return Counter(_Kind(call.upstream, call.operation) for call in calls)

    # ------------------------------------------------------------------ what goes wrong

    def fault(self, program: str, operation: str = "*", times: int = 1000, **spec: object) -> None:
        self.sandbox.frame.faults.add(UPSTREAMS[program], operation, fault_from(spec), times)


@dataclass(frozen=True, slots=True)
class _Kind:
    upstream: str
    operation: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What is costly to make: the sandbox with its worlds, and a configuration for it."""

    sandbox_app: Starlette
    folder: Path
    settings: Settings

    @asynccontextmanager
    async def world(
        self,
        settings: Settings | None = None,
        ledger: str | None = None,
        pace: Pace | None = None,
    ) -> AsyncIterator[World]:
        """A graph with connections of its own, tokens in hand, and empty books."""
        settings = settings or self.settings
        sandbox = cast("Sandbox", self.sandbox_app.state.sandbox)
        sandbox.frame.reset()
        async with self._served(sandbox, settings, ledger or self.new_ledger(), pace) as world:
            yield world
        if sandbox.frame.books.effects():
            for changed in sandbox.worlds.values():
                changed.reset()
        sandbox.frame.reset()

    @asynccontextmanager
    async def beside(self, world: World, ledger: str) -> AsyncIterator[World]:
        """Another graph over the sandbox of a world, as it is now."""
        async with self._served(world.sandbox, self.settings, ledger, None) as other:
            yield other

    @asynccontextmanager
    async def _served(
        self, sandbox: Sandbox, settings: Settings, ledger: str, pace: Pace | None
    ) -> AsyncIterator[World]:
        tide = Tide()
        lines = {program: Line(program, tide) for program in settings.programs}
        by_settings = {id(settings.programs[program]): lines[program] for program in lines}

        def open_engine(program: ProgramSettings) -> TidalEngine:
            transport = httpx.ASGITransport(app=self.sandbox_app)
            engine = HttpxEngine(httpx.AsyncClient(transport=transport))
            return TidalEngine(by_settings[id(program)], engine)

        openings = Openings(open_engine, open_engine, now=sandbox.frame.clock.now, pace=pace)
        kept = settings.ledger.model_copy(update={"url": ledger})
        app = create_app(replace(settings, ledger=kept), openings)
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://127.0.0.1",
            headers=signed_in(settings),
        )
        async with app.router.lifespan_context(app), client:
            yield World(sandbox, settings, client, tide, lines)

    def new_ledger(self) -> str:
        """The URL of an empty ledger: a copy of one that has its tables."""
        path = self.folder / f"{uuid.uuid4().hex}.db"
        shutil.copy(self.folder / "empty.db", path)
        return f"sqlite:///{path}"

    def with_programs(self, **changes: Json) -> Settings:
        """The same configuration with other keys in the tables of the programs named."""
        programs = {
            key: program.model_copy(update=changes.get(key, {}))
            for key, program in self.settings.programs.items()
        }
        return replace(self.settings, programs=programs)


def signed_in(settings: Settings, subject: str = "tests", **token: Any) -> dict[str, str]:
    """The headers of a client with a development token: a developer's, if not told otherwise."""
    tokens = DevelopmentTokens(key_bytes(settings.server.id_keys[0]))
    minted = tokens.mint(subject, token.pop("kind", Kind.DEVELOPER), **token)
    return {"Authorization": f"Bearer {minted}"}


def signed_in_at(url: str) -> dict[str, str]:
    """The same for a server: the headers that its own page signs in with."""
    listed = httpx.get(f"{url}/graphql/examples.json").raise_for_status().json()["examples"]
    headers: dict[str, str] = listed[0]["headers"]
    return headers


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tmp_path_factory.mktemp("demo") / ".loyalty"
    config = demo.prepare(folder, sandbox=SANDBOX, port=8000)
    app = create_sandbox(now=NOW, telluride_public_key=demo.public_key(folder))
    kinds = {code: adapter.settings for code, adapter in ADAPTERS.items()}
    settings = load(config, kinds, {})
    _make_ledger(settings.ledger.model_copy(update={"url": f"sqlite:///{folder}/empty.db"}))
    return Stage(app, folder, settings)


def _make_ledger(settings: Ledger) -> None:
    async def made() -> None:
        async with opened_ledger(settings):
            pass

    asyncio.run(made())


@pytest.fixture
async def cold_world(stage: Stage) -> AsyncIterator[World]:
    """A graph that has not spoken to its programs yet."""
    async with stage.world() as world:
        yield world


@pytest.fixture
async def world(cold_world: World) -> World:
    """A graph that has its tokens, and empty books."""
    await warmed(cold_world)
    return cold_world


WARM_UP = """query Warm($syw: String!, $northshore: String!) {
  syw: memberByNumber(program: "syw", number: $syw) { name }
  northshore: memberByNumber(program: "northshore", number: $northshore) { name }
}"""


async def warmed(world: World) -> None:
    """Let every program that needs a token fetch it."""
    numbers = {program: world.number(program, "zero") for program in ("syw", "northshore")}
    assert (await world.query(WARM_UP, numbers)).errors == []
    world.forget()


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demonstration over real sockets, with today's sandbox behind it: its base URL."""
    folder = tmp_path_factory.mktemp("live") / ".loyalty"
    demo.prepare(folder, sandbox=SANDBOX, port=8000)
    kinds = {code: adapter.settings for code, adapter in ADAPTERS.items()}
    with listening(create_sandbox(telluride_public_key=demo.public_key(folder))) as sandbox:
        settings = load(demo.prepare(folder, sandbox=sandbox, port=8000), kinds, {})
        with _served(create_app(settings)) as url:
            yield url


@contextmanager
def _served(app: FastAPI) -> Iterator[str]:
    """Serve in a thread, lifespan and all, for the length of a `with`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, ws="none", access_log=False, log_config=None, lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
