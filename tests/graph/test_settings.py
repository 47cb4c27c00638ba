"""The configuration: what it means, and one clear line for everything that is wrong with it."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from graph.settings import ConfigurationError, load
from tests.graph.files_of_programs import ENVIRON, KINDS, Draft, ec_pem, public_pem, rsa_pem


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    return Draft(tmp_path)


def test_the_example_loads_as_it_is(draft: Draft) -> None:
    settings = draft.read()
    assert list(settings.programs) == ["kopi", "syw", "northshore"]
    assert settings.server.port == 8000
    assert settings.auth.issuers[0].audience == "loyalty-graph"
    assert str(settings.programs["kopi"].point_worth) == "0.10"


def test_signing_in_by_jwt_is_refused_until_there_is_such_a_thing(draft: Draft) -> None:
    line = draft.change('mode = "dev"', 'mode = "jwt"').fault()
    assert line.startswith('auth.mode: "jwt" is not available yet; write mode = "dev"')


def test_issuers_are_read_in_mode_jwt_all_the_same(draft: Draft) -> None:
    draft.change('mode = "dev"', 'mode = "jwt"').change('["RS256"]', '["HS256"]')
    assert [line.partition(":")[0] for line in draft.faults()] == [
        "auth.mode",
        "auth.issuers.0.algorithms.0",
    ]


JWKS = 'jwks_url = "https://login.example.com/jwks.json"'


def test_an_issuer_may_have_a_key_instead_of_an_address(draft: Draft) -> None:
    draft.change(JWKS, 'public_key = "file:issuer.pem"')
    issuer = draft.read().auth.issuers[0]
    assert issuer.public_key is not None
    assert "BEGIN PUBLIC KEY" in issuer.public_key.get_secret_value()


KOPI_NAME = 'name = "Kopi Corner Rewards"'
LEVELS = [
    ("[server]", "[server]\nprot = 1", "server.prot"),
    ("[auth]", "[auth]\nprot = 1", "auth.prot"),
    (JWKS, f"{JWKS}\nprot = 1", "auth.issuers.0.prot"),
    ("[ledger]", "[ledger]\nprot = 1", "ledger.prot"),
    ("[cache]", "[cache]\nprot = 1", "cache.prot"),
    ("[programs.kopi] ", "[programs.kopi]\nprot = 1 ", "programs.kopi.prot"),
    ("[programs.syw]", "[programs.syw]\nassumptions = {prot = 1}", "programs.syw.assumptions.prot"),
    (
        "[programs.kopi] ",
        "[programs.kopi]\nassumptions = {prot = 1} ",
        "programs.kopi.assumptions.prot",
    ),
    (
        "[programs.kopi] ",
        '[programs.kopi]\nassumptions.paths = {prot = "x"} ',
        "programs.kopi.assumptions.paths.prot",
    ),
    (
        "[programs.northshore]",
        "[programs.northshore]\nassumptions = {prot = 1}",
        "programs.northshore.assumptions.prot",
    ),
]


@pytest.mark.parametrize(("old", "new", "key"), LEVELS)
def test_an_unknown_key_is_named_with_those_there_are(
    draft: Draft, old: str, new: str, key: str
) -> None:
    line = draft.change(old, new).fault()
    assert line.startswith(f"{key}: unknown key; the keys are: ")
    assert len(line.partition("the keys are: ")[2].split(", ")) >= 1


def test_the_keys_that_are_told_are_those_of_the_nested_table(draft: Draft) -> None:
    draft.change("[programs.kopi] ", '[programs.kopi]\nassumptions.paths = {prot = "x"} ')
    assert "unpost_transaction" in draft.fault()


def test_an_unknown_table_is_named(draft: Draft) -> None:
    draft.text += "\n[sever]\nport = 1\n"
    assert draft.fault().startswith("sever: unknown table; the tables are: server, auth")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("id_keys = ", "server.id_keys"),
        ("audience = ", "auth.issuers.0.audience"),
        ("api_key = ", "programs.kopi.api_key"),
        ("currency = ", "programs.kopi.currency"),
        ("requestor_id = ", "programs.syw.requestor_id"),
        ("private_key = ", "programs.syw.private_key"),
        ("club = ", "programs.northshore.club"),
        ("integration_id = ", "programs.kopi.integration_id"),
        ("environment = ", "programs.kopi.environment"),
    ],
)
def test_a_missing_key_is_named(draft: Draft, line: str, key: str) -> None:
    draft.text = re.sub(rf"^{line}.*\n", "", draft.text, count=1, flags=re.MULTILINE)
    assert draft.fault() == f"{key}: missing"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("port = 8000", 'port = "8000"', "server.port: write a number, without quotes"),
        ("port = 8000", "port = true", "server.port: write a number"),
        ("port = 8000", "port = 8000.5", "server.port: "),
        ("port = 8000", "port = 65536", "server.port: "),
        ("port = 8000", "port = -1", "server.port: "),
        ("workers = 1", "workers = 0", "server.workers: "),
        ("retention_days = 400", "retention_days = 29", "ledger.retention_days: "),
        ("answer_seconds = 8.0", "answer_seconds = nan", "server.answer_seconds: "),
        ("answer_seconds = 8.0", "answer_seconds = []", "server.answer_seconds: write a number"),
        ('"dev"', "5", "auth.mode: "),
        ('["env:LOYALTY_ID_KEY"]', '"env:LOYALTY_ID_KEY"', "server.id_keys: "),
        ('["env:LOYALTY_ID_KEY"]', "[]", "server.id_keys: "),
        ('["env:LOYALTY_ID_KEY"]', "[5]", "server.id_keys.0: "),
        ('["RS256"]', "[]", "auth.issuers.0.algorithms: "),
        (KOPI_NAME, "name = 5", "programs.kopi.name: "),
        (KOPI_NAME, 'name = ""', "programs.kopi.name: "),
        ('point_worth = "0.10"', "point_worth = nan", "programs.kopi.point_worth: "),
        ('point_worth = "0.10"', 'point_worth = "-1"', "programs.kopi.point_worth: "),
        ('"MYR"', '"RM"', "programs.kopi.currency: write the three letters of ISO 4217"),
        ('"MYR"', '"myr"', "programs.kopi.currency: write the three letters"),
        ("Asia/Kuala_Lumpur", "Kuala Lumpur", "programs.kopi.time_zone: 'Kuala Lumpur' is no"),
        ("Asia/Kuala_Lumpur", "Asia", "programs.kopi.time_zone: 'Asia' is no IANA time zone"),
        ("Asia/Kuala_Lumpur", "../UTC", "programs.kopi.time_zone: "),
        ("5b0c6f1e-8a0d", "5b0c6f1e", "programs.kopi.integration_id: "),
        ('"LGPH"', '"LGP"', "programs.syw.requestor_id: "),
        ('provider = "fabric"', 'provider = "cotton"', "programs.northshore.provider: missing or"),
        ('provider = "fabric"', "provider = 5", "programs.northshore.provider: missing or"),
        ('"memory://"', '"memcached://x"', "cache.url: write memory:// or redis://"),
        ('"sqlite:///loyalty.db"', '"mysql://x/y"', "ledger.url: write sqlite:///PATH or"),
        ("CASH =", "CRYPTO =", "programs.syw.tender_types.CRYPTO: "),
        ('CASH = "1"', 'CASH = "123"', "programs.syw.tender_types.CASH: "),
        (
            'created_by = "GRAPH"',
            'message_versions = { GetNothing = "1" }',
            "programs.syw.message_versions.GetNothing: ",
        ),
        (
            'created_by = "GRAPH"',
            'read_lag_max = "5 parsecs"',
            "programs.syw.read_lag_max: a span of time is written like",
        ),
        (
            'created_by = "GRAPH"',
            'replay_is_safe = "yes"',
            "programs.syw.replay_is_safe: write true or false",
        ),
        (
            'operator = "GRAPH"',
            "assumptions.fields = { member = { noSuch = 'x' } }",
            "programs.kopi.assumptions.fields: member.noSuch is no assumed field name",
        ),
    ],
)
def test_a_wrong_value_is_one_line_with_its_key(
    draft: Draft, old: str, new: str, told: str
) -> None:
    assert draft.change(old, new).fault().startswith(told)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "loyalty.example.com", ""])  # noqa: S104
def test_a_host_that_others_reach_is_refused(draft: Draft, host: str) -> None:
    line = draft.change('host = "127.0.0.1"', f'host = "{host}"').fault()
    assert line.startswith(f"server.host: {host} can be reached by others")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_a_host_of_this_machine_is_fine(draft: Draft, host: str) -> None:
    assert draft.change('host = "127.0.0.1"', f'host = "{host}"').read().server.host == host


@pytest.mark.parametrize(
    "url",
    [
        "rewards.example.org",
        "ftp://rewards.example.org",
        "https://",
        "https:///api",
        "https://rewards example.com",
        "https://rewards.example.org:99999",
        "https://rewards.example.org:port",
        "https://[::1",
        "https://rewards.example.org/../x",
        "https://user:password@rewards.example.org",
        "https://rewards.example.org?key=1",
        "https://rewards.example.org#top",
        "https://rewårds.example.com",
    ],
)
def test_a_bad_address_is_told_and_not_repeated(draft: Draft, url: str) -> None:
    line = draft.change("http://127.0.0.1:9100/onerewards", url).fault()
    assert line.startswith("programs.kopi.base_url: ")
    assert "rew" not in line.partition(": ")[2]
    assert "password" not in line


@pytest.mark.parametrize(
    ("provider", "key"),
    [
        ("onerewards", "programs.kopi.base_url"),
        ("telluride", "programs.syw.base_url"),
        ("telluride", "programs.syw.token_url"),
        ("fabric", "programs.northshore.base_url"),
        ("fabric", "programs.northshore.token_url"),
    ],
)
def test_plain_http_is_for_sandboxes(draft: Draft, provider: str, key: str) -> None:
    draft.real(provider)
    draft.environ["LOYALTY_LEDGER_KEY"] = ENVIRON["LOYALTY_LEDGER_KEY"]
    name, program = key.rpartition(".")[2], key.rpartition(".")[0]
    head, mark, tail = draft.text.partition(f"[{program}]")
    draft.text = head + mark + tail.replace(f'{name} = "https://', f'{name} = "http://', 1)
    assert draft.fault() == f"{key}: {name} must be https outside SANDBOX"


def test_the_keys_of_an_issuer_come_by_tls(draft: Draft) -> None:
    line = draft.change("https://login.example.com/jwks", "http://login.example.com/jwks").fault()
    assert line == "auth.issuers.0.jwks_url: jwks_url must be https"


def test_an_issuer_has_one_source_of_keys(draft: Draft) -> None:
    line = draft.change(JWKS, f'{JWKS}\npublic_key = "file:issuer.pem"').fault()
    assert line == "auth.issuers.0: give exactly one of jwks_url and public_key"


PEMS: list[tuple[Callable[[], str], str]] = [
    (lambda: "no key at all", "no PEM private key"),
    (lambda: public_pem(rsa_pem()), "the public half"),
    (ec_pem, "no RSA key"),
    (lambda: rsa_pem(1024), "has 1024 bits"),
    (lambda: rsa_pem(2048, b"password"), "protected by a password"),
    (lambda: rsa_pem().replace("A", "B"), "no PEM private key"),
]


@pytest.mark.parametrize(("pem", "told"), PEMS, ids=[told for _, told in PEMS[:-1]] + ["spoilt"])
def test_a_bad_private_key_is_told_and_not_repeated(
    draft: Draft, pem: Callable[[], str], told: str
) -> None:
    (draft.folder / "syw.key.pem").write_text(pem())
    line = draft.fault()
    assert line.startswith("programs.syw.private_key: ")
    assert told in line
    assert pem()[40:80] not in line or told == "no PEM private key"


def test_an_issuers_private_key_is_no_public_key(draft: Draft) -> None:
    (draft.folder / "issuer.pem").write_text(rsa_pem())
    line = draft.change(JWKS, 'public_key = "file:issuer.pem"').fault()
    assert line.startswith("auth.issuers.0.public_key: this is no PEM public key")


@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_that_is_not_set_is_named(draft: Draft, value: str | None) -> None:
    del draft.environ["KOPI_API_KEY"]
    if value is not None:
        draft.environ["KOPI_API_KEY"] = value
    assert draft.fault() == (
        "programs.kopi.api_key: the environment variable KOPI_API_KEY is not set"
    )


def test_a_key_file_that_is_missing_is_named(draft: Draft) -> None:
    (draft.folder / "syw.key.pem").unlink()
    assert draft.fault() == (
        "programs.syw.private_key: the file syw.key.pem cannot be read (No such file or directory)"
    )


def test_a_key_file_that_is_a_folder_is_named(draft: Draft) -> None:
    (draft.folder / "syw.key.pem").unlink()
    (draft.folder / "syw.key.pem").mkdir()
    assert draft.fault().endswith("the file syw.key.pem cannot be read (Is a directory)")


def test_a_key_file_that_may_not_be_read_is_named(
    draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Path.read_text

    def denied(self: Path, encoding: str | None = None) -> str:
        if self.name == "syw.key.pem":
            raise PermissionError(13, os.strerror(13))  # root reads everything, so it is acted
        return read(self, encoding)

    monkeypatch.setattr(Path, "read_text", denied)
    assert draft.fault().endswith("the file syw.key.pem cannot be read (Permission denied)")


@pytest.mark.parametrize(("content", "told"), [(b"", "is empty"), (b"\xff\xfe", "is not text")])
def test_a_key_file_without_a_key_is_named(draft: Draft, content: bytes, told: str) -> None:
    (draft.folder / "syw.key.pem").write_bytes(content)
    assert draft.fault() == f"programs.syw.private_key: the file syw.key.pem {told}"


@pytest.mark.parametrize(
    ("variable", "key", "size"),
    [
        ("LOYALTY_ID_KEY", "server.id_keys.0", 64),
        ("LOYALTY_LEDGER_KEY", "ledger.encryption_keys.0", 32),
    ],
)
@pytest.mark.parametrize("value", ["not base64!", "c2hvcnQ=", ENVIRON["LOYALTY_ID_KEY"] + "AAAA"])
def test_a_key_of_another_length_is_told_with_how_to_make_one(
    draft: Draft, variable: str, key: str, size: int, value: str
) -> None:
    draft.environ[variable] = value
    assert draft.fault() == (
        f"{key}: not {size} bytes in base64; make a key with: openssl rand -base64 {size}"
    )


def test_a_key_may_stand_on_several_lines_as_openssl_prints_it(draft: Draft) -> None:
    key = ENVIRON["LOYALTY_ID_KEY"]
    draft.environ["LOYALTY_ID_KEY"] = f"{key[:64]}\n{key[64:]}\n"
    assert draft.faults() == []


CANARY = "canary-4711-secret"
SECRETS = [
    ('"env:KOPI_API_KEY"', "onerewards", "programs.kopi.api_key"),
    ('"env:KOPI_KEY_ID"', "onerewards", "programs.kopi.key_id"),
    ('"file:syw.key.pem"', "telluride", "programs.syw.private_key"),
    ('"env:NORTHSHORE_SECRET"', "fabric", "programs.northshore.client_secret"),
    ('"env:LOYALTY_ID_KEY"', "onerewards", "server.id_keys.0"),
    ('"env:LOYALTY_LEDGER_KEY"', "fabric", "ledger.encryption_keys.0"),
]


@pytest.mark.parametrize(("reference", "provider", "key"), SECRETS)
def test_a_literal_secret_is_refused_where_a_program_is_real(
    draft: Draft, reference: str, provider: str, key: str
) -> None:
    line = draft.real(provider).change(reference, f'"{CANARY}"').fault()
    assert line.startswith(f"{key}: a literal secret is refused outside SANDBOX; write ")
    assert CANARY not in line


def test_a_literal_secret_is_fine_where_all_programs_are_sandboxes(draft: Draft) -> None:
    draft.change('"env:KOPI_API_KEY"', '"kopi-secret"')
    draft.change('"env:LOYALTY_ID_KEY"', f'"{ENVIRON["LOYALTY_ID_KEY"]}"')
    assert draft.faults() == []


@pytest.mark.parametrize(("reference", "provider", "key"), SECRETS)
@pytest.mark.parametrize("wrap", ['"{}"', '["{}"]', '{{ a = "{}" }}', '"{}\\u0000"', '"file:{}"'])
def test_no_fault_repeats_a_secret(
    draft: Draft, reference: str, provider: str, key: str, wrap: str
) -> None:
    draft.real(provider).change(reference, wrap.format(CANARY))
    lines = draft.faults()
    assert any(line.startswith(key) for line in lines)
    if "file:" not in wrap:
        assert CANARY not in "\n".join(lines)


def test_settings_do_not_print_their_secrets(draft: Draft) -> None:
    draft.environ["KOPI_API_KEY"] = CANARY
    assert CANARY not in repr(draft.read())


def test_a_wrong_environment_is_one_fault_and_not_another_for_every_secret(draft: Draft) -> None:
    head, mark, tail = draft.text.partition("[programs.kopi]")
    draft.text = head + mark + tail.replace('"SANDBOX"', '"TESTING"', 1)
    draft.change('"env:KOPI_API_KEY"', '"kopi-secret"')
    assert draft.fault().startswith("programs.kopi.environment: ")


NO_KEYS = ("server.id_keys: missing", "ledger.encryption_keys: missing")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["programs: missing", *NO_KEYS]),
        ("programs = 5", ["programs: missing", *NO_KEYS]),
        ("[programs]\nkopi = 5", ["programs.kopi: write it as a table", *NO_KEYS]),
        ('[programs."Kopi Corner"]', ['programs."Kopi Corner": a program', *NO_KEYS]),
        ("server = 5", ["programs: missing", "server: write it as a table", NO_KEYS[1]]),
    ],
)
def test_a_configuration_without_programs_says_so(draft: Draft, text: str, told: list[str]) -> None:
    draft.text = text
    lines = draft.faults()
    assert len(lines) == len(told)
    assert all(line.startswith(begin) for line, begin in zip(lines, told, strict=True))


def test_two_programs_of_a_key_are_told_with_the_line(draft: Draft) -> None:
    draft.text += '\n[programs.kopi]\nprovider = "fabric"\n'
    assert re.search(r"loyalty\.toml: not TOML: .*twice \(at line \d+", draft.fault())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[server", "not TOML: "),
        (b"\xff\xfe[server]", "not UTF-8 text"),
        (b"x = " + b"[" * 5000, "not TOML: a number or a nesting is too large"),
        (b"x = " + b"1" * 5000, "not TOML: a number or a nesting is too large"),
    ],
)
def test_a_file_that_is_no_configuration_is_told(draft: Draft, content: bytes, told: str) -> None:
    draft.path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load(draft.path, KINDS, {})
    assert caught.value.lines[0].startswith(f"{draft.path}: {told}")
    assert len(caught.value.lines) == 1


@pytest.mark.parametrize(("name", "told"), [("none.toml", "No such file"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read_is_told(draft: Draft, name: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(told)):
        load(draft.folder / name, KINDS, {})


def test_all_faults_are_told_at_once(draft: Draft) -> None:
    draft.change("port = 8000", "port = -1").change('"MYR"', '"RM"').change('"LGPH"', '"L"')
    assert [line.partition(":")[0] for line in draft.faults()] == [
        "programs.kopi.currency",
        "programs.syw.requestor_id",
        "server.port",
    ]


def test_the_mark_of_a_windows_editor_does_no_harm(draft: Draft) -> None:
    draft.text = "\ufeff" + draft.text
    assert draft.faults() == []
