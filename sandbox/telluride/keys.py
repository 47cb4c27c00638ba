"""The five values that name a transaction (contract 7.3), normalised for comparing; no storage."""

from dataclasses import dataclass

STORE_DIGITS, REGISTER_DIGITS, NUMBER_DIGITS = 5, 3, 4


@dataclass(frozen=True, slots=True)
class Original:
    """What names a transaction, and for a returned line the line in it."""

    store: str
    register: str
    number: str
    date: str
    time: str
    line: str = ""

    @property
    def reference(self) -> str:
        """The key as one text, for the books of effects."""
        return f"{self.store}/{self.register}/{self.number}/{self.date}T{self.time}"

    def among(self, api: str) -> tuple[str, ...]:
        """The key in the key space of an API."""
        return (api, self.store, self.register, self.number, self.date, self.time)


def transaction_key(
    store: str, register: str, number: str, date: str, time: str, line: str = ""
) -> Original:
    """The five values, normalised: zeros, colons, and what stands for a missing one."""
    return Original(
        store=store.zfill(STORE_DIGITS),
        register=register.zfill(REGISTER_DIGITS),
        number=number.lstrip("0"),
        date=date,
        time=(time or "00:00:00").replace(".", ":"),
        line=line,
    )
