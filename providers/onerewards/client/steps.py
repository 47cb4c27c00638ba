"""How the scripts of OneRewards end, and what their documents are called; they begin elsewhere."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from loyalty.outcomes import Caution, Done
from loyalty.sales import DocumentReference, PointsEffect
from providers.writing import Finished, Job, Ticket


def finished(
    job: Job[Any, Any], told: tuple[Caution, ...], *, effect: PointsEffect | None = None
) -> Finished:
    """The end of a script of one step: its answer, and what else is to be told of it."""
    outcome = job.steps[-1].outcome
    if not isinstance(outcome, Done):
        return Finished(error=outcome)
    return Finished(done=replace(outcome, effect=effect, cautions=(*outcome.cautions, *told)))


def document_of(ticket: Ticket, document: DocumentReference | None, kind: str) -> str:
    """What the vendor knows a document by that is no sale.

    A redemption is often made under the receipt of its sale: the kind keeps the two apart, for the
    vendor has one docId for all. Without a document of the shop's it is our operation.
    """
    if document is None:
        return ticket.operation
    return f"{ticket.reference(document.id)}:{kind}"


def sum_of(*figures: Decimal | None) -> Decimal | None:
    """The sum, None where a figure is not known."""
    known = [figure for figure in figures if figure is not None]
    return sum(known, Decimal(0)) if len(known) == len(figures) else None
