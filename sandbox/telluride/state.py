"""The Telluride emulator's state: world, tokens and switches together; no routes, no wire forms."""

from datetime import datetime

from sandbox.frame import Frame
from sandbox.telluride import books
from sandbox.telluride.cast import personas
from sandbox.telluride.people import MERGED, Account, number_of
from sandbox.telluride.points import Standing, replay
from sandbox.telluride.scribe import audit, settle
from sandbox.telluride.switchboard import SWITCHES, UPSTREAM
from sandbox.telluride.times import central, epoch_ms
from sandbox.telluride.tokens import TokenDesk, private_pem
from sandbox.telluride.world import World, built


class State:
    """One seeded Telluride; the same seed and day give the same world."""

    def __init__(self, frame: Frame, seed: int = 7) -> None:
        self.frame = frame
        self.personas = personas()
        self.desk = TokenDesk()
        self._seed = seed
        frame.switches.declare(UPSTREAM, *SWITCHES)
        self.world: World = built(seed, frame.clock.now())

    def reset(self) -> None:
        """Back to the seeded world; tokens are gone, a registered certificate stays."""
        self.desk.forget_tokens()
        self.world = built(self._seed, self.frame.clock.now())

    def register_certificate(self, pem: str) -> None:
        """Trust this certificate or public key (PEM, RSA, 2048 bits); raises ValueError."""
        self.desk.register(pem)

    def private_key_pem(self) -> str | None:
        """The private key of the generated pair, None once a certificate was registered."""
        key = self.desk.own_key
        return None if key is None else private_pem(key)

    def member(self, number: str) -> dict[str, object] | None:
        """The sandbox's own books of one member, in neutral words."""
        account = self.world.account(number)
        if account is None:
            return None
        settle(self, account)
        return books.neutral(account, self.standing(account), self.world.offers, self.now)

    def audit(self) -> list[str]:
        """Where the books of effects and the world disagree, in words; empty when nowhere."""
        return audit(self)

    @property
    def now(self) -> datetime:
        """The present on the server's wall clock, to the second (the wire knows no finer)."""
        return central(self.frame.clock.now()).replace(microsecond=0)

    @property
    def now_ms(self) -> int:
        """The present in epoch milliseconds."""
        return epoch_ms(self.frame.clock.now())

    def standing(self, account: Account, at: datetime | None = None) -> Standing:
        """What the account holds at a moment, by default now."""
        return replay(account.events, at or self.moment(account))

    def moment(self, account: Account) -> datetime:
        """Now, or the account's last booking where the clock was set back since."""
        return max(self.now, account.latest or self.now)

    def flag(self, name: str) -> bool:
        """A yes-or-no switch."""
        return self.frame.switches.flag(UPSTREAM, name)

    def word(self, name: str) -> str:
        """A worded switch."""
        return self.frame.switches.text(UPSTREAM, name)

    def count(self, name: str) -> int:
        """A counting switch, 0 when unset."""
        return self.frame.switches.number(UPSTREAM, name) or 0

    def listed(self, switch: str, item: str) -> bool:
        """Whether a comma-separated switch names the item."""
        return item in [part.strip() for part in self.word(switch).split(",")]

    def find(self, number: str, identifier: str = "") -> Account | None:
        """The account of a number, or of an identifier where no number is given."""
        return self.world.account(number or number_of(identifier))

    def follow(self, account: Account) -> Account | None:
        """The account that stands for a merged one (U-50); None when there is none alive."""
        if account.member.status != MERGED:
            return account
        if not self.flag("merged_followed"):
            return None
        survivor = self.world.account(account.member.survivor)
        return survivor if survivor is not None and survivor.member.status == "A" else None
