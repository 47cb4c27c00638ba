"""A place in the member listing: the vendor's page and an offset inside it; opaque to others."""

import re
from dataclasses import dataclass
from typing import Self

from loyalty.errors import InvalidInput
from providers.onerewards.wire.listings import PAGE_SIZE

_TEXT = re.compile(r"([1-9][0-9]{0,8})\.([0-9]{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Position:
    """Where to read on: `offset` records of `page` are already read."""

    page: int = 1
    offset: int = 0

    @classmethod
    def parsed(cls, text: str | None, program: str) -> Self:
        """The place that `text` stands for, the start for None; raises InvalidInput."""
        if text is None:
            return cls()
        match = _TEXT.fullmatch(text)
        if match is None:
            msg = "this cursor is of no listing; begin again without it"
            raise InvalidInput(msg, field=("after",), program=program)
        return cls(int(match[1]), int(match[2]))

    def after(self, read: int) -> Self:
        """The place once `read` records of the page are read; a read page gives way to the next."""
        if read >= PAGE_SIZE:
            return type(self)(self.page + 1)
        return type(self)(self.page, read)

    def __str__(self) -> str:
        return f"{self.page}.{self.offset}"
