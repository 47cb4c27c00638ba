"""What a change must keep to before anything is sent, and how it is refused; sends nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from loyalty.commands import RedeemPoints
from loyalty.errors import (
    Declined,
    ErrorCode,
    InvalidInput,
    LoyaltyError,
    MemberNotFound,
    Unsupported,
)
from loyalty.operations import Operation
from loyalty.outcomes import Caution, CautionCode, Done
from loyalty.refs import MemberRef
from loyalty.sales import Outlet
from providers.telluride.client.numbers import is_number
from providers.telluride.settings import TellurideSettings
from providers.writing import Finished

Place = tuple[str, ...]

_ONE_POINT = Decimal("0.001")
"""1000 points are a dollar (contract 5.2), unless the program's settings say otherwise."""

_CENT = Decimal("0.01")
_MOST_POINTS = 10**9
_LONGEST_OPERATOR = 12


class Checks:
    """The rules that several changes share; places are told from the top of the input."""

    def __init__(self, program: str, settings: TellurideSettings) -> None:
        self._program = program
        self._settings = settings

    @property
    def currency(self) -> str:
        """The program's currency."""
        return self._settings.currency

    def invalid(self, message: str, *place: str, code: ErrorCode | None = None) -> InvalidInput:
        """The input breaks a rule."""
        return InvalidInput(message, code=code, field=("input", *place), program=self._program)

    def unsupported(
        self,
        message: str,
        operation: Operation,
        *place: str,
        alternatives: tuple[Operation, ...] = (),
    ) -> Unsupported:
        """The provider has no place for it, and leaving it out would change what is owed."""
        return Unsupported(
            message,
            operation=operation,
            alternatives=alternatives,
            field=("input", *place),
            program=self._program,
        )

    def declined(self, message: str, code: ErrorCode, *place: str) -> Declined:
        """What is recorded of it forbids it."""
        field = ("input", *place) if place else None
        return Declined(message, code=code, field=field, program=self._program)

    def member(self, ref: MemberRef, *place: str) -> str:
        """The member's number; a text that can be no number is nobody's."""
        if not is_number(ref.key):
            raise MemberNotFound(
                "the program has no such member", field=("input", *place), program=self._program
            )
        return ref.key

    def operator(self, name: str | None) -> str:
        """The associate of a change."""
        if name is not None and not 0 < len(name) <= _LONGEST_OPERATOR:
            message = f"an operator has at most {_LONGEST_OPERATOR} characters here"
            raise self.invalid(message, "operator")
        return name or self._settings.associate_id

    def points(self, points: Decimal, *place: str) -> Decimal:
        """Points to be spent: whole, and more than none."""
        if points != points.to_integral_value() or not 0 < points < _MOST_POINTS:
            raise self.invalid(
                f"points are a whole number above 0 and below {_MOST_POINTS}", *place
            )
        return points.quantize(Decimal(1))

    def redeemed(self, wanted: RedeemPoints) -> Decimal:
        """The points that a redemption asks for, in points or in money."""
        if wanted.points is not None:
            return self.points(wanted.points, "amount", "points")
        if wanted.money is None:
            raise self.invalid("say how much, in points or in money", "amount")
        points = wanted.money / self._rate
        if points != points.to_integral_value():
            raise self.invalid("this amount is no whole number of points", "amount", "money")
        return self.points(points, "amount", "money")

    def worth(self, points: Decimal) -> Decimal:
        """Points in money, to the cent, half up (contract 5.2)."""
        return (points * self._rate).quantize(_CENT, rounding="ROUND_HALF_UP")

    def not_sent(self, places: Iterable[str | None]) -> tuple[Caution, ...]:
        """A warning for each field that is given and has no place at the provider."""
        return tuple(
            Caution(
                CautionCode.FIELD_NOT_SENT,
                f"{place} has no place at this provider and was not sent; it is kept here",
            )
            for place in places
            if place is not None
        )

    @property
    def _rate(self) -> Decimal:
        return self._settings.point_worth or _ONE_POINT


def outlet_words(outlet: Outlet | None) -> Iterable[str | None]:
    """The words about an outlet that are not sent: its code and register say all."""
    if outlet is None:
        return ()
    return (
        given("outlet.name", outlet.name),
        given("outlet.description", outlet.description),
    )


def given(place: str, value: object) -> str | None:
    """The place where there is a value."""
    return None if value is None or value in ((), "", Decimal(0)) else place


def told(outcome: Done | LoyaltyError, cautions: Sequence[Caution]) -> Finished:
    """The end of a change of one step, with what its caller must know."""
    if isinstance(outcome, LoyaltyError):
        return Finished(error=outcome)
    return Finished(done=replace(outcome, cautions=(*outcome.cautions, *cautions)))
