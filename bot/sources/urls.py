"""Addresses: as people type them, as feeds write them, as we compare and show them. Nothing here opens one."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

from bot.errors import AddressRefused, FailureReason

MAX_URL_LENGTH = 2_048

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d+(?:[/?#]|$))", re.IGNORECASE)
_FEED_SCHEME = re.compile(r"(?:feed|feeds|rss|itpc|pcast|podcast|webcal):(?://)?", re.IGNORECASE)
_SPACES = re.compile(r"[\x00-\x20\x7f\u00a0\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
_TRACKING = re.compile(
    r"(?:utm|pk|mtm|piwik|hsa|vero|oly|at|ns|ss)_\w+|(?:fb|g|dc|y|ms|tt|tw|rb_)clid|gbraid|wbraid|igsh(?:id)?|mc_[ce]id|"
    r"_hs(?:enc|mi)|hsctatracking|mkt_tok|wickedid|s_cid|_ga|_gl|xtor|cmpid|ref_(?:src|url)|spm|trk(?:campaign|info)?|"
    r"__twitter_impression|sr_share|wt_mc|partnerref|guccounter|guce_referrer\w*",
    re.IGNORECASE,
)
_SECRET = re.compile(r"(?:.*(?:token|secret|passw|auth|apikey|api_key|signature|session).*|key|sig|pwd)", re.IGNORECASE)
_ORDINARY = re.compile(r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d{2,4})?/[A-Za-z0-9/._~%?&=;,+-]{0,1800}")
_BEYOND_ASCII = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
_ACCENT_APART = re.compile(r"%C[CD]%[89AB][0-9A-F]", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_SAFE = "%/:=&?~#+!$,;'@()*[]"


def normalise_address(typed: str) -> str:
    """The http(s) address that a person means by what they typed or pasted.

    Raises AddressRefused when there is no such address, or when it carries a user name or a password: those would be
    shown to everybody who lists the sources.
    """
    text = _SPACES.sub("", typed.strip().strip("<>\"'«»"))
    if match := _FEED_SCHEME.match(text):
        text = text[match.end() :]
    text = text.removeprefix("//")
    shown = display_url(text)
    if not _SCHEME.match(text):
        # Whoever typed words sees their own again, unless they may hold a password.
        shown = display_url(f"https://{text}") if "@" in text else " ".join(typed.split())[:MAX_URL_LENGTH]
        text = f"https://{text}"
    parts = split_http(text)
    if parts is None or not _is_host(parts.hostname or ""):
        raise AddressRefused(FailureReason.BAD_ADDRESS, shown, "not an http(s) address")
    if "@" in parts.netloc:
        raise AddressRefused(FailureReason.ACCESS_IN_ADDRESS, shown, "it carries credentials")
    if len(text) > MAX_URL_LENGTH:
        raise AddressRefused(FailureReason.BAD_ADDRESS, shown, "too long")
    return _unsplit(parts.scheme.lower(), _netloc(parts), parts.path or "/", parts.query, parts.fragment)


def split_http(url: str) -> SplitResult | None:
    """The parts of an absolute http(s) address, or None for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or port == 0:
        return None
    return parts


def is_http(url: str | None) -> bool:
    return bool(url) and split_http(str(url)) is not None


def join(base: str, link: str | None) -> str | None:
    """`link` made absolute against `base`; None when the result is not an http(s) address that could be opened."""
    link = _clean(link)
    if not link:
        return None
    if _ORDINARY.fullmatch(link):
        return link
    try:
        joined = urljoin(base, link)
    except ValueError:
        return None
    if len(joined) > MAX_URL_LENGTH or split_http(joined) is None:
        return None
    return quote(joined, safe=_SAFE) if not joined.isascii() or " " in joined else joined


def canonical_link(url: str) -> str:
    """`url` without what does not choose the document: tracking parameters, fragment, default port, case of the host.

    For comparing. Open and show the address as its author wrote it.
    """
    parts = split_http(_clean(url))
    if parts is None:
        return url.strip()
    query = "&".join(
        pair for pair in parts.query.split("&") if pair and not _TRACKING.fullmatch(unquote(pair.partition("=")[0]))
    )
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    path = _ESCAPE.sub(_unescape, _composed(quote(parts.path, safe=_SAFE, errors="replace")))
    return _unsplit(parts.scheme.lower(), _netloc(parts), path or "/", query, fragment)


def display_url(url: str) -> str:
    """`url` fit for logs and people: no user name, no password, no value of a parameter that sounds like a secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return re.sub(r"//[^/@]*@", "//", url)[:200]
    netloc = parts.netloc.rpartition("@")[2]
    path = parts.path if netloc else parts.path.rpartition("@")[2]  # of "user:password@host", a password
    query = "&".join(_mask(pair) for pair in parts.query.split("&"))
    return urlunsplit((parts.scheme, netloc, path, query, ""))[:MAX_URL_LENGTH]


@lru_cache(maxsize=4_096)
def host_of(url: str) -> str:
    parts = split_http(url)
    return (parts.hostname or "").lower() if parts else ""


@lru_cache(maxsize=4_096)
def authority_of(url: str) -> str:
    """Whom one bothers by asking: the host, and its port when it is not the usual one."""
    parts = split_http(url)
    if parts is None or parts.port in (None, 80, 443):
        return host_of(url)
    return f"{host_of(url)}:{parts.port}"


def origin_of(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port (RFC 6454); None for what is not an http(s) address."""
    parts = split_http(url)
    if parts is None:
        return None
    scheme = parts.scheme.lower()
    return scheme, host_of(url).rstrip("."), parts.port or {"http": 80, "https": 443}[scheme]


def _composed(path: str) -> str:
    """An accent written apart from its letter is the same letter; some systems write it so."""
    if not _ACCENT_APART.search(path):
        return path
    characters = _BEYOND_ASCII.sub(lambda match: unquote(match[0], errors="surrogateescape"), path)
    return quote(unicodedata.normalize("NFC", characters), safe=_SAFE, errors="surrogateescape")


def _unescape(match: re.Match[str]) -> str:
    """Escapes of unreserved characters mean what the characters do; those of others do not (RFC 3986, 6.2.2.2)."""
    character = chr(int(match[1], 16))
    return character if character.isascii() and (character.isalnum() or character in "-._~") else match[0].upper()


def _clean(link: str | None) -> str:
    # Feeds break long addresses over lines; browsers drop tabs and line ends too (WHATWG URL, 4.4).
    return re.sub(r"[\t\r\n]+", "", link or "").strip()


def _mask(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}=…" if equals and value and _SECRET.fullmatch(name) else pair


def _netloc(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower().rstrip(".")
    if ":" in host:
        host = f"[{host}]"
    default = {"http": 80, "https": 443}.get(parts.scheme.lower())
    return host if parts.port in (None, default) else f"{host}:{parts.port}"


def _is_host(host: str) -> bool:
    host = host.rstrip(".")
    return ("." in host or ":" in host or host == "localhost") and not set(host) & set('<>"{}|\\^`')


def _unsplit(scheme: str, netloc: str, path: str, query: str, fragment: str) -> str:
    return urlunsplit((scheme, netloc, path, query, fragment))
