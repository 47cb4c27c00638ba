"""Telluride under random writes: points are neither made nor lost, and every change is told."""

from datetime import timedelta
from random import Random

import pytest

from .conftest import Desk
from .writing import back, bonus, create, deltas, earn, line, link, phones, redeem, void

DAY = timedelta(days=1)
PERSONAS = ("everywhere", "expiring", "surprise", "zero", "rich", "merged", "inactive")


class Traffic:
    """Random writes with their repeats, refusals, lost answers and passing days."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.dice = Random(seed)  # noqa: S311 - the same traffic every time
        self.sales: list[tuple[str, str]] = []
        self.codes: list[tuple[str, str]] = []

    def step(self, turn: int) -> None:
        self.desk.sign_in_again()
        write = self.dice.choice([self.sell, self.take_back, self.spend, self.undo, self.post,
                                  self.join, self.wait, self.affiliate])  # fmt: skip
        if self.dice.random() < 0.15:
            self.desk.fault("*", twice=True)
        write(self.dice.choice(PERSONAS), str(turn))
        self.desk.client.delete("/__sandbox__/faults")

    def sell(self, persona: str, number: str) -> None:
        amount = f"{self.dice.randint(1, 9000) / 100:.2f}"
        earn(self.desk, line(1, amount), persona=persona, TransactionNumber=number)
        self.sales.append((persona, number))

    def take_back(self, _persona: str, number: str) -> None:
        if self.sales:
            persona, sale = self.dice.choice(self.sales)
            returned = back(1, f"{self.dice.randint(1, 2000) / 100:.2f}", sale)
            sources = {"MemberExperience": self.dice.choice(["RB", "GN", "NR"]), "Source": "X"}
            earn(self.desk, returned, persona=persona, TransactionNumber=number, **sources)

    def spend(self, persona: str, number: str) -> None:
        asked = self.dice.randint(1, 9000)
        function = self.dice.choice("AMF")
        reply = redeem(self.desk, asked, persona, TransactionNumber=number, ApplyFunction=function)
        self.codes.append((persona, reply["AuthorizationCode"]))

    def undo(self, _persona: str, number: str) -> None:
        if self.codes:
            persona, code = self.dice.choice(self.codes)
            void(self.desk, code, persona, TransactionNumber=number)

    def post(self, persona: str, number: str) -> None:
        begins = self.dice.choice(["absent", f"{self.desk.state.now + DAY:%Y-%m-%d}T00:00:00"])
        points = str(self.dice.randint(-3000, 3000))
        bonus(self.desk, points, persona, TransactionNumber=number, PointsStartDate=begins)

    def join(self, _persona: str, number: str) -> None:
        create(
            self.desk, EmailAddress=f"m{number}@example.com", PhoneNumbers=phones(f"31{number:0>8}")
        )

    def affiliate(self, persona: str, _number: str) -> None:
        entry = {"affiliationCode": "PETCLUB", "affinityStatus": self.dice.choice("AIPD")}
        link(self.desk, entry, persona=persona)

    def wait(self, _persona: str, _number: str) -> None:
        self.desk.forward(self.dice.choice([60, 3600, 86_400]))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_points_are_conserved_whatever_happens(desk, seed):
    start = {key: held(desk, key) for key in PERSONAS if key != "merged"}
    traffic = Traffic(desk, seed)
    for turn in range(200):
        traffic.step(turn)
        assert desk.state.audit() == [], turn
    for key, points in start.items():
        changes = desk.effects(member=desk.number(key))
        assert points + sum(int(change["delta"]) for change in changes) == held(desk, key), key
    assert {kind for kind, _ in deltas(desk)} >= {
        "earn", "return", "redeem", "void", "bonus", "enroll", "affinity", "expire", "activate",
    }  # fmt: skip


def held(desk: Desk, persona: str) -> int:
    """Own and surprise points, as the vendor's balance tells them."""
    return int(desk.balance(persona)["totalAvailablePoints"])


def test_the_audit_sees_a_change_without_an_effect(desk):
    earn(desk)
    account = desk.state.world.account(desk.number("everywhere"))
    del account.events[-1]
    assert desk.state.audit() == [f"{account.member.number} holds 12500, by the effects 13700"]


def test_what_expired_before_the_first_write_is_told_with_it(desk):
    before = held(desk, "expiring")
    desk.forward(3 * 86_400)
    desk.sign_in_again()
    redeem(desk, 100, persona="expiring")
    assert deltas(desk) == [("expire", -1200), ("redeem", -100)]
    assert before - 1300 == held(desk, "expiring")
