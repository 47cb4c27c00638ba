"""The words of a refusal, whatever its shape (contract 1.7); only its HTTP status is certain."""

from typing import cast

from providers.onerewards.wire.model import BadAnswer, parsed

_WORDS = ("message", "title", "detail")


def refusal_words(body: bytes) -> str | None:
    """The text of an error body of the vendor's, or of a problem document; None without any."""
    try:
        value = parsed(body)
    except BadAnswer:
        return None
    if not isinstance(value, dict):
        return None
    named = {name.lower(): part for name, part in cast("dict[str, object]", value).items()}
    texts = [named[word] for word in _WORDS if isinstance(named.get(word), str)]
    return cast("str", texts[0]) if texts else None


def is_page(body: bytes) -> bool:
    """Whether this is a page for people: then something between us and the vendor answered."""
    return body.lstrip()[:1] == b"<"
