"""check: what is wrong with a program, and which key of the configuration it points at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
from typer.testing import CliRunner, Result

from graph.cli import app
from sandbox.app import create_app as create_sandbox
from sandbox.server import listening
from tests.graph.files_of_programs import Draft, public_pem, rsa_pem


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with listening(create_sandbox(telluride_public_key=public_pem(rsa_pem()))) as url:
        yield url


@pytest.fixture(scope="module")
def page() -> Iterator[str]:
    """A server that answers everything with a page for people."""

    def html(_: object) -> HTMLResponse:
        return HTMLResponse("<!doctype html><title>Welcome</title>")

    routes = [Route("/{path:path}", html, methods=["GET", "POST"])]
    with listening(Starlette(routes=routes)) as url:
        yield url


@pytest.fixture
def draft(tmp_path: Path, sandbox: str) -> Draft:
    return Draft(tmp_path).over(sandbox)


def _checked(draft: Draft) -> Result:
    return CliRunner().invoke(app, ["check", "--config", str(draft.write())], env=draft.environ)


def _line(result: Result, key: str) -> list[str]:
    """A program's line, in its columns."""
    line = next(line for line in result.stdout.splitlines() if line.startswith(f"{key} "))
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_programs_that_are_well_are_up(draft: Draft) -> None:
    result = _checked(draft)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["kopi", "onerewards", "UP"],
        ["syw", "telluride", "UP"],
        ["northshore", "fabric", "UP"],
    ]
    assert all(line.endswith(" ms") for line in lines)


CREDENTIALS = "PROVIDER_CREDENTIALS"
UNREACHED = "PROVIDER_UNAVAILABLE"
SENSELESS = "PROVIDER_BAD_RESPONSE"
KOPI, SYW, NORTH = "programs.kopi", "programs.syw", "programs.northshore"
WRONG = [
    ("kopi", "env", "KOPI_API_KEY", CREDENTIALS, f"{KOPI}.api_key, {KOPI}.key_id: "),
    ("kopi", "env", "KOPI_KEY_ID", CREDENTIALS, f"{KOPI}.api_key, {KOPI}.key_id: "),
    ("kopi", "5b0c6f1e", "5b0c6f1f", CREDENTIALS, f"{KOPI}.integration_id, {KOPI}.base_url: "),
    ("kopi", "URL/onerewards", "DEAD", UNREACHED, f"{KOPI}.base_url: "),
    ("kopi", "URL/onerewards", "NOHOST", UNREACHED, f"{KOPI}.base_url: "),
    ("kopi", "URL/onerewards", "PAGE", SENSELESS, f"{KOPI}.base_url: "),
    ("syw", '"EXAMPLE_SHOP"', '"NO_SHOP"', CREDENTIALS, f"{SYW}.client_id: "),
    ("syw", '"EXAMPLE_SHOP"', '"PENDING_SHOP"', CREDENTIALS, f"{SYW}.client_id: "),
    ("syw", "key", "other", CREDENTIALS, f"{SYW}.private_key, {SYW}.audience: "),
    ("syw", '"LGPH"', '"XXXX"', "INVALID_INPUT", f"{SYW}.requestor_id: "),
    ("syw", 'URL/telluride"', 'DEAD"', UNREACHED, f"{SYW}.base_url: "),
    ("syw", 'URL/telluride"', 'PAGE"', SENSELESS, f"{SYW}.base_url: "),
    ("syw", "URL/telluride/oauthAS/", "DEAD/oauthAS/", UNREACHED, f"{SYW}.token_url: "),
    ("syw", "URL/telluride/oauthAS/", "NOHOST/oauthAS/", UNREACHED, f"{SYW}.token_url: "),
    ("syw", "URL/telluride/oauthAS/", "PAGE/oauthAS/", SENSELESS, f"{SYW}.token_url: "),
    ("syw", "token.json", "token.xml", "", f"{SYW}."),
    (
        "northshore",
        "env",
        "NORTHSHORE_SECRET",
        CREDENTIALS,
        f"{NORTH}.client_id, {NORTH}.client_secret: ",
    ),
    (
        "northshore",
        '"ns-loyalty"',
        '"nobody"',
        CREDENTIALS,
        f"{NORTH}.client_id, {NORTH}.client_secret: ",
    ),
    ("northshore", "URL/fabric/api", "DEAD", UNREACHED, f"{NORTH}.base_url: "),
    ("northshore", "URL/fabric/api", "PAGE", SENSELESS, f"{NORTH}.base_url: "),
    ("northshore", "URL/fabric/oauth2", "DEAD", UNREACHED, f"{NORTH}.token_url: "),
    ("northshore", "URL/fabric/oauth2", "PAGE", SENSELESS, f"{NORTH}.token_url: "),
    ("northshore", "/oauth2/aus7k2northshore91", "/elsewhere", "", f"{NORTH}.token_url: "),
]


@pytest.mark.parametrize(("program", "old", "new", "state", "told"), WRONG)
def test_the_keys_that_may_be_wrong_are_named(
    draft: Draft, sandbox: str, page: str, program: str, old: str, new: str, state: str, told: str
) -> None:
    if old == "env":
        draft.environ[new] = "wrong"
    elif old == "key":
        (draft.folder / "syw.key.pem").write_text(rsa_pem(which=1))
    else:
        places = {"DEAD": "http://127.0.0.1:9", "NOHOST": "http://nowhere.invalid", "PAGE": page}
        for word, url in places.items():
            new = new.replace(word, url)
        draft.change(old.replace("URL", sandbox), new)
    result = _checked(draft)
    assert result.exit_code == 1, result.output
    key, _, code, line = _line(result, program)
    assert key == program
    assert code == state or not state
    assert line.startswith(told), line
    assert [other.split()[2] for other in result.stdout.splitlines()].count("UP") == 2


def test_a_name_that_is_not_known_is_told_as_such(draft: Draft, sandbox: str) -> None:
    draft.change(f"{sandbox}/onerewards", "http://nowhere.invalid")
    assert "(the host's name is not known)" in _checked(draft).stdout


def test_what_the_provider_said_is_told(draft: Draft) -> None:
    draft.environ["KOPI_API_KEY"] = "wrong"
    assert "(HTTP 401" in _checked(draft).stdout


def test_no_line_has_a_secret_or_a_box_or_is_cut(draft: Draft) -> None:
    for name in ("KOPI_API_KEY", "NORTHSHORE_SECRET"):
        draft.environ[name] = "canary-4711"
    (draft.folder / "syw.key.pem").write_text(rsa_pem(which=1))
    draft.environ |= {"COLUMNS": "40", "TERM": "dumb"}
    result = _checked(draft)
    assert "canary-4711" not in result.output
    assert rsa_pem(which=1)[40:80] not in result.output
    assert result.output.isascii() or "…" in result.output
    assert len(result.stdout.splitlines()) == 3
    assert "\x1b" not in result.output


def test_a_bad_configuration_asks_nobody_and_ends_with_2(draft: Draft) -> None:
    draft.change('mode = "dev"', 'mode = "jwt"')
    result = _checked(draft)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith('auth.mode: "jwt" is not available yet')
