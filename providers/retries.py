"""How often a read may be tried again: a share of all calls and a little more; sends nothing."""

from collections.abc import Callable

from providers.policy import Policy


class RetryBudget:
    """Retries that are left; every call earns a share of one, and every second some more.

    It keeps a provider that fails from being asked thrice as much as one that is well.
    """

    def __init__(self, policy: Policy, clock: Callable[[], float]) -> None:
        self._policy = policy
        self._clock = clock
        self._left = policy.retry_burst
        self._counted_at = clock()

    def earn(self) -> None:
        """A call is made for the first time."""
        self._add(self._policy.retry_share)

    def spend(self) -> bool:
        """Take one retry; False when none is left."""
        now = self._clock()
        self._add((now - self._counted_at) * self._policy.retries_per_second)
        self._counted_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def _add(self, share: float) -> None:
        self._left = min(self._policy.retry_burst, self._left + share)


def backoff(policy: Policy, random: Callable[[], float]) -> float:
    """Seconds before a retry: anywhere in the policy's span, so that callers spread out."""
    return policy.backoff_from + random() * (policy.backoff_to - policy.backoff_from)
