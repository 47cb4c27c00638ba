"""A OneRewards program's table of the configuration, and every assumption it may correct."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from loyalty.offers import UnusableReason
from providers.onerewards.profile import ASSUMED_FIELDS, GET_REASONS, USE_REASONS
from providers.settings import ProgramSettings, Secret, Table

GUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"

Path = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$")]
"""A path below the integration's, without slashes around it."""


class AssumedPaths(Table):
    """The paths that the vendor's readable pages do not print (contract 3, "Status of path")."""

    member: Path = "member"
    member_info: Path = "member/info"
    member_level_listing: Path = "memberlevel/listing"
    can_use_voucher_now: Path = "member/canusevouchernow"
    can_get_voucher_now: Path = "member/cangetvouchernow"
    issue_voucher: Path = "member/issuevoucher"
    unpost_transaction: Path = "transaction/unpost"
    create_from_mobile_user: Path = "member/createfrommobileuser"
    mobile_user: Path = "mobileuser"
    migrate_member: Path = "member/migrate"


class AssumedWrites(Table):
    """What a change of something depends on (contract 6.2)."""

    known_before_code: bool = True
    """A repeat is recognised before its redemption code is judged, so even when that is over
    (6.2#9)."""

    migrations_are_known: bool = False
    """A member migrated again is told the same and gets no points again (3.18)."""

    linked_profile_is_fixed: bool = True
    """What a linked member shares with the app cannot be changed here (6.2#34)."""

    members_are_checked: bool = True
    """A sale or redemption asks first whether the member is active: the vendor does not say that
    it would refuse."""

    point_decimals: int = Field(default=2, ge=0, le=6)
    """Digits after the point that points have; finer ones the vendor may round (1.5)."""

    points_payment: str = Field(default="POINT", min_length=1)
    """What the payment method of points is called (2.4)."""


def _known_fields(fields: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
    for noun, names in fields.items():
        for name in names:
            if name not in ASSUMED_FIELDS.get(noun, ()):
                msg = f"{noun}.{name} is no assumed field name"
                raise ValueError(msg)
    return fields


class Assumptions(Table):
    """What the contract assumes and we depend on; a default is the contract's own choice."""

    paths: AssumedPaths = Field(default_factory=AssumedPaths)
    fields: Annotated[Mapping[str, Mapping[str, str]], AfterValidator(_known_fields)] = Field(
        default_factory=dict
    )
    """Noun -> the assumed name -> the name that this account really sends."""

    use_reasons: Mapping[int, UnusableReason] = Field(default_factory=lambda: dict(USE_REASONS))
    """The whole legend of cantUseNowReason (contract 2.7)."""

    get_reasons: Mapping[int, UnusableReason] = Field(default_factory=lambda: dict(GET_REASONS))
    """The whole legend of cantGetNowReason (contract 2.7)."""

    end_date_is_whole_day: bool = True
    """An end date at midnight includes that day (contract 6.2#31)."""

    country_calling_code: str = Field(default="60", pattern=r"^[1-9][0-9]{0,2}$")
    """What a phone number's leading 0 stands for (contract 6.2#35)."""

    writes: AssumedWrites = Field(default_factory=AssumedWrites)


class Settings(ProgramSettings):
    """The keys of a OneRewards program."""

    integration_id: str = Field(pattern=GUID)
    api_key: Secret
    key_id: Secret
    operator: str = Field(default="GRAPH", min_length=1)
    outlet: str = Field(default="GRAPH", min_length=1)
    replay_is_safe: bool = True
    """A posted document that comes again has no second effect and is told the same (6.2#8)."""
    review_hours: float = Field(default=2.0, gt=0, le=720)
    assumptions: Assumptions = Field(default_factory=Assumptions)
