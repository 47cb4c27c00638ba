"""A client of the Telluride emulator that signs its assertions by hand, as a real one must."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from httpx import Response
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from sandbox import control, telluride
from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.frame import Frame
from sandbox.switches import Switches

NOW = datetime(2025, 1, 15, 16, 0, tzinfo=UTC)  # ten in the morning, Central
NOW_MS = 1_736_956_800_000
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_PATH = "/oauthAS/service/oAuth/token.json"
EXAMPLES = json.loads((Path(__file__).parent / "examples.json").read_text())
FOLDERS = {
    "GetMemberLookup": "profile",
    "GetRewardBalance": "profile",
    "GetMemberAffinitySubscriptions": "profile",
    "ProcessRedemption": "transaction",
    "ProcessEarn": "transaction",
    "GetApplicableOffers": "transaction",
    "GetMemberActivitySummary": "transaction",
    "GetMemberActivityDetail": "transaction",
}
"""APIs that can be asked without changing anything."""

WRITES = {
    "CreateMember": "profile",
    "UpdateMemberAffinitySubscriptions": "profile",
    "PostExternalBonus": "transaction",
}
"""APIs that only write; ProcessEarn and ProcessRedemption do both."""


@cache
def loaded(pem: str) -> rsa.RSAPrivateKey:
    """Loading checks the key, which takes longer than a test."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


class Desk:
    """Everything a test wants to do with the emulator."""

    def __init__(self, client: TestClient, state: telluride.State) -> None:
        self.client = client
        self.state = state
        self.headers: dict[str, str] = {"client_id": "EXAMPLE_SHOP"}
        pem = state.private_key_pem()
        assert pem is not None
        self.key = loaded(pem)

    def claims(self, **changes: object) -> dict[str, object]:
        claims: dict[str, object] = {
            "iss": "EXAMPLE_SHOP",
            "scope": "",
            "aud": f"http://testserver/telluride{TOKEN_PATH}",
            "iat": NOW_MS,
            "exp": NOW_MS + 7_200_000,
        }
        return {name: value for name, value in (claims | changes).items() if value != "absent"}

    def assertion(self, alg: str = "RSA", *, padded: bool = False, **changes: object) -> str:
        header = {"alg": alg, "typ": "JWT"}
        return self.signed(header, self.claims(**changes), padded=padded)

    def signed(
        self,
        header: object,
        claims: object,
        *,
        padded: bool = False,
        key: rsa.RSAPrivateKey | None = None,
    ) -> str:
        def encoded(raw: bytes) -> str:
            if padded:
                return base64.b64encode(raw).decode()
            return base64.urlsafe_b64encode(raw).decode().rstrip("=")

        head, body = (encoded(json.dumps(part).encode()) for part in (header, claims))
        signature = (key or self.key).sign(
            f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256()
        )
        return f"{head}.{body}.{encoded(signature)}"

    def ask_token(self, assertion: str) -> Response:
        body = {"grant_type": GRANT, "assertion": assertion}
        return self.client.post(f"/telluride{TOKEN_PATH}", json=body)

    def sign_in(self, client_id: str = "EXAMPLE_SHOP") -> str:
        token = self.ask_token(self.assertion(iss=client_id)).json()["access_token"]
        self.headers = {"client_id": client_id, "access_token": token}
        return token

    def sign_in_again(self) -> None:
        """A token of the clock's present, however far it was moved."""
        issued = self.state.now_ms
        assertion = self.assertion(iat=issued, exp=issued + 60_000)
        self.headers["access_token"] = self.ask_token(assertion).json()["access_token"]

    def post(self, api: str, body: object, headers: dict[str, str] | None = None) -> Response:
        path = f"/telluride/tellurideAS/{(FOLDERS | WRITES)[api]}/{api}"
        return self.client.post(path, json=body, headers=headers or self.headers)

    def call(self, api: str, changes: dict[str, object] | None = None) -> Any:
        """The contract's example request with changes; "absent" leaves a field out."""
        body = {**request(api), **(changes or {})}
        body = {name: value for name, value in body.items() if value != "absent"}
        answer = self.post(api, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def switch(self, **values: object) -> None:
        answer = self.client.put("/__sandbox__/switches", json={"telluride": values})
        assert answer.status_code == 200, answer.text

    def number(self, key: str) -> str:
        return next(persona.number for persona in self.state.personas if persona.key == key)

    def effects(self, **wanted: str) -> list[dict[str, Any]]:
        answer = self.client.get("/__sandbox__/effects", params={"upstream": "telluride", **wanted})
        return answer.json()

    def fault(self, operation: str, **fault: object) -> None:
        order = {"upstream": "telluride", "operation": operation, "fault": fault}
        answer = self.client.post("/__sandbox__/faults", json=order)
        assert answer.status_code == 201, answer.text

    def points(self, key: str) -> int:
        """Own points as GetRewardBalance tells them."""
        return int(self.balance(key)["totalAvailableMemberOwnPoints"])

    def balance(self, key: str) -> dict[str, Any]:
        fields = {"memberNumber": self.number(key), "currentDate": "absent"}
        return self.call("GetRewardBalance", fields)["totalAvailablePointsSummary"]

    def forward(self, seconds: float) -> None:
        self.client.put("/__sandbox__/clock", json={"advance_seconds": seconds})


def request(api: str) -> dict[str, Any]:
    """The contract's example request, on the world's own member and requestor."""
    body = dict(EXAMPLES[api]["request"])
    for name in ("RequestorID", "requestorID", "FileIdentifier"):
        if name in body:
            body[name] = "LGPH"
    for name in ("MemberNumber", "memberNumber"):
        if body.get(name):
            body[name] = "7081555000000125"
    body.pop("memberIdentifier", None)
    match api:
        case "ProcessRedemption":
            body["Function"] = "B"
        case "ProcessEarn":
            body["EarnFlag"] = "T"
        case "GetMemberActivityDetail":
            body |= {"StartDTTM": "2024-06-01T00:00:00", "StoreFormat": ""}
        case _:
            pass
    return body


@pytest.fixture
def desk() -> Iterator[Desk]:
    frame = Frame(Clock(NOW), Books(), Faults(), Switches())
    state = telluride.State(frame, 7)
    app = Starlette(
        routes=[
            Mount("/telluride", routes=telluride.routes(frame, state)),
            Mount("/__sandbox__", routes=control.routes(frame, {"telluride": state})),
        ]
    )
    with TestClient(app) as client:
        made = Desk(client, state)
        made.sign_in()
        yield made


def status_of(api: str, answer: Any) -> tuple[str, str]:
    """Where the outcome is, per API (contract 1.5)."""
    match api:
        case "GetMemberLookup":
            place = answer["GetMemberLookupResult"]["GetMemberLookupReply"][0]["Additional"]
        case "CreateMember":
            place = answer["CreateMemberResult"]["GetMemberLookupReply"][0]["Additional"]
        case "UpdateMemberAffinitySubscriptions":
            place = answer["additional"]
        case "ProcessEarn":
            place = answer["ProcessEarnResult"]["ProcessEarnReply"][0]["Additional"]
        case "ProcessRedemption":
            place = answer["Additional"]
        case "GetRewardBalance" | "GetMemberAffinitySubscriptions":
            place = answer["additional"]
        case _:
            place = answer
    if "Status" in place:
        return place["Status"], place["StatusText"]
    return place["status"], place["statusText"]
