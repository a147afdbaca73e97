"""Logging: one line per outcome, ids as fields, secrets never.

Everything goes to stderr, so that what a command prints stays clean. The standard library's loggers (discord.py,
aiohttp, SQLAlchemy) pass through the same processors, and so through the same redaction.
"""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, Processor

HIDDEN = "[hidden]"

_SHAPES = re.compile(
    r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"  # a Discord bot token: three base64url parts
    r"|(?<=/webhooks/)\d+/[\w-]+"  # webhook and interaction tokens in addresses
    r"|(?<=/interactions/)\d+/[\w.-]+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user:password@host
    r"|(?i:(?<=Authorization: )|(?<=authorization': '))[^'\"\s]+(?: [^'\"\s]+)?"
)


class Redaction:
    """Replaces known secrets, and whatever has the shape of one, in every string of an event."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(sorted((secret for secret in secrets if len(secret) >= 4), key=len, reverse=True))

    def text(self, value: str) -> str:
        for secret in self._secrets:
            value = value.replace(secret, HIDDEN)
        return _SHAPES.sub(HIDDEN, value)

    def __call__(self, _logger: object, _method: str, event: EventDict) -> EventDict:
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: object) -> object:
        match value:
            case str():
                return self.text(value)
            case dict():
                return {key: self._clean(each) for key, each in value.items()}
            case list() | tuple():
                return [self._clean(each) for each in value]
            case None | bool() | int() | float():
                return value
            case _:
                return self.text(str(value))


def _one_line(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Text from a source cannot forge a second log line."""
    return {
        key: value.replace("\r", "\\r").replace("\n", "\\n") if isinstance(value, str) and key != "exception" else value
        for key, value in event.items()
    }


class _Reconnecting(logging.Filter):
    """Says in one line what discord.py shows a whole traceback for: a gateway that is away for a moment."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and str(record.msg).startswith("Attempting a reconnect"):
            error = record.exc_info[1]
            record.msg = f"{record.getMessage()}: {error.__class__.__name__}"
            record.args = None
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def set_up_logging(level: str, form: Literal["text", "json"], *, secrets: Iterable[str] = ()) -> None:
    """Send all logging to stderr. `secrets` are strings that never appear, wherever they came from."""
    redact = Redaction(secrets)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=32)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.PositionalArgumentsFormatter()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact,
            _one_line,
            last,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # aiosqlite writes down every statement with its values, credentials of private feeds among them.
    for noisy in ("discord", "aiohttp.access", "aiosqlite", "sqlalchemy", "alembic", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    reconnecting = logging.getLogger("discord.client")
    if not any(isinstance(each, _Reconnecting) for each in reconnecting.filters):
        reconnecting.addFilter(_Reconnecting())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
