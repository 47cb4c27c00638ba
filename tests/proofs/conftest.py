"""What the proofs that kill share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proofs.yards import Yard, standing


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    with standing(tmp_path) as standing_yard:
        yield standing_yard
