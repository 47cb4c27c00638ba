"""What the commands say: plain lines, coloured on a terminal alone; and how they end."""

from collections.abc import Iterable, Sequence
from typing import NoReturn

import typer

TROUBLE = 1
"""The exit code of a command that could not do what it was asked."""

BAD_CONFIGURATION = 2
"""The exit code of a command that was asked the wrong thing; click's own for a wrong option."""


def say(line: str) -> None:
    """A line on stdout, out at once: whoever started us may wait for it."""
    typer.echo(line)


def fail(lines: Iterable[str], code: int) -> NoReturn:
    """Lines on stderr, and the end of the command."""
    for line in lines:
        typer.secho(line, err=True, fg=typer.colors.RED)
    raise typer.Exit(code)


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows with their cells one below the other; the last cell is as long as it is, never cut."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(_padded(row, widths)).rstrip() for row in rows]


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)] + [row[-1]]
