"""Stops calling a provider that fails, and finds out when it is well again; knows no HTTP.

Only what the caller reports counts: a call that was cancelled, or refused on our side, is
forgotten and moves nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from providers.policy import Policy


@dataclass(slots=True)
class _Bucket:
    number: int
    calls: int = 0
    failures: int = 0


class Permit:
    """The right to make one call; told once how it went, anything after that is ignored."""

    __slots__ = ("_breaker", "_era", "_probe")

    def __init__(self, breaker: "Breaker", era: int, probe: bool) -> None:
        self._breaker: Breaker | None = breaker
        self._era = era
        self._probe = probe

    @property
    def is_probe(self) -> bool:
        """Whether the call is to find out if the provider is well again."""
        return self._probe

    def good(self) -> None:
        """The provider answered."""
        self._settle(failed=False)

    def bad(self) -> None:
        """The provider was not reached, too slow, or its answer is of no use."""
        self._settle(failed=True)

    def forget(self) -> None:
        """Nothing was learnt of the provider."""
        self._settle(failed=None)

    def _settle(self, failed: bool | None) -> None:
        breaker, self._breaker = self._breaker, None
        if breaker is not None:
            breaker.settle(self._era, self._probe, failed)


class Breaker:
    """Closed: calls pass and are counted. Open: none passes. Then one probe at a time passes.

    Results of calls that began before the last change of state are ignored.
    """

    def __init__(self, policy: Policy, clock: Callable[[], float]) -> None:
        self._policy = policy
        self._clock = clock
        self._buckets: list[_Bucket] = []
        self._opens_at: float | None = None
        self._sleep = policy.breaker_sleep
        self._probing = False
        self._good = 0
        self._era = 0

    @property
    def is_closed(self) -> bool:
        """Whether calls pass freely."""
        return self._opens_at is None

    @property
    def is_probing(self) -> bool:
        """Whether a probe is under way, which all others had better wait for."""
        return self._probing

    def wait(self) -> float:
        """Seconds until a call may pass; 0 when one would pass now."""
        if self._opens_at is None:
            return 0.0
        if self._probing:
            return self._policy.breaker_bucket
        return max(0.0, self._opens_at - self._clock())

    def admit(self) -> Permit | None:
        """A permit, which must be settled; None while the provider is left alone."""
        if self.wait() > 0:
            return None
        self._probing = self._opens_at is not None
        return Permit(self, self._era, self._probing)

    def spoil(self) -> None:
        """Count the last good call as a failure: its answer turned out to be of no use."""
        if self._opens_at is not None:
            self._open(self._sleep * 2)
            return
        bucket = self._bucket()
        bucket.calls = max(1, bucket.calls)
        bucket.failures = min(bucket.calls, bucket.failures + 1)
        self._judge()

    def settle(self, era: int, probe: bool, failed: bool | None) -> None:
        """Take the result of a permit."""
        if era != self._era:
            return
        if probe:
            self._probed(failed)
        elif failed is not None:
            bucket = self._bucket()
            bucket.calls += 1
            bucket.failures += failed
            self._judge()

    def _probed(self, failed: bool | None) -> None:
        self._probing = False
        if failed:
            self._open(self._sleep * 2)
        elif failed is False:
            self._good += 1
            if self._good >= self._policy.breaker_good:
                self._close()

    def _judge(self) -> None:
        calls = sum(bucket.calls for bucket in self._buckets)
        failures = sum(bucket.failures for bucket in self._buckets)
        policy = self._policy
        if calls >= policy.breaker_calls and failures >= policy.breaker_share * calls:
            self._open(policy.breaker_sleep)

    def _open(self, sleep: float) -> None:
        self._sleep = min(sleep, self._policy.breaker_sleep_most)
        self._opens_at = self._clock() + self._sleep
        self._turn()

    def _close(self) -> None:
        self._sleep = self._policy.breaker_sleep
        self._opens_at = None
        self._turn()

    def _turn(self) -> None:
        self._era += 1
        self._good = 0
        self._probing = False
        self._buckets.clear()

    def _bucket(self) -> _Bucket:
        number = int(self._clock() // self._policy.breaker_bucket)
        if not self._buckets or self._buckets[-1].number != number:
            oldest = number - self._policy.breaker_buckets
            self._buckets = [bucket for bucket in self._buckets if bucket.number > oldest]
            self._buckets.append(_Bucket(number))
        return self._buckets[-1]
