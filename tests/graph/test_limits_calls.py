"""What an operation costs upstream: told before anything is sent, and never less than it costs."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from graphql import GraphQLObjectType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph import budget, http
from graph.budget import RULES
from graph.examples import examples
from graph.plans import ASKING, RECORD
from graph.schema import build_schema
from graph.types.member import WITHOUT_RECORD
from loyalty.refs import MemberRef
from tests.graph.world import Answer, Json, Stage, World, warmed

BUDGET = 250


class Estimates:
    """What the endpoint estimated, one figure an operation."""

    def __init__(self) -> None:
        self.told: list[int] = []

    @property
    def last(self) -> int:
        return self.told[-1]


@pytest.fixture
def estimates(monkeypatch: pytest.MonkeyPatch) -> Estimates:
    return spied(monkeypatch)


def spied(monkeypatch: pytest.MonkeyPatch) -> Estimates:
    found = Estimates()

    def counting(*arguments: object) -> int:
        calls = budget.upstream_calls(*arguments)  # type: ignore[arg-type] # passed on as it came
        found.told.append(calls)
        return calls

    monkeypatch.setattr(http, "upstream_calls", counting)
    return found


def kopi(world: World, size: int) -> list[str]:
    company = next(iter(world.sandbox.onerewards.companies.values()))
    numbers = list(company.members)[:size]
    assert len(numbers) == size
    return [world.id(MemberRef("kopi", str(number))) for number in numbers]


def syw(world: World, size: int) -> list[str]:
    return [world.id(MemberRef("syw", str(7081000000000000 + n))) for n in range(size)]


def sent(world: World) -> int:
    return sum(world.calls.values())


def members(fields: str) -> str:
    return f"query($ids: [ID!]!) {{ members(ids: $ids) {{ {fields} }} }}"


def refused(answer: Answer) -> str:
    """The message of an answer that is one refusal."""
    assert answer.data == {}
    [error] = answer.errors
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert error["extensions"]["traceId"]
    return str(error["message"])


async def test_a_hundred_names_and_balances_fit(world: World, estimates: Estimates) -> None:
    document = members("name balance { points }")
    answer = await world.query(document, {"ids": kopi(world, 100)})
    assert len(answer.data["members"]) == 100
    assert estimates.last == sent(world) == 101


async def test_what_is_too_dear_is_refused_whole_and_unsent(world: World) -> None:
    document = members("name balance { points } transactions { nodes { id } }")
    message = refused(await world.query(document, {"ids": syw(world, 100)}))
    assert sent(world) == 0
    assert "300" in message
    assert str(BUDGET) in message
    assert "fewer" in message


async def test_the_same_member_twice_costs_once(world: World, estimates: Estimates) -> None:
    [one] = kopi(world, 1)
    document = """query($ids: [ID!]!, $id: ID!) {
      members(ids: $ids) { name balance { points } }
      other: member(id: $id) { email balance { worth { amount } } }
    }"""
    assert (await world.query(document, {"ids": [one] * 50, "id": one})).errors == []
    assert estimates.last == sent(world) == 2


@pytest.mark.parametrize(
    ("fields", "calls"),
    [
        ("id program { name }", 0),
        ("name tier { tier { name } }", 1),
        ("balance { points }", 1),
        ("name balance { points expiring { points } }", 2),
        ("offers { nodes { code } }", 2),
        ("balance { points } offers { nodes { code } }", 2),
        ("transactions(first: 20) { nodes { id member { name } } }", 2),
        ("affinities { code }", 1),
        ("program { tiers { name } pointTypes }", 0),
        ("name @skip(if: true) balance @include(if: false) { points }", 0),
        ("a: transactions { nodes { id } } b: transactions(first: 5) { nodes { id } }", 2),
    ],
)
async def test_the_estimate_is_exact_for_a_member_of_telluride(
    world: World, estimates: Estimates, fields: str, calls: int
) -> None:
    answer = await world.query(members(fields), {"ids": [world.member_id("syw", "rich")]})
    assert answer.errors == []
    assert estimates.last == sent(world) == calls


@pytest.mark.parametrize(
    ("fields", "calls"),
    [
        ("name balance { points expiring { points } expired { points } }", 4),
        ('balance { a: redeemableAt(outlet: "ONLINE") b: redeemableAt(outlet: "ONLINE") }', 2),
        ("vouchers { nodes { code member { name } } }", 2),
        ("program { adjustmentReasons { code } pointTypes }", 2),
        ("transactions(first: 99) { nodes { id } }", 1),
    ],
)
async def test_the_estimate_is_exact_for_a_member_of_fabric(
    world: World, estimates: Estimates, fields: str, calls: int
) -> None:
    one = world.member_id("northshore", "vouchers")
    answer = await world.query(members(fields), {"ids": [one]})
    assert answer.errors == []
    assert estimates.last == sent(world) == calls


async def test_a_page_of_members_brings_their_records(world: World, estimates: Estimates) -> None:
    document = '{ memberList(program: "kopi", first: 50) { nodes { name balance { points } } } }'
    assert len((await world.query(document)).data["memberList"]["nodes"]) == 50
    assert estimates.last == sent(world) == 51


async def test_a_search_asks_only_programs_that_know_the_criterion(
    world: World, estimates: Estimates
) -> None:
    document = '{ findMembers(by: { email: "nobody@example.com" }) { program { key } } }'
    assert (await world.query(document)).errors == []
    assert sent(world) == 2
    assert estimates.last == 2


async def test_a_long_history_counts_its_windows(world: World, estimates: Estimates) -> None:
    fields = 'transactions(from: "2016-06-15T00:00:00Z", first: 100) { nodes { id } }'
    await world.query(members(fields), {"ids": [world.member_id("syw", "zero")]})
    assert sent(world) >= 10
    assert sent(world) <= estimates.last <= sent(world) + 1


async def test_the_budget_is_the_configured_one(stage: Stage) -> None:
    server = stage.settings.server.model_copy(update={"max_upstream_calls": 1})
    async with stage.world(replace(stage.settings, server=server)) as world:
        one, other = syw(world, 2)
        assert (await world.query(members("name"), {"ids": [one]})).errors == []
        world.forget()
        message = refused(await world.query(members("name"), {"ids": [one, other]}))
        assert "2 upstream calls" in message
        assert sent(world) == 0


async def test_every_example_fits_the_budget(world: World, estimates: Estimates) -> None:
    for example in examples(world.settings.programs, {}, world.ids, world.now):
        world.forget()
        answer = await world.query(example.query, dict(example.variables))
        assert answer.errors == [], example.title
        if example.title.startswith(("Post", "Redeem")):
            [payload] = answer.data.values()
            assert (payload["status"], payload["errors"]) == ("SUCCEEDED", []), example.title
        assert sent(world) <= estimates.last <= BUDGET, example.title


def test_every_field_that_asks_has_a_price() -> None:
    assert set(RULES) == ASKING


PASSED_THROUGH = {"member", "program", "provider", "health", "capabilities", "raw"}
"""Fields with a resolver of their own that ask nothing by themselves."""

FROM_THE_LEDGER = {
    *(f"Transaction.{name}" for name in ("redemptions", "reverses", "reversedBy")),
    *("Redemption.code", "Redemption.transaction"),
    *("OperationReceipt.result", "OperationReceipt.errors", "Customer.memberships"),
    *("TransactionPayload.transaction", "RedemptionPayload.redemption"),
    *("ReceiptUploadsPayload.uploads", "AuthorizationPayload.authorization"),
    *("AuthorizationPayload.expiresAt", "AuthorizationPayload.mobileUser"),
}
"""The same, told by our own record; and what every payload has."""


def _is_of_every_payload(type_name: str, name: str) -> bool:
    common = {"status", "errors", "warnings", "receipt"}
    return type_name.endswith("Payload") and name in common


def test_a_new_field_with_a_resolver_must_be_given_a_price() -> None:
    """A field below the root is priced, told by the record, or known to ask nothing."""
    unpriced = {
        f"{named.name}.{name}"
        for named in build_schema()._schema.type_map.values()
        if isinstance(named, GraphQLObjectType) and not named.name.startswith("__")
        for name, field in named.fields.items()
        if _is_resolved(field)
        and (named.name, name) not in ASKING
        and not (named.name == "Member" and name not in WITHOUT_RECORD)
        and name not in PASSED_THROUGH
        and f"{named.name}.{name}" not in FROM_THE_LEDGER
        and not _is_of_every_payload(named.name, name)
    }
    assert unpriced == set()
    assert ("Member", RECORD) in ASKING


def _is_resolved(field: object) -> bool:
    definition = field.extensions["strawberry-definition"]  # type: ignore[attr-defined] # strawberry's
    return definition.base_resolver is not None


# ---------------------------------------------------------------------- any document

PERIOD = 'from: "2026-01-01T00:00:00Z", to: "2026-05-01T00:00:00Z"'
BASKET_LINE = '{ productCode: "1", quantity: "1", unitPrice: "5" }'
DEEPER = (
    "name",
    "tier { tier { name } }",
    "balance { points }",
    "balance { expiring { points member { phone } } }",
    f"balance {{ expired({PERIOD}) {{ points }} }}",
    'balance { redeemableAt(outlet: "ONLINE") }',
    "vouchers { nodes { code } }",
    'vouchers(spending: "12.50") { nodes { code member { id name } } }',
    "offers { edges { node { code program { tiers { name } } member { status } } } }",
    f"offers(basket: {{ lines: [{BASKET_LINE}] }}) {{ nodes {{ code }} }}",
    "transactions { nodes { id } }",
    "transactions(first: 100) { nodes { id member { balance { points } } } }",
    f"transactions({PERIOD}, first: 3) {{ pageInfo {{ endCursor }} }}",
    'transactions(from: "2019-01-01T00:00:00Z") { nodes { id } }',
    f"activity({PERIOD}) {{ earned }}",
    "affinities { code }",
    "program { tiers { name } adjustmentReasons { code } pointTypes }",
    "mergedInto { name balance { points } }",
)
SALE = 'outlet: {{ code: "1" }}, lines: [{{ productCode: "1", quantity: "1", subtotal: "5" }}]'
ROOTS = (
    "members(ids: {ids}) {{ {fields} }}",
    "members(ids: {ids}) {{ {fields} }}",
    "members(ids: {crowd}) {{ {fields} }}",
    "member(id: {id}) {{ {fields} }}",
    "node(id: {id}) {{ ... on Member {{ {fields} }} }}",
    "nodes(ids: {ids}) {{ __typename ...F }}",
    "memberByNumber(program: {program}, number: {number}) {{ {fields} }}",
    "findMembers(by: {{ number: {number} }}) {{ members {{ {fields} }} }}",
    "findMembers(by: {{ email: {email} }}) {{ members {{ {fields} }} error {{ code }} }}",
    'memberList(program: "kopi", first: 7) {{ nodes {{ {fields} }} edges {{ node {{ id }} }} }}',
    "programs {{ tiers {{ name }} pointTypes }}",
    "program(key: {program}) {{ tiers {{ name }} }}",
    'mobileUser(program: "kopi", id: {number}) {{ id member {{ {fields} }} }}',
    "quote(input: {{ memberId: {id}, {SALE} }}) {{ earns {{ earned }} errors {{ code }} }}".replace(
        "{SALE}", SALE
    ),
)


def pool(world: World) -> list[tuple[str, str, str, str]]:
    """Program, id, number and e-mail of personas; a merged one's answer may cost a look more."""
    return [
        (program, world.member_id(program, p.key), p.number, f"{p.key}@example.com")
        for program in ("kopi", "syw", "northshore")
        for p in world.personas(program)
        if p.key != "merged"
    ]


@st.composite
def selections(draw: st.DrawFn) -> str:
    chosen = draw(st.lists(st.sampled_from(DEEPER), min_size=1, max_size=5))
    conditions = st.sampled_from(["", "", "", " @include(if: $yes)", " @skip(if: $yes)"])
    return " ".join(f"... on Member{draw(conditions)} {{ {_named(field)} }}" for field in chosen)


def _named(field: str) -> str:
    """The field under a name of its own, so that two with other arguments are no conflict."""
    return f"{field.partition('(')[0].split()[0]}{abs(hash(field)) % 10**6}: {field}"


def _list(ids: list[str]) -> str:
    return "[" + " ".join(f'"{each}"' for each in ids) + "]"


@st.composite
def operations(draw: st.DrawFn, who: list[tuple[str, str, str, str]], crowd: list[str]) -> str:
    roots: list[str] = []
    for n, root in enumerate(draw(st.lists(st.sampled_from(ROOTS), min_size=1, max_size=4))):
        program, id_, number, email = draw(st.sampled_from(who))
        ids = draw(
            st.lists(
                st.sampled_from([each[1] for each in who]), min_size=1, max_size=60, unique=True
            )
        )
        words: Json = {"program": program, "id": id_, "number": number, "email": email}
        quoted = {name: f'"{word}"' for name, word in words.items()}
        quoted |= {"ids": _list(ids), "crowd": _list(crowd), "fields": draw(selections())}
        roots.append(f"r{n}: {root.format(**quoted)}")
    fragment = f"fragment F on Member {{ {draw(selections())} }}"
    used = any("...F" in root for root in roots)
    return f"query($yes: Boolean!) {{ {' '.join(roots)} __typename @include(if: $yes) }}" + (
        f" {fragment}" if used else ""
    )


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


def test_no_document_costs_more_than_its_estimate_or_the_budget(
    stage: Stage, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    estimates = spied(monkeypatch)
    opened = stage.world()
    world = runner.run(opened.__aenter__())
    runner.run(warmed(world))
    ran = [0, 0]

    @settings(
        max_examples=150,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(operations(pool(world), kopi(world, 90)), st.booleans())
    def check(document: str, yes: bool) -> None:
        world.forget()
        before = len(estimates.told)
        answer = runner.run(world.query(document, {"yes": yes}))
        if len(estimates.told) == before:
            refused(answer)  # by its shape
        elif estimates.last > BUDGET:
            refused(answer)
            assert sent(world) == 0
            ran[1] += 1
        else:
            assert answer.data, answer.errors
            assert sent(world) <= estimates.last, (world.calls, document)
            ran[0] += 1

    try:
        check()
    finally:
        runner.run(opened.__aexit__(None, None, None))
    assert ran[0] > 80
    assert ran[1] > 0
