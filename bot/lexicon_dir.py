"""The operator's folder of lexicons, read once at start (`LEXICON_DIR`)."""

from collections.abc import Mapping
from pathlib import Path

from bot.articles.overlay import Data, language_of, read_overlay
from bot.errors import ConfigurationError


def read_lexicon_dir(folder: Path | None) -> Mapping[str, Data]:
    """What each of its files says, by language; nothing without a folder.

    Raises ConfigurationError: one sentence with the file, the line or key, and what is expected there.
    """
    if folder is None:
        return {}
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == ".toml")
    except OSError:
        raise ConfigurationError("config_error.lexicon_dir", name="LEXICON_DIR") from None
    if not files:
        raise ConfigurationError("config_error.lexicon_dir", name="LEXICON_DIR")
    return {language_of(path.name): read_overlay(path.name, _text(path)) for path in files}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError("config_error.unreadable_file", path=path) from None
