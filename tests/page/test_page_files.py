"""What the page's routes answer, without a browser and without a built page."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graph.page_files import Example, page_response, page_routes

_EXAMPLE = Example(
    title="Mia looks at her wallet",
    query="query MiaWallet { viewer { id } }",
    headers={"Authorization": "Bearer sandbox"},
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assets = tmp_path / "page" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "page" / "index.html").write_text("<!doctype html><title>Loyalty Graph</title>")
    (tmp_path / "page" / "stamp").write_text("secret")
    (assets / "main-ABCD1234.js").write_text("export {}")
    (assets / "main-ABCD1234.css").write_text("body {}")
    (assets / "codicon-ABCD1234.ttf").write_bytes(b"\x00")
    (assets / "notes.txt").write_text("not an asset")
    return tmp_path / "page"


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    def page(_request: Request) -> Response:
        return page_response(folder)

    app = Starlette(routes=[Route("/graphql", page), *page_routes(folder, lambda: [_EXAMPLE])])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_the_page_forbids_every_other_origin(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql")
    policy = answer.headers["content-security-policy"].split("; ")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert {"default-src 'none'", "script-src 'self'", "connect-src 'self'"} <= set(policy)
    assert {"frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} <= set(policy)
    assert not [each for each in policy if "http" in each or "*" in each or "unsafe-eval" in each]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_the_page_is_asked_for_anew_and_differs_by_accept(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("main-ABCD1234.js", "text/javascript; charset=utf-8"),
        ("main-ABCD1234.css", "text/css; charset=utf-8"),
        ("codicon-ABCD1234.ttf", "font/ttf"),
    ],
)
async def test_an_asset_has_its_media_type_and_is_kept_for_a_year(
    client: httpx.AsyncClient, name: str, media_type: str
) -> None:
    answer = await client.get(f"/graphql/assets/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "name",
    ["notes.txt", "gone-ABCD1234.js", "..%2Fstamp", "..%2f..%2fpage%2fstamp", "%2e%2e", "main.js"],
)
async def test_nothing_but_built_assets_is_served(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/graphql/assets/{name}")
    assert answer.status_code == 404
    assert "secret" not in answer.text


async def test_examples_are_fresh_json(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql/examples.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "examples": [
            {
                "title": "Mia looks at her wallet",
                "query": "query MiaWallet { viewer { id } }",
                "variables": {},
                "headers": {"Authorization": "Bearer sandbox"},
            }
        ]
    }


def test_a_page_that_was_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    answer = page_response(tmp_path / "nowhere")
    assert answer.status_code == 503
    assert b"scripts/page" in answer.body
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
