"""That the judge and the checker find what they are there for: each is shown a lie."""

import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.proofs.checker import Evidence, check
from tests.proofs.errands import Errand, Scene, errand
from tests.proofs.history import Answer, History, Operation, Reading
from tests.proofs.judge import Shown, shown, verdict
from tests.proofs.tills import Told

Json = dict[str, Any]
SALE = errand("onerewards", "sale")
VOID = errand("onerewards", "void")
REDEEM = errand("fabric", "redeem")
PLACE = ("onerewards", "4801")


def effect(kind: str, n: int = 0, **more: object) -> Json:
    return {
        "n": n,
        "upstream": "onerewards",
        "operation": "post_transaction",
        "kind": kind,
        "member": "4801",
        "reference": None,
        "delta": "10",
        "voucher": None,
        "undoes": None,
        "call": n,
        **more,
    }


def told(status: str, *codes: str, retry: str = "NEVER") -> Told:
    return Told(status, codes, (retry,) * len(codes), False, "op", {})


def operation(status: str, *answers: Told, of: Errand = SALE, n: int = 1) -> Operation:
    scene = Scene("M", n, {"sale": "T"})
    asked = Operation(f"key-{n:012d}", of, "4801", "M", n, of.given(scene), status=status)
    for each in answers or (told(status),):
        asked.answers.append(Answer(0, 0.0, time.monotonic(), each, changed=False))
    return asked


def evidence(*effects: Json, bodies: Mapping[int, str], end: int | None = None) -> Evidence:
    moved = sum(int(each["delta"]) for each in effects)
    last = Decimal(100 + moved if end is None else end)
    return Evidence(list(effects), bodies, {PLACE: Decimal(100)}, {PLACE: last})


def judged(asked: Operation, *effects: Json, **more: Any) -> list[str]:
    history = History(operations={asked.key: asked})
    body = '{"docId": "S-000001"}'
    bodies = {each["n"]: body for each in effects} | more.pop("bodies", {})
    wrong = check(history, evidence(*effects, bodies=bodies, **more)).wrong
    return [each.partition(":")[0] for each in wrong]


@pytest.mark.parametrize(
    ("kinds", "seen"),
    [
        ((), Shown.NONE),
        (("issue", "capture"), Shown.ONCE),
        (("issue",), Shown.PART),
        (("issue", "cancel"), Shown.UNDONE),
        (("issue", "capture", "reverse"), Shown.UNDONE),
        (("issue", "issue", "capture"), Shown.MORE),
        (("issue", "capture", "earn"), Shown.MORE),
        (("expire",), Shown.NONE),
    ],
)
def test_effects_amount_to_something(kinds: tuple[str, ...], seen: Shown) -> None:
    assert shown(REDEEM, [effect(kind) for kind in kinds]) == seen


@pytest.mark.parametrize(
    ("status", "count", "found"),
    [
        ("SUCCEEDED", 1, ""),
        ("SUCCEEDED", 0, "LOST"),
        ("SUCCEEDED", 2, "DOUBLED"),
        ("REJECTED", 0, ""),
        ("REJECTED", 1, "FALSELY FAILED"),
        ("REVERSED", 1, "UNTRUE"),
        ("UNDER_REVIEW", 1, ""),
        ("UNDER_REVIEW", 0, ""),
        ("UNDER_REVIEW", 2, "DOUBLED"),
        ("NONE", 1, "FALSELY FAILED"),
    ],
)
def test_what_is_told_is_held_against_the_books(status: str, count: int, found: str) -> None:
    assert verdict(SALE, status, [effect("earn")] * count).partition(":")[0] == found


def test_what_the_network_doubled_is_not_held_against_anybody() -> None:
    assert verdict(SALE, "SUCCEEDED", [effect("earn")] * 2, allowed_more=1) == ""
    assert verdict(SALE, "SUCCEEDED", [effect("earn")] * 3, allowed_more=1) != ""
    assert verdict(SALE, "SUCCEEDED", [effect("earn"), effect("void")], allowed_more=1) != ""


def test_a_true_history_is_found_to_be_true() -> None:
    assert judged(operation("SUCCEEDED"), effect("earn")) == []


def test_a_doubled_effect_is_found() -> None:
    assert judged(operation("SUCCEEDED"), effect("earn"), effect("earn", 1)) == ["DOUBLED"]


def test_a_lost_effect_is_found() -> None:
    assert judged(operation("SUCCEEDED")) == ["LOST"]


def test_a_false_failure_is_found_and_the_points_that_nobody_was_told_of() -> None:
    assert judged(operation("REJECTED"), effect("earn")) == ["FALSELY FAILED", "S12"]


def test_an_effect_of_nobody_is_found() -> None:
    found = judged(operation("REJECTED"), effect("earn"), bodies={0: '{"docId": "S-000009"}'})
    assert found == ["PHANTOM", "S12"]


def test_a_stuck_operation_is_found() -> None:
    assert judged(operation("PENDING")) == ["STUCK"]


def test_points_that_moved_without_an_effect_are_found() -> None:
    assert judged(operation("SUCCEEDED"), effect("earn"), end=500) == ["S12"]


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ((told("PENDING"), told("SUCCEEDED"), told("SUCCEEDED")), []),
        ((told("SUCCEEDED"), told("PENDING")), ["S3"]),
        ((told("SUCCEEDED"), told("PENDING", "LEDGER_UNAVAILABLE"), told("SUCCEEDED")), []),
        ((told("SUCCEEDED"), told("PENDING", "LEDGER_UNAVAILABLE"), told("PENDING")), ["S3"]),
        ((told("SUCCEEDED"), told("REJECTED", "LEDGER_UNAVAILABLE")), ["S3"]),
        ((told("REJECTED", "DUPLICATE"), told("SUCCEEDED")), ["S3"]),
        ((told("REJECTED", "PROVIDER_TIMEOUT", retry="SAME_KEY_LATER"), told("SUCCEEDED")), []),
        ((told("UNDER_REVIEW"), told("SUCCEEDED")), ["S3"]),
    ],
)
def test_a_changed_mind_is_found(answers: tuple[Told, ...], found: list[str]) -> None:
    assert judged(operation("SUCCEEDED", *answers), effect("earn"))[: len(found) or 1] == found


def test_other_input_must_be_a_conflict() -> None:
    asked = operation("SUCCEEDED")
    conflict, away = told("REJECTED", "IDEMPOTENCY_CONFLICT"), told("PENDING", "LEDGER_UNAVAILABLE")
    for each in (conflict, away, told("SUCCEEDED")):
        asked.answers.append(Answer(0, 0.0, 0.0, each, changed=True))
    assert judged(asked, effect("earn")) == ["S7"]


def test_an_undoing_effect_is_the_voids() -> None:
    sale, void = operation("SUCCEEDED"), operation("SUCCEEDED", of=VOID, n=2)
    void.undoes = sale.key
    history = History(operations={sale.key: sale, void.key: void})
    effects = [effect("earn"), effect("void", 1, undoes=0, delta="-10")]
    books = evidence(*effects, bodies={0: '{"docId": "S-000001"}'})
    assert check(history, books).wrong == []
    void.status = "REJECTED"
    void.answers.clear()
    assert "FALSELY FAILED" in check(history, books).wrong[0]


def test_a_stale_balance_is_found() -> None:
    history = History(readings=[Reading("4801", "onerewards", "90", "100", "100", "LIVE")])
    assert check(history, evidence(bodies={})).wrong[0].startswith("S15")
    history = History(readings=[Reading("4801", "onerewards", "90", "90", "100", "LIVE")])
    assert check(history, evidence(bodies={})).wrong == []
