"""One case of the matrix in this process: a world of its own, an errand, a fault, and the end.

Without a network the graph talks to the sandbox's app directly, and faults are the sandbox's (or
spoil the answer on its way); with one, real connections go through the fault proxy.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import httpx
from fastapi import FastAPI
from starlette.applications import Starlette

from graph import demo
from graph.app import Openings, create_app
from graph.auth import DevelopmentTokens
from graph.principals import Kind
from graph.settings import Settings, key_bytes, load
from providers.calls import Call as Outgoing
from providers.calls import Engine, Interrupted, Reply
from providers.engines import HttpxEngine
from providers.registry import ADAPTERS
from providers.settings import ProgramSettings
from resolvers.pace import Pace
from sandbox.app import Sandbox
from sandbox.app import create_app as create_sandbox
from sandbox.books import Call
from sandbox.faults import fault_from
from sandbox.onerewards.cast import AISYAH_APP_ID
from sandbox.onerewards.codes import Codes
from sandbox.onerewards.state import ACCOUNT_BOOK_ID
from sandbox.server import listening
from sandbox.telluride.app import APIS
from sandbox.telluride.reading import Body, Refusal
from tests.proofs.errands import PROGRAMS, Errand, Scene, errand
from tests.proofs.faults import ALWAYS, Bend, Fault, WireFault, Words
from tests.proofs.flips import Flip
from tests.proofs.houses import configure, merged, patience, postgres_database
from tests.proofs.judge import BY_TIME
from tests.proofs.proxy import Proxy, proxy_to
from tests.proofs.tills import Till, Told

Json = dict[str, Any]
NOWHERE = "http://sandbox.test"
PACE = Pace(
    answer=8.0,
    leave=0.8,
    margin=1.0,
    schedule=(0.2, 0.4, 0.8),
    slow=1.0,
    backoff=(0.05, 0.2),
    poll=0.05,
    drain=1.0,
)
KEYS = patience(1.6, 0.2, 8.0)
"""A call is given up after 1.6 s, looked for from 2.6 s on, and reviewed after 8 s."""

SETTLED = 90.0
"""Seconds until something that should have ended did not, on however busy a machine."""
LATER = 40
"""How often the same key is asked again where nothing left."""


class Wire:
    """An engine that can spoil answers of one operation, or fall silent after one."""

    def __init__(self, engine: Engine, path: "Spoiling") -> None:
        self._engine = engine
        self._spoiling = path

    async def send(self, call: Outgoing, timeout: float) -> Reply:  # noqa: ASYNC109 - Engine
        spoiling = self._spoiling
        if spoiling.dark_for:
            spoiling.dark_for -= 1
            raise Interrupted("closed")
        is_write = spoiling.errand is not None and spoiling.is_write(call)
        if is_write and spoiling.instead is not None:
            instead, spoiling.instead = spoiling.instead, None
            return instead()
        try:
            reply = await self._engine.send(call, timeout)
        finally:
            if is_write:
                spoiling.dark_for, spoiling.dark = spoiling.dark, 0
        if is_write and spoiling.bend is not None:
            bend, spoiling.bend = spoiling.bend, None
            return bend(reply)
        return reply

    async def aclose(self) -> None:
        await self._engine.aclose()


@dataclass(slots=True)
class Spoiling:
    """What the wires of one lab have in common; without an errand they spoil nothing."""

    sandbox: Sandbox
    errand: Errand | None = None
    bend: Bend | None = None
    instead: Callable[[], Reply] | None = None
    dark: int = 0
    dark_for: int = 0

    def is_write(self, call: Outgoing) -> bool:
        """Whether a call is the errand's write, by the operation that the sandbox knows it as."""
        assert self.errand is not None
        path = call.url.removeprefix(NOWHERE)
        pattern = self.errand.path
        return re.search(pattern, f"{call.method} {path}") is not None


@dataclass(slots=True)
class End:
    """How a case ended: what was told at first, in the end, and again with the same key."""

    first: Told
    status: str
    again: Told
    effects: list[Json]
    bodies: frozenset[str]
    """What the write said, each time that it arrived."""
    strangers: frozenset[str]
    """Members with effects who are not the one that it was about."""


@dataclass(slots=True)
class Lab:
    """A graph over a sandbox of its own."""

    sandbox: Sandbox
    till: Till
    spoiling: Spoiling
    proxy: Proxy | None = None
    beside: Till | None = None
    """The same client at another server on the same ledger, which it goes to with a repeat."""

    async def scene(self, asked: Errand, n: int) -> Scene:
        """What must be there before: somebody with points, and what went before."""
        personas = self.sandbox.worlds[asked.upstream].personas
        holder = "everywhere" if asked.needs_code else "rich"
        number = next(each.number for each in personas if each.key == holder)
        member = str((await self.till.member(asked.program, number))["id"])
        offers = await self.till.offers(member) if asked.name == "claim" else {}
        before: dict[str, str | None] = {}
        if asked.first is not None:
            first = errand(asked.upstream, asked.first)
            given = first.given(Scene(member, n + 1))
            told = await self.till.tell(
                first.mutation, f"first-of-{asked.name.replace(chr(32), chr(45))}-{n:06d}", given
            )
            assert told.status == "SUCCEEDED", (first.title, told.codes, told.payload)
            before[first.name] = told.result(first.result or "")
        right = await self._authorization(n) if asked.needs_code else None
        return Scene(member, n, before, offers, right, number)

    async def _authorization(self, n: int) -> str:
        """What the code on the app's page of that member gives the till."""
        company = self.sandbox.onerewards.companies[ACCOUNT_BOOK_ID]
        code = Codes(self.sandbox.frame).mint(company, AISYAH_APP_ID).code
        given = {"program": PROGRAMS["onerewards"], "code": code}
        told = await self.till.tell("authorizeRedemption", f"authorization-{n:08d}", given)
        assert told.status == "SUCCEEDED", told.codes
        return str(told.payload["authorization"])

    def effects(self, upstream: str, since: int = 0) -> list[Json]:
        """What has changed at an upstream."""
        found = [
            each.as_json(number) for number, each in self.sandbox.frame.books.effects(upstream)
        ]
        return [each for each in found[since:] if each["kind"] not in BY_TIME]

    def writes(self, asked: Errand) -> list[Call]:
        """The calls of the errand's write that have arrived; an inquiry is none."""
        calls = self.sandbox.frame.books.calls(asked.upstream, asked.write)
        return [call for call in calls if '"Function":"B"' not in call.body]

    async def everything_arrived(self) -> None:
        """Wait for what the network has still to deliver."""
        async with asyncio.timeout(SETTLED):
            while self.proxy is not None and self.proxy.late:  # noqa: ASYNC110 - another thread's
                await asyncio.sleep(0.05)

    def suffer(self, asked: Errand, fault: Fault) -> None:
        """Let the errand's write fail so."""
        switches = fault.switches(asked)
        if switches is not None:
            self.sandbox.frame.switches.set({asked.upstream: switches})
        if fault.on == "token":
            self._forget_tokens(asked.upstream)
        spec = fault.spec if fault.says is None else self._refusal(asked, fault.says)
        if spec is not None:
            self.sandbox.frame.faults.add(
                asked.upstream, fault.on or asked.write, fault_from(spec), fault.times
            )
        self.spoiling.errand = asked
        self.spoiling.bend = fault.bend
        self.spoiling.instead = fault.instead
        self.spoiling.dark = fault.dark

    def _refusal(self, asked: Errand, says: Mapping[str, Words]) -> Json:
        """The write's refusal by these words, as this upstream shapes its refusals."""
        code, text = says.get(asked.write) or says["*"]
        if asked.upstream != "telluride":
            reply = self.sandbox.frame.refusal(asked.upstream, code, text)
            return {"status": reply.status, "body": reply.body}
        api = next(each for each in APIS if each.name == asked.write)
        body = api.refuse(self.sandbox.telluride, Body({}), Refusal(f"{code:02d}", text))
        return {"status": 200, "body": body}

    def _forget_tokens(self, upstream: str) -> None:
        """The token in hand is dead, so that another has to be fetched."""
        revoked = fault_from({"revoke_token": True})
        self.sandbox.frame.faults.add(upstream, "*", revoked, ALWAYS)

    def heal(self) -> None:
        """Let everything go well from here on, as far as faults go."""
        self.sandbox.frame.faults.reset()
        self.sandbox.frame._revoked.clear()  # pyright: ignore[reportPrivateUsage] - no switch for it
        self.sandbox.frame.switches.set(
            {"telluride": {"database_error_apis": "", "forbidden_apis": ""}}
        )
        self.spoiling.errand = None
        self.spoiling.bend = self.spoiling.instead = None
        self.spoiling.dark = self.spoiling.dark_for = 0
        if self.proxy is not None:
            self.proxy.forget()


async def ended(lab: Lab, asked: Errand, n: int, fault: Fault | WireFault) -> End:
    """Run one case to its end."""
    scene = await lab.scene(asked, n)
    beside = lab.beside or lab.till
    given = asked.given(scene)
    key = f"matrix-{asked.upstream}-{n:08d}"
    since, before = len(lab.effects(asked.upstream)), len(lab.writes(asked))
    with ExitStack() as stack:
        if isinstance(fault, Fault):
            lab.suffer(asked, fault)
        else:
            _spoil(lab, asked, fault, stack)
        first = await lab.till.tell(asked.mutation, key, given)
        status = first.status
        if status in {"PENDING", "UNDER_REVIEW"}:
            status = await beside.settled(key, SETTLED)
    lab.heal()
    await lab.everything_arrived()
    again = await beside.tell(asked.mutation, key, given)
    for _ in range(LATER):
        if again.status != "PENDING" and not again.is_unsent:
            break
        # Given up unsent, it is begun anew; a breaker that has opened meanwhile closes by itself.
        await asyncio.sleep(0.5)
        await beside.settled(key, SETTLED)
        again = await beside.tell(asked.mutation, key, given)
    bodies = frozenset(call.body for call in lab.writes(asked)[before:])
    effects = lab.effects(asked.upstream, since)
    strangers = {each["member"] for each in effects} - {scene.number}
    return End(first, status, again, effects, bodies, frozenset(strangers))


def _spoil(lab: Lab, asked: Errand, fault: WireFault, stack: ExitStack) -> None:
    assert lab.proxy is not None
    if fault.request is not None:
        lab.proxy.spoil(asked.path, fault.request)
    if fault.connection is not None:
        lab.proxy.spoil_connections(fault.connection)
    if fault.refused:
        stack.enter_context(lab.proxy.refusing())


# ---------------------------------------------------------------------- building


@dataclass(slots=True)
class Shop:
    """Where labs are made: keys that all of them share, and worlds that are used again."""

    folder: Path
    _worlds: list[Starlette] = field(default_factory=list[Starlette])
    _settings: dict[str, Settings] = field(default_factory=dict[str, Settings])

    def settings(self, name: str, upstream: str, flip: Flip | None = None) -> Settings:
        """The settings of one lab, with a ledger of its own."""
        kind = f"{upstream}-{flip and flip.title}"
        if kind not in self._settings:
            self._settings[kind] = self._read(upstream, flip)
        known = self._settings[kind]
        folder = self.folder / name
        folder.mkdir()
        ledger = known.ledger.model_copy(update={"url": f"sqlite:///{folder}/loyalty.db"})
        return replace(known, ledger=ledger)

    def _read(self, upstream: str, flip: Flip | None) -> Settings:
        more = {} if flip is None else {PROGRAMS[flip.upstream]: flip.program}
        keys = merged(KEYS, more)
        config = configure(self.folder, upstream=upstream, ledger="sqlite:///never.db", **keys)
        return load(config, {code: each.settings for code, each in ADAPTERS.items()}, {})

    @contextmanager
    def sandbox(self, flip: Flip | None = None) -> Generator[Starlette]:
        """A world that nobody else has meanwhile, as it was seeded."""
        app = self._worlds.pop() if self._worlds else self._made()
        sandbox = cast("Sandbox", app.state.sandbox)
        sandbox.frame.reset()
        for world in sandbox.worlds.values():
            world.reset()
        if flip is not None:
            sandbox.frame.switches.set({flip.upstream: {flip.name: flip.value}})
            sandbox.frame.clock.advance(flip.ahead)
        yield app
        self._worlds.append(app)

    def _made(self) -> Starlette:
        return create_sandbox(telluride_public_key=demo.public_key(self.folder))

    @asynccontextmanager
    async def lab(self, name: str, flip: Flip | None = None) -> AsyncGenerator[Lab]:
        """A lab without a network."""
        with self.sandbox(flip) as app:
            settings = self.settings(name, NOWHERE, flip)
            spoiling, openings = _unwired(app)
            async with _till(settings, openings) as till:
                yield Lab(spoiling.sandbox, till, spoiling)

    @asynccontextmanager
    async def lab_of_two(self, name: str) -> AsyncGenerator[Lab]:
        """The same with two servers on one PostgreSQL database."""
        with self.sandbox() as app, postgres_database() as url:
            known = self.settings(name, NOWHERE)
            settings = replace(known, ledger=known.ledger.model_copy(update={"url": url}))
            spoiling, openings = _unwired(app)
            async with _till(settings, openings) as till, _till(settings, openings) as beside:
                yield Lab(spoiling.sandbox, till, spoiling, beside=beside)

    @asynccontextmanager
    async def wired_lab(self, name: str) -> AsyncGenerator[Lab]:
        """A lab whose connections are real, through a fault proxy."""
        with self.sandbox() as app, listening(app) as url, proxy_to(url) as proxy:
            sandbox = cast("Sandbox", app.state.sandbox)
            settings = self.settings(name, proxy.url)
            async with _till(settings, Openings(pace=PACE)) as till:
                yield Lab(sandbox, till, Spoiling(sandbox), proxy)


def _unwired(app: Starlette) -> tuple[Spoiling, Openings]:
    """What is spoiled on the way to a sandbox in this process, and that way."""
    spoiling = Spoiling(cast("Sandbox", app.state.sandbox))

    def open_engine(_: ProgramSettings) -> Engine:
        transport = httpx.ASGITransport(app=app)
        return Wire(HttpxEngine(httpx.AsyncClient(transport=transport)), spoiling)

    return spoiling, Openings(engine=open_engine, write_engine=open_engine, pace=PACE)


async def entered(stack: AsyncExitStack, app: FastAPI) -> None:
    """Let an app live."""
    await stack.enter_async_context(app.router.lifespan_context(app))


@asynccontextmanager
async def _till(settings: Settings, openings: Openings) -> AsyncGenerator[Till]:
    app = create_app(settings, openings)
    token = DevelopmentTokens(key_bytes(settings.server.id_keys[0])).mint("till", Kind.DEVELOPER)
    transport = httpx.ASGITransport(app=app)
    async with AsyncExitStack() as stack:
        await entered(stack, app)
        http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60)
        await stack.enter_async_context(http)
        yield Till(http, token)


def shop(folder: Path) -> Shop:
    """A shop with its keys made."""
    with contextlib.suppress(FileExistsError):
        demo.keys(folder)
    return Shop(folder)
