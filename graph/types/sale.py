"""What a sale is made of: its document, outlet, lines, payments, and what it did to the balance."""

from decimal import Decimal

import strawberry

from graph.types.enums import LineType, PaymentMethod, PointsState
from graph.types.money import Money
from loyalty import sales


@strawberry.type(description="The shop's own document.")
class DocumentReference:
    """A document."""

    id: str = strawberry.field(description="What the program knows the sale by.")
    number: str | None = strawberry.field(description="The number people see, where it is another.")

    @classmethod
    def maybe(cls, value: sales.DocumentReference | None) -> "DocumentReference | None":
        """The view of a value."""
        return None if value is None else cls(id=value.id, number=value.number)


@strawberry.type(description="An offer that earned points in this sale.")
class Award:
    """An award."""

    offer_code: str = strawberry.field(description="The offer's code.")
    title: str | None = strawberry.field(description="The offer's name, for people.")
    points: Decimal = strawberry.field(description="The points it earned.")

    @classmethod
    def of(cls, value: sales.Award) -> "Award":
        """The view of a value."""
        return cls(offer_code=value.offer_code, title=value.title, points=value.points)


@strawberry.type(description="A shop of the program.")
class Outlet:
    """An outlet."""

    code: str = strawberry.field(description="The program's code for it.")
    name: str | None = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(description="More about it.")

    @classmethod
    def maybe(cls, value: sales.Outlet | None) -> "Outlet | None":
        """The view of a value."""
        if value is None:
            return None
        return cls(code=value.code, name=value.name, description=value.description)


@strawberry.type(description="One line of a sale.")
class TransactionLine:
    """A line."""

    sequence: int = strawberry.field(description="Its place, 1 first.")
    type: LineType = strawberry.field(description="What kind of line it is.")
    product_id: str | None = strawberry.field(description="The product's id.")
    product_code: str | None = strawberry.field(description="The product's code.")
    description: str | None = strawberry.field(description="The product in words.")
    quantity: Decimal | None = strawberry.field(description="How many.")
    unit_price: Money | None = strawberry.field(description="The price of one.")
    discount: Money | None = strawberry.field(description="The discount on this line.")
    subtotal_ex_tax: Money | None = strawberry.field(
        description="The line's sum before tax, after discount."
    )
    subtotal: Money = strawberry.field(description="The line's sum with tax, after discount.")
    points_earned: Decimal | None = strawberry.field(description="The points this line earned.")

    @classmethod
    def of(cls, value: sales.TransactionLine) -> "TransactionLine":
        """The view of a value."""
        return cls(
            sequence=value.sequence,
            type=value.type,
            product_id=value.product_id,
            product_code=value.product_code,
            description=value.description,
            quantity=value.quantity,
            unit_price=Money.maybe(value.unit_price),
            discount=Money.maybe(value.discount),
            subtotal_ex_tax=Money.maybe(value.subtotal_ex_tax),
            subtotal=Money.of(value.subtotal),
            points_earned=value.points_earned,
        )


@strawberry.type(description="One tender of a sale.")
class Payment:
    """A payment."""

    method: PaymentMethod = strawberry.field(description="What was paid with.")
    description: str | None = strawberry.field(description="The same in words.")
    amount: Money = strawberry.field(description="How much.")

    @classmethod
    def of(cls, value: sales.Payment) -> "Payment":
        """The view of a value."""
        return cls(
            method=value.method, description=value.description, amount=Money.of(value.amount)
        )


@strawberry.type(description="What a transaction did to the balance.")
class PointsEffect:
    """An effect."""

    earned: Decimal = strawberry.field(description="Points earned.")
    redeemed: Decimal = strawberry.field(description="Points spent.")
    adjusted: Decimal = strawberry.field(
        description="Points corrected, taken back, given back or expired, with their sign."
    )
    base: Decimal | None = strawberry.field(description="The part of earned that spending gave.")
    bonus: Decimal | None = strawberry.field(
        description="The part of earned that bonus rules and offers gave."
    )
    promotional: Decimal | None = strawberry.field(
        description="The part of earned that promotions gave."
    )
    shortfall: Decimal | None = strawberry.field(
        description="Missing points a return could not take back."
    )
    state: PointsState | None = strawberry.field(description="Whether the points can be spent.")
    balance_after: Decimal | None = strawberry.field(
        description="The balance after it, without pending and restricted points; null where the "
        "program's own figure counts them."
    )

    @classmethod
    def maybe(cls, value: sales.PointsEffect | None) -> "PointsEffect | None":
        """The view of a value."""
        if value is None:
            return None
        return cls(
            earned=value.earned,
            redeemed=value.redeemed,
            adjusted=value.adjusted,
            base=value.base,
            bonus=value.bonus,
            promotional=value.promotional,
            shortfall=value.shortfall,
            state=value.state,
            balance_after=value.balance_after,
        )
