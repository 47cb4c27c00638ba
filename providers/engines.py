"""Ways to send a call: here the one over httpx, for upstreams that live in this very process."""

import asyncio
from collections.abc import Mapping

import httpx

from providers.calls import MAX_BODY, Call, Interrupted, InterruptedReason, NeverLeft, Reply

_DROPPED = "ConnectionDropped"
"""How an in-process upstream says that it cut the connection; matched by name, since the sandbox
and we share no code."""


class HttpxEngine:
    """Sends over an httpx client, which stays the caller's to configure (`ASGITransport`).

    Not for real networks: httpx 0.28 loses connections of its pool when calls are cancelled.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - Engine
        """The answer; see Engine."""
        try:
            async with asyncio.timeout(timeout):
                return await self._exchange(call, timeout)
        except TimeoutError:
            raise Interrupted("timeout") from None
        except httpx.PoolTimeout:
            raise NeverLeft("pool") from None
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise NeverLeft("connect") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError):
            raise NeverLeft("request") from None
        except httpx.HTTPError as cause:
            raise Interrupted(_phase(cause)) from None
        except Exception as cause:
            if type(cause).__name__ == _DROPPED:
                raise Interrupted("closed") from None
            raise

    async def aclose(self) -> None:
        """Close the client."""
        await self._client.aclose()

    async def _exchange(self, call: Call, seconds: float) -> Reply:
        request = httpx.Request(
            call.method,
            call.url,
            headers=dict(call.headers),
            content=call.body,
            extensions={"timeout": httpx.Timeout(seconds).as_dict()},
        )
        response = await self._client.send(request, stream=True, follow_redirects=False)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BODY:
                    raise Interrupted("too_large")
        finally:
            await response.aclose()
        return Reply(response.status_code, _headers(response), bytes(body))


def _headers(response: httpx.Response) -> Mapping[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _phase(cause: httpx.HTTPError) -> InterruptedReason:
    match cause:
        case httpx.TimeoutException():
            return "timeout"
        case httpx.DecodingError() | httpx.RemoteProtocolError():
            return "protocol"
        case _:
            return "closed"
