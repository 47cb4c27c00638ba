"""Who asks for a change, without GraphQL and without tokens."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A principal as the journal knows it.

    `scope` is opaque: a keyed hash of issuer and subject, in which idempotency keys are unique.
    """

    scope: str
