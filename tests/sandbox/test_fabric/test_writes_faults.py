"""Faults on writes, and that no sequence of writes loses or invents a point."""

from decimal import Decimal
from random import Random

import pytest

from sandbox.fabric.audit import discrepancies
from sandbox.faults import fault_from
from sandbox.frame import ConnectionDropped
from tests.sandbox.test_fabric.writing import (
    ADJUST,
    EARN,
    ENROLL,
    ISSUE,
    NADIA,
    REVERSE,
    changed,
    plain,
)

ISSUED = "/v1/redeem/reward/issue"
STEPS = ("member-reward", "cancel", "reverse")


def suffer(till, operation, **fault):
    till.frame.faults.add("fabric", operation, fault_from(fault), 1)


@pytest.mark.parametrize(("when", "effects"), [("before", 0), ("after", 1)])
async def test_a_dropped_earn_was_applied_or_not(till, when, effects):
    suffer(till, "earn", drop=when)
    with pytest.raises(ConnectionDropped):
        await till.post("/v2/earn", EARN)
    assert len(till.effects()) == effects
    answer = await till.post("/v2/earn", EARN)
    assert answer.status == (400 if effects else 200)
    assert len(till.effects()) == 1


@pytest.mark.parametrize(("applied", "effects"), [(True, 1), (False, 0)])
async def test_a_500_was_applied_or_not(till, applied, effects):
    suffer(till, "issue_reward", status=500, apply=applied)
    assert (await till.post(ISSUED, ISSUE)).status == 500
    assert len(till.effects()) == effects
    rows = (await till.get("/v1/redeem", profileId=NADIA)).data
    assert sum(each["issueAuditUser"] == "op:1" for each in rows) == effects


async def test_a_flagged_earn_delivered_twice_is_one_effect_and_answers_a_duplicate(till):
    suffer(till, "earn", twice=True)
    answer = await till.post("/v2/earn", EARN)
    assert answer.body["errors"] == {"transactionExternalReference": ["Duplicate transaction."]}
    assert len(till.effects()) == 1


@pytest.mark.parametrize(
    ("operation", "path", "body", "effects"),
    [
        ("issue_reward", ISSUED, ISSUE, 2),
        ("adjust_points", "/v1/members/points-adjustment", ADJUST, 2),
        ("enroll_member", "/v1/members", ENROLL, 1),
        ("reverse_earn", "/v2/earn/reverse", REVERSE, 1),
    ],
)
async def test_what_a_second_delivery_does(till, operation, path, body, effects):
    suffer(till, operation, twice=True)
    await till.post(path, body)
    told = till.effects()
    assert len(told) == effects
    assert len({each["call"] for each in told}) == 1


@pytest.mark.parametrize(
    ("fault", "applied"),
    [
        ({"html": True}, 1),
        ({"empty": True}, 1),
        ({"wrong_types": True}, 1),
        ({"rate_limited": True, "retry_after": 1}, 0),
        ({"status": 503}, 0),
        ({"revoke_token": True}, 0),
    ],
)
async def test_a_spoilt_answer_says_nothing_about_the_effect(till, fault, applied):
    suffer(till, "earn", **fault)
    content = await till.http.post("/fabric/api/v2/earn", json=EARN, headers=till.headers)
    assert content.status_code in {200, 401, 429, 503}
    assert len(till.effects()) == applied


@pytest.mark.parametrize("path", ["/v2/earn", "/v2/earn/reverse", ISSUED, "/v1/members"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"7"])
async def test_a_body_that_is_no_object_is_refused(till, path, body):
    assert (await till.post(path, body)).status == 400
    assert till.effects() == []


@pytest.mark.parametrize(
    "path",
    [
        "/v1/members",
        "/v1/members/points-activate",
        "/v1/members/points-adjustment",
        "/v2/earn",
        "/v2/earn/reverse",
        ISSUED,
        *(f"/v1/redeem/{step}" for step in STEPS),
    ],
)
async def test_every_write_needs_a_token_and_tells_failures_in_ok_by_switch(till, path):
    answer = await till.post(path, {})
    assert (answer.status, answer.body["status"]) == (400, 400)
    till.turn(failures_in_ok=True)
    answer = await till.post(path, {})
    assert (answer.status, answer.body["status"]) == (200, 400)
    assert answer.body["errors"]
    till.headers.clear()
    assert (await till.post(path, {})).status == 401


async def test_a_refused_change_leaves_the_world_as_it_was(till):
    await till.post(ISSUED, ISSUE)
    before = till.state.member("70410002318")
    for path, body in (
        ("/v2/earn", plain(10, redemptionCode=["5d0f2a8e-77b1-4c1c-a3b5-2f4f7f1f9c10"])),
        ("/v2/earn", plain(10, entityReference="NS-LAX-01")),
        ("/v2/earn/reverse", changed(REVERSE, reverseTransactionExternalRef="?")),
        (ISSUED, changed(ISSUE, amountToRedeem=10_000)),
        ("/v1/members/points-adjustment", changed(ADJUST, points=-10_000)),
    ):
        assert (await till.post(path, body)).status == 400
    assert till.state.member("70410002318") == before


SWITCHES = (
    {},
    {"adjust_below_zero": "negative", "duplicate_detected": False},
    {"reverse_after_spend": "refused", "pending_hours": 5},
    {"reverse_after_spend": "clipped", "repeated_step": "accepted", "point_value": "0.2"},
)


class Walk:
    """Random writes by a few members, days passing in between."""

    def __init__(self, till, seed):
        self.till = till
        self.draw = Random(seed)  # noqa: S311 - a walk that can be walked again
        keys = ("rich", "zero", "expiring", "restricted", "vouchers", "pending")
        self.people = [till.profile_id(key) for key in keys]
        self.codes = [code for key in self.people for code in till.state.book(key).rewards]
        self.orders = ["NS-ORD-88120"]

    def store(self):
        return self.draw.choice(("ONLINE", "NS-SEA-04", "NS-PDX-01"))

    async def earn(self, who):
        order = self.draw.choice((f"O-{len(self.orders)}", self.draw.choice(self.orders)))
        self.orders.append(order)
        when = self.till.frame.clock.now().isoformat(timespec="seconds")
        body = plain(
            self.draw.randint(1, 30_000) / 100,
            profileId=who,
            transactionExternalReference=order,
            entityReference=self.store(),
            setToPending=self.draw.random() < 0.3,
            activityTimestamp=when,
        )
        await self.till.post("/v2/earn", body)

    async def reverse(self, who):
        body = changed(
            REVERSE,
            profileId=who,
            reverseTransactionExternalRef=self.draw.choice(self.orders),
            transactionExternalReference=f"R-{self.draw.randrange(40)}",
        )
        await self.till.post("/v2/earn/reverse", body)

    async def adjust(self, who):
        kinds = ("Base", "Bonus", "Promotional", "Restricted")
        body = changed(
            ADJUST,
            profileId=who,
            points=self.draw.randint(-20_000, 20_000) / 100,
            pointType=self.draw.choice(kinds),
            billingEntity=self.store(),
            setToPending=self.draw.random() < 0.3,
        )
        await self.till.post("/v1/members/points-adjustment", body)

    async def issue(self, who):
        amount = self.draw.randint(1, 1500) / 100
        body = changed(
            ISSUE, profileId=who, amountToRedeem=amount, locationExternalReference=self.store()
        )
        answer = await self.till.post(ISSUED, body)
        if answer.status == 200:
            self.codes.append(answer.data["redemptionCode"])

    async def step(self, _who):
        recent = self.draw.choice(self.codes[-6:])
        body = {"redemptionCode": recent, "locationExternalReference": self.store()}
        await self.till.post(f"/v1/redeem/{self.draw.choice(STEPS)}", body)

    async def activate(self, who):
        await self.till.post("/v1/members/points-activate", {"profileId": who})

    async def update(self, who):
        choice = self.draw.choice(("Auto", "Bank", "Bank"))
        body = {"profileId": who, "redemptionChoice": choice, "redemptionThreshold": 150}
        await self.till.put("/v1/members", body)

    async def wait(self, _who):
        await self.till.later(self.draw.choice((1, 20, 95, 200)))

    async def run(self, steps):
        deeds = [self.earn] * 4 + [self.issue] * 4 + [self.step] * 5 + [self.adjust] * 2
        deeds += [self.reverse] * 3 + [self.activate, self.update, self.wait]
        for _ in range(steps):
            await self.draw.choice(deeds)(self.draw.choice(self.people))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("switches", SWITCHES)
async def test_no_point_is_lost_or_invented(till, seed, switches):
    till.turn(**switches)
    start = {each: till.state.book(each).balance(till.state.now) for each in Walk(till, 0).people}
    await Walk(till, seed).run(200)
    told = till.effects()
    assert {"earn", "issue", "capture", "cancel", "adjust", "update"} <= {e["kind"] for e in told}
    assert discrepancies(till.state) == []
    assert till.frame.books.gaps("fabric") == []
    for who, before in start.items():
        mine = [each for each in told if each["detail"]["profileId"] == who]
        moved = sum(Decimal(each["delta"]) for each in mine)
        # What expired before a member's first write is no write's doing.
        first = Decimal(mine[0]["points_before"]) if mine else before
        assert first <= before
        assert Decimal(mine[-1]["points_after"] if mine else before) == first + moved


async def test_the_same_writes_give_the_same_world(till):
    worlds = []
    for _ in range(2):
        till.frame.reset()
        till.state.reset()
        await till.sign_in()
        await Walk(till, 5).run(60)
        told = [changed(each, call=...) for each in till.effects()]
        worlds.append(([till.state.member(who) for who in Walk(till, 0).people], told))
    assert worlds[0] == worlds[1]
