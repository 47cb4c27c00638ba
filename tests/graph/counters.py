"""A real server over a real sandbox: sales at its counter, judged by the sandbox's own books."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from tests.graph.processes import PATIENCE
from tests.graph.selling import COMMON, OUTLETS, document, line

UPSTREAMS = {"kopi": "onerewards", "syw": "telluride", "northshore": "fabric"}
NUMBERS = {"kopi": "4821", "syw": "7081555000000117", "northshore": "70410002321"}
EVERYBODY = tuple(UPSTREAMS)

_WHO = "query W($p: String!, $n: String!) { memberByNumber(program: $p, number: $n) { id name } }"
_BALANCE = "query B($id: ID!) { member(id: $id) { balance { points } } }"
_RECEIPT = (
    "query R($key: String!) { operation(idempotencyKey: $key)"
    " { status errors { code retry } result { id } } }"
)
_POST = document("postTransaction", f"{COMMON} transaction {{ id }}")
_invoices = itertools.count(1)

Json = dict[str, Any]


@dataclass
class Counter:
    """One server, as an app with every right uses it."""

    url: str
    sandbox: str
    members: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        listed = httpx.get(f"{self.url}/examples.json", timeout=PATIENCE).json()["examples"]
        self._headers: Mapping[str, str] = listed[0]["headers"]

    def asked(self, query: str, **variables: object) -> Json:
        """The whole answer."""
        body = {"query": query, "variables": variables}
        response = httpx.post(self.url, json=body, headers=self._headers, timeout=PATIENCE)
        answer: Json = response.json()
        return answer

    def member(self, program: str) -> str:
        """The id of the program's well-known member."""
        if program not in self.members:
            answer = self.asked(_WHO, p=program, n=NUMBERS[program])
            self.members[program] = answer["data"]["memberByNumber"]["id"]
        return self.members[program]

    def points(self, program: str) -> str:
        """The member's balance: a read, which needs no ledger."""
        answer = self.asked(_BALANCE, id=self.member(program))
        points: str = answer["data"]["member"]["balance"]["points"]
        return points

    def sale(self, program: str, lines: int = 2) -> Json:
        """The input of a sale that was never sent before; many lines need much room."""
        total = f"{55 * lines:.2f}"
        asked: Json = {
            "idempotencyKey": str(uuid4()),
            "memberId": self.member(program),
            "document": {"id": f"INV-{next(_invoices):05d}-{uuid4().hex[:4]}"},
            "occurredAt": datetime.now(UTC).isoformat(),
            "outlet": {"code": OUTLETS[program]},
            "lines": [line("COFFEE", "5", "11.00") for _ in range(lines)],
            "totals": {"gross": total, "final": total},
            "payments": [{"method": "CARD", "amount": total}],
        }
        return {**asked, "points": {"collect": "55"}} if program == "kopi" else asked

    def told(self, sale: Json) -> Json:
        """The payload of the sale."""
        answer = self.asked(_POST, input=sale)
        assert "errors" not in answer, answer
        payload: Json = answer["data"]["postTransaction"]
        return payload

    def receipt(self, sale: Json) -> Json:
        """What is recorded of the sale, asked for by its key."""
        answer = self.asked(_RECEIPT, key=sale["idempotencyKey"])
        receipt: Json = answer["data"]["operation"]
        return receipt

    # ------------------------------------------------------------------ the other side

    def effects(self, program: str) -> list[Json]:
        """What really changed."""
        return self._books("effects", program)

    def writes(self, program: str) -> int:
        """How many sales arrived at all."""
        names = {"kopi": "transaction", "syw": "ProcessEarn", "northshore": "earn"}
        called = self._books("calls", program)
        return sum(names[program].lower() in str(call["operation"]).lower() for call in called)

    def spoil(self, program: str, operation: str, **fault: object) -> None:
        """Let the next call fail."""
        asked = {
            "upstream": UPSTREAMS[program],
            "operation": operation,
            "times": 1,
            "fault": fault,
        }
        httpx.post(f"{self.sandbox}/__sandbox__/faults", json=asked).raise_for_status()

    def _books(self, what: str, program: str) -> list[Json]:
        asked = {"upstream": UPSTREAMS[program]}
        response = httpx.get(f"{self.sandbox}/__sandbox__/{what}", params=asked)
        found: list[Json] = response.raise_for_status().json()
        return found
