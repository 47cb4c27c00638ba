"""The sandbox's own calls into OneRewards' world: what the app and the owner do, and the storage.

They are mounted under /__sandbox__/onerewards; the vendor has none of them.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from sandbox.control import Action, BadRequest, answering, ordered
from sandbox.frame import Frame, Reply, endpoint
from sandbox.onerewards.asked import Body
from sandbox.onerewards.assumptions import UPSTREAM
from sandbox.onerewards.codes import AUTH_CODE_LASTS, Codes
from sandbox.onerewards.doors import Refused
from sandbox.onerewards.entities import Approval, Company, Member, MobileUser
from sandbox.onerewards.issuing import Issuing
from sandbox.onerewards.reads import member_numbered
from sandbox.onerewards.receipts import Storage
from sandbox.onerewards.state import ACCOUNT_BOOK_ID, State


def controls(frame: Frame, state: State) -> list[BaseRoute]:
    """All control routes of OneRewards, relative to the mount."""
    hands = Hands(frame, state)
    storage = endpoint(frame, UPSTREAM, "upload_receipt", Storage(frame, state).put)
    table: list[tuple[str, str, Action]] = [
        ("POST", "/auth-code", _order(hands.auth_code)),
        ("POST", "/claim-voucher", _order(hands.claim_voucher)),
        ("POST", "/mobile-user", _order(hands.mobile_user)),
        ("POST", "/integration-request", _order(hands.integration_request)),
        ("GET", "/transactions", hands.transactions),
        ("GET", "/receipts", hands.receipts),
    ]
    return [
        Route("/receipts/KC/{book:int}/{receipt}", storage, methods=["PUT"]),
        *(Route(path, answering(action), methods=[method]) for method, path, action in table),
    ]


class Hands:
    """The member's hands on the app and the owner's on the web application, in company 17."""

    def __init__(self, frame: Frame, state: State) -> None:
        self._frame = frame
        self._state = state

    def auth_code(self, order: Body) -> Reply:
        """The member opens the QR page."""
        user = order.text("mobileUserId")
        if user not in self._company.mobile_users:
            raise Refused(404, "Mobile user not found.")
        minted = Codes(self._frame).mint(self._company, user)
        expires = (minted.minted + AUTH_CODE_LASTS).isoformat()
        return Reply(201, {"authCode": minted.code, "expiresAt": expires})

    def claim_voucher(self, order: Body) -> Reply:
        """The member accepts an issued voucher (voucherNo), or obtains one (voucherId)."""
        member = self._member(order)
        issuing = Issuing(self._frame, self._state)
        number = order.optional_text("voucherNo")
        if number is not None:
            voucher = issuing.claim(self._company, member, number)
        else:
            voucher = issuing.obtain(self._company, member, order.integer("voucherId"))
        return Reply(201, {"voucherNo": voucher.voucher_no})

    def mobile_user(self, order: Body) -> Reply:
        """Somebody gets the app."""
        user = MobileUser(
            mobile_user_id=order.text("mobileUserId"),
            name=order.text("name"),
            phone=order.text("phoneNo"),
            email=order.optional_text("email"),
            born=order.day("birthDate"),
            gender=order.optional_text("gender"),
        )
        self._company.mobile_users[user.mobile_user_id] = user
        return Reply(201, {"mobileUserId": user.mobile_user_id})

    def integration_request(self, order: Body) -> Reply:
        """The owner approves ({"integrationId"}) or rejects an app's request."""
        request = self._company.requests.get(order.text("appAccountId"))
        if request is None:
            raise Refused(404, "Integration request not found.")
        integration = order.optional_text("integrationId")
        request.approval = Approval.REJECTED if integration is None else Approval.APPROVED
        request.integration_id = integration
        if integration is not None:
            self._company.integrations.add(integration.lower())
        return Reply(200, {"isApproved": integration is not None})

    def transactions(self, request: Request, _: object) -> Reply:
        """Stored postings, oldest first, void ones included; `docId` and `memberId` narrow."""
        asked = request.query_params
        found = [
            {
                "posting": posting.serial,
                "integrationId": integration,
                "docId": doc_id,
                "memberId": posting.document.member_id,
                "docNo": posting.document.doc_no,
                "at": posting.at.isoformat(),
                "isVoid": posting.is_void,
                "effects": list(posting.effects),
            }
            for (integration, doc_id), postings in self._company.register.postings.items()
            for posting in postings
            if asked.get("docId") in (None, doc_id)
            and asked.get("memberId") in (None, str(posting.document.member_id))
        ]
        return Reply(200, sorted(found, key=lambda each: str(each["posting"]).zfill(9)))

    def receipts(self, _request: Request, _: object) -> Reply:
        """Uploaded files, without their bytes."""
        return Reply(
            200,
            [
                {
                    "receiptId": receipt.receipt_id,
                    "size": receipt.size,
                    "sha256": receipt.digest,
                    "at": receipt.at.isoformat(),
                }
                for receipt in self._company.register.receipts.values()
            ],
        )

    @property
    def _company(self) -> Company:
        return self._state.companies[ACCOUNT_BOOK_ID]

    def _member(self, order: Body) -> Member:
        return member_numbered(self._company, order.integer("memberId"))


def _order(hand: Callable[[Body], Reply]) -> Action:
    def action(_: Request, body: object) -> Reply:
        properties = {name.lower(): value for name, value in ordered(body).items()}
        try:
            return hand(Body(properties))
        except Refused as refused:
            if refused.status == 400:  # noqa: PLR2004 - what control calls call a bad request
                raise BadRequest(refused.text) from refused
            return Reply(refused.status, {"message": refused.text})

    return action
