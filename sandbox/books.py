"""What arrived and what it changed, append-only: the sandbox's evidence, not its worlds."""

from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came in; `status` and `fault` are added once it is answered."""

    upstream: str
    operation: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str
    at: datetime
    status: int | None = None
    fault: str | None = None
    n: int | None = None

    def as_json(self) -> dict[str, object]:
        """The call in the shape of `GET /__sandbox__/calls`."""
        return {
            "n": self.n,
            "upstream": self.upstream,
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "query": dict(self.query),
            "headers": dict(self.headers),
            "body": self.body,
            "at": self.at.isoformat(),
            "status": self.status,
            "fault": self.fault,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One change of a world that really happened, whatever its caller was told.

    `reference` is what the upstream knows the request by (document, transaction key, reward code);
    `undoes` is the number of the effect that this one takes back. Points are the member's balance
    just before and just after, so that `points_after - points_before` is what happened. `call` is
    the number of the call that did it, filled in by the books while one is being served.
    """

    upstream: str
    operation: str
    kind: str
    member: str
    at: datetime
    reference: str | None = None
    points_before: Decimal | None = None
    points_after: Decimal | None = None
    voucher: str | None = None
    undoes: int | None = None
    call: int | None = None
    detail: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def delta(self) -> Decimal | None:
        """By how much the points moved; None where no points are concerned."""
        before, after = self.points_before, self.points_after
        return None if before is None or after is None else after - before

    def as_json(self, number: int) -> dict[str, object]:
        """The effect in the shape of `GET /__sandbox__/effects`."""
        before, after, delta = self.points_before, self.points_after, self.delta
        return {
            "n": number,
            "upstream": self.upstream,
            "operation": self.operation,
            "kind": self.kind,
            "member": self.member,
            "at": self.at.isoformat(),
            "reference": self.reference,
            "points_before": None if before is None else f"{before:f}",
            "points_after": None if after is None else f"{after:f}",
            "delta": None if delta is None else f"{delta:f}",
            "voucher": self.voucher,
            "undoes": self.undoes,
            "call": self.call,
            "detail": dict(self.detail),
        }


KEPT = 100_000
"""Calls kept whole; older ones are only counted, so that a long run does not fill the memory."""


class Books:
    """Calls and effects in the order they happened."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._calls: dict[int, Call] = {}
        self._next = 0
        self._counts: Counter[tuple[str, str]] = Counter()
        self._effects: list[Effect] = []
        self._serving: int | None = None

    def record(self, call: Call) -> int:
        """Write a call down; the number returned is what `answered` wants."""
        number = self._next
        self._next += 1
        self._calls[number] = replace(call, n=number)
        self._counts[call.upstream, call.operation] += 1
        if len(self._calls) > self._kept:
            del self._calls[next(iter(self._calls))]
        return number

    def answered(self, number: int, status: int | None, fault: str | None) -> None:
        """Note how a recorded call ended; `status` None is a connection that broke.

        A call that was still open when the books were reset is gone, and stays gone.
        """
        if number in self._calls:
            self._calls[number] = replace(self._calls[number], status=status, fault=fault)

    def calls(self, upstream: str | None = None, operation: str | None = None) -> list[Call]:
        """Calls, oldest first, narrowed by what is given."""
        return [
            call
            for call in self._calls.values()
            if upstream in (None, call.upstream) and operation in (None, call.operation)
        ]

    def counts(self) -> dict[str, dict[str, int]]:
        """Calls by upstream and operation; what never came is not listed."""
        counted: dict[str, dict[str, int]] = {}
        for (upstream, operation), count in self._counts.items():
            counted.setdefault(upstream, {})[operation] = count
        return counted

    @contextmanager
    def during(self, number: int) -> Generator[None, None, None]:
        """Effects written inside are those of this recorded call."""
        self._serving = number
        try:
            yield
        finally:
            self._serving = None

    def effect(self, effect: Effect) -> int:
        """Write down that a world changed; the number returned is what a later `undoes` names."""
        known = effect if effect.call is not None else replace(effect, call=self._serving)
        self._effects.append(known)
        return len(self._effects) - 1

    def effect_at(self, number: int) -> Effect:
        """The effect of this number."""
        return self._effects[number]

    def gaps(self, upstream: str) -> list[str]:
        """Where points moved without an effect, in words; empty when all are conserved.

        A gap is a `points_before` that is not what the same member's effect before it left.
        """
        left: dict[str, Decimal] = {}
        found: list[str] = []
        for number, effect in self.effects(upstream):
            if effect.points_before is None or effect.points_after is None:
                continue
            before = left.setdefault(effect.member, effect.points_before)
            if before != effect.points_before:
                found.append(
                    f"effect {number}: {effect.member} had {before}, then {effect.points_before}"
                )
            left[effect.member] = effect.points_after
        return found

    def effects(
        self,
        upstream: str | None = None,
        member: str | None = None,
        reference: str | None = None,
    ) -> list[tuple[int, Effect]]:
        """Effects with their numbers, oldest first, narrowed by what is given."""
        return [
            (number, effect)
            for number, effect in enumerate(self._effects)
            if upstream in (None, effect.upstream)
            and member in (None, effect.member)
            and reference in (None, effect.reference)
        ]

    def forget_calls(self) -> None:
        """No calls and no counts; effects stay."""
        self._calls.clear()
        self._counts.clear()

    def reset(self) -> None:
        """Empty books."""
        self.forget_calls()
        self._effects.clear()
