"""The words of a refusal, whatever its shape (contract 1.7); only its HTTP status is certain."""

from typing import cast

from providers.onerewards.wire.model import BadAnswer, parsed

_WORDS = ("message", "title", "detail")


def refusal_words(body: bytes) -> str | None:
    """The text of an error body of the vendor's, or of a problem document; None without any.

    The title of a problem document is its status in words: its list of errors says more.
    """
    try:
        value = parsed(body)
    except BadAnswer:
        return None
    if not isinstance(value, dict):
        return None
    named = {name.lower(): part for name, part in cast("dict[str, object]", value).items()}
    texts = [*_listed(named.get("errors")), *(named.get(word) for word in _WORDS)]
    return next((text for text in texts if isinstance(text, str) and text), None)


def _listed(errors: object) -> list[object]:
    """The texts of a problem document's `errors`: by field, a list of them."""
    if not isinstance(errors, dict):
        return []
    lists = cast("dict[str, object]", errors).values()
    return [
        text for texts in lists if isinstance(texts, list) for text in cast("list[object]", texts)
    ]


def is_page(body: bytes) -> bool:
    """Whether this is a page for people: then something between us and the vendor answered."""
    return body.lstrip()[:1] == b"<"
