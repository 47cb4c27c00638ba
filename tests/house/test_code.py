"""The shape of the code: modules that say what they are, and files one can read at once."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from .rooms import HOUSE, PYPROJECT, ROOMS, modules

LINES_OF_A_FILE = 350
LINES_OF_A_FUNCTION = 60

# Declarations without logic, mostly descriptions, that are looked up and not read to the end.
LONG_LISTS = {
    Path("graph/types/enums.py"),  # every enum of what is read
    Path("graph/types/member.py"),  # the member: the type with the most fields
    Path("loyalty/commands.py"),  # every change that may be asked for
    Path("providers/port.py"),  # every ability of a provider
}
LINES_OF_A_LIST = 420


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse((HOUSE / path).read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How much of it is to be understood: one statement alone is a table, however long."""
    statements = node.body[1:] if ast.get_docstring(node) else node.body
    return (node.end_lineno or node.lineno) - node.lineno + 1 if len(statements) > 1 else 1


def test_every_tool_knows_every_room() -> None:
    tools = PYPROJECT["tool"]
    rooms = sorted(path.parent.name for path in HOUSE.glob("*/__init__.py"))
    assert rooms == sorted(ROOMS)
    assert rooms == sorted(tools["importlinter"]["root_packages"])
    assert set(rooms) <= set(tools["mypy"]["packages"])
    assert set(rooms) <= set(tools["pyright"]["include"])


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_opens_with_a_docstring(room: str) -> None:
    silent = [
        str(path)
        for path in modules(room)
        if not ast.get_docstring(ast.parse((HOUSE / path).read_text()))
    ]
    assert silent == []


def test_no_file_is_longer_than_one_can_read() -> None:
    lengths = {path: len((HOUSE / path).read_text().splitlines()) for path in modules()}
    allowed = dict.fromkeys(lengths, LINES_OF_A_FILE) | dict.fromkeys(LONG_LISTS, LINES_OF_A_LIST)
    too_long = {str(path): lines for path, lines in lengths.items() if lines > allowed[path]}
    assert too_long == {}
    unneeded = [str(path) for path in LONG_LISTS if lengths[path] <= LINES_OF_A_FILE]
    assert unneeded == [], "no exception any more"


def test_no_function_is_longer_than_one_thought() -> None:
    too_long = {
        f"{path}:{node.lineno} {node.name}": _lines(node)
        for path in modules()
        for node in _functions(path)
        if _lines(node) > LINES_OF_A_FUNCTION
    }
    assert too_long == {}


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_tells_that_it_is_typed(room: str) -> None:
    assert (HOUSE / room / "py.typed").is_file()
