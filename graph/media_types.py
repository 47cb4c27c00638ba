"""Media types of GraphQL over HTTP: which one an answer has, and whether a page is wanted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

GRAPHQL_JSON: Final = "application/graphql-response+json"
JSON: Final = "application/json"
HTML: Final = "text/html"


@dataclass(frozen=True, slots=True)
class _Range:
    """One entry of an Accept header; `quality` is its q, from 0 to 1."""

    media_type: str
    quality: float


def answer_type(accept: str) -> str | None:
    """The media type of the answer; None where Accept leaves no choice.

    A client that does not name the newer type gets application/json, whose status is 200 even if
    the document cannot run; of two types named with the same q the newer one wins.
    """
    if not accept.strip():
        return JSON
    ranges = list(_ranges(accept))
    newer, older = _named(ranges, GRAPHQL_JSON), _quality(ranges, JSON)
    if newer > 0 and newer >= _named(ranges, JSON):
        return GRAPHQL_JSON
    if older > 0:
        return JSON
    return GRAPHQL_JSON if _quality(ranges, GRAPHQL_JSON) > 0 else None


def wants_page(accept: str) -> bool:
    """Whether a page for people is named, and no JSON is preferred to it."""
    ranges = list(_ranges(accept))
    page = _named(ranges, HTML)
    return page > 0 and page >= max(_named(ranges, JSON), _named(ranges, GRAPHQL_JSON))


def is_json(content_types: list[str], encodings: list[str]) -> bool:
    """Whether a body is said to be JSON in UTF-8, once and without compression."""
    if len(content_types) != 1 or any(e.strip().lower() not in {"", "identity"} for e in encodings):
        return False
    media_type, parameters = _parts(content_types[0])
    return media_type == JSON and parameters.get("charset", "utf-8") in {"utf-8", "utf8"}


def _ranges(accept: str) -> Iterator[_Range]:
    for entry in accept.split(","):
        media_type, parameters = _parts(entry)
        if media_type:
            yield _Range(media_type, _q(parameters.get("q", "1")))


def _parts(text: str) -> tuple[str, dict[str, str]]:
    """A media type and its parameters, all in lower case."""
    media_type, *rest = text.lower().split(";")
    pairs = (part.partition("=") for part in rest)
    return media_type.strip(), {name.strip(): value.strip().strip('"') for name, _, value in pairs}


def _q(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        return 1.0
    return quality if 0 <= quality <= 1 else 1.0


def _named(ranges: list[_Range], media_type: str) -> float:
    return max((r.quality for r in ranges if r.media_type == media_type), default=0.0)


def _quality(ranges: list[_Range], media_type: str) -> float:
    """The q of a type by the most specific range that covers it."""
    group = media_type.partition("/")[0]
    for name in (media_type, f"{group}/*", "*/*"):
        found = [r.quality for r in ranges if r.media_type == name]
        if found:
            return max(found)
    return 0.0
