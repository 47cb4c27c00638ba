"""One fabric tenant in process, its clock standing still, and a shop that calls it."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from sandbox import fabric
from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.fabric.audit import discrepancies
from sandbox.faults import Faults
from sandbox.frame import Frame
from sandbox.switches import Switches

NOW = datetime(2026, 6, 14, 18, 30, tzinfo=UTC)
TOKEN_PATH = "/fabric/oauth2/aus7k2northshore91/v1/token"
FORM = {"grant_type": "client_credentials", "scope": "s2s"}
BASIC = ("ns-loyalty", "northshore-secret")


class Answer:
    """An answer with its numbers as Decimals."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.body = json.loads(response.text, parse_float=Decimal) if response.text else None

    @property
    def data(self):
        assert self.status == 200, self.body
        return self.body["data"]


class Shop:
    """A client of the tenant that holds a token."""

    def __init__(self, http: httpx.AsyncClient, frame: Frame, state: fabric.State) -> None:
        self.http = http
        self.frame = frame
        self.state = state
        self.headers: dict[str, str] = {}

    async def token(self, *, path: str = TOKEN_PATH, auth=BASIC, form=None, headers=None) -> Answer:
        request = self.http.build_request(
            "POST", path, data=FORM if form is None else form, headers=headers
        )
        response = await self.http.send(request, auth=auth)
        return Answer(response)

    async def get(self, path: str, **query: object) -> Answer:
        asked = {name: str(value) for name, value in query.items()}
        response = await self.http.get(f"/fabric/api{path}", params=asked, headers=self.headers)
        return Answer(response)

    async def post(self, path: str, body: object) -> Answer:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = await self.http.post(f"/fabric/api{path}", content=content, headers=self.headers)
        return Answer(response)

    async def put(self, path: str, body: object) -> Answer:
        content = json.dumps(body).encode()
        response = await self.http.put(f"/fabric/api{path}", content=content, headers=self.headers)
        return Answer(response)

    def effects(self) -> list[dict[str, object]]:
        return [effect.as_json(n) for n, effect in self.frame.books.effects("fabric")]

    async def sign_in(self) -> None:
        answer = await self.token()
        self.headers["Authorization"] = f"Bearer {answer.body['access_token']}"

    async def later(self, days: int) -> None:
        self.frame.clock.advance(days * 86_400)
        await self.sign_in()

    def turn(self, **switches: object) -> None:
        self.frame.switches.set({"fabric": switches})

    def profile_id(self, key: str) -> str:
        number = next(each.number for each in self.state.personas if each.key == key)
        return str(self.state.member(number)["native_id"])


@pytest.fixture(scope="session")
def tenant() -> tuple[Frame, fabric.State]:
    frame = Frame(Clock(NOW), Books(), Faults(), Switches())
    return frame, fabric.State(frame, 7)


@pytest.fixture
def clean(tenant: tuple[Frame, fabric.State]) -> Iterator[tuple[Frame, fabric.State]]:
    yield tenant
    tenant[0].reset()


@pytest.fixture
async def stranger(clean: tuple[Frame, fabric.State]) -> AsyncIterator[Shop]:
    frame, state = clean
    app = Starlette(routes=[Mount("/fabric", routes=fabric.routes(frame, state))])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as http:
        yield Shop(http, frame, state)


@pytest.fixture
async def shop(stranger: Shop) -> Shop:
    await stranger.sign_in()
    return stranger


@pytest.fixture
async def till(shop: Shop) -> AsyncIterator[Shop]:
    """A shop that writes: afterwards the books are audited, and the world is as it was."""
    yield shop
    assert discrepancies(shop.state) == []
    assert shop.frame.books.gaps("fabric") == []
    shop.state.reset()
