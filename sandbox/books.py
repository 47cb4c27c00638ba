"""What arrived and what it changed, append-only: the sandbox's evidence, not its worlds."""

from collections import Counter
from collections.abc import Mapping
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

    def as_json(self) -> dict[str, object]:
        """The call in the shape of `GET /__sandbox__/calls`."""
        return {
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
    just before and just after, so that `points_after - points_before` is what happened.
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
    detail: Mapping[str, object] = field(default_factory=dict[str, object])

    def as_json(self, number: int) -> dict[str, object]:
        """The effect in the shape of `GET /__sandbox__/effects`."""
        before, after = self.points_before, self.points_after
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
            "delta": None if before is None or after is None else f"{after - before:f}",
            "voucher": self.voucher,
            "undoes": self.undoes,
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

    def record(self, call: Call) -> int:
        """Write a call down; the number returned is what `answered` wants."""
        number = self._next
        self._next += 1
        self._calls[number] = call
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

    def effect(self, effect: Effect) -> int:
        """Write down that a world changed; the number returned is what a later `undoes` names."""
        self._effects.append(effect)
        return len(self._effects) - 1

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
