"""Instants, days and weekly windows out of the vendor's three shapes of date (contract 1.5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_NO_DATE = 1
"""The year of the empty date of the vendor's platform, 0001-01-01."""

_DAY = timedelta(days=1)
_WEEK = 8
"""Days to look through so that every weekday comes, the one before today's included."""


def instant(wire: datetime | None, zone: ZoneInfo) -> datetime | None:
    """The moment meant: by its own offset, or else by the program's clock."""
    if wire is None or wire.year <= _NO_DATE:
        return None
    return wire.replace(tzinfo=zone) if wire.tzinfo is None else wire.astimezone(zone)


def day(wire: datetime | None, zone: ZoneInfo) -> date | None:
    """The calendar day meant, in the program's zone."""
    moment = instant(wire, zone)
    return None if moment is None else moment.date()


def end(wire: datetime | None, zone: ZoneInfo, *, whole_day: bool) -> datetime | None:
    """The moment from which something is over; an end at midnight includes that `whole_day`."""
    moment = instant(wire, zone)
    if moment is not None and whole_day and moment.time() == time():
        return moment + _DAY
    return moment


@dataclass(frozen=True, slots=True)
class Window:
    """When something holds: from `starts` until `ends`, on some weekdays, between two hours.

    `weekdays` are the vendor's, 0 is Sunday; none means any. `opens` and `closes` are in `zone`;
    a window that closes before it opens goes on over midnight.
    """

    zone: ZoneInfo
    starts: datetime | None = None
    ends: datetime | None = None
    weekdays: frozenset[int] = frozenset()
    opens: time | None = None
    closes: time | None = None

    def has_begun(self, now: datetime) -> bool:
        """Whether its first moment is not still to come."""
        return self.starts is None or now >= self.starts

    def is_over(self, now: datetime) -> bool:
        """Whether its last moment is past."""
        return self.ends is not None and now >= self.ends

    def takes_day(self, today: date) -> bool:
        """Whether it holds on this weekday."""
        return not self.weekdays or weekday(today) in self.weekdays

    def takes_hour(self, now: time) -> bool:
        """Whether it holds at this time of day."""
        first, last = self.opens or time.min, self.closes or time.max
        if first == last:
            return True
        if first < last:
            return first <= now <= last
        return now >= first or now <= last

    def next_opening(self, now: datetime) -> datetime | None:
        """The first moment from `now` on at which all of it holds; None when there is none left."""
        base = _later(now, self.starts).astimezone(self.zone)
        for opening, closing in self._openings(base.date() - _DAY):
            moment = _later(base, opening)
            if moment < closing:
                return None if self.is_over(moment) else moment.astimezone(self.zone)
        return None

    def _openings(self, first: date) -> Iterator[tuple[datetime, datetime]]:
        """The spans between the two hours of each valid day, in UTC, soonest first."""
        for offset in range(_WEEK + 1):
            today = first + offset * _DAY
            if self.takes_day(today):
                yield self._span(today)

    def _span(self, today: date) -> tuple[datetime, datetime]:
        opens, closes = self.opens or time.min, self.closes or time.max
        if opens == closes:
            opens, closes = time.min, time.max
        if closes == time.max:
            return self._at(today, opens), self._at(today + _DAY, time.min)
        return self._at(today, opens), self._at(today + _DAY if closes < opens else today, closes)

    def _at(self, today: date, hour: time) -> datetime:
        return datetime.combine(today, hour, tzinfo=self.zone).astimezone(UTC)


def weekday(today: date) -> int:
    """The vendor's number of a weekday: 0 is Sunday."""
    return today.isoweekday() % 7


def _later(one: datetime, other: datetime | None) -> datetime:
    return one if other is None or one.astimezone(UTC) >= other.astimezone(UTC) else other
