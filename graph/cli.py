"""The command line: run, serve, sandbox, schema, capabilities, check, connect."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from graph import demo
from graph.app import connected, create_app
from graph.capabilities import matrix
from graph.schema import printed
from graph.settings import ConfigurationError, Settings, is_loopback, load
from loyalty.errors import LoyaltyError
from providers.fast_engine import FastEngine
from providers.http import Transport
from providers.policy import Policy
from providers.registry import ADAPTERS, Integration, integration_status, request_integration
from providers.settings import References
from resolvers.accounts import Account

BAD_CONFIGURATION = 2

app = typer.Typer(
    help="One GraphQL API over loyalty systems that share nothing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

ConfigFile = Annotated[Path, typer.Option("--config", help="The configuration, a TOML file.")]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="The port, instead of the file's.")
]


def settings_of(path: Path) -> Settings:
    """The settings in a file; every fault is printed as a line, and ends the command with 2."""
    kinds = {code: adapter.settings for code, adapter in ADAPTERS.items()}
    try:
        return load(path, kinds, os.environ)
    except ConfigurationError as fault:
        for line in fault.lines:
            err.print(line, markup=False, style="red")
        raise typer.Exit(BAD_CONFIGURATION) from None


def create_from_environment() -> object:
    """The app of a worker process, which is told its configuration by the environment."""
    return create_app(settings_of(Path(os.environ["LOYALTY_GRAPH_CONFIG"])))


@app.command()
def serve(
    config: ConfigFile,
    host: Annotated[str | None, typer.Option(help="The address, instead of the file's.")] = None,
    port: Port = None,
) -> None:
    """Serve the graph over the programs of a configuration."""
    settings = settings_of(config)
    address = host or settings.server.host
    if not is_loopback(address):
        err.print(
            f"--host {address}: clients are not authenticated yet; bind to 127.0.0.1",
            markup=False,
            style="red",
        )
        raise typer.Exit(BAD_CONFIGURATION)
    _serve(config, settings, address, settings.server.port if port is None else port)


def _serve(config: Path, settings: Settings, host: str, port: int) -> None:
    """One process a worker; each reads the configuration for itself."""
    os.environ["LOYALTY_GRAPH_CONFIG"] = str(config.resolve())
    out.print(f"Loyalty Graph on http://{host}:{port}/graphql")
    uvicorn.run(
        "graph.cli:create_from_environment",
        factory=True,
        host=host,
        port=port,
        workers=settings.server.workers,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=25,
    )


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 9100,
    telluride_public_key: Annotated[
        Path | None, typer.Option(help="PEM of the key that Telluride's client signs with.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed makes the same world.")] = 7,
) -> None:
    """Serve the emulators of the three upstreams."""
    from sandbox.app import serve as serve_sandbox  # noqa: PLC0415 - its worlds cost start-up time

    key = None if telluride_public_key is None else telluride_public_key.read_text("utf-8")
    serve_sandbox("127.0.0.1", port, seed=seed, telluride_public_key=key)


@app.command()
def run(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The graph's port.")] = 8000,
    sandbox_port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 9100,
) -> None:
    """Start the sandbox and the graph over it: everything, with nothing to configure."""
    demo.prepare(demo.FOLDER, sandbox=f"http://127.0.0.1:{sandbox_port}", port=port)
    with _sandbox_process(sandbox_port) as url:
        config = demo.prepare(demo.FOLDER, sandbox=url, port=port)
        out.print(f"Sandbox of the three upstreams on {url}")
        out.print(f"Open http://127.0.0.1:{port}/graphql in a browser; Ctrl+C ends both.")
        _serve(config, settings_of(config), "127.0.0.1", port)


@contextmanager
def _sandbox_process(port: int) -> Iterator[str]:
    """The sandbox in a process of its own, for the length of a `with`; gives its URL."""
    key = demo.FOLDER / "telluride.public.pem"
    key.write_text(demo.public_key(demo.FOLDER), encoding="ascii")
    command = [sys.executable, "-m", "sandbox", "--until-stdin-ends", "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603 - our own module, no shell
        [*command, "--telluride-public-key", str(key)],
        stdin=subprocess.PIPE,  # ends with us, however we end
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        first = process.stdout.readline() if process.stdout else ""
        if "http" not in first:
            err.print(f"the sandbox did not start; is port {port} taken?", style="red")
            raise typer.Exit(1)
        yield first.split()[-1]
    finally:
        process.terminate()
        process.wait()


@app.command()
def schema() -> None:
    """Print the public schema."""
    sys.stdout.write(printed())


@app.command()
def capabilities() -> None:
    """Print what works with which provider, as docs/capabilities.md holds it."""
    sys.stdout.write(matrix())


@app.command()
def check(config: ConfigFile) -> None:
    """Read a configuration, then ask each program one cheap question."""
    settings = settings_of(config)
    if not asyncio.run(_probe_all(settings)):
        raise typer.Exit(1)


async def _probe_all(settings: Settings) -> bool:
    """Probe all programs side by side, and print a line for each."""
    table = Table("program", "provider", "state", "latency", "what is wrong, and which key")
    async with connected(settings.programs) as accounts:
        probed = await asyncio.gather(*(_probe(account) for account in accounts))
    for row, _ in probed:
        table.add_row(*row)
    out.print(table)
    return all(good for _, good in probed)


async def _probe(account: Account) -> tuple[tuple[str, ...], bool]:
    key, provider = account.program.key, account.program.provider
    started = time.perf_counter()
    try:
        probe = await account.ask(account.provider.probe)
    except LoyaltyError as error:
        taken = f"{(time.perf_counter() - started) * 1000:.0f} ms"
        return (key, provider, error.code.value, taken, f"programs.{key}: {error.message}"), False
    return (key, provider, "UP", f"{probe.latency_ms:.0f} ms", ""), True


@app.command()
def connect(
    base_url: Annotated[str, typer.Option(help="The API's address.")],
    account_book: Annotated[int, typer.Option(help="accountBookId, from the API Keys page.")],
    app_account: Annotated[str, typer.Option(help="Our own GUID; keep it, it names us for ever.")],
    app_name: Annotated[str, typer.Option(help="The name that the company's owner will see.")],
    api_key: Annotated[str, typer.Option(help='"env:NAME" or "file:PATH".')],
    key_id: Annotated[str, typer.Option(help='"env:NAME" or "file:PATH".')],
    status: Annotated[bool, typer.Option("--status", help="Only ask what became of it.")] = False,
) -> None:
    """Ask a OneRewards company to let us in, and print its integration_id once it has."""
    references = References(Path.cwd(), os.environ)
    try:
        keys = [SecretStr(references.resolve(text)) for text in (api_key, key_id)]
        found = asyncio.run(
            _integration(base_url, keys, account_book, app_account, None if status else app_name)
        )
    except (ValueError, LoyaltyError) as fault:
        err.print(str(fault), markup=False, style="red")
        raise typer.Exit(BAD_CONFIGURATION) from None
    out.print(f"approval: {found.approval.value}")
    if found.integration_id:
        out.print(f'integration_id = "{found.integration_id}"', markup=False)
    else:
        out.print("ask again with --status; the owner approves under Settings, Integration Request")


async def _integration(
    base_url: str, keys: list[SecretStr], account_book: int, app_account: str, name: str | None
) -> Integration:
    """Request an integration, or with no name ask for its state."""
    engine = FastEngine(2)
    api, url = Transport("connect", engine, Policy()), base_url.rstrip("/")
    try:
        if name is None:
            return await integration_status(
                api,
                url,
                api_key=keys[0],
                key_id=keys[1],
                account_book_id=account_book,
                app_account_id=app_account,
            )
        return await request_integration(
            api,
            url,
            api_key=keys[0],
            key_id=keys[1],
            account_book_id=account_book,
            app_account_id=app_account,
            app_account_name=name,
        )
    finally:
        await engine.aclose()


def main() -> None:
    """Run the command line."""
    app()
