"""Inputs of what changes members; what they mean is told in graph/asking/members.py."""

from datetime import date, datetime
from decimal import Decimal

import strawberry
from strawberry import UNSET

from graph.types.inputs import AttributeInput, OutletInput
from graph.types.sale_inputs import KEY
from graph.types.write_enums import AffinityChange, PhoneType

_PROGRAM = "The program's key: Program.key."


@strawberry.input(description="A person to be enrolled; what a program needs is in its note.")
class ProfileInput:
    """A person."""

    name: str | None = strawberry.field(default=UNSET, description="The whole name.")
    given_name: str | None = strawberry.field(default=UNSET, description="The given name.")
    family_name: str | None = strawberry.field(default=UNSET, description="The family name.")
    email: str | None = strawberry.field(default=UNSET, description="The e-mail address.")
    phone: str | None = strawberry.field(default=UNSET, description="The phone number.")
    phone_type: PhoneType | None = strawberry.field(
        default=UNSET, description="What kind of telephone that is."
    )
    birth_date: date | None = strawberry.field(default=UNSET, description="The date of birth.")
    gender: str | None = strawberry.field(default=UNSET, description="In the program's words.")
    language: str | None = strawberry.field(default=UNSET, description="In the program's words.")
    postal_code: str | None = strawberry.field(default=UNSET, description="The postal code.")


@strawberry.input(
    description="What changes of a person: a field left out keeps its value, null clears it."
)
class ProfileChangesInput:
    """Changes."""

    name: str | None = strawberry.field(default=UNSET, description="The whole name.")
    given_name: str | None = strawberry.field(default=UNSET, description="The given name.")
    family_name: str | None = strawberry.field(default=UNSET, description="The family name.")
    email: str | None = strawberry.field(default=UNSET, description="The e-mail address.")
    phone: str | None = strawberry.field(default=UNSET, description="The phone number.")
    phone_type: PhoneType | None = strawberry.field(
        default=UNSET, description="What kind of telephone that is."
    )
    birth_date: date | None = strawberry.field(default=UNSET, description="The date of birth.")
    gender: str | None = strawberry.field(default=UNSET, description="In the program's words.")
    language: str | None = strawberry.field(default=UNSET, description="In the program's words.")
    postal_code: str | None = strawberry.field(default=UNSET, description="The postal code.")


@strawberry.input(description="What a person agreed to; what was not asked is left out.")
class ConsentsInput:
    """Consents."""

    terms: bool | None = strawberry.field(default=UNSET, description="The terms of the program.")
    terms_version: str | None = strawberry.field(
        default=UNSET, description="Which version of them."
    )
    email: bool | None = strawberry.field(default=UNSET, description="To be written e-mails.")
    sms: bool | None = strawberry.field(default=UNSET, description="To be sent text messages.")
    mail: bool | None = strawberry.field(default=UNSET, description="To be sent letters.")
    phone: bool | None = strawberry.field(default=UNSET, description="To be called.")


@strawberry.input(
    description="A person becomes a member. Exactly one of profile and mobileUser says who."
)
class EnrollMemberInput:
    """An enrolment."""

    idempotency_key: str = strawberry.field(description=KEY)
    program: str = strawberry.field(description=_PROGRAM)
    profile: ProfileInput | None = strawberry.field(default=UNSET, description="Who.")
    mobile_user: str | None = strawberry.field(
        default=UNSET, description="A user of the program's own app who becomes a member."
    )
    tier: str | None = strawberry.field(default=UNSET, description="The code of the first tier.")
    consents: ConsentsInput | None = strawberry.field(
        default=UNSET, description="What the person agreed to."
    )
    outlet: OutletInput | None = strawberry.field(default=UNSET, description="Where.")
    attributes: list[AttributeInput] | None = strawberry.field(
        default=UNSET, description="Free pairs."
    )


@strawberry.input(description="Changes of a member.")
class UpdateMemberInput:
    """Changes."""

    idempotency_key: str = strawberry.field(description=KEY)
    member_id: strawberry.ID = strawberry.field(description="Who.")
    profile: ProfileChangesInput | None = strawberry.field(
        default=UNSET, description="What changes of the person."
    )
    tier: str | None = strawberry.field(default=UNSET, description="The code of another tier.")
    attributes: list[AttributeInput] | None = strawberry.field(
        default=UNSET, description="Free pairs to set; others keep their value."
    )


@strawberry.input(description="A member of an older system comes over, with points.")
class MigrateMemberInput:
    """A migration."""

    idempotency_key: str = strawberry.field(description=KEY)
    program: str = strawberry.field(description=_PROGRAM)
    source_number: str = strawberry.field(description="The member's number in the older system.")
    profile: ProfileInput = strawberry.field(description="Who.")
    opening_points: Decimal | None = strawberry.field(
        default=UNSET, description="The points that come over; zero or more."
    )


@strawberry.input(description="A link to an affiliated programme is made, ended or answered.")
class SetAffinityInput:
    """A link."""

    idempotency_key: str = strawberry.field(description=KEY)
    member_id: strawberry.ID = strawberry.field(description="Whose link.")
    code: str = strawberry.field(description="The affiliation's code.")
    status: AffinityChange = strawberry.field(description="What becomes of it.")
    starts_at: datetime | None = strawberry.field(default=UNSET, description="In force from.")
    ends_at: datetime | None = strawberry.field(default=UNSET, description="In force until.")


@strawberry.input(description="Receipts to be uploaded.")
class ReceiptUploadsInput:
    """Receipts."""

    idempotency_key: str = strawberry.field(description=KEY)
    program: str = strawberry.field(description=_PROGRAM)
    receipt_ids: list[str] = strawberry.field(
        description="Your ids of the receipts (UUIDs), at most 100; each may name a PDF."
    )
