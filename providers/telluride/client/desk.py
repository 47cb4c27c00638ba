"""What all readers of one program share: its exchange, bodies, account and clock; no reads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from loyalty.errors import MemberNotFound, Unavailable
from providers.fan_out import FanOut
from providers.telluride.client.bodies import Bodies
from providers.telluride.client.exchange import Exchange
from providers.telluride.mapping.account import Account
from providers.telluride.mapping.refusals import bad_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The program's tools; the fan-out is shared by all its batches."""

    account: Account
    exchange: Exchange
    bodies: Bodies
    now: Callable[[], datetime]
    fan_out: FanOut

    def bad(self, what: str) -> Unavailable:
        """An answer that does not make sense; `what` says where, and no value."""
        return bad_answer(self.account.program, what)

    def nobody(self) -> MemberNotFound:
        """There is no such member."""
        return MemberNotFound("the program has no such member", program=self.account.program)
