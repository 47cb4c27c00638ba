"""The command line: run, serve, token, sandbox, schema, check, connect ...; no work of its own.

What a command needs is imported when it runs: help and errors come at once.
"""
# ruff: noqa: PLC0415 - see above

import contextlib
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from graph.commands.terminal import BAD_CONFIGURATION, TROUBLE, fail
from graph.principals import Kind, Scope

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
def token(
    config: Annotated[
        Path, typer.Option("--config", help="The configuration of the server that will take it.")
    ] = Path(".loyalty/config.toml"),
    kind: Annotated[Kind, typer.Option(help="What sort of client it is.")] = Kind.DEVELOPER,
    subject: Annotated[
        str, typer.Option(help="Who it is: what it sends is its own, and nobody else's.")
    ] = "developer",
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may do; repeat. Its kind's usual, if none.")
    ] = None,
    hours: Annotated[float, typer.Option(help="How long it lives; 720 at most.")] = 12.0,
) -> None:
    """Print a token for development: what a request shows as `Authorization: Bearer TOKEN`."""
    from graph.commands.tokens import token

    token(config, subject, kind, scope or [], hours)


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


Program = Annotated[str | None, typer.Argument(help="The program's key.", show_default=False)]
Number = Annotated[
    str | None, typer.Argument(help="The member's number, as on the card.", show_default=False)
]


@app.command()
def forget(
    config: ConfigFile,
    program: Program = None,
    number: Number = None,
    member_id: Annotated[str | None, typer.Option(help="Instead: Member.id.")] = None,
    customer: Annotated[
        str | None, typer.Option(help="Instead: Customer.id, with every membership.")
    ] = None,
    native_id: Annotated[
        bool, typer.Option("--native-id", help="NUMBER is the provider's own id: it is not asked.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Erase a person from the ledger, and keep the figures."""
    from graph.commands.configured import settings_of
    from graph.commands.forgetting import Named, forget

    forget(settings_of(config), Named(program, number, member_id, customer, native_id), sure=yes)


@app.command()
def reconcile(
    config: ConfigFile,
    seconds: Annotated[
        float, typer.Option("--for", min=0, help="Seconds to go on for, at most.")
    ] = 60.0,
) -> None:
    """Settle what is open, and tell how each operation ended."""
    from graph.commands.configured import settings_of
    from graph.commands.reconciling import reconcile
    from graph.logs import configure

    configure()
    code = reconcile(settings_of(config), seconds)
    if code:
        raise typer.Exit(code)


@app.command()
def reseal(config: ConfigFile) -> None:
    """Seal the whole ledger with the first of its keys, after a new one was put there."""
    from graph.commands.configured import settings_of
    from graph.commands.resealing import reseal

    reseal(settings_of(config))


operations = typer.Typer(
    help="Look at operations that are open or need a person, and settle these.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(operations, name="operations")

OperationId = Annotated[str, typer.Argument(help="The operation, as the list has it.")]


class Found(StrEnum):
    """What an operator may find of an operation under review."""

    confirmed = "confirmed"
    failed = "failed"
    compensated = "compensated"


@operations.callback(invoke_without_command=True)
def operations_listed(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", help="The configuration, a TOML file.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="How many to show.")] = 100,
) -> None:
    """List what is open, and what needs a person."""
    if context.invoked_subcommand is not None:
        return
    if config is None:
        raise typer.BadParameter("missing", param_hint="--config")
    from graph.commands.configured import settings_of
    from graph.commands.operating import show_list

    show_list(settings_of(config), most)


@operations.command("show")
def operation_shown(operation: OperationId, config: ConfigFile) -> None:
    """Show the evidence for one operation: steps, references, events."""
    from graph.commands.configured import settings_of
    from graph.commands.operating import show_one

    show_one(settings_of(config), operation)


@operations.command("settle")
def operation_settled(
    operation: OperationId,
    config: ConfigFile,
    found: Annotated[Found, typer.Option("--as", help="What you found in the program itself.")],
    reason: Annotated[str, typer.Option(help="Why, for whoever reads it later; no personal data.")],
    operator: Annotated[
        str | None, typer.Option(help="Your name, instead of the one you are logged in by.")
    ] = None,
) -> None:
    """Record your verdict on an operation under review. Nothing is sent; it is final."""
    from getpass import getuser

    from graph.commands.configured import settings_of
    from graph.commands.operating import Verdict, settle_by_hand
    from ledger.journal import State

    verdicts = {
        Found.confirmed: State.CONFIRMED,
        Found.failed: State.FAILED,
        Found.compensated: State.COMPENSATED,
    }
    verdict = Verdict(verdicts[found], reason, operator or getuser())
    settle_by_hand(settings_of(config), operation, verdict)


def main() -> None:
    """Run the command line."""
    app()
