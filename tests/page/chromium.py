"""Debian's Chromium, driven with playwright: a visit to one origin that can reach no other."""

import os
import re
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import pytest
from playwright.async_api import ConsoleMessage, Error, Locator, Page, Route, async_playwright

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
)
_BUILT_PAGE = Path(__file__).parents[2] / "graph" / "page" / "index.html"


def give_up(missing: str) -> NoReturn:
    """End the test: it fails where everything must be there, and is skipped elsewhere."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(missing)
    pytest.skip(missing)


def chromium_path() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        give_up("chromium is not installed (Debian: apt-get install chromium)")
    if not _BUILT_PAGE.is_file():
        give_up("the page is not built (scripts/page)")
    return found


@dataclass  # no slots: playwright keeps its wrappers of handlers on their object
class Visit:
    """One open page and everything about it that should not have happened."""

    page: Page
    base_url: str
    foreign_requests: list[str] = field(default_factory=list[str])
    complaints: list[str] = field(default_factory=list[str])

    async def guard(self) -> None:
        await self.page.context.route(re.compile(""), self._keep_home)
        self.page.on("console", self._note)
        self.page.on("pageerror", self._note_error)

    async def _keep_home(self, route: Route) -> None:
        home, there = urlsplit(self.base_url), urlsplit(route.request.url)
        if (there.scheme, there.netloc) == (home.scheme, home.netloc):
            await route.continue_()
            return
        self.foreign_requests.append(route.request.url)
        await route.abort()

    def _note_error(self, error: Error) -> None:
        self.complaints.append(error.message)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    async def open(self) -> None:
        await self.page.goto(f"{self.base_url}/graphql")
        await self.page.locator(".graphiql-query-editor .view-line").first.wait_for()

    async def run(self) -> str:
        """Press the play button; the text that then stands in the result pane."""
        await self.page.get_by_role("button", name="Execute query").click()
        lines = self.page.locator(".graphiql-response .view-lines")
        await lines.get_by_text(re.compile(r'"(data|errors)"')).first.wait_for()
        return (await lines.inner_text()).replace("\u00a0", " ")

    async def headers_pane(self) -> Locator:
        await self.page.get_by_role("button", name="Headers", exact=True).click()
        return self.page.get_by_role("region", name="Headers").locator(".view-lines:visible")


@asynccontextmanager
async def visit(base_url: str) -> AsyncGenerator[Visit, None]:
    executable = chromium_path()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(_FLAGS))
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(20_000)
        visitor = Visit(page, base_url)
        await visitor.guard()
        try:
            yield visitor
        finally:
            await browser.close()
