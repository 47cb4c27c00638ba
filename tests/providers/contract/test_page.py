"""docs/capabilities.md is what the adapters say of themselves, and what this suite has proven."""

from pathlib import Path

import pytest

from graph.capabilities import matrix
from graph.cli import main
from loyalty.operations import OURS, Operation
from providers.port import ListsTransactions, capabilities
from tests.providers.contract.kinds import WORLDS
from tests.providers.contract.proofs import claims
from tests.providers.contract.worlds import World

PAGE = Path(__file__).parents[3] / "docs" / "capabilities.md"


def rows(text: str) -> dict[str, list[str]]:
    """Operation -> what each provider's column says."""
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    return {row[0]: row[1:] for row in cells if row and row[0] in set(Operation)}


def test_the_page_is_the_output_of_the_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["loyalty-graph", "capabilities"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in {None, 0}
    assert capsys.readouterr().out.strip() == PAGE.read_text("utf-8").strip()


async def test_a_dash_stands_for_what_is_not_claimed(world: World) -> None:
    column = WORLDS.index(type(world))
    made = claims(world.provider)
    if not isinstance(world.provider, ListsTransactions):
        made = made | {Operation.TRANSACTION_LIST}  # it has the history that our own record tells
    for operation, cells in rows(matrix()).items():
        assert (cells[column] == "-") == (Operation(operation) not in made), operation


async def test_every_note_is_on_the_page(world: World) -> None:
    page = PAGE.read_text("utf-8")
    notes = [each for each in capabilities(world.provider) if each.note]
    assert all(f"- {each.operation}: {each.note}" in page for each in notes)


def test_the_page_has_a_row_for_every_operation() -> None:
    assert list(rows(matrix())) == [each.value for each in Operation if each not in OURS]
