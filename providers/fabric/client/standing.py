"""Whether a member may be given or may spend anything, by the account's own word (contract 5.6)."""

from loyalty.errors import ErrorCode
from loyalty.members import MemberStatus
from loyalty.refs import MemberRef
from providers.fabric.client.members import Members
from providers.fabric.client.places import Places

_CLOSED = frozenset({MemberStatus.INACTIVE, MemberStatus.MERGED, MemberStatus.SUSPENDED})


class Standing(Members, Places):
    """Reads the account before something is changed."""

    async def check_active(self, ref: MemberRef, *field: str) -> None:
        """Raise Declined for a member whose account is closed.

        The vendor does not say that a change of such an account is refused, so that we look.
        Whether there is such a member the provider will say: a new one may not be shown yet.
        """
        if not self.settings.assumptions.members_are_checked:
            return
        with self.at(*field):
            member = await self._by_profile_id(self.member_key(ref.key))
        if member is not None and member.status in _CLOSED:
            raise self.declined(
                "the member's account is closed; nothing can be recorded for them",
                ErrorCode.MEMBER_NOT_ACTIVE,
                *field,
            )
