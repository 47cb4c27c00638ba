"""What is refused before anything is sent, by the place of the mutation's input; sends nothing."""

from collections.abc import Generator
from contextlib import contextmanager

from loyalty.errors import Declined, ErrorCode, InvalidInput, LoyaltyError
from loyalty.refs import MemberRef
from loyalty.sales import Outlet
from providers.fabric.client.session import Session
from providers.fabric.mapping.refusals import advice

SHORTEST, LONGEST = 3, 15
"""How long the name of a store may be (contract 8.2)."""
LONGEST_OPERATOR = 150


class Places(Session):
    """Checks that several abilities share."""

    @contextmanager
    def checking(self) -> Generator[None]:
        """Name the program in what is refused here."""
        try:
            yield
        except LoyaltyError as error:
            error.program = error.program or self.program
            raise

    def invalid(self, text: str, *field: str) -> InvalidInput:
        """The error for one place of the input."""
        return InvalidInput(text, field=("input", *field), program=self.program)

    def declined(self, text: str, code: ErrorCode, *field: str) -> Declined:
        """A refusal of our own, by what is known before anything is sent."""
        place = ("input", *field) if field else None
        return Declined(text, code=code, field=place, retry=advice(code), program=self.program)

    def store_of(self, outlet: Outlet | None) -> str:
        """The store's reference; raises InvalidInput where it is too long to be reversed."""
        if outlet is None:
            return self.settings.store
        if not SHORTEST <= len(outlet.code) <= LONGEST:
            raise self.invalid(
                f"a store of this program has {SHORTEST} to {LONGEST} characters", "outlet", "code"
            )
        return outlet.code

    def operator(self, text: str | None) -> str | None:
        """Who acts, where it fits beside our mark; raises InvalidInput."""
        operator = (text or "").strip()
        if len(operator) > LONGEST_OPERATOR:
            raise self.invalid(f"at most {LONGEST_OPERATOR} characters", "operator")
        return operator or None

    def member_of(self, ref: MemberRef) -> str:
        """The profileId; raises MemberNotFound with the place."""
        with self.at("memberId"):
            return self.member_key(ref.key)

    @contextmanager
    def at(self, *field: str) -> Generator[None]:
        """Name a place of the input in what is refused here without one."""
        try:
            yield
        except (Declined, InvalidInput) as error:
            error.field = error.field or ("input", *field)
            raise
