"""Development tokens from the command line."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from graph.auth import DevelopmentTokens
from graph.commands.configured import settings_of
from graph.commands.terminal import BAD_CONFIGURATION, fail, say
from graph.principals import Kind, Scope
from graph.settings import Settings, key_bytes


def tokens_of(settings: Settings) -> DevelopmentTokens:
    """The tokens of an installation."""
    return DevelopmentTokens(key_bytes(settings.server.id_keys[0]))


def token(config: Path, subject: str, kind: Kind, scopes: Sequence[Scope], hours: float) -> None:
    """Print a token for a principal."""
    if not config.is_file():
        fail(
            [f"--config {config}: there is no such file; scripts/run makes one for the sandbox"],
            BAD_CONFIGURATION,
        )
    tokens = tokens_of(settings_of(config))
    try:
        say(tokens.mint(subject, kind, scopes or None, life=timedelta(hours=hours)))
    except (ValueError, OverflowError) as fault:
        fail([f"{fault}"], BAD_CONFIGURATION)
