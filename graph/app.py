"""The composition root: settings -> programs -> the app; the one place where adapters are known."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graph.context import Context
from graph.examples import examples
from graph.hosts import LoopbackOnly
from graph.http import METHODS, GraphQLEndpoint
from graph.limits import Limits
from graph.page_files import page_routes
from graph.schema import graphql_schema
from graph.settings import Settings, key_bytes
from loyalty.programs import Program
from providers.calls import Engine
from providers.fast_engine import FastEngine
from providers.http import Transport
from providers.policy import policy_of, token_policy_of
from providers.registry import ADAPTERS
from providers.settings import ProgramSettings
from resolvers.accounts import Account, Accounts
from resolvers.loaders import Loaders
from resolvers.routing import Ids

PAGE = Path(__file__).parent / "page"

OpenEngine = Callable[[ProgramSettings], Engine]
"""How the connections of one program come to life."""

Now = Callable[[], datetime]


def fast_engine(program: ProgramSettings) -> Engine:
    """Connections over the network, pooled for this program alone."""
    return FastEngine(program.max_connections)


def utc_now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


@asynccontextmanager
async def connected(
    programs: Mapping[str, ProgramSettings],
    open_engine: OpenEngine = fast_engine,
    now: Now = utc_now,
) -> AsyncGenerator[Accounts]:
    """All programs with their connections, which are closed at the end."""
    async with AsyncExitStack() as stack:
        accounts: list[Account] = []
        for key, settings in programs.items():
            # Two pools, so that a crowd of reads never keeps a token from being renewed.
            api, token = open_engine(settings), open_engine(settings)
            stack.push_async_callback(api.aclose)
            stack.push_async_callback(token.aclose)
            accounts.append(account_of(key, settings, api, token, now))
        yield Accounts(accounts)


def account_of(
    key: str, settings: ProgramSettings, api: Engine, token: Engine, now: Now = utc_now
) -> Account:
    """One program; its token endpoint has limits of its own."""
    provider = ADAPTERS[settings.provider].build(
        key,
        settings,
        Transport(key, api, policy_of(settings)),
        Transport(key, token, token_policy_of(settings)),
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


def create_app(
    settings: Settings,
    *,
    open_engine: OpenEngine = fast_engine,
    now: Now = utc_now,
    limits: Limits | None = None,
) -> FastAPI:
    """The app; its connections live as long as its lifespan."""
    ids = Ids([key_bytes(key) for key in settings.server.id_keys])
    bounds = limits or Limits(upstream_calls=settings.server.max_upstream_calls)
    live: list[Accounts] = []

    def new_context(trace_id: str) -> Context:
        accounts = live[-1]
        return Context(accounts, ids, Loaders(accounts), now(), trace_id)

    endpoint = GraphQLEndpoint(
        graphql_schema(),
        new_context,
        limits=bounds,
        answer_seconds=settings.server.answer_seconds,
        page=PAGE,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        async with connected(settings.programs, open_engine, now) as accounts:
            live.append(accounts)
            yield
            live.clear()

    app = FastAPI(
        title="Loyalty Graph", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.router.routes.append(Route("/graphql", endpoint.answer, methods=[*METHODS]))
    app.router.routes.append(Route("/health", _health))
    app.router.routes.extend(page_routes(PAGE, lambda: examples(settings.programs)))
    # Nobody signs in yet: a page of another origin must not reach us under a name of its own.
    app.add_middleware(LoopbackOnly)
    return app


async def _health(_: object) -> Response:
    """That this process serves; asks no program."""
    return JSONResponse({"status": "ok"})
