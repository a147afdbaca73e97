"""Which new entries are news, and in which order they came to be. Pure; dates never decide what is new, only this."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from bot.models import Entry

FEW = 5
"""New entries that one check may bring without anybody wondering, and the most that are announced when one does.

A late or backdated article comes alone or with a few; an archive comes by the dozen. Five is what a channel can take
of something that may be old, and what a source that was changed for good needs to show that it is alive."""

PLENTY = 20
"""As many as a source usually publishes in the time since it was last read are no wonder either, up to these. Where
dates say nothing, that is all that tells news from an archive."""

MOST = 100
"""The most that one check announces at all."""

REPUBLISHED = 3
"""Known articles that turn up under new ids at once, from which a source is being republished."""

_KNOWN_TO_EACH = 5
"""Known articles to each that we don't know, in what is republished: an archive would bring more, so it came late."""

_SLACK = timedelta(days=2)
"""Articles are dated when they were begun, in the wrong zone, or wait for an editor."""


def choose_announced(
    new: Sequence[Entry],
    *,
    seeding: bool,
    since: datetime | None,
    kept: int,
    moved: int,
    redated: bool,
    among: Collection[str] = (),
    rolled: bool = False,
    usual: int = 0,
) -> frozenset[str]:
    """The identities of `new` that channels are told about.

    `kept` articles of the listing are known under their ids, `moved` ones came back under new ids, `redated` ones
    with new dates; `since` is the last good check. A first check (`seeding`) announces the newest only. A list that
    `rolled` on has lost as many of its oldest articles as it got new ones: those are news. `usual` is how many the
    source might publish in the time since the last good check.

    A burst is either news, which piled up since the last good check and is dated accordingly, or an archive:
    republished after a move, or listed further back than before. What stands `among` the known ones is news, whatever
    its date. Of an archive at most a few are told, the newest; and when dates were touched too, nothing but its place
    and its ids tells it from news.
    """
    ordered = oldest_first(new)
    if seeding:
        return _identities(ordered[-1:])
    undated = _undated(ordered)
    few = max(FEW, min(usual, PLENTY)) if redated or undated else FEW
    if len(ordered) <= few or since is None or rolled:
        return _identities(ordered[-MOST:])
    certain = [entry for entry in ordered if entry.identity in among]
    recent = [entry for entry in ordered if _is_after(entry, since - _SLACK)]
    news = (certain or list(ordered)) if undated else recent
    known = _identities([*news, *certain])
    old = [entry for entry in ordered if entry.identity not in known]
    if moved >= REPUBLISHED and moved > kept:
        if redated:
            news = news[-FEW:]
        if _KNOWN_TO_EACH * len(old) > moved:
            old = []
    told = _identities([*news, *certain, *old[-FEW:]])
    return _identities([entry for entry in ordered if entry.identity in told][-MOST:])


def oldest_first(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Entries in the order they came to be.

    By date where every entry has one; otherwise the reverse of the source's order, since sources list newest first
    (RSS and Atom ask for no order, but readers have relied on this one since 1999).
    """
    listed = tuple(reversed(entries))
    if all(entry.published_at for entry in entries):
        return tuple(sorted(listed, key=lambda entry: entry.published_at.timestamp() if entry.published_at else 0.0))
    return listed


def _is_after(entry: Entry, moment: datetime) -> bool:
    return entry.published_at is None or entry.published_at > moment


def _undated(entries: Sequence[Entry]) -> bool:
    """True where dates say nothing: none, or one and the same for all."""
    return len({entry.published_at for entry in entries}) == 1


def _identities(entries: Sequence[Entry]) -> frozenset[str]:
    return frozenset(entry.identity for entry in entries)
