"""Lists page by page: every entry once, cursors that belong to their list, sizes that are named."""

import pytest

from tests.graph.world import Json, World

ENTRY = {"vouchers": "id code", "offers": "id code", "transactions": "id nativeId"}
MEMBER_LISTS = [
    ("kopi", "vouchers", "vouchers"),
    ("northshore", "vouchers", "vouchers"),
    ("kopi", "rich", "offers"),
    ("syw", "surprise", "offers"),
    ("syw", "rich", "transactions"),
    ("northshore", "vouchers", "transactions"),
]
"""Program, persona, list."""


def page_of(field: str, arguments: str = "") -> str:
    return f"""query($id: ID!, $first: Int, $after: String) {{ member(id: $id) {{
      page: {field}(first: $first, after: $after {arguments}) {{
        nodes {{ {ENTRY[field]} }} edges {{ cursor node {{ id }} }}
        pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
      }}
    }} }}"""


def long_ago(field: str) -> str:
    return 'from: "2024-01-01T00:00:00Z"' if field == "transactions" else ""


async def whole_and_in_pages(
    world: World, document: str, variables: Json, size: int
) -> tuple[list[str], list[list[str]]]:
    """Ids of a list asked for at once, and of the same list page by page."""

    async def asked(first: int, after: str | None) -> Json:
        data = await world.data(document, {**variables, "first": first, "after": after})
        page: Json = data["member"]["page"] if "member" in data else data["page"]
        return page

    everything = await asked(100, None)
    assert not everything["pageInfo"]["hasNextPage"]
    pages: list[list[str]] = []
    after: str | None = None
    while True:
        page = await asked(size, after)
        pages.append([node["id"] for node in page["nodes"]])
        assert [edge["node"]["id"] for edge in page["edges"]] == pages[-1]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        cursors = [edge["cursor"] for edge in page["edges"]]
        told = (page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"])
        assert told == ((cursors[0], cursors[-1]) if cursors else (None, None))
        if not page["pageInfo"]["hasNextPage"]:
            return [node["id"] for node in everything["nodes"]], pages
        assert len(pages[-1]) == size
        assert len(pages) <= len(everything["nodes"])
        after = page["pageInfo"]["endCursor"]


@pytest.mark.parametrize(("program", "persona", "field"), MEMBER_LISTS)
@pytest.mark.parametrize("size", [1, 2, 3])
async def test_paging_to_the_end_gives_every_entry_once(
    world: World, program: str, persona: str, field: str, size: int
) -> None:
    document = page_of(field, long_ago(field))
    variables = {"id": world.member_id(program, persona)}
    everything, pages = await whole_and_in_pages(world, document, variables, size)
    assert [id_ for page in pages for id_ in page] == everything
    assert len(set(everything)) == len(everything) > 2


MEMBER_LIST = """query($first: Int, $after: String, $numbers: [String!]) {
  page: memberList(program: "kopi", filter: { numbers: $numbers }, first: $first, after: $after) {
    nodes { id number } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


async def test_a_list_of_members_is_paged_to_the_end(world: World) -> None:
    numbers = [persona.number for persona in world.personas("kopi")]
    everything, pages = await whole_and_in_pages(world, MEMBER_LIST, {"numbers": numbers}, 4)
    assert [len(page) for page in pages] == [4, 4, 3]
    assert [id_ for page in pages for id_ in page] == everything
    assert set(everything) == {world.member_id("kopi", p.key) for p in world.personas("kopi")}


async def test_the_whole_crowd_is_listed_once(world: World) -> None:
    document = """query($after: String) {
      page: memberList(program: "kopi", first: 100, after: $after) {
        nodes { number } pageInfo { hasNextPage endCursor }
      }
    }"""
    seen: list[str] = []
    after: str | None = None
    while True:
        page = (await world.data(document, {"after": after}))["page"]
        seen += [node["number"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        assert len(set(seen)) == len(seen)
    company = next(iter(world.sandbox.onerewards.companies.values()))
    assert sorted(seen) == sorted(str(number) for number in company.members)


@pytest.mark.parametrize("program", ["syw", "northshore"])
async def test_a_program_without_a_listing_says_so_and_is_not_asked(
    world: World, program: str
) -> None:
    document = "query($p: String!) { memberList(program: $p) { nodes { id } } }"
    answer = await world.query(document, {"p": program})
    [error] = answer.errors
    assert answer.data == {"memberList": None}
    assert error["extensions"]["code"] == "NOT_SUPPORTED"
    assert error["extensions"]["program"] == program
    assert world.calls == {}


# ---------------------------------------------------------------------- cursors


async def refused(world: World, document: str, variables: Json) -> str:
    """The message of the one error that refuses a page, before any program was asked."""
    world.forget()
    answer = await world.query(document, variables)
    [error] = answer.errors
    assert answer.data in ({"member": {"page": None}}, {"page": None})
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert world.calls == {}
    message: str = error["message"]
    return message


async def end_cursor(world: World, program: str, persona: str, field: str) -> str:
    document = page_of(field, long_ago(field))
    data = await world.data(document, {"id": world.member_id(program, persona), "first": 2})
    cursor: str = data["member"]["page"]["pageInfo"]["endCursor"]
    return cursor


@pytest.mark.parametrize(("program", "persona", "field"), MEMBER_LISTS)
async def test_a_cursor_of_another_list_is_refused(
    world: World, program: str, persona: str, field: str
) -> None:
    cursor = await end_cursor(world, program, persona, field)
    other_arguments = {
        "vouchers": 'usableNow: true spending: "5"',
        "offers": 'basket: { lines: [{ productCode: "X", quantity: 1, unitPrice: "1" }] }',
        "transactions": 'from: "2025-01-01T00:00:00Z"',
    }[field]
    mine = {"id": world.member_id(program, persona), "after": cursor}
    message = await refused(world, page_of(field, other_arguments), mine)
    assert "another list" in message
    yours = {"id": world.member_id(program, "zero"), "after": cursor}
    assert "another list" in await refused(world, page_of(field, long_ago(field)), yours)
    other_field = next(name for name in ENTRY if name != field)
    assert "another list" in await refused(world, page_of(other_field), mine)
    assert "another list" in await refused(world, MEMBER_LIST, {"after": cursor})


@pytest.mark.parametrize("spoil", ["flip", "cut", "id", "text", "number"])
async def test_what_is_no_cursor_is_refused(world: World, spoil: str) -> None:
    cursor = await end_cursor(world, "kopi", "vouchers", "vouchers")
    id_ = world.member_id("kopi", "vouchers")
    after = {
        "flip": ("A" if cursor[0] != "A" else "B") + cursor[1:],
        "cut": cursor[:-2],
        "id": id_,
        "text": "'; DROP TABLE vouchers; --",
        "number": "2",
    }[spoil]
    message = await refused(world, page_of("vouchers"), {"id": id_, "after": after})
    assert "`after`" in message
    assert "endCursor" in message


@pytest.mark.parametrize("first", [0, 101, -1, 2_147_483_647])
@pytest.mark.parametrize("field", [*ENTRY, "memberList"])
async def test_a_page_of_no_or_too_many_entries_is_refused_by_name(
    world: World, field: str, first: int
) -> None:
    document = MEMBER_LIST if field == "memberList" else page_of(field)
    variables = {"first": first}
    if field != "memberList":
        variables["id"] = world.member_id("syw", "rich")
    assert "`first` must be from 1 to 100" in await refused(world, document, variables)
