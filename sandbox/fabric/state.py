"""The seeded world of one fabric tenant and what may be asked of it; no wire shapes."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from uuid import NAMESPACE_OID, uuid5

from sandbox.fabric import cast, crowd
from sandbox.fabric.answers import MemberUnknown, cents, envelope, refuse, unauthorized
from sandbox.fabric.assumptions import SWITCHES, UPSTREAM
from sandbox.fabric.book import Book, Holding, total
from sandbox.fabric.evidence import Deed, Evidence
from sandbox.fabric.profile import Profile
from sandbox.fabric.queries import Paging
from sandbox.fabric.quota import Quota
from sandbox.fabric.rendering import Style, account_status
from sandbox.fabric.scribe import next_code
from sandbox.fabric.tenant import Tier
from sandbox.fabric.tokens import Tokens
from sandbox.frame import Frame
from sandbox.personas import Persona

FIRST_ENROLLED = 2_000_000
"""Loyalty numbers handed out by Enroll begin here, after the tier's BIN."""

VOUCHER_STATES = {
    "Active": "usable",
    "Redeemed": "used",
    "Cancelled": "cancelled",
    "Reversed": "reversed",
    "Expired": "expired",
}


class State:
    """All members and their books; a book is opened, and then kept, when it is first wanted."""

    personas: tuple[Persona, ...] = tuple(role.persona() for role in cast.ROLES)

    def __init__(self, frame: Frame, seed: int) -> None:
        frame.switches.declare(UPSTREAM, *SWITCHES)
        frame.errors_look_like(UPSTREAM, _error_body)
        self.tokens = Tokens(frame)
        self.quota = Quota(frame)
        self.evidence = Evidence(frame)
        self._frame = frame
        self._seed = seed
        self._crowd: tuple[datetime, list[Profile]] | None = None
        self.reset()

    def reset(self) -> None:
        """Back to the seeded world, dated by the day the clock started."""
        started = self._frame.clock.started
        self._today = started.replace(hour=0, minute=0, second=0, microsecond=0)
        self._roles = {role.native_id: role for role in cast.ROLES}
        if self._crowd is None or self._crowd[0] != self._today:
            self._crowd = self._today, crowd.profiles(self._seed, self._today)
        everyone = [role.profile(self._today) for role in cast.ROLES]
        everyone += self._crowd[1]
        self._profiles = {profile.profile_id: profile for profile in everyone}
        self._numbers = {profile.loyalty_number: profile.profile_id for profile in everyone}
        self._books: dict[str, Book] = {}
        self._enrolled = 0
        self._unopened: dict[str, str] | None = None
        self.quota.forget()
        self.evidence.forget()

    @property
    def now(self) -> datetime:
        """The sandbox's present instant."""
        return self._frame.clock.now()

    def flag(self, name: str) -> bool:
        """A yes-or-no assumption."""
        return self._frame.switches.flag(UPSTREAM, name)

    def choice(self, name: str) -> str:
        """A worded assumption."""
        return self._frame.switches.text(UPSTREAM, name)

    def count(self, name: str) -> int:
        """A counting assumption."""
        return self._frame.switches.number(UPSTREAM, name) or 0

    def profiles(self) -> Iterator[Profile]:
        """Everybody, personas first, then in the order enrolled."""
        return iter(self._profiles.values())

    def profile(self, profile_id: str) -> Profile:
        """The member of that profileId; raises MemberUnknown."""
        try:
            return self._profiles[profile_id]
        except KeyError:
            raise MemberUnknown from None

    def numbered(self, loyalty_number: str) -> Profile:
        """The member of that loyalty number; raises MemberUnknown."""
        return self.profile(self._numbers.get(loyalty_number, ""))

    def book(self, profile_id: str) -> Book:
        """A member's book; raises MemberUnknown."""
        if profile_id not in self._books:
            self._books[profile_id] = self._opened(self.profile(profile_id))
        return self._books[profile_id]

    def books(self) -> Iterator[Book]:
        """Everybody's books, which opens all of them."""
        return (self.book(profile_id) for profile_id in self._profiles)

    def opened(self) -> Iterator[Book]:
        """The books that anybody has looked into."""
        return iter(self._books.values())

    def holdings(self, profile_id: str) -> list[Holding]:
        """The lots of a member that count now."""
        held = self.book(profile_id).holdings(self.now, self.count("pending_hours"))
        return [holding for holding in held if holding.counts]

    def settled(self, profile_id: str) -> Profile:
        """A member about to be changed, what has expired told; raises MemberUnknown, Refused."""
        profile = self.profile(profile_id)
        if not profile.enabled and self.choice("closed_accounts") == "refused":
            raise refuse("ExceptionString", "The account is not enabled.")
        self.evidence.settle(profile, self.book(profile_id), self.now)
        return profile

    def note(self, profile: Profile, deed: Deed) -> None:
        """Tell the books what was just done to a member."""
        self.evidence.note(profile, self.book(profile.profile_id), self.now, deed)

    def keep(self, profile: Profile) -> None:
        """Put a new profile in the place of the old one, or after all others."""
        self._profiles[profile.profile_id] = profile
        self._numbers[profile.loyalty_number] = profile.profile_id
        if profile.recorded_at is not None:
            self._books.setdefault(profile.profile_id, Book(profile.profile_id))

    def next_identity(self, tier: Tier) -> tuple[str, str]:
        """The profileId and the loyalty number of the next to be enrolled."""
        self._enrolled += 1
        number = f"{tier.bin}{FIRST_ENROLLED + self._enrolled}"
        return str(uuid5(NAMESPACE_OID, f"{self._seed}/{number}")), number

    def owner(self, code: str) -> str | None:
        """The profileId of whoever was issued that reward."""
        if self._unopened is None:
            # An ordinary member has one reward at the most until something is written.
            self._unopened = {
                next_code(Book(profile_id), "reward"): profile_id for profile_id in self._profiles
            }
        for profile_id in (*self._roles, *self._books, self._unopened.get(code)):
            if profile_id is not None and code in self.book(profile_id).rewards:
                return profile_id
        return None

    def spendable(self, profile_id: str, store: str | None) -> Decimal:
        """Active points, free or bound to that store, less debts."""
        held = self.holdings(profile_id)
        return total(h.left for h in held if not h.pending and h.lot.store in {None, store})

    @property
    def point_value(self) -> Decimal:
        """Currency for one point."""
        return Decimal(self.choice("point_value"))

    def worth(self, points: Decimal) -> Decimal:
        """Points in currency, unrounded."""
        return points * self.point_value

    @property
    def paging(self) -> Paging:
        """The bounds of pages."""
        return Paging(
            largest=self.count("limit_max"),
            clamps=self.choice("paging_out_of_bounds") == "clamped",
            limit_is_end=self.choice("limit_means") == "end",
        )

    @property
    def style(self) -> Style:
        """How members and rewards are printed."""
        return Style(
            threshold_as_text=self.choice("redemption_threshold_as") == "string",
            merchant_as_number=self.choice("merchant_id_as") == "number",
            closed_status=self.choice("closed_account_status"),
            past_expiry=self.choice("rewards_past_expiry"),
            audit_user_echoed=self.flag("audit_user_echoed"),
            note_echoed=self.flag("note_echoed"),
            attributes_echoed=self.flag("custom_attributes_echoed"),
        )

    def member(self, number: str) -> dict[str, object] | None:
        """One member as the sandbox knows it, by loyalty number or profileId.

        `points` can be spent anywhere now; `pending` and `restricted` come on top.
        """
        profile = self._profiles.get(self._numbers.get(number, number))
        return None if profile is None else self._told(profile)

    def _told(self, profile: Profile) -> dict[str, object]:
        book, held = self.book(profile.profile_id), self.holdings(profile.profile_id)
        spendable = total(h.left for h in held if not h.pending and h.lot.store is None)
        restricted = total(h.left for h in held if not h.pending and h.lot.store is not None)
        journal = sorted(book.transactions(self.now), key=lambda row: row.at, reverse=True)
        return {
            "number": profile.loyalty_number,
            "native_id": profile.profile_id,
            "name": f"{profile.first_name} {profile.last_name}",
            "status": account_status(profile, self.style),
            "tier": profile.tier.reference if profile.tier else None,
            "points": f"{spendable:.2f}",
            "worth": f"{cents(self.worth(spendable)):.2f}",
            "pending": f"{total(h.left for h in held if h.pending):.2f}",
            "restricted": f"{restricted:.2f}",
            "expiring": [
                {"points": f"{h.left:.2f}", "at": h.lot.expires_at.isoformat()}
                for h in sorted(held, key=lambda h: h.lot.expires_at)
            ],
            "vouchers": [
                {"code": reward.code, "state": VOUCHER_STATES[reward.status(self.now)]}
                for reward in book.rewards.values()
            ],
            "offers": [profile.tier.rule] if profile.tier and profile.tier.percent else [],
            "transactions": [
                {
                    "id": row.code,
                    "kind": row.kind,
                    "points": f"{row.points:.2f}",
                    "at": row.at.isoformat(),
                }
                for row in journal
            ],
        }

    def _opened(self, profile: Profile) -> Book:
        role = self._roles.get(profile.profile_id)
        if role is None:
            return crowd.book(profile, self._seed, self._today)
        book = Book(profile.profile_id)
        role.story(book, self._today)
        return book


def _error_body(status: int, text: str) -> object:
    if status == HTTPStatus.UNAUTHORIZED:
        return unauthorized(text).body
    return envelope(status, text, {"ExceptionString": [text]})
