"""Posting and unposting transactions: who is told what, and what it changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sandbox.frame import Frame
from sandbox.onerewards import asked
from sandbox.onerewards.assumptions import UPSTREAM
from sandbox.onerewards.codes import Codes
from sandbox.onerewards.document_reading import document_of
from sandbox.onerewards.documents import Document
from sandbox.onerewards.doors import Answer, Refused, Visit
from sandbox.onerewards.eligibility import CantUse, cannot_use
from sandbox.onerewards.entities import Account, Company, Member, VoucherInstance
from sandbox.onerewards.reads import member_numbered
from sandbox.onerewards.records import DocumentKey, Posting, PostResult
from sandbox.onerewards.scribe import Scribe
from sandbox.onerewards.state import State

REASONS = {
    CantUse.NOT_STARTED: "The voucher cannot be used yet.",
    CantUse.OVER: "The voucher is expired.",
    CantUse.BIRTHDAY: "The voucher is for the member's birthday.",
    CantUse.WEEKDAY: "The voucher cannot be used on this day.",
    CantUse.TIME_OF_DAY: "The voucher cannot be used at this time.",
    CantUse.MINIMUM_SPENDING: "The minimum spending is not reached.",
    CantUse.USED: "The voucher is already used.",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One document of one member, before it is decided."""

    visit: Visit
    document: Document
    member: Member
    account: Account

    @property
    def key(self) -> DocumentKey:
        """By what it is known again."""
        return self.visit.integration_id, self.document.doc_id


class Postings:
    """Post and Unpost Transaction (OneRewards contract 3.12, 3.13)."""

    def __init__(self, frame: Frame, state: State) -> None:
        self._frame = frame
        self._state = state
        self._codes = Codes(frame)

    def post(self, visit: Visit) -> Answer:
        """Record a document once; the same one again is told the same and changes nothing."""
        document = document_of(asked.body_of(visit.arrival))
        member = member_numbered(visit.company, document.member_id)
        case = Case(visit, document, member, self._state.account(visit.company, member))
        check_comes_first = self._is("duplicate_check", "before_code")
        known = self._known(case) if check_comes_first else None
        if known is None:
            if document.redeems or self._is("code_needed", "linked"):
                self._codes.admit(visit, member, document.redemption_code)
            known = (None if check_comes_first else self._known(case)) or self._decided(case)
        return Answer(201, _worded(known))

    def unpost(self, visit: Visit) -> Answer:
        """Take back what a document changed; doing it again changes nothing."""
        body = asked.body_of(visit.arrival)
        member_id, doc_id = body.integer("memberId"), body.text("docId")
        for name in ("outletId", "createdUser"):
            body.optional_text(name)
        member = member_numbered(visit.company, member_id)
        register, key = visit.company.register, (visit.integration_id, doc_id)
        posting = register.newest(key)
        if posting is None or posting.document.member_id != member_id:
            raise Refused(404, "Transaction not found.")
        if posting.is_void:
            if self._is("unpost_again", "not_found"):
                raise Refused(404, "Transaction not found.")
            return Answer(204)
        self._void(visit.company, member, posting)
        return Answer(204)

    def _is(self, switch: str, value: str) -> bool:
        return self._frame.switches.text(UPSTREAM, switch) == value

    def _known(self, case: Case) -> PostResult | None:
        """What this document was told before, None when it is to be decided now."""
        register = case.visit.company.register
        posting = register.newest(case.key) or register.failed.get(case.key)
        if posting is None or self._is("duplicates", "applied_again"):
            return None
        if posting.is_void:
            if self._is("post_after_unpost", "new_posting"):
                return None
            if self._is("post_after_unpost", "refused"):
                raise Refused(400, "Document was unposted.")
        if posting.document != case.document and self._is("changed_content", "refused"):
            raise Refused(400, "Document already posted with different content.")
        return posting.result

    def _decided(self, case: Case) -> PostResult:
        moved, balance = case.document.moved, case.account.balance
        over = moved.redemption > balance
        if not over and moved.minus and moved.redemption + moved.minus > balance:
            raise Refused(400, "Not enough points for the adjustment.")
        voucher, error = self._voucher(case)
        refused = (over and self._is("over_redemption", "refused")) or (
            error is not None and self._is("voucher_refusal", "whole")
        )
        result = PostResult(not refused, over, error)
        if refused:
            self._keep_failed(case, result)
        else:
            self._apply(case, voucher, result)
        return result

    def _voucher(self, case: Case) -> tuple[VoucherInstance | None, str | None]:
        """The voucher to be consumed, or why there is none although one was named."""
        use = case.document.voucher
        if use is None:
            return None, None
        held = case.account.holding(use.voucher_no)
        if held is None or not held.claimed:
            return None, "The voucher is not the member's."
        if held.used is not None:
            return None, REASONS[CantUse.USED]
        sales = case.document.sales
        moment = self._state.moment(Decimal(0) if sales is None else sales.spending)
        definition = case.visit.company.definitions[held.voucher_id]
        reason = cannot_use(moment, case.member, definition, held)
        return (held, None) if reason is None else (None, REASONS[reason])

    def _keep_failed(self, case: Case, result: PostResult) -> None:
        if self._is("failed_posts", "remembered"):
            now = self._frame.clock.now()
            case.visit.company.register.failed[case.key] = Posting(0, case.document, result, now)

    def _apply(self, case: Case, voucher: VoucherInstance | None, result: PostResult) -> None:
        register = case.visit.company.register
        register.posted += 1
        scribe = Scribe(
            self._frame,
            "post_transaction",
            case.member.member_id,
            case.document.doc_id,
            {"posting": register.posted, "integration_id": case.visit.integration_id},
        )
        effects = [
            scribe.moved(case.account, kind, points, entry=entry)
            for kind, entry, points in _movements(case.document)
        ]
        if voucher is not None:
            now = self._frame.clock.now()
            voucher.used = now
            number = voucher.voucher_no
            effects.append(
                scribe.moved(case.account, "redeem", Decimal(0), entry="voucher", voucher=number)
            )
        if not effects:  # a sale that moves nothing is a recorded document all the same
            effects.append(scribe.existed(case.account, "earn"))
        if case.document.redeems and case.member.mobile_user_id is not None:
            self._codes.used(case.visit, case.document.redemption_code)
        posting = Posting(
            register.posted, case.document, result, self._frame.clock.now(), tuple(effects)
        )
        register.postings.setdefault(case.key, []).append(posting)

    def _void(self, company: Company, member: Member, posting: Posting) -> None:
        account = self._state.account(company, member)
        done = [(number, self._frame.books.effect_at(number)) for number in posting.effects]
        back = sum((effect.delta or Decimal(0) for _, effect in done), Decimal(0))
        if account.balance < back and self._is("unpost_spent_points", "refused"):
            raise Refused(400, "Points of this transaction are already spent.")
        document = posting.document
        detail = {"posting": posting.serial}
        scribe = Scribe(
            self._frame, "unpost_transaction", member.member_id, document.doc_id, detail
        )
        for number, effect in done:
            points = -(effect.delta or Decimal(0))
            voucher = effect.voucher
            scribe.moved(account, "void", points, entry="unpost", voucher=voucher, undoes=number)
            held = None if voucher is None else account.holding(voucher)
            if held is not None:
                held.used = None
        posting.is_void = True


def _movements(document: Document) -> Iterator[tuple[str, str, Decimal]]:
    """Kind for the books, name for the account, and points; none that moves nothing."""
    moved = document.moved
    for kind, entry, points in (
        ("adjust", "adjustment", moved.add),
        ("earn", "collection", moved.collection),
        ("adjust", "adjustment", -moved.minus),
        ("redeem", "redemption", -moved.redemption),
    ):
        if points:
            yield kind, entry, points


def _worded(result: PostResult) -> dict[str, object]:
    return {
        "isSuccess": result.is_success,
        "isOverRedeemPoint": result.is_over_redeemed,
        "voucherErrorMessage": result.voucher_error,
    }
