"""WebSub, the part that is pure: who may say that a topic has news. https://www.w3.org/TR/websub/"""

import hashlib
import hmac
import re

_SIGNATURE = re.compile(r"(sha1|sha256|sha384|sha512)=([0-9a-fA-F]{40,128})")

LEASE_SECONDS = 10 * 86_400
"""What we ask for, and take for granted where a hub does not say."""
_SHORTEST_SECONDS, _LONGEST_SECONDS = 300, 90 * 86_400
MAX_CHALLENGE_LENGTH = 4_096


class Signature:
    """What `X-Hub-Signature` promises of a body that is still to come (WebSub, 7.1)."""

    def __init__(self, algorithm: str, digest: str, secret: str) -> None:
        self._digest = digest.lower()
        self._mac = hmac.new(secret.encode(), digestmod=getattr(hashlib, algorithm))

    def feed(self, data: bytes) -> None:
        self._mac.update(data)

    def holds(self) -> bool:
        return hmac.compare_digest(self._mac.hexdigest(), self._digest)


def read_signature(header: str | None, secret: str) -> Signature | None:
    """None when there is no signature in a form that we know: such a push is not believed."""
    match = _SIGNATURE.fullmatch((header or "").strip())
    return Signature(match[1], match[2], secret) if match else None


def read_lease(value: str | None) -> int:
    """How long a hub promises to push, in seconds, within reason."""
    text = (value or "").strip()
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else LEASE_SECONDS
    return max(_SHORTEST_SECONDS, min(seconds, _LONGEST_SECONDS))
