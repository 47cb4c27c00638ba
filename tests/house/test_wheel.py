"""The wheel: what an installed copy has is what the tree has, with the types and the page."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .rooms import HOUSE, ROOMS, modules

_PAGE = HOUSE / "graph" / "page"


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all files in a wheel built from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys, hatchling.build as hatch; hatch.build_wheel(sys.argv[1])"
    subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", build, str(folder)], cwd=HOUSE, check=True, capture_output=True
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_module_is_in_the_wheel(packed: set[str]) -> None:
    assert {path.as_posix() for path in modules()} <= packed


def test_every_room_of_the_wheel_is_typed(packed: set[str]) -> None:
    assert {f"{room}/py.typed" for room in ROOMS} <= packed


def test_only_the_rooms_are_in_the_wheel(packed: set[str]) -> None:
    tops = {Path(name).parts[0] for name in packed}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(ROOMS)


def test_the_page_is_in_the_wheel(packed: set[str]) -> None:
    built = {path.relative_to(HOUSE).as_posix() for path in _PAGE.rglob("*") if path.is_file()}
    assert "graph/page/index.html" in built, "the page is not built: scripts/page"
    assert built <= packed
