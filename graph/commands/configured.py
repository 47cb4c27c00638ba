"""The configuration that a command was given; its faults end the command, one line each."""

import os
from pathlib import Path

from graph.commands.terminal import BAD_CONFIGURATION, fail
from graph.settings import ConfigurationError, Settings, load
from providers.registry import ADAPTERS


def read(path: Path) -> Settings:
    """The settings in a file; raises ConfigurationError."""
    kinds = {code: adapter.settings for code, adapter in ADAPTERS.items()}
    return load(path, kinds, os.environ)


def settings_of(path: Path) -> Settings:
    """The settings in a file; every fault is printed as a line, and ends the command with 2."""
    try:
        return read(path)
    except ConfigurationError as fault:
        fail(fault.lines, BAD_CONFIGURATION)
