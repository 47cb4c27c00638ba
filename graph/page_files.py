"""The GraphiQL page as static files and its examples; it runs no query and holds no schema."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
)
from starlette.routing import BaseRoute, Route

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

# The bundler's names: a word, a hyphen, a hash of the content. Nothing else is ever served, and
# what is served under such a name never changes.
_ASSET_NAME: Final = re.compile(r"[A-Za-z_]+-[A-Z0-9]{8}\.(js|css|ttf)")
_MEDIA_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".ttf": "font/ttf",
}

_POLICY: Final = (
    "default-src 'none'",
    "script-src 'self'",
    # The editor (Monaco) adds <style> elements for its theme and places its lines by style
    # attributes in markup it writes: neither can carry a nonce or be known by its hash.
    "style-src 'self' 'unsafe-inline'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "worker-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
)
_SAFETY: Final = {
    "Content-Security-Policy": "; ".join(_POLICY),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_NOT_BUILT: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Loyalty Graph</title></head>
<body>
<h1>Loyalty Graph</h1>
<p>The API answers at this address, but the page for browsers has not been built.</p>
<p>Build it once with <code>scripts/page</code> in the project's folder, then reload.</p>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Example:
    """A query a visitor can run as it is.

    ``title`` is one line, for people. ``query`` is one named operation: its name becomes the
    tab's, and no two examples share it. ``headers`` are shown in the headers pane and go to
    everybody who opens the page: a sandbox's token may be in them, a real one never.
    """

    title: str
    query: str
    variables: Mapping[str, Json] = field(default_factory=dict[str, Json])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def page_response(directory: Path) -> Response:
    """The page itself, for a GET whose Accept prefers text/html.

    ``directory`` is what scripts/page built. Where it did not, the answer says so with a 503.
    """
    headers = {**_SAFETY, "Cache-Control": "no-cache", "Vary": "Accept"}
    try:
        html = (directory / "index.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        headers["Cache-Control"] = "no-store"
        return HTMLResponse(_NOT_BUILT, status_code=503, headers=headers)
    return HTMLResponse(html, headers=headers)


def page_routes(
    directory: Path, examples: Callable[[], Sequence[Example]], path: str = "/graphql"
) -> list[BaseRoute]:
    """What the page loads: ``<path>/assets/<name>`` and ``<path>/examples.json``.

    ``examples`` is asked on every load, for ids and tokens belong to the running installation.
    The last part of ``path`` must stay ``graphql``: the page's own addresses start with it.
    """

    def asset(request: Request) -> Response:
        return _asset(directory / "assets", request.path_params["name"])

    def examples_json(_request: Request) -> Response:
        listed = [_as_json(example) for example in examples()]
        return JSONResponse({"examples": listed}, headers={**_SAFETY, "Cache-Control": "no-store"})

    return [
        Route(f"{path}/assets/{{name}}", asset, methods=["GET"]),
        Route(f"{path}/examples.json", examples_json, methods=["GET"]),
    ]


def _asset(folder: Path, name: str) -> Response:
    file = folder / name
    if not _ASSET_NAME.fullmatch(name) or not file.is_file():
        return PlainTextResponse("Not found", status_code=404, headers=_SAFETY)
    headers = {**_SAFETY, "Cache-Control": "public, max-age=31536000, immutable"}
    return FileResponse(file, media_type=_MEDIA_TYPES[file.suffix], headers=headers)


def _as_json(example: Example) -> Mapping[str, Json]:
    return {
        "title": example.title,
        "query": example.query,
        "variables": example.variables,
        "headers": example.headers,
    }
