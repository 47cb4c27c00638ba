"""Attaching vouchers to members, by an integration or by the member in the app; uses none."""

from datetime import timedelta
from decimal import Decimal

from sandbox.frame import Frame
from sandbox.onerewards import asked, campaigns
from sandbox.onerewards.assumptions import UPSTREAM
from sandbox.onerewards.codes import Codes
from sandbox.onerewards.doors import Answer, Refused, Visit
from sandbox.onerewards.eligibility import CantGet, cannot_get
from sandbox.onerewards.entities import Company, Member, VoucherDefinition, VoucherInstance, local
from sandbox.onerewards.reads import member_numbered
from sandbox.onerewards.scribe import Scribe
from sandbox.onerewards.state import State

CROWD_STEP = 10
"""The seeded crowd's serials are multiples of this; an issue skips them."""

REASONS = {
    CantGet.NOT_STARTED: "The voucher cannot be obtained yet.",
    CantGet.OVER: "The voucher can no longer be obtained.",
    CantGet.QUOTA_EXHAUSTED: "All vouchers are issued.",
    CantGet.ALREADY_OBTAINED: "The voucher is already obtained.",
    CantGet.LEVEL: "The member level cannot obtain this voucher.",
    CantGet.POINTS: "Not enough points.",
}


class Issuing:
    """Issue Voucher To Member (OneRewards contract 3.11)."""

    def __init__(self, frame: Frame, state: State) -> None:
        self._frame = frame
        self._state = state
        self._codes = Codes(frame)

    def issue(self, visit: Visit) -> Answer:
        """Attach a voucher and charge its price; the same request again does it again."""
        body = asked.body_of(visit.arrival)
        member_id, voucher_id = body.integer("memberId"), body.integer("voucherId")
        code = body.optional_integer("redemptionCode")
        for name in ("outletId", "outlet", "createdUser"):
            body.optional_text(name)
        member = member_numbered(visit.company, member_id)
        definition = visit.company.definitions.get(voucher_id)
        if definition is None:
            raise Refused(404, "Voucher not found.")
        self._codes.admit(visit, member, code)
        self._check(visit.company, member, definition)
        claimed = self._frame.switches.flag(UPSTREAM, "claimed_at_issue")
        issued = self.attach(visit.company, member, definition, claimed=claimed)
        if member.mobile_user_id is not None:
            self._codes.used(visit, code)
        return Answer(201, {"voucherNo": issued.voucher_no})

    def obtain(self, company: Company, member: Member, voucher_id: int) -> VoucherInstance:
        """What the member does in the app, past every integration."""
        definition = company.definitions.get(voucher_id)
        if definition is None:
            raise Refused(404, "Voucher not found.")
        self._check(company, member, definition)
        return self.attach(company, member, definition, claimed=True, operation="app")

    def claim(self, company: Company, member: Member, voucher_no: str) -> VoucherInstance:
        """Accept in the app a voucher that was issued without being claimed."""
        account = self._state.account(company, member)
        for voucher in account.vouchers:
            if voucher.voucher_no == voucher_no and not voucher.claimed:
                voucher.claimed = True
                scribe = Scribe(self._frame, "app", member.member_id, voucher_no, {})
                scribe.moved(account, "claim", Decimal(0), entry="claim", voucher=voucher_no)
                return voucher
        raise Refused(404, "Voucher not found.")

    def attach(
        self,
        company: Company,
        member: Member,
        definition: VoucherDefinition,
        *,
        claimed: bool,
        operation: str = "issue_voucher",
    ) -> VoucherInstance:
        """Make an instance the member's own, count it, and charge its price."""
        account = self._state.account(company, member)
        now = self._frame.clock.now()
        lasts = _lasts(definition)
        issued = VoucherInstance(
            voucher_no=_next_number(company, definition),
            voucher_id=definition.voucher_id,
            issued=now,
            until=None if lasts is None else local(now).replace(microsecond=0) + lasts,
            claimed=claimed,
        )
        account.vouchers.append(issued)
        definition.issued += 1
        detail = {"voucher_id": definition.voucher_id, "claimed": claimed}
        scribe = Scribe(self._frame, operation, member.member_id, issued.voucher_no, detail)
        price = -definition.get.points
        scribe.moved(account, "issue", price, entry="voucher", voucher=issued.voucher_no)
        return issued

    def _check(self, company: Company, member: Member, definition: VoucherDefinition) -> None:
        account = self._state.account(company, member)
        reason = cannot_get(self._state.moment(), member, account, definition)
        if reason is not None:
            raise Refused(400, REASONS[reason])


def _lasts(definition: VoucherDefinition) -> timedelta | None:
    return campaigns.COFFEE_LASTS if definition.voucher_id == campaigns.FREE_COFFEE else None


def _next_number(company: Company, definition: VoucherDefinition) -> str:
    serials = company.register.voucher_serials
    serial = max(serials.get(definition.voucher_id, 0), definition.issued) + 1
    if serial % CROWD_STEP == 0:
        serial += 1
    serials[definition.voucher_id] = serial
    return company.voucher_no(definition.voucher_id, serial)
