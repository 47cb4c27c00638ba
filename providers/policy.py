"""The numbers that bound the dealings with one program; no behaviour, and each has a default."""

from dataclasses import dataclass

from providers.settings import ProgramSettings


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits of one Transport; times in seconds, sizes in bytes.

    `queue` is how many calls may wait for one of the `connections`, and none waits longer than
    `queue_share` of the time it has; writes have `write_connections` of their own, so that reads
    never keep them out. `least` is the time below which no call is started.
    `rate_pause` is how long nothing is sent after a 429 that does not say. A timeout is held
    against the provider only if it had `breaker_patience`: a caller in a hurry proves nothing.
    """

    timeout: float = 5.0
    least: float = 0.05
    connections: int = 32
    queue: int = 64
    queue_share: float = 0.25
    write_connections: int = 16

    retries: int = 2
    backoff_from: float = 0.05
    backoff_to: float = 0.4
    retry_share: float = 0.2
    retries_per_second: float = 1.0
    retry_burst: float = 10.0

    requests_per_minute: int | None = None
    counted: bool = True
    """Whether a call is one of those that a request is allowed; a token's is not."""
    rate_pause: float = 1.0

    breaker_buckets: int = 10
    breaker_bucket: float = 1.0
    breaker_calls: int = 20
    breaker_share: float = 0.5
    breaker_sleep: float = 5.0
    breaker_sleep_most: float = 30.0
    breaker_good: int = 3
    breaker_patience: float = 1.0


def policy_of(settings: ProgramSettings) -> Policy:
    """The policy for the calls of a program, by its table of the configuration."""
    return Policy(
        timeout=settings.timeout_seconds,
        connections=settings.max_connections,
        queue=2 * settings.max_connections,
        requests_per_minute=settings.requests_per_minute,
    )


def token_policy_of(settings: ProgramSettings) -> Policy:
    """The policy for a program's token endpoint: a few calls, outside of the program's quota."""
    return Policy(timeout=settings.timeout_seconds, connections=2, queue=4, counted=False)
