"""Upload addresses for receipts and the storage behind them; no PDF is looked into."""

import hashlib
from dataclasses import dataclass

from sandbox.frame import Arrival, Frame, Reply
from sandbox.jsons import as_array
from sandbox.onerewards import asked
from sandbox.onerewards.assumptions import UPSTREAM
from sandbox.onerewards.doors import Refused, Visit
from sandbox.onerewards.records import Receipt
from sandbox.onerewards.state import State

STORAGE = "/__sandbox__/onerewards/receipts"
"""The storage is not the vendor's host, so that its paths are not below the vendor's mount."""

ADDRESS_LASTS = 3600
BATCH = 100
PDF = "application/pdf"
TICKET = "x-receipt-ticket"


class Receipts:
    """Get Upload Receipt Url (OneRewards contract 3.19)."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def addresses(self, visit: Visit) -> object:
        """One signed address for each receipt asked for."""
        given = as_array(asked.json_of(visit.arrival))
        if given is None:
            raise Refused(400, "The body must be an array.")
        if len(given) > BATCH:
            raise Refused(400, f"At most {BATCH} receipts at once.")
        found = [self._address(visit, _guid(each)) for each in given]
        reverses = self._frame.switches.text(UPSTREAM, "receipt_url_order") == "reversed"
        return found[::-1] if reverses else found

    def _address(self, visit: Visit, receipt_id: str) -> dict[str, object]:
        expires = int(self._frame.clock.now().timestamp()) + ADDRESS_LASTS
        host = visit.arrival.headers.get("host", "")
        place = f"KC/{visit.company.account_book_id}/{receipt_id}"
        signed = f"AccessKeyId=EXAMPLE&Expires={expires}&Signature={_signature(place, expires)}"
        headers = self._frame.switches.text(UPSTREAM, "receipt_headers")
        ticket: dict[str, object] = {TICKET: receipt_id[:8]} if headers == "both" else {}
        return {
            "url": f"http://{host}{STORAGE}/{place}?{signed}",
            "requestHeaders": None if headers == "none" else ticket,
            "contentHeaders": None if headers == "none" else {"Content-Type": PDF},
        }


@dataclass(frozen=True, slots=True)
class Storage:
    """What stands behind an upload address: it trusts the signature and nothing else."""

    frame: Frame
    state: State

    def put(self, arrival: Arrival) -> Reply:
        """Keep a file; the last one under an id wins (6.2#42)."""
        book, receipt_id = arrival.path_params["book"], arrival.path_params["receipt"]
        refusal = _unsigned(self.frame, arrival, f"KC/{book}/{receipt_id}") or self._unfit(arrival)
        if refusal is not None:
            return Reply(refusal[0], {"message": refusal[1]})
        digest = hashlib.sha256(arrival.body).hexdigest()
        receipt = Receipt(receipt_id, len(arrival.body), digest, self.frame.clock.now())
        self.state.companies[int(book)].register.receipts[receipt_id] = receipt
        return Reply(200)

    def _unfit(self, arrival: Arrival) -> tuple[int, str] | None:
        if {"api-key", "key-id"} & arrival.headers.keys():
            return 400, "Credentials of the API do not belong here."
        headers = self.frame.switches.text(UPSTREAM, "receipt_headers")
        if headers == "both" and TICKET not in arrival.headers:
            return 403, "A signed header is missing."
        if headers != "none" and arrival.headers.get("content-type") != PDF:
            return 403, "The content type is not the signed one."
        if not arrival.body.startswith(b"%PDF"):
            return 400, "Only PDF is kept."
        return None


def _unsigned(frame: Frame, arrival: Arrival, place: str) -> tuple[int, str] | None:
    expires, signature = arrival.query.get("Expires", ""), arrival.query.get("Signature")
    if not expires.isdecimal() or signature != _signature(place, int(expires)):
        return 403, "The signature does not match."
    if frame.clock.now().timestamp() >= int(expires):
        return 403, "The address has expired."
    return None


def _guid(value: object) -> str:
    if not isinstance(value, str):
        raise Refused(400, "A receipt id must be a GUID.")
    return asked.guid(value, "A receipt id")


def _signature(place: str, expires: int) -> str:
    return hashlib.sha256(f"sandbox:{place}:{expires}".encode()).hexdigest()[:32]
