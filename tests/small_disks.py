"""A disk that is soon full, for tests of what a full one does."""

import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk_in(folder: Path) -> Generator[Path]:
    """A file system of 1 MiB below a folder; skips where none can be mounted."""
    disk = folder / "disk"
    disk.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    command = [mount or "", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if not mount or not umount or subprocess.run(command, check=False).returncode:  # noqa: S603
        pytest.skip("a small file system cannot be mounted here: needs root")
    try:
        yield disk
    finally:
        subprocess.run([umount, str(disk)], check=True)  # noqa: S603
