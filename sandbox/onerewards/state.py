"""The OneRewards world: two companies, one of them populated, and the questions asked of it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from sandbox.frame import Frame
from sandbox.onerewards import campaigns, cast, people
from sandbox.onerewards.assumptions import SWITCHES, UPSTREAM, WRITE_SWITCHES
from sandbox.onerewards.eligibility import CantUse, Moment, cannot_use
from sandbox.onerewards.entities import (
    Account,
    ApiKey,
    Approval,
    Company,
    IntegrationRequest,
    Member,
    VoucherInstance,
    local,
)
from sandbox.onerewards.records import Register
from sandbox.personas import Persona

INTEGRATION_ID = "5b0c6f1e-8a0d-4f8b-9d53-2f6f0f4f7a11"
SECOND_INTEGRATION_ID = "e3a91b7c-2d45-4c8e-a6f0-91d27b5c4e63"
"""A second app of the same company."""

ACCOUNT_BOOK_ID = 17
KEY = ApiKey("kopi-key", "kopi-secret")
NARROW_KEY = ApiKey(
    "kopi-narrow", "kopi-narrow-secret", frozenset({"member_listing", "get_member"})
)
OTHER_INTEGRATION_ID = "0e1f6a0c-3c55-4a53-8a53-6f1f2f9e7b18"
OTHER_ACCOUNT_BOOK_ID = 18
OTHER_KEY = ApiKey("teh-key", "teh-secret")
APPROVED_APP = "2a7e5d3c-61b4-4c0f-8f0e-7d1f5a9be210"
REJECTED_APP = "9f6b1c2d-7e34-4d5a-b8c9-0a1b2c3d4e5f"

BOOK_STATES = {
    None: "usable",
    CantUse.NOT_STARTED: "not_yet",
    CantUse.OVER: "expired",
    CantUse.BIRTHDAY: "birthday",
    CantUse.WEEKDAY: "wrong_day",
    CantUse.TIME_OF_DAY: "wrong_time",
    CantUse.MINIMUM_SPENDING: "below_minimum",
    CantUse.USED: "used",
}


class State:
    """Everything OneRewards knows; reads here, rules in eligibility.py, words in wording.py."""

    def __init__(self, frame: Frame, seed: int) -> None:
        self.frame = frame
        self._seed = seed
        self.companies: dict[int, Company] = {}
        self._today = date.min
        self.windows: dict[int, tuple[float, int]] = {}
        self.personas: tuple[Persona, ...] = cast.PERSONAS
        frame.switches.declare(UPSTREAM, *SWITCHES, *WRITE_SWITCHES)
        self.reset()

    def reset(self) -> None:
        """Back to the seeded world, dated from the day the clock started."""
        self._today = local(self.frame.clock.started).date()
        self.companies = {
            ACCOUNT_BOOK_ID: self._kopi(),
            OTHER_ACCOUNT_BOOK_ID: _teh(),
        }
        self.windows.clear()

    def company_of_key(self, key_id: str, secret: str) -> tuple[Company, ApiKey] | None:
        """Whose key this is; None for a wrong, regenerated or deleted one."""
        if self.frame.is_revoked(UPSTREAM, secret):
            return None
        for company in self.companies.values():
            key = company.keys.get(key_id)
            if key is not None and key.secret == secret:
                return company, key
        return None

    def company_of_integration(self, integration_id: str) -> Company | None:
        """Whose integration this is."""
        for company in self.companies.values():
            if integration_id.lower() in company.integrations:
                return company
        return None

    def account(self, company: Company, member: Member) -> Account:
        """A member's points and vouchers; one of the crowd gets theirs when first asked."""
        account = company.accounts.get(member.member_id)
        if account is None:
            account = people.account_of(self._seed, company, member, self._today)
            company.accounts[member.member_id] = account
        return account

    def seen(self, company: Company, member: Member) -> Account:
        """The account as reads show it, which may be some seconds behind the writes."""
        account = self.account(company, member)
        if not self.frame.switches.number(UPSTREAM, "read_lag_seconds"):
            return account
        return Account(
            points=[entry for entry in account.points if self._shows(entry.at)],
            vouchers=[
                voucher
                if voucher.used is None or self._shows(voucher.used)
                else replace(voucher, used=None)
                for voucher in account.vouchers
                if self._shows(voucher.issued)
            ],
        )

    def knows(self, member: Member) -> bool:
        """Whether reads show this member already."""
        return member.created is None or self._shows(member.created)

    def _shows(self, at: datetime) -> bool:
        lag = self.frame.switches.number(UPSTREAM, "read_lag_seconds") or 0
        clock = self.frame.clock
        return at < clock.started or at <= clock.now() - timedelta(seconds=lag)

    def today(self) -> date:
        """The present day on the company's wall clock."""
        return local(self.frame.clock.now()).date()

    def moment(self, spending: Decimal | None = None) -> Moment:
        """The present, as vouchers are judged by it."""
        whole_days = self.frame.switches.flag(UPSTREAM, "end_date_is_whole_day")
        return Moment(local(self.frame.clock.now()), spending, whole_days)

    def member(self, number: str) -> dict[str, object] | None:
        """The sandbox's own books of one member; vouchers as they stand over an empty bill."""
        company = self.companies[ACCOUNT_BOOK_ID]
        member = company.members.get(int(number)) if number.isdecimal() else None
        if member is None:
            return None
        account = self.account(company, member)
        tier = None if member.level_id is None else company.levels[member.level_id].name
        return {
            "number": number,
            "native_id": str(member.member_id),
            "name": member.name,
            "status": "active" if member.is_active else "inactive",
            "tier": tier,
            "points": f"{account.balance:.2f}",
            "worth": None,
            "pending": "0.00",
            "restricted": "0.00",
            "expiring": [],
            "vouchers": [
                {"code": voucher.voucher_no, "state": self._book_state(company, member, voucher)}
                for voucher in account.vouchers
            ],
            "offers": [str(voucher_id) for voucher_id in company.definitions],
            "transactions": [
                {
                    "id": entry.entry_id,
                    "kind": entry.kind,
                    "points": f"{entry.points:.2f}",
                    "at": entry.at.isoformat(),
                }
                for entry in account.points
            ],
        }

    def _book_state(self, company: Company, member: Member, voucher: VoucherInstance) -> str:
        if not voucher.claimed:
            return "unclaimed"
        if voucher.used is not None:
            return BOOK_STATES[CantUse.USED]
        definition = company.definitions[voucher.voucher_id]
        moment = self.moment(Decimal(0))
        return BOOK_STATES[cannot_use(moment, member, definition, voucher)]

    def _kopi(self) -> Company:
        company = Company(
            account_book_id=ACCOUNT_BOOK_ID,
            keys={key.key_id: key for key in (KEY, NARROW_KEY)},
            integrations={INTEGRATION_ID, SECOND_INTEGRATION_ID},
            register=Register(Random(f"{self._seed}:codes")),
            requests=_requests(),
            levels=campaigns.levels(),
            definitions=campaigns.definitions(self._today),
        )
        everyone = [*people.crowd(self._seed, self._today), *cast.members(self._today)]
        for member in sorted(everyone, key=lambda each: each.member_id):
            company.admit(member)
            if member.mobile_user_id is not None:
                user = people.app_user(member, member.mobile_user_id)
                company.mobile_users[member.mobile_user_id] = user
        stranger = cast.stranger()
        company.mobile_users[stranger.mobile_user_id] = stranger
        company.accounts.update(cast.accounts(company, self._today))
        return company


def _teh() -> Company:
    """A second tenant without members, so that one company's key can be tried on another."""
    return Company(
        account_book_id=OTHER_ACCOUNT_BOOK_ID,
        keys={OTHER_KEY.key_id: OTHER_KEY},
        integrations={OTHER_INTEGRATION_ID},
    )


def _requests() -> dict[str, IntegrationRequest]:
    return {
        APPROVED_APP: IntegrationRequest(
            APPROVED_APP, "Kopi Corner POS", Approval.APPROVED, INTEGRATION_ID
        ),
        REJECTED_APP: IntegrationRequest(REJECTED_APP, "Unwanted POS", Approval.REJECTED),
    }
