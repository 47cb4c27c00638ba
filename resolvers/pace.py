"""How long things take at the desk: every wait of it, so that tests can run the same code fast."""

from dataclasses import dataclass, replace

from providers.writing import Patience

_ALREADY = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds, all multiplied by `scale`, the programs' Patience as well.

    `answer`: how long a client waits before it is told PENDING. `leave`: from being recorded until
    a write must have left. `margin`: how much longer a lease lasts than the work under it.
    `schedule`: waits between tries to settle doubt, each between nothing and that (full jitter),
    the first at the fence; then `slow`, again and again, until the program's patience.review.
    `review`: when a person must look at what nothing here can carry on, as its program is gone or
    a defect of ours is in the way.
    `watch`: when an operation that failed because nothing was found is looked for again. `backoff`:
    the first and the longest wait before a write that never left is tried again. `work`: the lease
    of what sends nothing. `poll`: how often the journal is asked for work and for other servers'
    results. `script`: how long a script may think before what is known is recorded without it.
    `drain`: how long a stop waits for what is on the wire. `sweep`: how often the ledger is looked
    through for what is kept too long.
    """

    scale: float = 1.0
    answer: float = 8.0
    leave: float = 5.0
    margin: float = 2.0
    schedule: tuple[float, ...] = (2.0, 4.0, 8.0, 30.0, 120.0, 300.0)
    slow: float = 900.0
    review: float = 86_400.0
    watch: tuple[float, ...] = (600.0, 3600.0, 86_400.0)
    backoff: tuple[float, float] = (0.1, 1.0)
    work: float = 60.0
    poll: float = 1.0
    script: float = 0.05
    drain: float = 25.0
    sweep: float = 60.0

    def seconds(self, seconds: float) -> float:
        """So many seconds at this pace."""
        return seconds * self.scale

    def patience(self, patience: Patience) -> Patience:
        """A program's patience at this pace."""
        if self.scale == _ALREADY:
            return patience
        lag = patience.read_lag
        return replace(
            patience,
            wire=self.seconds(patience.wire),
            processing=self.seconds(patience.processing),
            read_lag=None if lag is None else self.seconds(lag),
            review=self.seconds(patience.review),
        )
