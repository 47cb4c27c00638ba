"""What became of a request for an integration, out of its wire shape (contract 3.1, 3.20)."""

from dataclasses import dataclass
from enum import StrEnum

from providers.onerewards.wire.integrations import WireIntegration
from providers.onerewards.wire.model import BadAnswer


class Approval(StrEnum):
    """How far a company's owner is with a request."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class Integration:
    """A request's state; the id is there once it is approved."""

    approval: Approval
    integration_id: str | None = None


def integration(wire: WireIntegration) -> Integration:
    """The state; raises BadAnswer unless exactly one flag is true, and for approval without id."""
    flags = {
        Approval.APPROVED: wire.is_approved,
        Approval.PENDING: wire.is_pending,
        Approval.REJECTED: wire.is_rejected,
    }
    true = [approval for approval, flag in flags.items() if flag]
    if len(true) != 1:
        msg = "not exactly one of the three flags is true"
        raise BadAnswer(msg)
    approval = true[0]
    if approval is not Approval.APPROVED:
        return Integration(approval)
    if not wire.integration_id:
        msg = "approved without an id"
        raise BadAnswer(msg)
    return Integration(approval, wire.integration_id)
