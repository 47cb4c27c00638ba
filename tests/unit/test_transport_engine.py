"""What the fast engine says of each way to fail, against real sockets."""

import asyncio
import gc
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from providers.fast_engine import FastEngine
from providers.http import Call, Interrupted, NeverLeft, Reply
from tests.unit import faulty_sockets as faulty


async def sent(
    url: str,
    *,
    seconds: float = 5.0,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Reply | str:
    """The reply, or the failure as "Class reason"."""
    engine = FastEngine(2, connect_seconds=0.3, pool_seconds=0.2)
    try:
        return await engine.send(Call("op", method, url, headers or {}, body), seconds)
    except (NeverLeft, Interrupted) as failure:
        return f"{type(failure).__name__} {failure.reason}"
    finally:
        await engine.aclose()


async def under_way(
    engine: FastEngine, up: faulty.Upstream, seconds: float = 5
) -> asyncio.Task[Reply]:
    """A call that has reached the upstream."""
    before = len(up.requests)
    call = asyncio.create_task(engine.send(Call("op", "POST", up.url), seconds))
    while len(up.requests) == before:  # noqa: ASYNC110 - the server has no other sign
        await asyncio.sleep(0)
    return call


async def abandon(*calls: asyncio.Task[Reply]) -> None:
    """Cancel calls; none may hesitate."""
    for call in calls:
        call.cancel()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)


async def test_an_answer_comes_whole_with_lower_case_headers() -> None:
    async with faulty.upstream(faulty.whole(head=faulty.HEAD + b"X-Rate-Limit-A: 9\r\n")) as up:
        reply = await sent(up.url)
    assert isinstance(reply, Reply)
    assert (reply.status, reply.body) == (200, faulty.JSON)
    assert reply.headers["x-rate-limit-a"] == "9"


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (faulty.closes, "Interrupted closed"),
        (faulty.resets, "Interrupted closed"),
        (faulty.truncates, "Interrupted closed"),
        (faulty.truncates_chunks, "Interrupted closed"),
        (faulty.two_lengths, "Interrupted protocol"),
        (faulty.speaks_ssh, "Interrupted protocol"),
        (faulty.bad_gzip, "Interrupted protocol"),
        (faulty.too_large, "Interrupted too_large"),
        (faulty.gzip_bomb(), "Interrupted too_large"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_a_request_that_was_sent_once_is_interrupted_and_not_sent_again(
    answer: faulty.Answer, failure: str, method: str
) -> None:
    async with faulty.upstream(answer) as up:
        assert await sent(up.url, method=method) == failure
        assert len(up.requests) == 1


@pytest.mark.parametrize("answer", [faulty.never, faulty.stalls])
async def test_an_answer_that_does_not_come_in_time_is_interrupted(answer: faulty.Answer) -> None:
    async with faulty.upstream(answer) as up:
        assert await sent(up.url, seconds=0.2) == "Interrupted timeout"
        assert len(up.requests) == 1


async def test_the_largest_answer_is_still_read() -> None:
    async with faulty.upstream(faulty.largest) as up:
        reply = await sent(up.url)
    assert isinstance(reply, Reply)
    assert len(reply.body) == faulty.FIVE_MEGABYTES


async def test_a_refused_connection_never_left() -> None:
    with faulty.refusing_port() as port:
        assert await sent(f"http://127.0.0.1:{port}/") == "NeverLeft connect"


async def test_an_unknown_host_never_left() -> None:
    assert await sent("http://no-such-host.invalid/") == "NeverLeft dns"


async def test_a_connection_that_does_not_stand_in_time_never_left() -> None:
    with faulty.silent_port() as port:
        assert await sent(f"http://127.0.0.1:{port}/") == "NeverLeft connect"


async def test_less_time_than_connecting_may_take_is_interrupted() -> None:
    with faulty.silent_port() as port:
        assert await sent(f"http://127.0.0.1:{port}/", seconds=0.1) == "Interrupted timeout"


async def test_a_handshake_that_stalls_never_left() -> None:
    async with faulty.upstream(faulty.never) as up:
        assert await sent(f"https://127.0.0.1:{up.port}/", seconds=2) in {
            "NeverLeft tls",
            "NeverLeft connect",
        }
        assert up.requests == []


async def test_plain_text_where_tls_was_due_never_left() -> None:
    async with faulty.upstream(faulty.whole()) as up:
        plain = f"https://127.0.0.1:{up.port}/"
        assert await sent(plain) in {"NeverLeft tls", "NeverLeft connect"}
        assert up.requests == []


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("ftp://127.0.0.1/", {}),
        ("not a url", {}),
        ("http://127.0.0.1:1/", {"a": "b\r\nc: d"}),
        ("http://127.0.0.1:1/", {"a b": "c"}),
    ],
)
async def test_what_is_no_request_never_left(url: str, headers: dict[str, str]) -> None:
    assert await sent(url, headers=headers) == "NeverLeft request"


async def test_an_exhausted_pool_never_left() -> None:
    async with faulty.upstream(faulty.never) as up:
        engine = FastEngine(1, pool_seconds=0.1)
        held = await under_way(engine, up)
        with pytest.raises(NeverLeft, match="pool"):
            await engine.send(Call("op", "GET", up.url), 5)
        await abandon(held)
        await engine.aclose()


async def test_a_process_that_was_paused_sends_nothing_after_its_time() -> None:
    async with faulty.upstream(faulty.whole()) as up:
        engine = FastEngine(2)
        call = asyncio.create_task(engine.send(Call("op", "POST", up.url), 0.2))
        asyncio.get_running_loop().call_soon(time.sleep, 0.4)  # once it is about to leave
        with pytest.raises(NeverLeft, match="deadline"):
            await call
        await engine.aclose()
        assert up.requests == []


async def test_a_closed_engine_sends_nothing() -> None:
    async with faulty.upstream(faulty.whole()) as up:
        engine = FastEngine()
        await engine.aclose()
        await engine.aclose()
        with pytest.raises(NeverLeft, match="closed"):
            await engine.send(Call("op", "GET", up.url), 5)
        assert up.requests == []


async def test_a_call_under_way_when_the_engine_closes_is_interrupted() -> None:
    async with faulty.upstream(faulty.never) as up:
        engine = FastEngine()
        call = await under_way(engine, up)
        await engine.aclose()
        with pytest.raises(Interrupted, match="closed"):
            await call


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with faulty.upstream(faulty.redirects) as up:
        reply = await sent(up.url)
        assert isinstance(reply, Reply)
        assert reply.status == 302
        assert len(up.requests) == 1


async def test_cookies_are_not_kept() -> None:
    async with faulty.upstream(faulty.whole(head=faulty.HEAD + b"Set-Cookie: a=b\r\n")) as up:
        engine = FastEngine()
        for _ in range(2):
            await engine.send(Call("op", "GET", up.url), 5)
        await engine.aclose()
        assert len(up.requests) == 2
        assert b"cookie" not in up.requests[1].lower()
        assert up.connections == 1


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty.refusing_port() as port:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        async with faulty.upstream(faulty.whole()) as up:
            assert isinstance(await sent(up.url), Reply)


async def test_header_names_with_underscores_and_a_body_arrive_as_they_are() -> None:
    headers = {"client_id": "EXAMPLE_SHOP", "access_token": "t", "Content-Type": "text/plain"}
    async with faulty.upstream(faulty.whole()) as up:
        await sent(up.url + "?a=b%20c&d=%2F", method="POST", headers=headers, body=b"body \xff")
        head, _, body = up.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /members/1?a=b%20c&d=%2F HTTP/1.1"
    assert {b"client_id: EXAMPLE_SHOP", b"access_token: t"} <= set(lines)
    assert body == b"body \xff"


@pytest.mark.parametrize(
    ("listen", "host"), [("::1", "[::1]"), ("127.0.0.1", "127.0.0.1"), ("localhost", "localhost")]
)
async def test_loopback_is_reached_by_each_of_its_addresses_and_its_name(
    listen: str, host: str
) -> None:
    async with faulty.upstream(faulty.whole(), host=listen) as up:
        assert isinstance(await sent(f"http://{host}:{up.port}/"), Reply)


async def test_a_header_that_is_not_text_does_not_break_the_answer() -> None:
    async with faulty.upstream(faulty.whole(head=faulty.HEAD + b"X-Shop: caf\xe9\r\n")) as up:
        reply = await sent(up.url)
    assert isinstance(reply, Reply)
    assert reply.body == faulty.JSON


async def test_a_cancelled_call_frees_its_connection_when_its_own_time_is_up() -> None:
    async with faulty.upstream(faulty.never) as up, faulty.upstream(faulty.whole()) as healthy:
        engine = FastEngine(1, pool_seconds=3)
        await abandon(await under_way(engine, up, 0.3))
        assert (await engine.send(Call("op", "GET", healthy.url), 5)).status == 200
        await asyncio.wait_for(up.lost.wait(), 2)
        await engine.aclose()


async def test_a_caller_cancelled_while_it_waits_for_a_connection_sends_nothing() -> None:
    async with faulty.upstream(faulty.never) as up, faulty.upstream(faulty.whole()) as healthy:
        engine = FastEngine(1, pool_seconds=3)
        held = await under_way(engine, up, 0.3)
        waiting = asyncio.create_task(engine.send(Call("op", "GET", healthy.url), 5))
        await asyncio.sleep(0)
        await abandon(waiting, held)
        assert (await engine.send(Call("op", "GET", healthy.url), 5)).status == 200
        assert len(healthy.requests) == 1
        await engine.aclose()


def certificate(address: str) -> tuple[bytes, bytes]:
    """A certificate for an address, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "upstream")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    pkcs8 = serialization.PrivateFormat.PKCS8
    return made.public_bytes(pem), key.private_bytes(pem, pkcs8, serialization.NoEncryption())


@pytest.mark.parametrize(
    ("address", "trusted", "expected"),
    [("127.0.0.1", True, 200), ("127.0.0.2", True, "tls"), ("127.0.0.1", False, "tls")],
)
async def test_tls_needs_a_trusted_certificate_of_the_very_host(
    tmp_path: Path, address: str, trusted: bool, expected: object
) -> None:
    made, key = certificate(address)
    (tmp_path / "pair.pem").write_bytes(made + key)
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pair.pem")
    async with faulty.upstream(faulty.whole(), tls=context) as up:
        engine = FastEngine(roots=made if trusted else None)
        try:
            reply = await engine.send(Call("op", "GET", f"https://127.0.0.1:{up.port}/"), 5)
            outcome: object = reply.status
        except NeverLeft as failure:
            outcome = failure.reason
            assert up.requests == []
        await engine.aclose()
    assert outcome == expected


async def test_a_kept_connection_that_the_provider_closed_sends_nothing_twice() -> None:
    async def once(writer: asyncio.StreamWriter) -> None:
        await faulty.whole()(writer)
        writer.close()

    async with faulty.upstream(once) as up:
        engine = FastEngine(1)
        outcomes: list[str] = []
        for _ in range(30):
            try:
                await engine.send(Call("op", "POST", up.url, body=b"x"), 5)
                outcomes.append("answered")
            except NeverLeft:
                outcomes.append("unsent")
            except Interrupted:
                outcomes.append("interrupted")
        await engine.aclose()
        assert len(up.requests) <= 30
        assert len(up.requests) >= outcomes.count("answered")


LEAVER = """
import asyncio, sys
from providers.fast_engine import FastEngine
from providers.http import Call
async def main():
    engine = FastEngine()
    print((await engine.send(Call("op", "GET", sys.argv[1]), 5)).status)
    left = asyncio.create_task(engine.send(Call("op", "GET", sys.argv[2]), 30))
    await asyncio.sleep(0.1)
    left.cancel()
    await asyncio.wait({left})
    await engine.aclose()
asyncio.run(main())
"""


async def test_a_process_ends_cleanly_after_answered_and_abandoned_calls() -> None:
    async with faulty.upstream(faulty.whole()) as up, faulty.upstream(faulty.never) as hung:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-X", "dev", "-W", "error", "-c", LEAVER, up.url, hung.url,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(), 30)
    assert (out.strip(), err.strip(), process.returncode) == (b"200", b"", 0)
    gc.collect()
