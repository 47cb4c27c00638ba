"""A till that writes to OneRewards: one company in process, its clock standing still."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from sandbox import control, onerewards
from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.frame import Frame
from sandbox.onerewards import people, state
from sandbox.switches import Switches

START = datetime(2025, 3, 14, 6, 30, tzinfo=UTC)  # a Friday, half past two at the company
CROWD = 60
AISYAH_APP = "7d0c2f54-93f0-4a07-9c2e-50c5c1d5a9be"


class Till:
    """What a shop and a member's hands can do."""

    def __init__(self, http: TestClient, frame: Frame, world: onerewards.State) -> None:
        self.http = http
        self.frame = frame
        self.world = world
        self.integration = state.INTEGRATION_ID

    def call(self, method: str, path: str, body: object = None, **query: object):
        asked = {name: str(value) for name, value in query.items()}
        answer = self.http.request(
            method,
            f"/onerewards/{self.integration}{path}",
            json=body,
            params=asked,
        )
        content = json.loads(answer.text, parse_float=Decimal) if answer.text else None
        return answer.status_code, content

    def control(self, method: str, path: str, body: object = None, status: int | None = None):
        answer = self.http.request(method, f"/__sandbox__{path}", json=body)
        assert status in (None, answer.status_code), answer.text
        assert status is not None or answer.status_code < 300, answer.text
        return answer.json() if answer.text else None

    def switch(self, **values: object) -> None:
        self.control("PUT", "/switches", {"onerewards": values})

    def fault(self, operation: str, **fault: object) -> None:
        order = {"upstream": "onerewards", "operation": operation, "fault": fault}
        self.control("POST", "/faults", order)

    def wait(self, seconds: int) -> None:
        self.control("PUT", "/clock", {"advance_seconds": seconds})

    def effects(self, **query: object) -> list[dict[str, object]]:
        narrowed = "&".join(f"{name}={value}" for name, value in query.items())
        return self.control("GET", f"/effects?upstream=onerewards&{narrowed}")

    def kinds(self, **query: object) -> list[tuple[object, object]]:
        return [(each["kind"], each["delta"]) for each in self.effects(**query)]

    def balance(self, member: int) -> Decimal:
        status, info = self.call("GET", "/member/info", memberId=member)
        assert status == 200
        return Decimal(info["pointBalance"])

    def redemption_code(self, user: str = AISYAH_APP) -> int:
        minted = self.control("POST", "/onerewards/auth-code", {"mobileUserId": user})
        status, answer = self.call("GET", f"/getrecordbyauthcode/{minted['authCode']}")
        assert status == 200
        return answer["redemptionCode"]

    def document(self, member: int, doc_id: str, **parts: object) -> dict[str, object]:
        return {
            "memberId": member,
            "docId": doc_id,
            "docNo": f"No-{doc_id}",
            "docDate": "2025-03-14T06:25:02.000Z",
            "outletId": "2",
            "outlet": "PJ-02",
            "createdUser": "mei.ling",
            **parts,
        }

    def post(self, member: int, doc_id: str, **parts: object):
        return self.call("POST", "/transaction/post", self.document(member, doc_id, **parts))

    def unpost(self, member: int, doc_id: str):
        body = {"memberId": member, "docId": doc_id}
        return self.call("POST", "/transaction/unpost", body)

    def voucher_states(self, member: int) -> dict[str, str]:
        book = self.control("GET", f"/members/onerewards/{member}")
        return {each["code"]: each["state"] for each in book["vouchers"]}

    def conserved(self) -> bool:
        """No gap between effects, and the last of them left what the balance is now."""
        left = {each["member"]: each["points_after"] for each in self.effects()}
        now = {
            member: self.control("GET", f"/members/onerewards/{member}")["points"]
            for member, points in left.items()
            if points is not None
        }
        return self.frame.books.gaps("onerewards") == [] and all(
            Decimal(left[member]) == Decimal(points) for member, points in now.items()
        )


@pytest.fixture
def till(monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    monkeypatch.setattr(people, "POPULATION", CROWD)  # the personas are what writes are tried on
    frame = Frame(Clock(START), Books(), Faults(), Switches())
    world = onerewards.State(frame, 7)
    app = Starlette(
        routes=[
            Mount("/onerewards", routes=onerewards.routes(frame, world)),
            Mount("/__sandbox__/onerewards", routes=onerewards.controls(frame, world)),
            Mount("/__sandbox__", routes=control.routes(frame, {"onerewards": world})),
        ]
    )
    headers = {"API-Key": "kopi-secret", "Key-ID": "kopi-key"}
    with TestClient(app, headers=headers) as http:
        yield Till(http, frame, world)
