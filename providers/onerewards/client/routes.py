"""Where each of the vendor's operations lives: the one table of paths (contract 3)."""

from collections.abc import Mapping
from dataclasses import dataclass

from providers.onerewards.profile import Upstream
from providers.onerewards.settings import AssumedPaths


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path, below the integration's address or, for the handshake, the vendor's."""

    method: str
    path: str


INTEGRATION = "integration"


def routes(assumed: AssumedPaths) -> Mapping[Upstream, Route]:
    """Every operation's route; what the vendor does not print comes from the settings."""
    return {
        Upstream.ADD_INTEGRATION_REQUEST: Route("POST", INTEGRATION),
        Upstream.GET_INTEGRATION_REQUEST_STATUS: Route("GET", INTEGRATION),
        Upstream.GET_RECORD_BY_AUTH_CODE: Route("GET", "getrecordbyauthcode"),
        Upstream.GET_MEMBER_LISTING: Route("POST", "member/listing"),
        Upstream.GET_MEMBER: Route("GET", assumed.member),
        Upstream.GET_MEMBER_INFO: Route("GET", assumed.member_info),
        Upstream.GET_MEMBER_LEVEL_LISTING: Route("POST", assumed.member_level_listing),
        Upstream.GET_USABLE_VOUCHER: Route("GET", "member/usablevouchers"),
        Upstream.GET_OBTAINABLE_VOUCHER: Route("GET", "member/getablevouchers"),
        Upstream.CAN_USE_VOUCHER_NOW: Route("GET", assumed.can_use_voucher_now),
        Upstream.CAN_GET_VOUCHER_NOW: Route("GET", assumed.can_get_voucher_now),
        Upstream.ISSUE_VOUCHER_TO_MEMBER: Route("POST", assumed.issue_voucher),
        Upstream.POST_TRANSACTION: Route("POST", "transaction/post"),
        Upstream.UNPOST_TRANSACTION: Route("POST", assumed.unpost_transaction),
        Upstream.CREATE_MEMBER: Route("POST", assumed.member),
        Upstream.UPDATE_MEMBER: Route("PUT", assumed.member),
        Upstream.CREATE_MEMBER_FROM_MOBILE_USER: Route("POST", assumed.create_from_mobile_user),
        Upstream.GET_MOBILE_USER: Route("GET", assumed.mobile_user),
        Upstream.MIGRATE_MEMBER: Route("POST", assumed.migrate_member),
        Upstream.GET_UPLOAD_RECEIPT_URL: Route("POST", "receipt/getuploadreceipturl"),
    }
