"""The member that something belongs to: the one knot where types form a circle."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from graph.context import Info
from loyalty.refs import MemberRef

if TYPE_CHECKING:
    from graph.types.member import Member

MemberOf = Annotated["Member", strawberry.lazy("graph.types.member")]


async def owner(info: Info, ref: MemberRef) -> "Member":
    """The member of something that exists, so that it is not asked whether the member does."""
    from graph.types.member import Member  # noqa: PLC0415 - see the module

    return await Member.existing(info, ref)
