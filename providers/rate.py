"""Keeps to a provider's quota without being told off; knows headers, but sends nothing.

A bucket of calls refills evenly. Once the provider tells what is left of its window, that counts:
nothing refills until the window ends, and then all does.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil

_PAUSE_MOST = 300.0
_MINUTE = 60.0


class RateLimiter:
    """The calls that may be made to one program; without a quota only a provider's 429 binds."""

    def __init__(self, per_minute: int | None, clock: Callable[[], float]) -> None:
        self._capacity = per_minute
        self._clock = clock
        self._left = float(per_minute or 0)
        self._counted_at = clock()
        self._window_ends: float | None = None
        self._paused_until = 0.0
        self._under_way = 0

    def take(self) -> float:
        """Reserve a call: seconds until it may be made. It must be given back or answered."""
        self._under_way += 1
        pause = self.pause_left()
        if self._capacity is None:
            return pause
        self._refill()
        self._left -= 1
        return max(pause, self._wait(self._capacity))

    def give_back(self) -> None:
        """A reserved call is not made."""
        self._under_way -= 1
        if self._capacity is not None:
            self._left = min(self._capacity, self._left + 1)

    def answered(self, remaining: int | None = None, window: float | None = None) -> None:
        """A call was made; the provider told how many remain for the next `window` seconds."""
        self._under_way -= 1
        if remaining is None or window is None:
            return
        if self._capacity is None:
            if remaining <= 0:
                self.pause(window)
            return
        ends = self._clock() + min(window, _PAUSE_MOST)
        told = remaining - self._under_way
        same = self._window_ends is not None and ends < self._window_ends + 1
        self._left = min(self._left, told) if same else float(told)
        if not same:
            self._window_ends = ends

    def pause(self, seconds: float) -> None:
        """Let no call be made by anyone for so long: the provider refused one."""
        until = self._clock() + min(max(0.0, seconds), _PAUSE_MOST)
        self._paused_until = max(self._paused_until, until)

    def pause_left(self) -> float:
        """Seconds of a pause that are left."""
        return max(0.0, self._paused_until - self._clock())

    def window_left(self) -> float | None:
        """Seconds until the provider's window ends, where it told."""
        ends, now = self._window_ends, self._clock()
        return ends - now if ends is not None and ends > now else None

    def _refill(self) -> None:
        capacity, now = self._capacity or 0, self._clock()
        if self._window_ends is not None:
            if now < self._window_ends:
                return
            self._left = min(capacity, self._left + capacity)
            self._counted_at, self._window_ends = self._window_ends, None
        gained = (now - self._counted_at) * capacity / _MINUTE
        self._left = min(capacity, self._left + gained)
        self._counted_at = now

    def _wait(self, capacity: int) -> float:
        if self._left >= 0:
            return 0.0
        ends = self.window_left()
        if ends is None:
            return -self._left * _MINUTE / capacity
        return ends + (ceil(-self._left / capacity) - 1) * _MINUTE


def retry_after(headers: Mapping[str, str], now: Callable[[], datetime]) -> float | None:
    """Seconds that `retry-after` asks for, as a number or a date; None where it says nothing."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    until = _http_date(text)
    return None if until is None else max(0.0, (until - _sent_at(headers, now)).total_seconds())


def allowance(
    headers: Mapping[str, str], now: Callable[[], datetime]
) -> tuple[int | None, float | None]:
    """What `x-rate-limit-remaining` says is left, and the seconds until `x-rate-limit-reset`.

    The end is an ISO 8601 time (UTC without a zone). It is measured against the provider's own
    `date`, so that its clock need not agree with ours.
    """
    left = headers.get("x-rate-limit-remaining")
    if left is None or not (left.isascii() and left.isdigit()):
        return None, None
    try:
        ends = datetime.fromisoformat(headers.get("x-rate-limit-reset", "").strip())
    except ValueError:
        return int(left[:9]), None
    ends = ends if ends.tzinfo else ends.replace(tzinfo=UTC)
    return int(left[:9]), max(0.0, (ends - _sent_at(headers, now)).total_seconds())


def _sent_at(headers: Mapping[str, str], now: Callable[[], datetime]) -> datetime:
    return _http_date(headers.get("date", "")) or now()


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
