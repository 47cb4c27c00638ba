"""The engine for upstreams in this process: the same meanings as over the wire."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from providers.engines import HttpxEngine
from providers.http import MAX_BODY, Call, Interrupted, NeverLeft, Reply

Handler = Callable[[Request], Awaitable[Response]]


class ConnectionDropped(ConnectionError):
    """As the sandbox says it."""


def engine(handler: Handler) -> HttpxEngine:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await handler(Request(scope, receive))
        await response(scope, receive, send)

    return HttpxEngine(httpx.AsyncClient(transport=httpx.ASGITransport(app)))


async def sent(handler: Handler, url: str = "http://u.test/a", seconds: float = 5) -> Reply | str:
    over = engine(handler)
    try:
        return await over.send(Call("op", "POST", url, {"client_id": "x"}, b"body"), seconds)
    except (NeverLeft, Interrupted) as failure:
        return f"{type(failure).__name__} {failure.reason}"
    finally:
        await over.aclose()


async def test_request_and_answer_pass_whole() -> None:
    async def handler(request: Request) -> Response:
        assert (request.method, await request.body()) == ("POST", b"body")
        assert request.headers["client_id"] == "x"
        assert request.url.query == "a=b%20c"
        return Response(b"{}", 404, {"X-Rate-Limit-Remaining": "3"})

    reply = await sent(handler, "http://u.test/a?a=b%20c")
    assert isinstance(reply, Reply)
    assert (reply.status, reply.body) == (404, b"{}")
    assert reply.headers["x-rate-limit-remaining"] == "3"


async def test_a_dropped_connection_is_interrupted() -> None:
    async def handler(_: Request) -> Response:
        raise ConnectionDropped

    assert await sent(handler) == "Interrupted closed"


async def test_a_fault_of_the_upstream_s_code_is_not_hidden() -> None:
    async def handler(_: Request) -> Response:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        await sent(handler)


async def test_no_answer_in_time_is_interrupted() -> None:
    async def handler(_: Request) -> Response:
        await asyncio.Event().wait()
        return Response()

    assert await sent(handler, seconds=0.05) == "Interrupted timeout"


@pytest.mark.parametrize(("size", "fits"), [(MAX_BODY, True), (MAX_BODY + 1, False)])
async def test_the_size_of_an_answer_is_capped(size: int, fits: bool) -> None:
    async def handler(_: Request) -> Response:
        return Response(b" " * size)

    reply = await sent(handler)
    assert isinstance(reply, Reply) if fits else reply == "Interrupted too_large"


async def test_redirects_are_answers_and_cookies_are_not_kept() -> None:
    seen: list[str | None] = []

    async def handler(request: Request) -> Response:
        seen.append(request.headers.get("cookie"))
        response = RedirectResponse("/b")
        response.set_cookie("a", "b")
        return response

    over = engine(handler)
    for _ in range(2):
        assert (await over.send(Call("op", "GET", "http://u.test/a"), 5)).status == 307
    await over.aclose()
    assert seen == [None, None]


async def test_what_is_no_request_never_left() -> None:
    async def handler(_: Request) -> Response:
        return Response()

    assert await sent(handler, "http://[::1") == "NeverLeft request"


async def test_a_refused_connection_never_left() -> None:
    over = HttpxEngine(httpx.AsyncClient(trust_env=False))
    with pytest.raises(NeverLeft, match="connect"):
        await over.send(Call("op", "GET", "http://127.0.0.1:1/"), 5)
    await over.aclose()
