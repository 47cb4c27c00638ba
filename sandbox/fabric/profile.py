"""Who a member is: the person and the one account of the club (contract 5.5, 5.6); no points."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sandbox.fabric.tenant import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A person with an account; unset strings are None."""

    profile_id: str
    loyalty_number: str
    first_name: str
    last_name: str
    email: str
    phone: str
    enrolled_at: datetime
    updated_at: datetime
    tier: Tier | None
    tier_expires_at: datetime | None
    enabled: bool = True
    middle_name: str | None = None
    suffix: str | None = None
    prefix: str = "None"
    gender: str = "None"
    marital_status: str = "None"
    birth_date: str | None = None
    nationality: str | None = None
    address: tuple[str | None, str | None, str | None] = (None, None, None)
    city: str | None = None
    region: str | None = None
    full_region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    full_country: str | None = None
    enroll_reason_code: str | None = None
    enroll_reason_note: str | None = None
    source: str | None = None
    channel: str | None = None
    entity: str = "NS-SEA-04"
    enrollment_entity: str = "NS-SEA-04"
    redemption_choice: str = "Bank"
    redemption_threshold: Decimal = Decimal(100)
    recorded_at: datetime | None = None
    custom_attributes: dict[str, object] = field(default_factory=dict[str, object])
