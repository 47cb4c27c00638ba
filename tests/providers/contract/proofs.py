"""What an adapter claims, what proves it, and which claims nothing proves; runs no test itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import pytest

from loyalty.operations import Operation
from providers import port
from providers.port import (
    ABILITIES,
    Provider,
    ReadsBalances,
    ReadsMembers,
    has_ability,
)

F = TypeVar("F", bound=Callable[..., object])

Claim: TypeAlias = Operation | type
"""An operation, or an ability that no operation stands for."""

PROVES = "proves"
"""Where a test keeps the claims that it proves."""


def proves(*claims: Claim) -> Callable[[F], F]:
    """Mark a test as the proof of claims; it runs for every adapter that makes all of them."""

    def marked(test: F) -> F:
        setattr(test, PROVES, claims)
        return test

    return marked


def claims_of(test: object) -> tuple[Claim, ...]:
    """What a test proves."""
    found: tuple[Claim, ...] = getattr(test, PROVES, ())
    return found


@dataclass
class Ledger:
    """Which proofs there are, and how they ended, by the provider's code."""

    found: dict[tuple[str, Claim], set[str]] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)

    def find(self, code: str, test: str, claims: Iterable[Claim]) -> None:
        """A test of this run proves these for the provider."""
        for claim in claims:
            self.found.setdefault((code, claim), set()).add(test)

    def end(self, test: str, *, passed: bool) -> None:
        """A phase of a test is over."""
        (self.passed if passed else self.failed).add(test)

    def proven(self, code: str, claim: Claim) -> bool:
        """Whether a proof has passed, and none has not."""
        proofs = self.found.get((code, claim), set())
        return bool(proofs) and proofs <= self.passed - self.failed


LEDGER: pytest.StashKey[Ledger] = pytest.StashKey()


def abilities_without_operation() -> Iterator[type]:
    """The abilities of the port that no operation stands for."""
    rows = set(ABILITIES.values())
    for name, value in vars(port).items():
        is_ability = isinstance(value, type) and getattr(value, "_is_runtime_protocol", False)
        if is_ability and value not in rows and name not in {"Provider", "Protocol"}:
            yield value


def claims(provider: Provider) -> set[Claim]:
    """Everything that a provider says it can do, by its code and by its profile."""
    made: set[Claim] = {each for each in Operation if has_ability(provider, each)}
    return made | {each for each in abilities_without_operation() if isinstance(provider, each)}


def unproven(provider: Provider, ledger: Ledger) -> set[Claim]:
    """The claims that no passed test proves."""
    code = provider.profile.code
    return {each for each in claims(provider) if not ledger.proven(code, each)}


def hollow(provider: Provider) -> set[Operation]:
    """The operations that a profile speaks of, and the adapter cannot do."""
    profile = provider.profile
    carriers: Mapping[type, frozenset[Operation]] = {
        ReadsMembers: profile.with_member,
        ReadsBalances: profile.with_balance,
    }
    spoken = {each for each in profile.support if not has_ability(provider, each)}
    for carrier, carried in carriers.items():
        if not isinstance(provider, carrier):
            spoken |= carried
    return spoken
