"""Raw records: what a provider itself sent, for those who may see it."""

from graph.context import Info
from graph.principals import Scope
from graph.scalars import Json
from loyalty.raw import RawRecord
from resolvers.raw import shown

RAW = "Needs the scope provider:raw; without it, null and an error FORBIDDEN."
"""Ends the description of every field that shows one."""


def raw_of(info: Info, record: RawRecord | None) -> Json | None:
    """The record without its secrets, for who may see it; raises FORBIDDEN."""
    info.context.require(Scope.PROVIDER_RAW)
    if record is None:
        return None
    return Json(shown(record, with_codes=info.context.principal.may(Scope.REDEMPTION_CODE)))
