"""Settings: the only reader of the environment and of `.env`."""

import contextlib
import logging
from pathlib import Path
from typing import Literal

from dotenv.parser import parse_stream
from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.delivery.hours import zone_of
from bot.errors import ConfigurationError
from bot.locales import choose
from bot.models import DEFAULT_TIME_ZONE

_ORDINARY_POLL = 300
_LONGEST_POLL = 3_600


class Settings(BaseSettings):
    """Everything an operator can set; every field is explained in `.env.example`."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    discord_token: SecretStr | None = None
    discord_api_url: HttpUrl = HttpUrl("https://discord.com/api/v10")
    database_url: SecretStr = SecretStr("sqlite:///data/casse-croute.db")
    discord_requests_per_second: int = Field(default=45, ge=1, le=1_000)
    poll_interval_seconds: int = Field(default=_ORDINARY_POLL, ge=1, le=86_400)
    poll_interval_max_seconds: int | None = Field(default=None, ge=1, le=604_800)
    fetch_concurrency: int = Field(default=20, ge=1, le=500)
    host_concurrency: int = Field(default=4, ge=1, le=500)
    host_delay_seconds: float = Field(default=0.1, ge=0, le=60)
    max_sources_per_server: int | None = Field(default=None, ge=1)
    max_subscriptions_per_server: int | None = Field(default=None, ge=1)
    lexicon_dir: Path | None = None
    section_confidence: float | None = Field(default=None, ge=0, le=1)
    allow_private_addresses: bool = False
    http_host: str | None = None
    http_port: int | None = Field(default=None, ge=0, le=65_535)
    public_url: HttpUrl | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    default_language: Literal["fr", "en"] = "fr"
    default_time_zone: str = DEFAULT_TIME_ZONE

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("log_format", "default_language", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("default_time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if zone_of(value) is None:
            raise ValueError("no such time zone")
        return value

    def longest_poll_seconds(self) -> int:
        """How seldom a source may be asked: an hour, unless the operator says otherwise.

        Whoever wants sources asked more often than by default means it, so nothing is put off then.
        """
        default = _LONGEST_POLL if self.poll_interval_seconds >= _ORDINARY_POLL else self.poll_interval_seconds
        return max(self.poll_interval_max_seconds or default, self.poll_interval_seconds)

    def require_token(self) -> str:
        """The token, or a ConfigurationError that says where to put it."""
        token = self.discord_token.get_secret_value().strip() if self.discord_token else ""
        if not token:
            raise ConfigurationError("config_error.no_token")
        return token


def load_settings(env_file: Path = Path(".env")) -> Settings:
    """Read and check the settings; ConfigurationError names the first wrong one and never shows its value."""
    _check_env_file(env_file)
    try:
        return Settings(_env_file=env_file)
    except ValidationError as error:
        # pydantic's own words are English and for developers; each setting has a sentence that says what it takes.
        name = str(error.errors(include_url=False, include_input=False, include_context=False)[0]["loc"][0])
        raise ConfigurationError(f"config_error.{name.lower()}", name=name.upper()) from None


def _check_env_file(path: Path) -> None:
    """python-dotenv only logs lines that it cannot read, and the bot would start without them."""
    try:
        with path.open(encoding="utf-8") as stream:
            for binding in parse_stream(stream):
                if binding.error:
                    raise ConfigurationError("config_error.bad_line", line=binding.original.line, path=path)
                if binding.key is not None and binding.value is None:
                    raise ConfigurationError("config_error.bad_line", line=binding.original.line, path=path)
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError("config_error.unreadable_file", path=path) from None


class _Language(BaseSettings):
    """The language alone, so that an error in any other setting can be told in it."""

    model_config = SettingsConfigDict(env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore")

    default_language: str | None = None
    lc_all: str | None = None
    lc_messages: str | None = None
    lang: str | None = None


def operator_language(env_file: Path = Path(".env")) -> str:
    """What the command line speaks: `DEFAULT_LANGUAGE`, else the terminal's language, else English."""
    # A line that cannot be read is told once, in a sentence of ours (`_check_env_file`), not in python-dotenv's too.
    logging.getLogger("dotenv").setLevel(logging.ERROR)
    found = _Language.model_construct()
    for readable in (env_file, None):
        with contextlib.suppress(ValidationError, OSError, ValueError):
            found = _Language(_env_file=readable)
            break
    return choose(found.default_language, found.lc_all or found.lc_messages or found.lang, default="en")
