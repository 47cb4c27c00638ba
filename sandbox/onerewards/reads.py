"""What each OneRewards read answers once the caller is let in; paths and doors are elsewhere."""

from collections.abc import Iterable

from sandbox.frame import Frame
from sandbox.onerewards import asked, wording
from sandbox.onerewards.asked import Filter
from sandbox.onerewards.assumptions import UPSTREAM
from sandbox.onerewards.doors import Refused, Visit
from sandbox.onerewards.entities import Company, Member
from sandbox.onerewards.state import State


class MemberReads:
    """Members, their balance, levels and app users (OneRewards contract 3.3-3.6, 3.17)."""

    def __init__(self, frame: Frame, state: State) -> None:
        self._switches = frame.switches
        self._state = state

    def listing(self, visit: Visit) -> object:
        """Members of one page, filtered."""
        body = asked.body_of(visit.arrival)
        page, wanted = body.page(), body.part("filter")
        ids = wanted.ints("memberId")
        phones = wanted.strings("phoneNo")
        users = wanted.strings("mobileUserId")
        found = [
            member
            for member in _candidates(visit.company, ids, phones, users)
            if ids.admits(member.member_id)
            and phones.admits(member.phone)
            and users.admits(member.mobile_user_id)
            and self._state.knows(member)
        ]
        if self._switches.text(UPSTREAM, "listing_order") == "descending":
            found.reverse()
        cut = [wording.member(visit.company, member) for member in asked.page_of(found, page)]
        return self._wrapped(cut, len(found))

    def one(self, visit: Visit) -> object:
        """One member."""
        return wording.member(visit.company, self._seen(visit))

    def info(self, visit: Visit) -> object:
        """One member's balance, and how many vouchers they can still use some time."""
        member = self._seen(visit)
        account = self._state.seen(visit.company, member)
        moment = self._state.moment()
        definitions = visit.company.definitions
        held = [
            voucher
            for voucher in account.vouchers
            if voucher.claimed
            and voucher.used is None
            and not moment.is_after(voucher.until)
            and not moment.is_after(definitions[voucher.voucher_id].use.ends)
        ]
        return {
            "memberId": member.member_id,
            "pointBalance": wording.number(account.balance),
            "voucherCount": len(held),
        }

    def levels(self, visit: Visit) -> object:
        """Member levels of one page, filtered."""
        body = asked.body_of(visit.arrival)
        page, wanted = body.page(), body.part("filter")
        ids, names = wanted.ints("memberLevelId"), wanted.strings("memberLevel")
        found = [
            wording.level(level)
            for level in visit.company.levels.values()
            if ids.admits(level.level_id) and names.admits(level.name)
        ]
        return self._wrapped(asked.page_of(found, page), len(found))

    def mobile_user(self, visit: Visit) -> object:
        """One app user."""
        user = visit.company.mobile_users.get(asked.word(visit.arrival, "mobileUserId"))
        if user is None:
            raise Refused(404, "Mobile user not found.")
        return wording.mobile_user(user)

    def _seen(self, visit: Visit) -> Member:
        member = member_asked(visit)
        if not self._state.knows(member):
            raise no_such_member()
        return member

    def _wrapped(self, records: list[dict[str, object]], found: int) -> object:
        if self._switches.text(UPSTREAM, "listing_envelope") == "bare_array":
            return records
        counts_all = self._switches.text(UPSTREAM, "total_count") == "all"
        return {"data": records, "totalCount": found if counts_all else len(records)}


def member_asked(visit: Visit) -> Member:
    """The member named in the query."""
    return member_numbered(visit.company, asked.whole(visit.arrival, "memberId"))


def member_numbered(company: Company, member_id: int) -> Member:
    """The member of this number; 404 when there is none."""
    member = company.members.get(member_id)
    if member is None:
        raise no_such_member()
    return member


def no_such_member() -> Refused:
    """What is said of a number that nobody has."""
    return Refused(404, "Member not found.")


def _candidates(
    company: Company, ids: Filter[int], phones: Filter[str], users: Filter[str]
) -> Iterable[Member]:
    """Those whom an index can name, else everybody; in ascending order of their id."""
    if ids.chosen is not None:
        named: Iterable[int] = ids.chosen
    elif phones.chosen is not None:
        named = _indexed(company.by_phone, phones.chosen)
    elif users.chosen is not None:
        named = _indexed(company.by_mobile_user, users.chosen)
    else:
        return company.members.values()
    return [company.members[number] for number in sorted(named) if number in company.members]


def _indexed(index: dict[str, list[int]], chosen: frozenset[str]) -> set[int]:
    return {number for value in chosen for number in index.get(value, ())}
