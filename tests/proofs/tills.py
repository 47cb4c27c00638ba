"""A client of the graph as a till is one: it asks over HTTP, and believes what it is told."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx

Json = dict[str, Any]

_TOLD = """
  status
  errors { code message field retry program { key } upstream { code httpStatus } }
  warnings { code message }
  receipt { id idempotencyKey status replayed startedAt finishedAt result { id }
            errors { code retry } }
"""
_SELECTED = {
    "TransactionPayload": "transaction { id status effect { earned redeemed adjusted } }",
    "RedemptionPayload": "redemption { id status points }",
    "VoucherPayload": "voucher { id code status }",
    "MemberPayload": "member { id number }",
    "AuthorizationPayload": "authorization",
}
_PAYLOADS = {
    "postTransaction": ("PostTransactionInput", "TransactionPayload"),
    "returnTransaction": ("ReturnTransactionInput", "TransactionPayload"),
    "voidTransaction": ("VoidTransactionInput", "TransactionPayload"),
    "redeemPoints": ("RedeemPointsInput", "RedemptionPayload"),
    "captureRedemption": ("RedemptionActionInput", "RedemptionPayload"),
    "voidRedemption": ("RedemptionActionInput", "RedemptionPayload"),
    "authorizeRedemption": ("AuthorizeRedemptionInput", "AuthorizationPayload"),
    "claimVoucher": ("ClaimVoucherInput", "VoucherPayload"),
    "adjustPoints": ("AdjustPointsInput", "TransactionPayload"),
    "enrollMember": ("EnrollMemberInput", "MemberPayload"),
    "updateMember": ("UpdateMemberInput", "MemberPayload"),
}
_OPERATION = """query Outcome($key: String!) {
  operation(idempotencyKey: $key) { id status replayed result { id } errors { code retry } }
}"""
_MEMBER = """query Member($program: String!, $number: String!) {
  memberByNumber(program: $program, number: $number) {
    id balance { points freshness { source } }
  }
}"""
_OFFERS = """query Offers($id: ID!) {
  member(id: $id) { offers(first: 50) { nodes { id code kind } } }
}"""


def document(mutation: str, *, selected: bool = True) -> str:
    """A mutation's GraphQL, with what a careful client selects."""
    kind, payload = _PAYLOADS[mutation]
    more = _SELECTED[payload] if selected else ""
    asked = f"told: {mutation}(input: $input) {{ {_TOLD} {more} }}"
    return f"mutation Asked($input: {kind}!) {{ {asked} }}"


@dataclass(frozen=True, slots=True)
class Told:
    """What one answer to a mutation says."""

    status: str
    codes: tuple[str, ...]
    retries: tuple[str, ...]
    replayed: bool
    operation: str | None
    payload: Json = field(repr=False)

    @property
    def is_final(self) -> bool:
        """Whether it can be told otherwise later: never, if this is true and it is no UNSENT."""
        return self.status in {"SUCCEEDED", "REJECTED", "REVERSED"}

    @property
    def is_unsent(self) -> bool:
        """Whether it was given up before anything left, so that the same key may start again."""
        return self.status == "REJECTED" and bool({"SAME_KEY", "SAME_KEY_LATER"} & {*self.retries})

    def result(self, name: str) -> str | None:
        """The id of the transaction, redemption, voucher or member in it."""
        node = self.payload.get(name)
        return None if node is None else str(node["id"])


class Refused(Exception):
    """The graph did not take a document: a test's own fault, or the server's."""


@dataclass(slots=True)
class Till:
    """One signed-in client; raises httpx.HTTPError where the connection or the server broke."""

    http: httpx.AsyncClient
    token: str | None = None
    url: str = "/graphql"

    async def ask(self, document: str, variables: Json) -> Json:
        """The data of an answer, errors and all: raises Refused where there is none."""
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        response = await self.http.post(
            self.url, json={"query": document, "variables": variables}, headers=headers
        )
        answer = response.json()
        if answer.get("data") is None:
            raise Refused(response.text)
        data: Json = answer["data"]
        return data

    async def tell(self, mutation: str, key: str, given: Json) -> Told:
        """Ask for a mutation, and what was told of it."""
        variables = {"input": {"idempotencyKey": key, **given}}
        data = await self.ask(document(mutation), variables)
        payload = data.get("told")
        if payload is None:
            raise Refused(str(data))
        return _told(payload)

    async def outcome(self, key: str) -> Json | None:
        """What `operation(idempotencyKey)` says now."""
        operation: Json | None = (await self.ask(_OPERATION, {"key": key}))["operation"]
        return operation

    async def settled(self, key: str, seconds: float) -> str:
        """The status of an operation once it is not PENDING any more, or PENDING after all."""
        status = "PENDING"
        for _ in range(int(seconds / 0.05) + 1):
            operation = await self.outcome(key)
            status = "NONE" if operation is None else str(operation["status"])
            if status != "PENDING":
                return status
            await asyncio.sleep(0.05)
        return status

    async def member(self, program: str, number: str) -> Json:
        """A member by its number."""
        found = (await self.ask(_MEMBER, {"program": program, "number": number}))["memberByNumber"]
        if found is None:
            message = f"{program} {number}"
            raise Refused(message)
        return dict(found)

    async def offers(self, member: str) -> dict[str, str]:
        """The ids of the vouchers that a member could claim, by code."""
        found = (await self.ask(_OFFERS, {"id": member}))["member"]["offers"]["nodes"]
        return {each["code"]: each["id"] for each in found if each["kind"] == "CLAIMABLE_VOUCHER"}


def _told(payload: Json) -> Told:
    receipt = payload["receipt"]
    return Told(
        status=payload["status"],
        codes=tuple(error["code"] for error in payload["errors"]),
        retries=tuple(error["retry"] for error in payload["errors"]),
        replayed=bool(receipt and receipt["replayed"]),
        operation=None if receipt is None else receipt["id"],
        payload=payload,
    )
