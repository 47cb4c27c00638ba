"""Examples that change something: a sale and a redemption a provider of the sandbox, and a void."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import uuid4

from graph.page_files import Example, Json
from loyalty.refs import MemberRef
from resolvers.routing import Ids

_SALE = """\
# Run it twice: the second answer is the first one's, and receipt.replayed is true.
# For another sale change idempotencyKey and document.id in the variables below.
mutation %(name)s($input: PostTransactionInput!) {
  postTransaction(input: $input) {
    status
    errors { code message field retry }
    warnings { code message }
    receipt { replayed status }
    transaction { id status total { amount currency } effect { earned redeemed } }
    member { name balance { points } }
  }
}
"""

_REDEMPTION = """\
# Run it twice: the points are taken once. For more change idempotencyKey below.
mutation %(name)s($input: RedeemPointsInput!) {
  redeemPoints(input: $input) {
    status
    errors { code message field retry }
    receipt { replayed status }
    redemption { id status points worth { amount currency } }
    member { name balance { points } }
  }
}
"""

_VOID = """\
# Put the transaction.id of a sale that you have posted into the variables below.
mutation VoidSale($input: VoidTransactionInput!) {
  voidTransaction(input: $input) {
    status
    errors { code message field retry }
    transaction { id status }
    member { name balance { points } }
  }
}
"""

_OPERATION = """\
# What became of a mutation whose answer was lost: null until you have run the sale's tab.
query LostAnswer($key: String!) {
  operation(idempotencyKey: $key) {
    status
    startedAt
    finishedAt
    result { __typename id }
    errors { code message retry }
  }
}
"""

_LINES: Json = [
    {
        "productCode": "COFFEE",
        "division": "1",
        "description": "Coffee",
        "quantity": "2",
        "unitPrice": "12.50",
        "subtotal": "25.00",
    }
]
# Provider -> what it is called here, the key of its rich persona, and a shop of the sandbox.
_PERSONAS: Mapping[str, tuple[str, str, str]] = {
    "onerewards": ("OneRewards", "4801", "HQ"),
    "telluride": ("Telluride", "7081555000000018", "00001"),
    "fabric": ("fabric", "fab00000-0000-4000-8000-070410002301", "ONLINE"),
}


def changing_examples(sandboxes: Mapping[str, str], ids: Ids, now: datetime) -> Iterator[Example]:
    """The tabs, with keys that were never used; `sandboxes` are programs by their provider."""
    keys: list[str] = []
    for provider, program in sandboxes.items():
        if provider in _PERSONAS:
            keys.append(f"{uuid4()}")
            yield _sale(provider, program, ids, now, keys[-1])
            yield _redemption(provider, program, ids)
    if keys:
        yield Example("Did the sale go through?", _OPERATION, {"key": keys[0]})
        asked: Json = {"idempotencyKey": f"{uuid4()}", "transactionId": "PUT-ITS-ID-HERE"}
        yield Example("Void a sale", _VOID, {"input": asked})


def _sale(provider: str, program: str, ids: Ids, now: datetime, key: str) -> Example:
    name, member, outlet = _PERSONAS[provider]
    asked: dict[str, Json] = {
        "idempotencyKey": key,
        "memberId": ids.of(MemberRef(program, member)),
        "document": {"id": f"INV-{key[:8].upper()}"},
        "occurredAt": now.replace(microsecond=0).isoformat(),
        "outlet": {"code": outlet},
        "lines": _LINES,
        "totals": {"gross": "25.00", "final": "25.00"},
        "payments": [{"method": "CARD", "amount": "25.00"}],
    }
    if provider == "onerewards":  # the points of its sales are worked out by whoever sells
        asked["points"] = {"collect": "25"}
    query = _SALE % {"name": f"Sale{name.title()}"}
    return Example(f"Post a sale: {name}", query, {"input": asked})


def _redemption(provider: str, program: str, ids: Ids) -> Example:
    name, member, outlet = _PERSONAS[provider]
    asked: dict[str, Json] = {
        "idempotencyKey": f"{uuid4()}",
        "memberId": ids.of(MemberRef(program, member)),
        "amount": {"points": "100"},
        "outlet": {"code": outlet},
    }
    if provider == "telluride":  # it redeems for lines alone
        asked["lines"] = _LINES
    query = _REDEMPTION % {"name": f"Redeem{name.title()}"}
    return Example(f"Redeem points: {name}", query, {"input": asked})
