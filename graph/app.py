"""The composition root: settings -> programs -> the app; the one place where adapters are known."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graph.auth import DevelopmentTokens
from graph.context import Context
from graph.examples import examples
from graph.hosts import LoopbackOnly
from graph.http import METHODS, GraphQLEndpoint, NewContext
from graph.limits import Limits
from graph.page_files import Example, page_routes
from graph.principals import Kind, Principal
from graph.schema import graphql_schema
from graph.settings import Ledger, Settings, key_bytes
from ledger.books import Books
from ledger.open import open_ledger
from loyalty.programs import Program
from providers.calls import Engine
from providers.fast_engine import FastEngine
from providers.http import Transport
from providers.policy import policy_of, token_policy_of
from providers.registry import ADAPTERS
from providers.settings import ProgramSettings
from resolvers.accounts import Account, Accounts
from resolvers.callers import Caller
from resolvers.customers import People
from resolvers.desk import Desk
from resolvers.loaders import Loaders
from resolvers.office import Clocks
from resolvers.pace import Pace
from resolvers.reconcile import Resolver
from resolvers.routing import Ids
from resolvers.sweeping import Sweeper

PAGE = Path(__file__).parent / "page"

PACE = "LOYALTY_GRAPH_PACE"
"""The variable by which all waits of the desk are multiplied; for tests alone."""

OpenEngine = Callable[[ProgramSettings], Engine]
"""How the connections of one program come to life."""

Now = Callable[[], datetime]


def fast_engine(program: ProgramSettings) -> Engine:
    """Connections over the network, pooled for this program alone."""
    return FastEngine(program.max_connections)


def fresh_engine(program: ProgramSettings) -> Engine:
    """Connections over the network, each for one call: what money is written over."""
    return FastEngine(program.max_connections, reuse=False)


def utc_now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


@asynccontextmanager
async def connected(
    programs: Mapping[str, ProgramSettings],
    open_engine: OpenEngine = fast_engine,
    now: Now = utc_now,
    open_write_engine: OpenEngine = fresh_engine,
) -> AsyncGenerator[Accounts]:
    """All programs with their connections, which are closed at the end."""
    async with AsyncExitStack() as stack:
        accounts: list[Account] = []
        for key, settings in programs.items():
            # Two pools, so that a crowd of reads never keeps a token from being renewed.
            engines = Engines(
                api=open_engine(settings),
                token=open_engine(settings),
                write=open_write_engine(settings),
            )
            for engine in (engines.api, engines.token, engines.write):
                stack.push_async_callback(engine.aclose)
            accounts.append(account_of(key, settings, engines, now))
        yield Accounts(accounts)


@dataclass(frozen=True, slots=True)
class Engines:
    """The connections of one program, by what they are for."""

    api: Engine
    token: Engine
    write: Engine


def account_of(
    key: str, settings: ProgramSettings, engines: Engines, now: Now = utc_now
) -> Account:
    """One program; its token endpoint has limits of its own."""
    provider = ADAPTERS[settings.provider].build(
        key,
        settings,
        Transport(key, engines.api, policy_of(settings), write_engine=engines.write),
        Transport(key, engines.token, token_policy_of(settings)),
        now,
    )
    program = Program(
        key=key,
        name=settings.name,
        provider=settings.provider,
        currency=settings.currency,
        time_zone=settings.time_zone,
        environment=settings.environment,
    )
    return Account(program, provider)


OpenJournal = Callable[[Ledger], AbstractAsyncContextManager[Books]]
"""How the ledger comes to life, and ends with the app."""


@asynccontextmanager
async def opened_ledger(settings: Ledger) -> AsyncGenerator[Books]:
    """The ledger of the configuration; raises LedgerError, whose text is one line."""
    journal = await open_ledger(settings.url, [key_bytes(key) for key in settings.encryption_keys])
    try:
        yield journal
    finally:
        await journal.aclose()


@dataclass(frozen=True, slots=True)
class Openings:
    """How what lives as long as the app comes to life; tests give openings of their own."""

    engine: OpenEngine = fast_engine
    write_engine: OpenEngine = fresh_engine
    journal: OpenJournal = opened_ledger
    now: Now = utc_now
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class House:
    """What lives as long as the app: the programs, the ledger, and the desk over both."""

    accounts: Accounts
    desk: Desk
    people: People


@asynccontextmanager
async def opened_house(settings: Settings, openings: Openings) -> AsyncGenerator[House]:
    """The house, settling and sweeping; at the end what is on the wire is waited for."""
    async with (
        openings.journal(settings.ledger) as journal,
        connected(
            settings.programs, openings.engine, openings.now, openings.write_engine
        ) as accounts,
    ):
        pace, clocks = _pace(settings, openings.pace), Clocks(now=openings.now)
        desk = Desk(accounts, journal, pace=pace, clocks=clocks)
        retention = timedelta(days=settings.ledger.retention_days)
        background = {
            asyncio.create_task(Resolver(desk).run()),
            asyncio.create_task(Sweeper(desk.office, retention).run()),
        }
        try:
            yield House(accounts, desk, People(journal.customers, desk))
        finally:
            for task in background:
                task.cancel()
            await asyncio.wait(background)
            await desk.aclose()


def create_app(
    settings: Settings, openings: Openings | None = None, *, limits: Limits | None = None
) -> FastAPI:
    """The app; its connections, its ledger and its desk live as long as its lifespan."""
    opened = openings or Openings()
    tokens = DevelopmentTokens(key_bytes(settings.server.id_keys[0]))
    live: list[House] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        async with opened_house(settings, opened) as house:
            live.append(house)
            yield
            live.clear()

    endpoint = GraphQLEndpoint(
        graphql_schema(),
        _contexts(settings, live, opened.now),
        tokens.principal,
        limits=limits or Limits(upstream_calls=settings.server.max_upstream_calls),
        answer_seconds=settings.server.answer_seconds,
        page=PAGE,
    )
    app = FastAPI(
        title="Loyalty Graph", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.router.routes.append(Route("/graphql", endpoint.answer, methods=[*METHODS]))
    app.router.routes.append(Route("/health", _health))
    app.router.routes.extend(page_routes(PAGE, lambda: _examples(settings, tokens, opened.now)))
    # Development tokens are for this machine: a page of another origin must not reach us under a
    # name of its own.
    app.add_middleware(LoopbackOnly)
    return app


def _contexts(settings: Settings, live: list[House], now: Now) -> NewContext:
    """What makes the context of a request, over the house that lives now."""
    ids = _ids(settings)
    # The last key stays for as long as anything that it encrypts: owners keep their names.
    owners = key_bytes(settings.ledger.encryption_keys[-1])

    def new_context(trace_id: str, principal: Principal, header_key: str | None) -> Context:
        house = live[-1]
        return Context(
            accounts=house.accounts,
            ids=ids,
            loaders=Loaders(house.accounts),
            now=now(),
            trace_id=trace_id,
            principal=principal,
            caller=Caller(scope=principal.name(owners)),
            desk=house.desk,
            people=house.people,
            header_key=header_key,
        )

    return new_context


def _pace(settings: Settings, pace: Pace | None) -> Pace:
    """A mutation is answered a moment before the whole request would be."""
    scale = float(os.environ.get(PACE, "1"))
    return pace or Pace(scale=scale, answer=settings.server.answer_seconds * _OF_THE_ANSWER)


_OF_THE_ANSWER = 0.9


def _ids(settings: Settings) -> Ids:
    return Ids([key_bytes(key) for key in settings.server.id_keys])


def _examples(settings: Settings, tokens: DevelopmentTokens, now: Now) -> list[Example]:
    """The page's tabs, signed in: whoever opens the page is on this machine, as in mode "dev"."""
    headers = {"Authorization": f"Bearer {tokens.mint('graphiql', Kind.DEVELOPER)}"}
    return examples(settings.programs, headers, _ids(settings), now())


async def _health(_: object) -> Response:
    """That this process serves; asks no program."""
    return JSONResponse({"status": "ok"})
