"""What can be a member's number at all; whose it is, only the upstream knows."""

_LONGEST_NUMBER = 18


def is_number(key: str) -> bool:
    """Whether the key can be a member's number: up to 18 digits (contract 1.4)."""
    return key.isascii() and key.isdigit() and len(key) <= _LONGEST_NUMBER


def number_of(key: str) -> str | None:
    """The number that a key is, or None for a text that can be nobody's."""
    return key if is_number(key) else None
