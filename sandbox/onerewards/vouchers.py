"""What OneRewards answers about vouchers: what is wanted, judged now; the rules are elsewhere."""

from decimal import Decimal

from sandbox.frame import Frame
from sandbox.onerewards import asked, wording
from sandbox.onerewards.assumptions import UPSTREAM
from sandbox.onerewards.doors import Refused, Visit
from sandbox.onerewards.eligibility import CantUse, cannot_get, cannot_use
from sandbox.onerewards.entities import Company, Member, VoucherDefinition, VoucherInstance
from sandbox.onerewards.reads import member_asked
from sandbox.onerewards.state import State


class VoucherReads:
    """Usable and obtainable vouchers, all or one (OneRewards contract 3.7-3.10)."""

    def __init__(self, frame: Frame, state: State) -> None:
        self._switches = frame.switches
        self._state = state

    def usable(self, visit: Visit) -> object:
        """Unused vouchers that the member holds, flagged where they cannot be used now."""
        member, spending = _asked(visit)
        account = self._state.seen(visit.company, member)
        judged = [
            self._instance(visit.company, member, voucher, spending)
            for voucher in account.vouchers
            if voucher.claimed and voucher.used is None
        ]
        hidden = self._hidden()
        return [shown for shown in judged if shown["cantUseNowReason"] not in hidden]

    def obtainable(self, visit: Visit) -> object:
        """All campaigns, flagged where the member cannot obtain or could not use them now."""
        member, spending = _asked(visit)
        return [
            self._definition(visit.company, member, definition, spending)
            for definition in visit.company.definitions.values()
        ]

    def can_use(self, visit: Visit) -> object:
        """One voucher that the member holds, used ones included."""
        member, spending = _asked(visit)
        voucher_no = asked.word(visit.arrival, "voucherNo")
        account = self._state.seen(visit.company, member)
        for voucher in account.vouchers:
            if voucher.voucher_no == voucher_no and voucher.claimed:
                return self._instance(visit.company, member, voucher, spending)
        raise Refused(404, "Voucher not found.")

    def can_get(self, visit: Visit) -> object:
        """One campaign."""
        member, spending = _asked(visit)
        voucher_id = asked.whole(visit.arrival, "voucherId")
        definition = visit.company.definitions.get(voucher_id)
        if definition is None:
            raise Refused(404, "Voucher not found.")
        return self._definition(visit.company, member, definition, spending)

    def _instance(
        self, company: Company, member: Member, voucher: VoucherInstance, spending: Decimal | None
    ) -> dict[str, object]:
        definition = company.definitions[voucher.voucher_id]
        # "A used voucher is reason 7" (3.9) is stronger than "the lowest code wins" (2.7).
        reason = (
            CantUse.USED
            if voucher.used is not None
            else cannot_use(self._state.moment(spending), member, definition, voucher)
        )
        return {
            "canUseNow": reason is None,
            "cantUseNowReason": reason,
            "voucherNo": voucher.voucher_no,
            "voucherInfo": wording.voucher_info(definition, voucher),
        }

    def _definition(
        self,
        company: Company,
        member: Member,
        definition: VoucherDefinition,
        spending: Decimal | None,
    ) -> dict[str, object]:
        moment = self._state.moment(spending)
        account = self._state.seen(company, member)
        cant_get = cannot_get(moment, member, account, definition)
        cant_use = cannot_use(moment, member, definition)
        return {
            "canGetNow": cant_get is None,
            "cantGetNowReason": cant_get,
            "canUseNow": cant_use is None,
            "cantUseNowReason": cant_use,
            "voucherInfo": wording.voucher_info(definition),
        }

    def _hidden(self) -> set[CantUse]:
        hidden: set[CantUse] = set()
        if self._switches.text(UPSTREAM, "unmet_minimum") == "hidden":
            hidden.add(CantUse.MINIMUM_SPENDING)
        if self._switches.text(UPSTREAM, "expired_vouchers") == "hidden":
            hidden.add(CantUse.OVER)
        return hidden


def _asked(visit: Visit) -> tuple[Member, Decimal | None]:
    member = member_asked(visit)
    return member, asked.amount(visit.arrival, "spendingAmount")
