"""Credentials as people give them, made into the one header that each kind amounts to. Pure.

Raises RequestRefused, whose sentence never repeats what was given.
"""

import base64
import re

from pydantic import SecretStr

from bot.errors import RequestRefused
from bot.models import Credentials

MAX_LENGTH = 2_000
"""Of a name or a secret: tokens of a kilobyte exist, and a header has its limits."""

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
"""A header's name: RFC 9110, 5.6.2."""
_VISIBLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_OURS = re.compile(
    r"host|user-agent|connection|upgrade|te|trailer|expect|range|referer|origin|date|via|from|keep-alive|"
    r"(?:content|transfer|accept|if|proxy|sec|access-control)-.*|accept|forwarded|x-forwarded-.*",
    re.IGNORECASE,
)
"""Headers that say how we ask, or on whose behalf; a moderator has no say in those."""


def basic(name: str, password: str) -> Credentials:
    """RFC 7617; in UTF-8, which servers that say nothing understand most often."""
    if not name or ":" in name or _CONTROL.search(name + password) or len(name + password) > MAX_LENGTH:
        raise RequestRefused("config.auth.wrong.basic")
    pair = base64.b64encode(f"{name}:{password}".encode()).decode()
    return Credentials(header="Authorization", value=SecretStr(f"Basic {pair}"))


def bearer(token: str) -> Credentials:
    """RFC 6750; a token that was pasted with its scheme is understood."""
    token = re.sub(r"^(?:authorization\s*:\s*)?bearer\s+", "", token.strip(), flags=re.IGNORECASE)
    if not _VISIBLE.fullmatch(token) or " " in token or len(token) > MAX_LENGTH:
        raise RequestRefused("config.auth.wrong.bearer")
    return Credentials(header="Authorization", value=SecretStr(f"Bearer {token}"))


def custom(header: str, value: str) -> Credentials:
    header, value = header.strip().rstrip(":"), value.strip()
    if not _TOKEN.fullmatch(header) or _OURS.fullmatch(header):
        raise RequestRefused("config.auth.wrong.header")
    if not _VISIBLE.fullmatch(value) or len(value) > MAX_LENGTH:
        raise RequestRefused("config.auth.wrong.value")
    return Credentials(header=header, value=SecretStr(value))
