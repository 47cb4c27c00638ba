"""The five values that name a transaction (contract 7.3): sent, told in a row, or kept by us."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from providers.telluride.mapping.transactions import Key

_STORE, _REGISTER, _NUMBER, _AT = "store", "register", "number", "at"


@dataclass(frozen=True, slots=True)
class Name:
    """Store, register and number, and the date and time on the server's clock.

    Store and register are padded with zeros, `at` is YYYY-MM-DDTHH:MM:SS.
    """

    store: str
    register: str
    number: str
    at: str

    @classmethod
    def of(cls, kept: Mapping[str, str]) -> Self | None:
        """The name as `kept` has it; None where it is not all there."""
        if not all(kept.get(part) for part in (_STORE, _REGISTER, _NUMBER, _AT)):
            return None
        return cls(kept[_STORE], kept[_REGISTER], kept[_NUMBER], kept[_AT])

    @classmethod
    def of_key(cls, key: tuple[str, ...]) -> Self | None:
        """The name out of a TransactionRef; None where it is a row's own id, or no name."""
        if len(key) != 4 or not key[2].isdigit() or not _is_moment(key[3]):  # noqa: PLR2004 (store, register, number, time)
            return None
        return cls(*key)

    @property
    def date(self) -> str:
        """YYYY-MM-DD."""
        return self.at[:10]

    @property
    def time(self) -> str:
        """HH:MM:SS."""
        return self.at[11:]

    @property
    def key(self) -> Key:
        """The name as rows of history are told apart by it."""
        return self.store.zfill(5), self.register.zfill(3), self.number.lstrip("0"), self.at

    @property
    def reference(self) -> str:
        """The name as one text."""
        return "/".join(self.key)

    @property
    def kept(self) -> dict[str, str]:
        """The name as it is kept; `of` reads it."""
        return {_STORE: self.store, _REGISTER: self.register, _NUMBER: self.number, _AT: self.at}


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False
