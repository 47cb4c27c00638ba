"""Compares HTTP clients as engines of provider calls; decision 0002 quotes its table.

    python bench/engines.py [calls a round]

CPU is of this process alone (the upstream is another one), all its threads, per GET with 64 at a
time. Churn: 20 workers over a pool of 10 cancel their calls after 0-80 ms for 8 s; then 10 calls
are made one by one. Phases: what each client is able to say of a failure.
"""

import asyncio
import random
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import aiohttp
import httpx
import httpx2
import uvloop

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from providers.calls import MAX_BODY, Call, Engine, Interrupted, NeverLeft, Reply  # noqa: E402
from providers.engines import HttpxEngine  # noqa: E402
from providers.fast_engine import FastEngine  # noqa: E402
from tests.unit import faulty_sockets as faulty  # noqa: E402

HEADERS = {"client_id": "a", "access_token": "b", "accept": "application/json"}
CONNECT = 0.3
ROUNDS = 5
CHURN_SECONDS = 8.0

UPSTREAM = r"""
import asyncio, uvloop
BODY = b'{"a":"' + b"x" * 600 + b'"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
ANSWER = HEAD % len(BODY) + BODY
class Answers(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.seen = transport, b""
    def data_received(self, data):
        self.seen += data
        while b"\r\n\r\n" in self.seen:
            head, _, self.seen = self.seen.partition(b"\r\n\r\n")
            delay = 0.04 if b"/slow" in head else 0
            if delay:
                asyncio.get_running_loop().call_later(delay, self.answer)
            else:
                self.answer()
    def answer(self):
        if not self.transport.is_closing():
            self.transport.write(ANSWER)
async def main():
    server = await asyncio.get_running_loop().create_server(Answers, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
uvloop.run(main())
"""


class AiohttpEngine:
    """The candidate that was not taken."""

    def __init__(self, connections: int) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )

    async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - Engine
        """See Engine."""
        limits = aiohttp.ClientTimeout(total=timeout, connect=CONNECT)
        try:
            async with self._session.request(
                call.method,
                call.url,
                headers=call.headers,
                data=call.body,
                allow_redirects=False,
                timeout=limits,
            ) as response:
                body = await _capped(response)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status, headers, body)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise NeverLeft("connect") from None
        except (aiohttp.InvalidURL, ValueError):
            raise NeverLeft("request") from None
        except TimeoutError:
            raise Interrupted("timeout") from None
        except aiohttp.ClientError:
            raise Interrupted("closed") from None

    async def aclose(self) -> None:
        """Close the session."""
        await self._session.close()


async def _capped(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            raise Interrupted("too_large")
    return bytes(body)


class Httpx2Engine:
    """The maintained fork of httpx, as HttpxEngine does it."""

    def __init__(self, connections: int) -> None:
        limits = httpx2.Limits(max_connections=connections)
        self._client = httpx2.AsyncClient(limits=limits, trust_env=False)

    async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - Engine
        """See Engine."""
        limits = httpx2.Timeout(timeout, connect=CONNECT, pool=CONNECT)
        request = httpx2.Request(
            call.method, call.url, headers=dict(call.headers), content=call.body,
            extensions={"timeout": limits.as_dict()},
        )  # fmt: skip
        try:
            response = await self._client.send(request, stream=True)
            try:
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_BODY:
                        raise Interrupted("too_large")
            finally:
                await response.aclose()
            return Reply(response.status_code, dict(response.headers.items()), bytes(body))
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout):
            raise NeverLeft("connect") from None
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError):
            raise NeverLeft("request") from None
        except httpx2.TimeoutException:
            raise Interrupted("timeout") from None
        except httpx2.HTTPError:
            raise Interrupted("closed") from None

    async def aclose(self) -> None:
        """Close the client."""
        await self._client.aclose()


def _httpx(connections: int) -> Engine:
    limits = httpx.Limits(max_connections=connections)
    return HttpxEngine(httpx.AsyncClient(limits=limits, trust_env=False))


def _pyreqwest(connections: int) -> Engine:
    return FastEngine(connections, connect_seconds=CONNECT)


ENGINES: Mapping[str, Callable[[int], Engine]] = {
    "pyreqwest": _pyreqwest,
    "aiohttp": AiohttpEngine,
    "httpx2": Httpx2Engine,
    "httpx": _httpx,
}


async def cpu(engine: Engine, url: str, calls: int) -> float:
    """Microseconds of CPU a GET, 64 at a time."""
    call = Call("bench", "GET", url, HEADERS)

    async def worker() -> None:
        for _ in range(calls // 64):
            reply = await engine.send(call, 10)
            if len(reply.body) < 600:  # noqa: PLR2004 - the upstream's answer
                message = "short answer"
                raise RuntimeError(message)

    before = time.process_time()
    await asyncio.gather(*(worker() for _ in range(64)))
    return (time.process_time() - before) / (calls // 64 * 64) * 1e6


async def churn(engine: Engine, url: str) -> tuple[int, int, int]:
    """Answered and abandoned calls of the churn, and how many of 10 calls work after it."""
    done = abandoned = well = 0
    ends = time.monotonic() + CHURN_SECONDS
    dice = random.Random(7)  # noqa: S311 - the same deadlines for every engine

    async def worker() -> None:
        nonlocal done, abandoned
        while time.monotonic() < ends:
            try:
                async with asyncio.timeout(dice.uniform(0, 0.08)):
                    await engine.send(Call("bench", "GET", url + "slow"), 5)
                done += 1
            except (TimeoutError, NeverLeft, Interrupted):
                abandoned += 1

    await asyncio.gather(*(worker() for _ in range(20)))
    for _ in range(10):
        try:
            await engine.send(Call("bench", "GET", url), 2)
            well += 1
        except (NeverLeft, Interrupted):
            pass
    return done, abandoned, well


async def said(engine: Engine, url: str) -> str:
    """The failure as the engine tells it."""
    try:
        reply = await engine.send(Call("bench", "GET", url), 0.6)
    except (NeverLeft, Interrupted) as failure:
        return f"{type(failure).__name__} {failure.reason}"
    except Exception as failure:  # noqa: BLE001 - a leak is a finding
        return f"LEAKS {type(failure).__name__}"
    return f"status {reply.status}"


async def phases() -> dict[str, dict[str, str]]:
    """Case -> engine -> what it said, and how often the upstream got the request."""
    answers: dict[str, faulty.Answer] = {
        "closed after the request": faulty.closes,
        "reset after the request": faulty.resets,
        "truncated body": faulty.truncates,
        "no answer in time": faulty.never,
        "not HTTP": faulty.speaks_ssh,
        "gzip bomb": faulty.gzip_bomb(),
        "redirect": faulty.redirects,
    }
    table: dict[str, dict[str, str]] = {}
    for case, answer in answers.items():
        table[case] = {}
        for name, make in ENGINES.items():
            async with faulty.upstream(answer) as up:
                engine = make(10)
                outcome = await said(engine, up.url)
                await engine.aclose()
                table[case][name] = f"{outcome} x{len(up.requests)}"
    with faulty.refusing_port() as refusing, faulty.silent_port() as silent:
        urls = {
            "refused": f"http://127.0.0.1:{refusing}/",
            "connect timeout": f"http://127.0.0.1:{silent}/",
            "unknown host": "http://no-such-host.invalid/",
        }
        for case, url in urls.items():
            table[case] = {name: await _one(make, url) for name, make in ENGINES.items()}
    return table


async def _one(make: Callable[[int], Engine], url: str) -> str:
    engine = make(10)
    outcome = await said(engine, url)
    await engine.aclose()
    return outcome


async def main(calls: int) -> None:
    """Measure and print."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", UPSTREAM, stdout=subprocess.PIPE
    )
    if process.stdout is None:
        return
    url = f"http://127.0.0.1:{int(await process.stdout.readline())}/"
    try:
        await _print_cpu(url, calls)
        print("\nchurn: answered, abandoned, and of 10 calls afterwards work")
        for name, make in ENGINES.items():
            engine = make(10)
            done, abandoned, well = await churn(engine, url)
            print(f"  {name:10} {done:6} {abandoned:6} {well:3} of 10")
            await engine.aclose()
    finally:
        process.terminate()
        await process.wait()
    print("\nphases (xN: the upstream got the request N times)")
    for case, outcomes in (await phases()).items():
        print(f"  {case}")
        for name, outcome in outcomes.items():
            print(f"    {name:10} {outcome}")


async def _print_cpu(url: str, calls: int) -> None:
    engines = {name: make(64) for name, make in ENGINES.items()}
    spent: dict[str, list[float]] = {name: [] for name in ENGINES}
    for round_ in range(ROUNDS + 1):
        for name, engine in engines.items():
            slow = name.startswith("httpx")
            measured = await cpu(engine, url, calls // 8 if slow else calls)
            if round_:  # the first warms up
                spent[name].append(measured)
    for engine in engines.values():
        await engine.aclose()
    print(f"CPU a GET, 64 at a time, median of {ROUNDS} rounds of {calls}, and to the first")
    for name, values in spent.items():
        # a ratio a round, since other work on the machine moves all engines of a round alike
        ratios = [mine / first for mine, first in zip(values, spent["pyreqwest"], strict=True)]
        spread = f"{min(values):.0f}-{max(values):.0f}"
        print(
            f"  {name:10} {statistics.median(values):7.0f} us"
            f"   {statistics.median(ratios):5.1f} x   ({spread})"
        )


if __name__ == "__main__":
    warnings.simplefilter("error", ResourceWarning)
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 6400))
