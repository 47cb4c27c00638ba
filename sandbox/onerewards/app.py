"""The one table of OneRewards paths, documented and assumed; no behaviour of its own."""

from starlette.routing import BaseRoute, Route

from sandbox.frame import Frame, endpoint, fallback
from sandbox.onerewards import wording
from sandbox.onerewards.assumptions import UPSTREAM
from sandbox.onerewards.codes import Codes
from sandbox.onerewards.doors import Read, guarded
from sandbox.onerewards.enrolment import Enrolment
from sandbox.onerewards.integrations import Integrations
from sandbox.onerewards.issuing import Issuing
from sandbox.onerewards.postings import Postings
from sandbox.onerewards.reads import MemberReads
from sandbox.onerewards.receipts import Receipts
from sandbox.onerewards.state import State
from sandbox.onerewards.vouchers import VoucherReads


def routes(frame: Frame, state: State) -> list[BaseRoute]:
    """All routes, relative to the mount."""
    frame.errors_look_like(
        UPSTREAM,
        lambda status, text: wording.error(
            frame.switches.text(UPSTREAM, "error_body"), status, text
        ),
    )
    members, vouchers = MemberReads(frame, state), VoucherReads(frame, state)
    integrations = Integrations(frame)
    table: list[tuple[str, str, str, Read]] = [
        ("POST", "/integration", "add_integration_request", integrations.add),
        ("POST", "/{iid}/integration", "add_integration_request", integrations.add),
        ("GET", "/integration", "integration_request_status", integrations.status),
        ("GET", "/{iid}/integration", "integration_request_status", integrations.status),
        ("POST", "/{iid}/member/listing", "member_listing", members.listing),
        ("GET", "/{iid}/member", "get_member", members.one),
        ("GET", "/{iid}/member/info", "get_member_info", members.info),
        ("POST", "/{iid}/memberlevel/listing", "member_level_listing", members.levels),
        ("GET", "/{iid}/member/usablevouchers", "usable_vouchers", vouchers.usable),
        ("GET", "/{iid}/member/getablevouchers", "obtainable_vouchers", vouchers.obtainable),
        ("GET", "/{iid}/member/canusevouchernow", "can_use_voucher", vouchers.can_use),
        ("GET", "/{iid}/member/cangetvouchernow", "can_get_voucher", vouchers.can_get),
        ("GET", "/{iid}/mobileuser", "get_mobile_user", members.mobile_user),
    ]
    table += _writes(frame, state)
    known: list[BaseRoute] = [
        Route(
            path,
            endpoint(frame, UPSTREAM, operation, guarded(frame, state, operation, read)),
            methods=[method],
        )
        for method, path, operation, read in table
    ]
    return [*known, fallback(frame, UPSTREAM, known)]


def _writes(frame: Frame, state: State) -> list[tuple[str, str, str, Read]]:
    codes, postings = Codes(frame), Postings(frame, state)
    issuing, enrolment = Issuing(frame, state), Enrolment(frame, state)
    receipts = Receipts(frame)
    member, receipt = "/{iid}/member", "/{iid}/receipt"
    return [
        ("GET", "/{iid}/getrecordbyauthcode/{code}", "get_record_by_auth_code", codes.redeemable),
        ("POST", f"{member}/issuevoucher", "issue_voucher", issuing.issue),
        ("POST", "/{iid}/transaction/post", "post_transaction", postings.post),
        ("POST", "/{iid}/transaction/unpost", "unpost_transaction", postings.unpost),
        ("POST", member, "create_member", enrolment.create),
        ("PUT", member, "update_member", enrolment.update),
        ("POST", f"{member}/createfrommobileuser", "create_from_mobile_user", enrolment.from_app),
        ("POST", f"{member}/migrate", "migrate_member", enrolment.migrate),
        ("POST", f"{receipt}/getuploadreceipturl", "upload_receipt_url", receipts.addresses),
    ]
