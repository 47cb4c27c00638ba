"""docs/configuration.md against the models: every key is there, with its default and an example."""

import re
import tomllib
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from pydantic_core import PydanticUndefined

from graph.settings import Auth, Cache, Issuer, Ledger, Server
from providers.fabric import settings as fabric
from providers.onerewards import settings as onerewards
from providers.settings import ProgramSettings, Table
from providers.telluride import settings as telluride

PAGE = (Path(__file__).parents[2] / "docs/configuration.md").read_text(encoding="utf-8")
TABLES: dict[str, type[Table]] = {
    "[server]": Server,
    "[auth]": Auth,
    "[[auth.issuers]]": Issuer,
    "[ledger]": Ledger,
    "[cache]": Cache,
    "[programs.KEY]": ProgramSettings,
    'provider = "onerewards"': onerewards.Settings,
    "assumptions of onerewards": onerewards.Assumptions,
    "assumptions.paths of onerewards": onerewards.AssumedPaths,
    "assumptions.writes of onerewards": onerewards.AssumedWrites,
    'provider = "telluride"': telluride.TellurideSettings,
    "assumptions of telluride": telluride.Assumptions,
    'provider = "fabric"': fabric.FabricSettings,
    "assumptions of fabric": fabric.Assumptions,
}
WORDS_ALONE = {"Tokens", "What check says"}
"""Sections without a table."""
IN_WORDS = {
    ("[programs.KEY]", "time_zone"),
    ("[programs.KEY]", "wire_seconds"),
    ("[programs.KEY]", "processing_seconds"),
    ("[programs.KEY]", "replay_is_safe"),
    ("[programs.KEY]", "review_hours"),
    ("assumptions of onerewards", "use_reasons"),
    ("assumptions of onerewards", "get_reasons"),
    ("assumptions of fabric", "absent_member"),
}
"""Defaults that are too long for a table, or differ by provider."""


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    meaning: str
    default: str
    example: str


def _rows(heading: str) -> dict[str, Row]:
    section = re.split(rf"^##+ {re.escape(heading)}$", PAGE, flags=re.MULTILINE)[1]
    body = re.split(r"^##", section, flags=re.MULTILINE)[0]
    cells = [line.strip("| \n").split(" | ") for line in body.splitlines() if "| `" in line[:4]]
    return {row[0].strip("`"): Row(row[0].strip("`"), *row[1:]) for row in cells}


def _own_keys(table: type[Table]) -> set[str]:
    shared = set(ProgramSettings.model_fields) if table is not ProgramSettings else set[str]()
    return set(table.model_fields) - (shared if issubclass(table, ProgramSettings) else set())


@pytest.mark.parametrize("heading", TABLES)
def test_every_key_is_described_and_no_other(heading: str) -> None:
    assert set(_rows(heading)) == _own_keys(TABLES[heading])


def test_every_section_has_its_table() -> None:
    headings = re.findall(r"^##+ (.*)$", PAGE, flags=re.MULTILINE)
    assert [each for each in headings if each not in WORDS_ALONE] == list(TABLES)


KEYS = [(heading, key) for heading, table in TABLES.items() for key in sorted(_own_keys(table))]


@pytest.mark.parametrize(("heading", "key"), KEYS)
def test_a_key_has_a_meaning_and_its_true_default(heading: str, key: str) -> None:
    row = _rows(heading)[key]
    assert row.meaning
    if (heading, key) in IN_WORDS:
        return
    field = TABLES[heading].model_fields[key]
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined:
        assert row.default == "needed"
    elif isinstance(default, Table):
        assert row.default == "as below"
    elif default is None:
        assert row.default == "none"
    else:
        assert _toml(row.default) == _plain(default)


ADAPTERS = {
    "onerewards": onerewards.Settings,
    "telluride": telluride.TellurideSettings,
    "fabric": fabric.FabricSettings,
}
PATIENCE = ("wire_seconds", "processing_seconds", "read_lag_max", "replay_is_safe", "review_hours")


@pytest.mark.parametrize("key", PATIENCE)
@pytest.mark.parametrize("provider", ADAPTERS)
def test_a_providers_own_patience_is_told_beside_the_shared_one(provider: str, key: str) -> None:
    told = _rows("[programs.KEY]")[key].default
    usual, *others = told.split("; ")
    for other in others:
        names, _, value = other.partition(": ")
        usual = value if provider in names.split(", ") else usual
    default = ADAPTERS[provider].model_fields[key].default
    assert (usual == "none") if default is None else _toml(usual) == default


@pytest.mark.parametrize(("heading", "key"), KEYS)
def test_an_example_is_a_value_that_the_key_takes(heading: str, key: str) -> None:
    table, row = TABLES[heading], _rows(heading)[key]
    if row.example == "see below":
        return
    value = _toml(row.example)
    assert value is not None
    if isinstance(value, str) and value.startswith(("env:", "file:")):
        return
    if isinstance(value, list) and str(value[0]).startswith("env:"):
        return
    field = table.model_fields[key]
    adapter = TypeAdapter(_annotated(field.annotation, field.metadata))
    adapter.validate_python(value)


def _annotated(annotation: object, metadata: list[object]) -> object:
    from typing import Annotated  # noqa: PLC0415

    result = annotation
    for each in metadata:
        result = Annotated[result, each]  # type: ignore[valid-type] # built at run time
    return result


def _toml(cell: str) -> object:
    """A value as it stands in a cell, between backquotes."""
    assert re.fullmatch("`.*`", cell), f"{cell} is no value"
    return tomllib.loads(f"x = {cell.strip('`')}")["x"]


def _plain(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case tuple():
            return [_plain(each) for each in value]
        case dict():
            return {_plain(key): _plain(each) for key, each in value.items()}
        case _:
            return value
