"""The sandbox's one source of time; not a scheduler, nothing happens when it moves."""

from datetime import UTC, datetime, timedelta


class NaiveInstant(ValueError):
    """An instant came without a UTC offset, so nobody can say when it is."""


class Clock:
    """Real time until it is set; a set clock stands still and moves only by `advance`."""

    def __init__(self, start: datetime | None = None) -> None:
        self._initial = None if start is None else _utc(start)
        self._frozen = self._initial
        self._offset = timedelta()
        self.started = self.now()

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC) + self._offset if self._frozen is None else self._frozen

    def set(self, instant: datetime | None) -> None:
        """Stand still at `instant`, or go back to real time with None."""
        self._frozen = None if instant is None else _utc(instant)
        self._offset = timedelta()

    def advance(self, seconds: float) -> None:
        """Move by so many seconds; a running clock keeps running from there."""
        step = timedelta(seconds=seconds)
        if self._frozen is None:
            self._offset += step
        else:
            self._frozen += step

    def reset(self) -> None:
        """Back to how it was built; `started` is taken anew, since seeded dates hang on it."""
        self.set(self._initial)
        self.started = self.now()


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        message = f"{instant.isoformat()} has no UTC offset"
        raise NaiveInstant(message)
    return instant.astimezone(UTC)
