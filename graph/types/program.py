"""Providers, programs, what they can do and how they fare."""

from datetime import datetime

import strawberry

from graph.context import Info
from graph.scalars import CurrencyCode
from graph.types.enums import (
    EarnComputation,
    Environment,
    HealthState,
    IdempotencySupport,
    LookupKey,
    Operation,
    SupportLevel,
)
from graph.types.money import Node
from graph.types.tier import Tier
from resolvers.abilities import capabilities
from resolvers.accounts import Account
from resolvers.loaders import opened


@strawberry.type(
    description="How well an operation is supported. Derived from code, and proven by tests."
)
class Capability:
    """One operation, and how well it is done."""

    operation: Operation = strawberry.field(description="What one may want to do.")
    support: SupportLevel = strawberry.field(description="Whether and how it is done.")
    idempotency: IdempotencySupport = strawberry.field(
        description="Who recognises a repeated write."
    )
    note: str | None = strawberry.field(description="Limits worth knowing, in plain words.")


@strawberry.type(
    description="A kind of loyalty system: onerewards, telluride, fabric. "
    "A code rather than an enum, so that a new one is no schema change."
)
class Provider:
    """The kind of system that answers for a program."""

    code: str = strawberry.field(description="The provider's code.")
    name: str = strawberry.field(description="The provider's name.")
    capabilities: list[Capability] = strawberry.field(
        description="Every operation, and how well it is supported."
    )
    earn_computation: EarnComputation = strawberry.field(
        description="Who works out the points a sale earns."
    )
    lookup_keys: list[LookupKey] = strawberry.field(
        description="The criteria by which members can be searched; "
        "see the note of MEMBER_LOOKUP for combinations."
    )

    @classmethod
    def of(cls, account: Account) -> "Provider":
        """The view of an account's provider."""
        profile = account.provider.profile
        return cls(
            code=profile.code,
            name=profile.name,
            capabilities=capabilities_of(account),
            earn_computation=profile.earn_computation,
            lookup_keys=list(profile.lookup_keys),
        )


def capabilities_of(account: Account) -> list[Capability]:
    """The view of what an account's adapter can do."""
    return [
        Capability(operation=c.operation, support=c.support, idempotency=c.idempotency, note=c.note)
        for c in capabilities(account.provider)
    ]


@strawberry.type(description="How a program has answered our recent calls; asking costs no call.")
class ProgramHealth:
    """The pulse of a program."""

    state: HealthState = strawberry.field(description="The sum of recent calls.")
    checked_at: datetime | None = strawberry.field(description="When it was last called.")
    latency_ms: float | None = strawberry.field(
        description="How long the latest call took, in milliseconds."
    )


@strawberry.type(description="A reason that a correction of points may state.")
class Reason:
    """A configured reason."""

    code: str = strawberry.field(description="The code to send with a correction.")
    title: str = strawberry.field(description="The reason in words.")
    action: str | None = strawberry.field(description="What the program allows it for.")


@strawberry.type(
    description="One configured account at a provider: the routing key. "
    "Several programs may share a provider."
)
class Program(Node):
    """A program as clients see it."""

    account: strawberry.Private[Account]
    key: str = strawberry.field(description="The short name used in arguments called `program`.")
    name: str = strawberry.field(description="The program's name, for people.")
    currency: CurrencyCode = strawberry.field(
        description="The currency of every amount in this program."
    )
    time_zone: str = strawberry.field(description="The IANA time zone of the program's days.")
    environment: Environment = strawberry.field(
        description="Which of the provider's systems it runs on."
    )

    @classmethod
    def of(cls, info: Info, account: Account) -> "Program":
        """The view of an account."""
        program = account.program
        return cls(
            id=strawberry.ID(info.context.ids.of(program.key)),
            account=account,
            key=program.key,
            name=program.name,
            currency=CurrencyCode(program.currency),
            time_zone=program.time_zone,
            environment=program.environment,
        )

    @strawberry.field(description="The kind of loyalty system behind it.")
    def provider(self) -> Provider:
        """The kind of system."""
        return Provider.of(self.account)

    @strawberry.field(description="How it has answered lately.")
    def health(self) -> ProgramHealth:
        """The pulse, without a call."""
        pulse = self.account.pulse.health()
        return ProgramHealth(
            state=pulse.state, checked_at=pulse.checked_at, latency_ms=pulse.latency_ms
        )

    @strawberry.field(
        description="The provider's capabilities, narrowed by what this account may do."
    )
    def capabilities(self) -> list[Capability]:
        """Every operation."""
        return capabilities_of(self.account)

    @strawberry.field(
        description="All tiers, lowest first where an order is known; "
        "null if the program cannot list them."
    )
    async def tiers(self, info: Info) -> list[Tier] | None:
        """The tiers, by a call."""
        found = opened(await info.context.loaders.tiers(self.key))
        return None if found is None else [Tier.of(tier) for tier in found]

    @strawberry.field(
        description="Reasons that a correction of points may state; null if the program has none."
    )
    async def adjustment_reasons(self, info: Info) -> list[Reason] | None:
        """The reasons, by a call."""
        found = opened(await info.context.loaders.adjustment_reasons(self.key))
        if found is None:
            return None
        return [Reason(code=r.code, title=r.title, action=r.action) for r in found]

    @strawberry.field(description="The program's own kinds of point; null if it does not tell.")
    async def point_types(self, info: Info) -> list[str] | None:
        """The kinds of point, by a call."""
        found = opened(await info.context.loaders.point_types(self.key))
        return None if found is None else list(found)


def program_of(info: Info, key: str) -> Program:
    """The view of a program that is known to exist."""
    account = info.context.accounts.get(key)
    if account is None:  # an id is only ever opened for a configured program
        msg = f"no account for program {key}"
        raise LookupError(msg)
    return Program.of(info, account)
