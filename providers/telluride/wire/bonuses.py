"""The answer of PostExternalBonus (contract 4.8)."""

from providers.telluride.wire.scalars import Digits, Points, Text
from providers.telluride.wire.shapes import Answer, Told


class WireBonus(Answer):
    """The balance after points were added or taken; there is no reference to the posting."""

    status: Text = None
    status_text: Text = None
    member_number: Digits = None
    current_balance: Points = None

    @property
    def told(self) -> Told | None:
        """The outcome, at the top level."""
        return self
