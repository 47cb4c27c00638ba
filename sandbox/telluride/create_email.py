"""What the server holds against an e-mail address (contract 4.1, code 80); knows no member."""

import re
from collections.abc import Callable

LONGEST, SHORTEST = 50, 6
_CHARACTERS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~@-]+")
_DOMAIN = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")

_RULES: tuple[tuple[Callable[[str], bool], str], ...] = (
    (lambda text: len(text) >= LONGEST, "Email Address must be < 50 characters"),
    (lambda text: "@" not in text, 'Invalid email - Missing "@" sign'),
    (lambda text: text.count("@") > 1, "Invalid email - Extra '@' in email"),
    (lambda text: text.startswith("@"), "Invalid email - Missing User Name"),
    (lambda text: text.endswith("@"), "Invalid email - Missing domain name"),
    (lambda text: text.startswith("."), 'Invalid email - Email begins with "."'),
    (lambda text: "@." in text, 'Invalid email - "." following "@" sign'),
    (lambda text: ".." in _domain(text), 'Invalid email - double "." in domain'),
    (lambda text: not _CHARACTERS.fullmatch(text), "Invalid character in email"),
    (lambda text: len(text) < SHORTEST, "Invalid email - Too long or too short"),
    (lambda text: not _DOMAIN.fullmatch(_domain(text)), "Invalid email - Bad domain name"),
)


def _domain(text: str) -> str:
    return text.partition("@")[2]


def complaint(email: str) -> str | None:
    """The first rule that the address breaks, in the vendor's words."""
    return next((text for broken, text in _RULES if broken(email)), None)
