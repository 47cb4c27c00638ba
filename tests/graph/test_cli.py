"""The command line: exit codes, one line for what is wrong, and what it prints."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from typer.testing import CliRunner, Result

from graph.auth import DevelopmentTokens
from graph.cli import app
from graph.principals import Kind, Scope
from graph.schema import printed
from graph.settings import key_bytes
from ledger.open import open_ledger
from sandbox.app import Sandbox
from sandbox.app import create_app as create_sandbox
from sandbox.onerewards.entities import Approval, IntegrationRequest
from sandbox.server import listening
from tests.graph.files_of_programs import ENVIRON, Draft
from tests.graph.processes import HOUSE, ended

APP = "2a7e5d3c-61b4-4c0f-8f0e-7d1f5a9be210"


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    return Draft(tmp_path)


def _invoked(*arguments: str | Path, environ: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments], env=environ or {})


@pytest.mark.parametrize("command", ["serve", "check"])
def test_mode_jwt_ends_with_2_and_the_reason(draft: Draft, command: str) -> None:
    config = draft.change('mode = "dev"', 'mode = "jwt"').write()
    result = _invoked(command, "--config", config, environ=draft.environ)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        'auth.mode: "jwt" is not available yet; write mode = "dev", which serves this machine alone'
    ]


@pytest.mark.parametrize("command", ["serve", "check"])
def test_a_fault_is_a_line_on_stderr_without_a_traceback(draft: Draft, command: str) -> None:
    config = draft.change("port = 8000", "prot = 8000").write()
    told = ended(command, "--config", config, environ=draft.environ)
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr.startswith("server.prot: unknown key; the keys are: host, port, workers")
    assert told.stderr.count("\n") == 1


# ---------------------------------------------------------------------- tokens and the ledger


def test_a_token_is_of_the_installation_that_it_is_made_for(draft: Draft) -> None:
    result = _invoked(
        *("token", "--config", draft.write(), "--kind", "till", "--subject", "till-7"),
        *("--scope", "read", "--scope", "transactions:write", "--hours", "1"),
        environ=draft.environ,
    )
    assert result.exit_code == 0, result.stderr
    tokens = DevelopmentTokens(key_bytes(draft.read().server.id_keys[0]))
    principal = tokens.principal([f"Bearer {result.stdout.strip()}"])
    assert (principal.subject, principal.kind) == ("till-7", Kind.TILL)
    assert principal.scopes == {Scope.READ, Scope.TRANSACTIONS_WRITE}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--subject", "a b"], "a subject is 1 to 128 visible"),
        (["--hours", "721"], "a token lives 30 days at most"),
        (["--hours", "0"], "a token lives 30 days at most"),
        (["--hours", "1e300"], ""),
    ],
)
def test_a_token_of_nonsense_is_a_line_and_2(draft: Draft, arguments: list[str], told: str) -> None:
    result = _invoked("token", "--config", draft.write(), *arguments, environ=draft.environ)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(told)
    assert result.stderr.count("\n") == 1


def test_a_token_for_no_installation_says_what_makes_one(tmp_path: Path) -> None:
    result = _invoked("token", "--config", tmp_path / "none.toml")
    assert result.exit_code == 2
    assert "there is no such file; scripts/run makes one" in result.stderr


def _of_no_database(folder: Path) -> str:
    (folder / "ledger.db").write_text("this is no database" * 100)
    return "ledger.db"


def _of_another_key(folder: Path) -> str:
    key = bytes(range(1, 33))

    async def made() -> None:
        await (await open_ledger(f"sqlite:///{folder}/ledger.db", [key])).aclose()

    asyncio.run(made())
    return "ledger.db"


@pytest.mark.parametrize(
    "spoilt",
    [_of_no_database, _of_another_key, lambda _: "no/such/folder/ledger.db"],
    ids=["no database", "another key", "no folder"],
)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_ledger_that_cannot_be_opened_is_one_line_and_2(
    draft: Draft, spoilt: Callable[[Path], str], workers: int
) -> None:
    path = spoilt(draft.folder)
    draft.change("sqlite:///loyalty.db", f"sqlite:///{path}")
    draft.change("workers = 1", f"workers = {workers}")
    told = ended("serve", "--config", draft.write(), "--port", "0", environ=draft.environ)
    assert told.returncode == 2, told.stderr
    assert told.stdout == ""
    assert told.stderr.startswith("ledger.url: ")
    assert told.stderr.count("\n") == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "example.com", ""])  # noqa: S104
def test_a_host_that_others_reach_is_refused(draft: Draft, host: str) -> None:
    result = _invoked("serve", "--config", draft.write(), "--host", host, environ=draft.environ)
    assert result.exit_code == 2
    assert result.stderr == (
        f"--host {host}: development tokens are for this machine alone; bind to 127.0.0.1\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve",),
        ("serve", "--config", "x.toml", "--port", "65536"),
        ("serve", "--config", "x.toml", "--port", "http"),
        ("run", "--port", "-1"),
        ("check",),
        ("surf",),
    ],
)
def test_a_wrong_option_is_told_in_plain_words(arguments: tuple[str, ...]) -> None:
    result = _invoked(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert result.stderr.isascii()


@pytest.mark.parametrize("name", ["none.toml", "."])
def test_a_configuration_that_cannot_be_read_ends_with_2(tmp_path: Path, name: str) -> None:
    result = _invoked("check", "--config", tmp_path / name)
    assert result.exit_code == 2
    assert re.fullmatch(r".*: cannot be read \(.*\)\n", result.stderr)


def test_the_schema_is_printed() -> None:
    assert _invoked("schema").stdout == printed()


def test_the_capabilities_are_printed() -> None:
    assert _invoked("capabilities").stdout.startswith("# What works with which provider\n")


@pytest.mark.parametrize("heavy", ["fastapi", "strawberry", "cryptography", "uvicorn", "sandbox"])
def test_help_imports_nothing_heavy(heavy: str) -> None:
    program = f"import sys, graph.cli; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=HOUSE, check=False).returncode == 0  # noqa: S603


def test_printing_the_schema_imports_no_server() -> None:
    program = (
        "import sys, graph.schema\n"
        "sys.exit(any(name in sys.modules for name in ('uvicorn', 'fastapi', 'sandbox')))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=HOUSE, check=False).returncode == 0  # noqa: S603


@pytest.mark.parametrize(("content", "told"), [(None, "No such file or directory"), ("no key", "")])
def test_a_sandbox_with_a_bad_key_says_so(tmp_path: Path, content: str | None, told: str) -> None:
    path = tmp_path / "key.pem"
    if content is not None:
        path.write_text(content)
    result = _invoked("sandbox", "--port", "0", "--telluride-public-key", path)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"--telluride-public-key {path}: {told}")
    assert result.stderr.count("\n") == 1


# ---------------------------------------------------------------------------- connect


@pytest.fixture
def requests() -> "dict[str, IntegrationRequest]":
    """What has been asked of the company, as its owner sees it."""
    return {}


@pytest.fixture
def company(requests: "dict[str, IntegrationRequest]") -> Iterator[tuple[str, int]]:
    """A company's address and account book."""
    sandbox_app = create_sandbox()
    sandbox = cast("Sandbox", sandbox_app.state.sandbox)
    found = sandbox.onerewards.company_of_key(ENVIRON["KOPI_KEY_ID"], ENVIRON["KOPI_API_KEY"])
    assert found is not None
    owner, _ = found
    owner.requests = requests
    with listening(sandbox_app) as url:
        yield f"{url}/onerewards", owner.account_book_id


def _connect(company: tuple[str, int], *more: str, **options: str) -> Result:
    url, book = company
    given = {
        "--base-url": url,
        "--account-book": str(book),
        "--app-account": APP,
        "--api-key": "env:KOPI_API_KEY",
        "--key-id": "env:KOPI_KEY_ID",
    } | {f"--{name.replace('_', '-')}": value for name, value in options.items()}
    pairs = [text for pair in given.items() for text in pair]
    return _invoked("connect", *pairs, *more, environ=ENVIRON)


def test_a_request_is_pending_until_the_owner_decides(
    company: tuple[str, int], requests: "dict[str, IntegrationRequest]"
) -> None:
    asked = _connect(company, app_name="Loyalty Graph")
    assert asked.exit_code == 0, asked.output
    assert asked.stdout.splitlines()[0] == "approval: PENDING"
    assert "ask again with --status" in asked.stdout
    assert requests[APP].app_account_name == "Loyalty Graph"
    assert _connect(company, "--status").stdout == asked.stdout


def test_an_approved_request_prints_the_line_for_the_configuration(
    company: tuple[str, int], requests: "dict[str, IntegrationRequest]"
) -> None:
    _connect(company, app_name="Loyalty Graph")
    requests[APP].approval = Approval.APPROVED
    requests[APP].integration_id = "5b0c6f1e-8a0d-4f8b-9d53-2f6f0f4f7a11"
    told = _connect(company, "--status").stdout
    assert told == ('approval: APPROVED\nintegration_id = "5b0c6f1e-8a0d-4f8b-9d53-2f6f0f4f7a11"\n')


def test_a_rejected_request_is_told(
    company: tuple[str, int], requests: "dict[str, IntegrationRequest]"
) -> None:
    _connect(company, app_name="Loyalty Graph")
    requests[APP].approval = Approval.REJECTED
    assert _connect(company, "--status").stdout == "approval: REJECTED\n"


def test_the_state_of_what_nobody_asked_is_not_found(company: tuple[str, int]) -> None:
    result = _connect(company, "--status")
    assert result.exit_code == 1
    assert result.stderr.startswith("NOT_FOUND: ")


def test_a_request_needs_a_name(company: tuple[str, int]) -> None:
    result = _connect(company)
    assert result.exit_code == 2
    assert result.stderr.startswith("--app-name: missing")


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("api_key", "canary-4711", "--api-key: a literal secret is refused here; write"),
        ("key_id", "env:NOBODY_SET_THIS", "--key-id: the environment variable NOBODY_SET_THIS"),
        ("key_id", "file:none", "--key-id: the file none cannot be read"),
        ("base_url", "canary-4711", "--base-url: this is no URL; write one like"),
        ("app_account", "canary-4711", "--app-account: not a GUID"),
        ("account_book", "0", "--account-book: not an account book's number"),
    ],
)
def test_a_wrong_option_of_connect_is_named(
    company: tuple[str, int], option: str, value: str, told: str
) -> None:
    result = _connect(company, "--status", **{option: value})
    assert result.exit_code == 2
    assert result.stderr.startswith(told)
    assert result.stderr.count("\n") == 1
    assert "canary-4711" not in result.output


def test_refused_keys_are_told(company: tuple[str, int]) -> None:
    result = CliRunner().invoke(app, [], env={})
    assert result.exit_code == 2
    refused = _connect(company, "--status", api_key="env:KOPI_KEY_ID")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("PROVIDER_CREDENTIALS: ")
