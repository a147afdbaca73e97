"""Addresses as a message may carry them: plain http(s), nothing hidden, nothing that ends Markdown early. Pure."""

import re
import unicodedata
from urllib.parse import quote, urlsplit, urlunsplit

from bot.messages.limits import IMAGE_URL, INLINE_LINK

_SAFE = "%/:?#@!$&*+,;=~-._"
"""Kept as written in paths and queries. Brackets, quotes, back-ticks and white space are what ends a link early."""

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})*\.?", re.IGNORECASE)
_ADDRESS = re.compile(r"\[[0-9a-f:.]{2,45}\]", re.IGNORECASE)

_HOST_LIKE = re.compile(r"(?<![\w.@-])(?:[\w-]+[.。．｡․])+(?P<top>[^\W\d_]{2,24})(?![\w-])")
_ENDINGS = "js ts json html htm php txt pdf exe csv xml yaml yml toml jpg jpeg png gif svg webp mp3"
_FILE_ENDINGS = frozenset(_ENDINGS.split())
_SCHEME = re.compile(r"\b(?:[a-z][a-z0-9+.-]*://|(?:mailto|tel):\S)", re.IGNORECASE)
_DOTS = str.maketrans("。．｡․", "....")


def safe_link(url: str | None, limit: int = INLINE_LINK) -> str | None:
    """The address as it may stand in a message; None when it is no plain web address or is longer than `limit`.

    One with credentials in it is refused: `https://bank.example@evil.example/` reads as another address.
    """
    if not url:
        return None
    url = url.strip()
    if len(url) > limit or any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _ascii_host(parts.hostname or "")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    spelt = urlunsplit(
        (
            parts.scheme,
            host if port is None else f"{host}:{port}",
            quote(parts.path, safe=_SAFE),
            quote(parts.query, safe=_SAFE),
            quote(parts.fragment, safe=_SAFE),
        )
    )
    return spelt if len(spelt) <= limit else None


def image_link(url: str | None) -> str | None:
    return safe_link(url, IMAGE_URL)


def host_of(url: str) -> str:
    """The host as a reader knows it: without `www.`."""
    return (urlsplit(url).hostname or "").removeprefix("www.").rstrip(".")


def passes_for_another(text: str, url: str) -> bool:
    """Whether a link's visible text could be taken for an address that is not the link's own.

    Any text with a scheme in it counts: Discord itself shows no link then.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_DOTS)
    hosts = {match[0] for match in _HOST_LIKE.finditer(plain) if match["top"].casefold() not in _FILE_ENDINGS}
    return _SCHEME.search(plain) is not None or any(_known_as(host) != host_of(url) for host in hosts)


def _known_as(host: str) -> str:
    try:
        return _ascii_host(host).removeprefix("www.")
    except ValueError:
        return host


def _ascii_host(host: str) -> str:
    """The host in ASCII (IDNA). Raises ValueError when it cannot be one."""
    spelt = f"[{host}]" if ":" in host else host if host.isascii() else host.encode("idna").decode("ascii")
    if not (_HOST.fullmatch(spelt) or _ADDRESS.fullmatch(spelt)):
        raise ValueError("not a host name")
    return spelt.casefold()
