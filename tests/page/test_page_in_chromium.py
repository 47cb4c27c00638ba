"""The GraphiQL page as a visitor meets it: in a real browser, against a running server."""

import os
import re
from pathlib import Path
from typing import TypedDict

import httpx
import pytest
from playwright.async_api import Route, expect

from .chromium import Visit, visit

pytestmark = pytest.mark.chromium

_DOCS = Path(__file__).parents[2] / "docs"


class Listed(TypedDict):
    title: str
    query: str
    variables: dict[str, object]
    headers: dict[str, str]


def examples_of(base_url: str) -> list[Listed]:
    answer = httpx.get(f"{base_url}/graphql/examples.json").raise_for_status()
    listed: list[Listed] = answer.json()["examples"]
    assert len(listed) >= 2, "the page needs examples of two personas"
    return listed


def tab_name(example: Listed) -> str:
    named = re.search(r"\b(?:query|mutation)\s+(\w+)", example["query"])
    assert named, f"an example without an operation name: {example['title']}"
    return named[1]


def fields_answered_directly(base_url: str, example: Listed) -> list[str]:
    """The root fields of an answer without errors, got past the browser."""
    body = {"query": example["query"], "variables": example["variables"]}
    answer = httpx.post(f"{base_url}/graphql", json=body, headers=example["headers"], timeout=20)
    told: dict[str, dict[str, object]] = answer.json()
    assert "errors" not in told, told
    return list(told["data"])


async def pick(visitor: Visit, example: Listed) -> None:
    tab = visitor.page.get_by_role("tab", name=tab_name(example), exact=True)
    await tab.click()
    title = visitor.page.locator(".graphiql-query-editor .view-line").first
    await expect(title).to_contain_text(f"# {example['title']}".replace(" ", "\u00a0"))


async def keep_screenshot(visitor: Visit, elsewhere: Path) -> None:
    kept = os.environ.get("KEEP_SCREENSHOT") == "1"
    file = (_DOCS if kept else elsewhere) / "graphiql.png"
    await visitor.page.screenshot(path=file)
    assert file.stat().st_size > 20_000


async def test_a_personas_tab_runs_by_a_click_and_its_answer_is_in_the_result_pane(
    live_server: str, tmp_path: Path
) -> None:
    example = examples_of(live_server)[1]
    root_fields = fields_answered_directly(live_server, example)
    async with visit(live_server) as visitor:
        await visitor.open()
        assert await visitor.page.title() == "Loyalty Graph"
        await pick(visitor, example)
        shown = await visitor.run()
        assert '"data"' in shown
        assert f'"{root_fields[0]}"' in shown
        assert '"errors"' not in shown
        await keep_screenshot(visitor, tmp_path)
        assert visitor.foreign_requests == []
        assert visitor.complaints == []


async def test_the_first_tab_runs_without_touching_anything_else(live_server: str) -> None:
    root_fields = fields_answered_directly(live_server, examples_of(live_server)[0])
    async with visit(live_server) as visitor:
        await visitor.open()
        shown = await visitor.run()
        assert f'"{root_fields[0]}"' in shown
        assert '"errors"' not in shown
        assert visitor.complaints == []


async def test_the_documentation_explorer_opens_at_the_root_types(live_server: str) -> None:
    async with visit(live_server) as visitor:
        await visitor.open()
        await visitor.page.get_by_role("button", name="Show Documentation Explorer").click()
        docs = visitor.page.get_by_role("region", name="Documentation Explorer")
        await docs.get_by_role("link", name="Query", exact=True).click()
        await expect(docs.get_by_role("link", name="member", exact=True)).to_be_visible()
        assert visitor.foreign_requests == []
        assert visitor.complaints == []


async def test_every_example_can_be_opened_again_from_the_panel(live_server: str) -> None:
    examples = examples_of(live_server)
    async with visit(live_server) as visitor:
        await visitor.open()
        tabs = visitor.page.get_by_role("tab")
        await expect(tabs).to_have_count(len(examples))
        panel = visitor.page.get_by_role("region", name="Examples")
        await panel.get_by_role("button", name=examples[-1]["title"]).click()
        await expect(tabs).to_have_count(len(examples) + 1)
        assert '"data"' in await visitor.run()
        await visitor.page.get_by_role("button", name="Show History").click()
        history = visitor.page.get_by_role("region", name="History")
        await expect(history.get_by_role("listitem")).to_have_count(1)


async def give_these_examples(visitor: Visit, listed: list[Listed]) -> None:
    """Every answer of the server has a token of its own: let the page have the one that we know."""

    async def with_these(route: Route) -> None:
        await route.fulfill(json={"examples": listed})

    await visitor.page.context.route("**/graphql/examples.json", with_these)


async def test_a_token_is_shown_in_the_headers_pane_and_stored_nowhere(live_server: str) -> None:
    listed = examples_of(live_server)
    example = listed[1]
    token = example["headers"]["Authorization"].removeprefix("Bearer ")
    async with visit(live_server) as visitor:
        await give_these_examples(visitor, listed)
        await visitor.open()
        await pick(visitor, example)
        # A long token is wrapped: its start is enough to know it by.
        await expect(await visitor.headers_pane()).to_contain_text(token[:12])
        page = visitor.page
        async with page.expect_request(
            lambda sent: sent.headers.get("authorization") == f"Bearer {token}"
        ):
            await visitor.run()
        # The tabs are stored half a second after a change: wait for what was run to be among it.
        await page.wait_for_function(
            "name => Object.keys(localStorage).filter(key => key.startsWith('graphiql:'))"
            ".every(key => !/tabState|queries/.test(key) || localStorage[key].includes(name))"
            " && 'graphiql:tabState' in localStorage && 'graphiql:queries' in localStorage",
            arg=tab_name(example),
        )
        kept = await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
        assert tab_name(example) in kept
        assert token not in kept
        assert "authorization" not in kept.lower()
        assert page.url == f"{live_server}/graphql"
        assert await page.context.cookies() == []


async def test_stored_tabs_come_back_and_still_run(live_server: str) -> None:
    examples = examples_of(live_server)
    async with visit(live_server) as visitor:
        await visitor.open()
        await pick(visitor, examples[1])
        # Tabs and editors are stored one after the other; a visit in between finds one tab more.
        await visitor.page.wait_for_function(
            "() => { const kept = JSON.parse(localStorage['graphiql:tabState'] ?? '{}');"
            " const tab = kept.tabs?.[1];"
            " return kept.activeTabIndex === 1 && tab.query === localStorage['graphiql:query']"
            " && tab.variables === localStorage['graphiql:variables']; }"
        )
        await visitor.open()
        tabs = visitor.page.get_by_role("tab")
        await expect(tabs).to_have_count(len(examples))
        await expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
        assert tab_name(examples[1]) in await tabs.nth(1).inner_text()
        shown = await visitor.run()
        assert '"data"' in shown
        assert '"errors"' not in shown
        assert visitor.complaints == []


async def test_scripts_on_the_page_can_reach_no_other_origin(live_server: str) -> None:
    async with visit(live_server) as visitor:
        await visitor.open()
        reached = await visitor.page.evaluate(
            "() => fetch('http://elsewhere.invalid/').then(() => true, () => false)"
        )
        assert reached is False
        assert visitor.foreign_requests == []
        assert any("Content Security Policy" in each for each in visitor.complaints)
