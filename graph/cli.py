"""The command line: run, serve, sandbox, schema, capabilities, check, connect; no work of its own.

What a command needs is imported when it runs: help and errors come at once.
"""
# ruff: noqa: PLC0415 - see above

import contextlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from graph.commands.terminal import BAD_CONFIGURATION, TROUBLE, fail

app = typer.Typer(
    help="One GraphQL API over loyalty systems that share nothing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain words: they are read in logs and dumb terminals, too
)

ConfigFile = Annotated[Path, typer.Option("--config", help="The configuration, a TOML file.")]


@app.command()
def serve(
    config: ConfigFile,
    host: Annotated[str | None, typer.Option(help="The address, instead of the file's.")] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Instead of the file's; 0 takes a free one."),
    ] = None,
) -> None:
    """Serve the graph over the programs of a configuration."""
    from graph.commands.serving import serve

    serve(config, host, port)


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 9100,
    telluride_public_key: Annotated[
        Path | None, typer.Option(help="PEM of the key that Telluride's client signs with.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed makes the same world.")] = 7,
) -> None:
    """Serve the emulators of the three upstreams."""
    from graph.commands.ports import is_free
    from sandbox.app import create_app
    from sandbox.server import serve_app

    host = "127.0.0.1"
    is_free(host, port, "--port")
    try:
        key = None if telluride_public_key is None else telluride_public_key.read_text("utf-8")
        app = create_app(seed, telluride_public_key=key)
    except (OSError, ValueError) as cause:
        reason = cause.strerror if isinstance(cause, OSError) else cause
        fail([f"--telluride-public-key {telluride_public_key}: {reason}"], BAD_CONFIGURATION)
    with contextlib.suppress(KeyboardInterrupt):
        serve_app(app, host, port)


@app.command()
def run(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The graph's port; 0 takes a free one.")
    ] = 8000,
    sandbox_port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 9100,
) -> None:
    """Start the sandbox and the graph over it: everything, with nothing to configure."""
    from graph.commands.demonstration import run

    run(port, sandbox_port)


@app.command()
def schema() -> None:
    """Print the public schema."""
    from graph.schema import printed

    sys.stdout.write(printed())


@app.command()
def capabilities() -> None:
    """Print what works with which provider, as docs/capabilities.md holds it."""
    from graph.capabilities import matrix

    sys.stdout.write(matrix())


@app.command()
def check(config: ConfigFile) -> None:
    """Read a configuration, then ask each program one cheap question."""
    from graph.commands.checking import check
    from graph.commands.configured import settings_of

    if not check(settings_of(config)):
        raise typer.Exit(TROUBLE)


@app.command()
def connect(
    base_url: Annotated[str, typer.Option(help="The API's address.")],
    account_book: Annotated[int, typer.Option(help="accountBookId, from the API Keys page.")],
    app_account: Annotated[str, typer.Option(help="Our own GUID; keep it, it names us for ever.")],
    api_key: Annotated[str, typer.Option(help='"env:NAME" or "file:PATH".')],
    key_id: Annotated[str, typer.Option(help='"env:NAME" or "file:PATH".')],
    app_name: Annotated[
        str | None, typer.Option(help="The name that the company's owner will see.")
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="Only ask what became of it.")] = False,
) -> None:
    """Ask a OneRewards company to let us in, and print its integration_id once it has."""
    from graph.commands.connecting import Company, connect

    if not status and not app_name:
        fail(["--app-name: missing; give it, or --status to ask"], BAD_CONFIGURATION)
    company = Company(base_url, account_book, app_account)
    connect(company, api_key, key_id, None if status else app_name)


def main() -> None:
    """Run the command line."""
    app()
