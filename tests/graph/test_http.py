"""GraphQL over HTTP: media types, status codes, methods, and what is refused unread."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from graphql import OperationType, build_schema
from starlette.requests import Request

from graph.documents import Documents
from graph.http_requests import METHODS, Refused, asked
from graph.limits import Limits
from graph.media_types import GRAPHQL_JSON, JSON, answer_type, is_json, wants_page
from tests.graph.world import World

NEWER = {"Accept": GRAPHQL_JSON}
QUERY = '{"query": "{ __typename }"}'


def told(response: httpx.Response) -> dict[str, object]:
    """The only error of an answer without data, which says nothing of our insides."""
    body = response.json()
    assert set(body) == {"errors"}
    [error] = body["errors"]
    assert len(error["extensions"]["traceId"]) == 16
    found: dict[str, object] = {**error["extensions"], "message": error["message"]}
    return found


async def post(world: World, content: bytes | str, **headers: str) -> httpx.Response:
    sent = {"Content-Type": JSON, **{name.replace("_", "-"): v for name, v in headers.items()}}
    return await world.http.post("/graphql", content=content, headers=sent)


# ---------------------------------------------------------------------- media types


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("application/json; charset=utf-8", JSON),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (GRAPHQL_JSON.upper(), GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, application/json", GRAPHQL_JSON),
        (f"application/json, {GRAPHQL_JSON}", GRAPHQL_JSON),
        (f"{GRAPHQL_JSON};q=0.5, application/json", JSON),
        (f"{GRAPHQL_JSON}, application/json;q=0.9", GRAPHQL_JSON),
        (f"{GRAPHQL_JSON};q=0, */*", JSON),
        ("application/json;q=0, */*", GRAPHQL_JSON),
        ("text/html, */*;q=0.8", JSON),
        ("text/html", None),
        ("*/*;q=0", None),
        ("application/json;q=odd", JSON),
        (",,", None),
    ],
)
def test_accept_chooses_the_media_type(accept: str, expected: str | None) -> None:
    assert answer_type(accept) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/html", True),
        ("*/*", False),
        ("", False),
        ("application/json, text/html;q=0.5", False),
        ("text/html;q=0", False),
    ],
)
def test_browsers_want_the_page(accept: str, expected: bool) -> None:
    assert wants_page(accept) is expected


@pytest.mark.parametrize(
    ("types", "encodings", "expected"),
    [
        (["application/json"], [], True),
        (["Application/JSON; Charset=UTF-8"], [], True),
        (['application/json; charset="utf-8"'], ["identity"], True),
        (["application/json; charset=utf-16"], [], False),
        (["application/json; charset=latin-1"], [], False),
        (["application/json"], ["gzip"], False),
        (["application/json", "application/json"], [], False),
        ([], [], False),
        ([""], [], False),
        (["text/plain"], [], False),
        (["application/x-www-form-urlencoded"], [], False),
        (["multipart/form-data; boundary=x"], [], False),
        (["application/graphql"], [], False),
        (["application/json-patch+json"], [], False),
    ],
)
def test_only_json_in_utf_8_is_taken(
    types: list[str], encodings: list[str], expected: bool
) -> None:
    assert is_json(types, encodings) is expected


async def test_every_answer_is_typed_and_kept_by_nobody(world: World) -> None:
    answers = [
        await post(world, QUERY),
        await post(world, "{"),
        await post(world, QUERY, Content_Type="text/plain"),
        await post(world, QUERY, Accept="image/png"),
        await world.http.put("/graphql", content=QUERY),
        await post(world, '{"query": "{ nothing }"}', **NEWER),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 415, 406, 405, 400]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["vary"] == "Accept"
        assert answer.headers["content-type"].startswith("application/")
        assert answer.headers["content-type"].endswith("; charset=utf-8")


# ---------------------------------------------------------------------- what is not a request


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"1",
        b'"{ __typename }"',
        b"[]",
        b'[{"query": "{ __typename }"}, {"query": "{ __typename }"}]',
        b"{}",
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "variables": [1]}',
        b'{"query": "{ __typename }", "variables": NaN}',
        b'{"query": "{ __typename }", "operationName": 1}',
        b'{"query": "{ __typename }", "operationName": {}}',
        b'{"query": "{ __typename }", "extensions": 1}',
        b'{"query": "{ __typename }", "variables": {"a": Infinity}}',
        b'{"query": "{ __typename }"} {}',
        b'{"query": "\\ud800"}',
        b'{"query": "\xff"}',
        b'\xef\xbb\xbf{"query": "{ __typename }"}',
        '{"query": "{ __typename }"}'.encode("utf-16"),
        b'{"variables": ' + b"[" * 30_000,
    ],
)
@pytest.mark.parametrize("accept", [JSON, GRAPHQL_JSON])
async def test_a_malformed_body_is_a_400(world: World, body: bytes, accept: str) -> None:
    answer = await post(world, body, Accept=accept)
    assert answer.status_code == 400
    assert told(answer)["code"] == "INVALID_INPUT"


@pytest.mark.parametrize("size", [65_537, 5_000_000])
async def test_a_large_body_is_a_413(world: World, size: int) -> None:
    answer = await post(world, '{"query": "{ __typename }"}'.ljust(size))
    assert answer.status_code == 413
    assert told(answer)["code"] == "LIMIT_EXCEEDED"


async def test_a_large_body_of_unknown_length_is_not_read_to_its_end(world: World) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            await asyncio.sleep(0)
            yield b" " * 4096

    answer = await asyncio.wait_for(
        world.http.post(
            "/graphql", content=_some(endless(), 2_000), headers={"Content-Type": JSON}
        ),
        20,
    )
    assert answer.status_code == 413
    assert read < 40


async def _some(chunks: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    for _ in range(most):
        yield await anext(chunks)


async def test_a_body_of_the_largest_size_is_taken(world: World) -> None:
    assert (await post(world, QUERY.ljust(64 * 1024))).json() == {"data": {"__typename": "Query"}}


async def test_large_variables_are_one_refusal_without_data(world: World) -> None:
    body = json.dumps({"query": "{ __typename }", "variables": {"v": "x" * 40_000}})
    older, newer = await post(world, body), await post(world, body, **NEWER)
    assert (older.status_code, newer.status_code) == (200, 400)
    assert told(older)["code"] == told(newer)["code"] == "LIMIT_EXCEEDED"


# ---------------------------------------------------------------------- methods


async def test_a_query_may_be_sent_by_get(world: World) -> None:
    parts = {"query": "query($k: String!) { program(key: $k) { key } }", "variables": '{"k":"syw"}'}
    answer = await world.http.get("/graphql", params=parts)
    assert answer.json() == {"data": {"program": {"key": "syw"}}}


async def test_head_has_the_status_of_get(world: World) -> None:
    for parts in ({"query": "{ __typename }"}, {"query": ""}, {}):
        got = await world.http.get("/graphql", params=parts)
        head = await world.http.head("/graphql", params=parts)
        assert head.status_code == got.status_code


async def test_options_tells_the_methods(world: World) -> None:
    answer = await world.http.options("/graphql")
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"GET", "HEAD", "POST", "OPTIONS"}))
async def test_other_methods_are_405(world: World, method: str) -> None:
    answer = await world.http.request(method, "/graphql", content=QUERY)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert told(answer)["code"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    "document",
    [
        "mutation { __typename }",
        "mutation M { a } query Q { __typename }",
        "subscription { a }",
        "query Q { __typename } mutation M { a }",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_nothing_but_a_query_may_be_sent_by_get(
    world: World, document: str, method: str
) -> None:
    answer = await world.http.request(method, "/graphql", params={"query": document})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_get_runs_the_query_beside_a_mutation_if_it_is_named() -> None:
    schema = build_schema("type Query { a: Int } type Mutation { b: Int }")
    document = Documents(schema, Limits()).get("query Q { a } mutation M { b }")
    assert document.errors == ()
    assert document.kinds("Q") == {OperationType.QUERY}
    assert document.kinds("M") == {OperationType.MUTATION}
    assert document.kinds(None) == {OperationType.QUERY, OperationType.MUTATION}
    assert document.operation(None) is None


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"query": "{ __typename }", "variables": "{"},
        {"query": "{ __typename }", "variables": "[]"},
        {"query": "{ __typename }", "extensions": "1"},
        {"query": ["{ __typename }", "{ __typename }"]},
    ],
)
async def test_a_malformed_get_is_a_400(world: World, parts: dict[str, str]) -> None:
    answer = await world.http.get("/graphql", params=parts)
    assert answer.status_code == 400
    assert told(answer)["code"] == "INVALID_INPUT"


async def test_a_long_address_is_a_414() -> None:
    query = b"query={__typename}".ljust(65_537, b"%")
    scope = {"type": "http", "method": "GET", "query_string": query, "headers": []}
    with pytest.raises(Refused) as refused:
        await asked(Request(scope), Limits())
    assert refused.value.status == 414


async def test_a_browser_gets_the_page_and_its_scripts_get_json(world: World) -> None:
    accept = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = await world.http.get("/graphql", headers=accept)
    assert page.headers["content-type"].startswith("text/html")
    queried = await world.http.get("/graphql", headers=accept, params={"query": "{__typename}"})
    assert queried.json() == {"data": {"__typename": "Query"}}


async def test_another_host_is_refused(world: World) -> None:
    for host in ("evil.example", "localhost.evil.example"):
        assert (await post(world, QUERY, Host=host)).status_code == 400


# ---------------------------------------------------------------------- documents


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("", {}),
        ("{", {}),
        ("{ nothing }", {}),
        ("mutation { nothing }", {}),
        ("query A { __typename } query B { __typename }", {}),
        ("query($k: String!) { program(key: $k) { key } }", {}),
        ("query($k: String!) { program(key: $k) { key } }", {"k": None}),
        ("query($k: String!) { program(key: $k) { key } }", {"k": 1}),
        (
            "query($k: Decimal) { member(id: 1) { vouchers(spending: $k) { nodes { id } } } }",
            {"k": 0.5},
        ),
    ],
)
async def test_a_document_that_cannot_run_has_no_data(
    world: World, document: str, variables: dict[str, object]
) -> None:
    body = json.dumps({"query": document, "variables": variables})
    older, newer = await post(world, body), await post(world, body, **NEWER)
    assert (older.status_code, newer.status_code) == (200, 400)
    assert told(older)["code"] == told(newer)["code"] == "INVALID_INPUT"
    assert newer.headers["content-type"] == f"{GRAPHQL_JSON}; charset=utf-8"


async def test_the_operation_is_chosen_by_its_name(world: World) -> None:
    document = "query A { a: __typename } query B { b: __typename }"
    for name, expected in (("A", {"a": "Query"}), ("B", {"b": "Query"})):
        answer = await post(world, json.dumps({"query": document, "operationName": name}))
        assert answer.json() == {"data": expected}
    unknown = await post(world, json.dumps({"query": document, "operationName": "C"}))
    assert "operationName" in str(told(unknown)["message"])


async def test_messages_about_a_document_are_of_bounded_length(world: World) -> None:
    answer = await post(world, json.dumps({"query": "{ " + "x" * 50_000 + " }"}))
    assert len(str(told(answer)["message"])) <= 503


async def test_wrong_variables_are_ten_errors_at_most(world: World) -> None:
    wrong = {"query": "query($ids: [ID!]!) { members(ids: $ids) { id } }"}
    wrong["variables"] = {"ids": [None] * 50}  # type: ignore[assignment] # JSON of any kind
    assert len((await post(world, json.dumps(wrong))).json()["errors"]) == 10


# ---------------------------------------------------------------------- defects

SECRET = "aisyah@example.com 4801 sk-live-secret"


async def test_a_defect_of_an_adapter_is_masked_and_logged_without_its_text(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from providers.onerewards.client import OneRewards  # noqa: PLC0415 - the adapter that breaks

    async def broken(*_: object) -> object:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(OneRewards, "balances", broken)
    one = world.member_id("kopi", "rich")
    body = json.dumps({"query": f'{{ member(id: "{one}") {{ balance {{ points }} }} }}'})
    with caplog.at_level(logging.DEBUG):
        answer = await post(world, body)
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "PROVIDER_BAD_RESPONSE"
    assert error["extensions"]["traceId"]
    assert SECRET not in answer.text
    assert SECRET not in _logged(caplog)
    assert "RuntimeError" in _logged(caplog)


async def test_a_defect_of_a_resolver_is_masked_and_found_by_its_trace_id(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> object:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("graph.types.program.capabilities_of", broken)
    document = '{ __typename program(key: "kopi") { key capabilities { note } } }'
    with caplog.at_level(logging.DEBUG):
        answer = await post(world, json.dumps({"query": document}), **NEWER)
    body = answer.json()
    assert answer.status_code == 200
    assert body["data"] == {"__typename": "Query", "program": None}
    [error] = body["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["path"] == ["program", "capabilities"]
    assert error["extensions"]["traceId"] in _logged(caplog)
    assert SECRET not in answer.text + _logged(caplog)


async def test_a_defect_of_the_endpoint_itself_is_a_masked_500(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> object:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("graph.http.upstream_calls", broken)
    with caplog.at_level(logging.DEBUG):
        answer = await post(world, QUERY)
    assert answer.status_code == 500
    error = told(answer)
    assert error["code"] == "INTERNAL"
    assert str(error["traceId"]) in _logged(caplog)
    assert SECRET not in answer.text + _logged(caplog)


async def test_every_error_of_a_field_has_the_trace_id_of_its_request(world: World) -> None:
    world.fault("syw", status=503)
    ids = [world.member_id("syw", "rich"), world.member_id("syw", "zero")]
    body = {
        "query": "query($ids: [ID!]!) { members(ids: $ids) { name } }",
        "variables": {"ids": ids},
    }
    errors = (await post(world, json.dumps(body))).json()["errors"]
    assert len(errors) == 2
    assert len({error["extensions"]["traceId"] for error in errors}) == 1


def _logged(caplog: pytest.LogCaptureFixture) -> str:
    return " ".join(str(record.__dict__) for record in caplog.records)
