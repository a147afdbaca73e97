"""What is new: the entries of a snapshot against what is stored. Pure; dates decide nothing."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.models import Entry

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of an entry."""

    article_id: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Decision:
    """`new` is oldest first: the order in which articles get their ids, and in which they are announced."""

    new: tuple[Entry, ...]
    changed: tuple[tuple[int, Entry], ...]
    """Article id and the entry as it is now."""
    announced: frozenset[str]
    """Identities among `new` that channels are told about."""


def content_hash(entry: Entry) -> str:
    """A fingerprint of the words a reader sees, blind to dates, white space and re-encoding of the document."""
    parts = (entry.title or "", entry.author or "", entry.url or "", entry.body, entry.image.url if entry.image else "")
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(_SPACE.sub(" ", part).strip().encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.hexdigest()


def oldest_first(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Entries in the order they came to be.

    By date where every entry has one; otherwise the reverse of the source's order, since sources list newest first
    (RSS and Atom ask for no order, but readers have relied on this one since 1999).
    """
    listed = tuple(reversed(entries))
    if all(entry.published_at for entry in entries):
        return tuple(sorted(listed, key=lambda entry: entry.published_at.timestamp() if entry.published_at else 0.0))
    return listed


def decide(entries: Sequence[Entry], known: Mapping[str, Known], *, seeding: bool) -> Decision:
    """Sort entries into new and changed; on a first check (`seeding`) only the newest is announced."""
    new = oldest_first([entry for entry in entries if entry.identity not in known])
    changed = tuple(
        (stored.article_id, entry)
        for entry in entries
        if (stored := known.get(entry.identity)) and stored.content_hash != content_hash(entry)
    )
    announced = new[-1:] if seeding else new
    return Decision(new, changed, frozenset(entry.identity for entry in announced))
