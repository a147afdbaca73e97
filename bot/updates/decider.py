"""What is new: the entries of a listing against what is stored. Pure.

An entry whose id and content are known is settled. Only the others are looked at closely (`recognition`), and of
those that are no article we know, `announcing` says which are news.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise

from bot.models import Entry
from bot.updates.announcing import choose_announced, oldest_first
from bot.updates.places import are_places
from bot.updates.recognition import Recognition, Unsettled, recognise, repeats
from bot.updates.traces import Clues, Trace, clues_of, link_key


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of an entry."""

    article_id: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry as its source lists it now, with the fingerprint of its content."""

    entry: Entry
    content_hash: str


@dataclass(frozen=True, slots=True)
class Find:
    """A new article. `also` are ids under which the same listing has it again."""

    entry: Entry
    content_hash: str
    clues: Clues
    announce: bool
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A stored article that now reads otherwise."""

    article_id: int
    entry: Entry
    content_hash: str
    clues: Clues


@dataclass(frozen=True, slots=True)
class Decision:
    """`new` is oldest first: the order in which articles get their ids, and in which they are announced."""

    new: tuple[Find, ...] = ()
    changed: tuple[Change, ...] = ()
    aliases: tuple[tuple[int, str], ...] = ()
    """Article id and another id under which its source lists it."""


def content_hash(entry: Entry) -> str:
    """A fingerprint of the words a reader sees, blind to dates, white space and re-encoding of the document."""
    parts = (entry.title or "", entry.author or "", entry.url or "", entry.body, entry.image.url if entry.image else "")
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(" ".join(part.split()).encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.hexdigest()


def unsettled(listed: Sequence[Listed], known: Mapping[str, Known], *, home_url: str | None = None) -> list[Unsettled]:
    """The entries that need a closer look."""
    places = are_places([each.entry.identity for each in listed])
    return [
        Unsettled(
            each.entry,
            each.content_hash,
            clues_of(each.entry, home_url=home_url),
            stored.article_id if (stored := known.get(each.entry.identity)) else None,
            is_place=places,
        )
        for each in listed
        if not is_settled(each, known)
    ]


def decide(
    listed: Sequence[Listed],
    known: Mapping[str, Known],
    close: Sequence[Unsettled],
    traces: Collection[Trace],
    *,
    seeding: bool,
    since: datetime | None,
    usual: int = 0,
    home_url: str | None = None,
) -> Decision:
    """What becomes of a listing.

    `close` are its unsettled entries, `traces` the stored articles that they might be: those under their ids and
    marks. `since` is the last good check before this one, `usual` how many articles might have come since.
    """
    settled = {known[each.entry.identity].article_id: each.entry for each in listed if is_settled(each, known)}
    shared = _shared(listed, close)
    found = recognise(close, traces, settled=settled, shared=shared, home_url=home_url, usual=usual)
    stored = {trace.article_id: trace for trace in traces}
    changed = []
    aliases = [(article_id, close[at].entry.identity) for at, article_id in found.twins.items()]
    for at, article_id in found.matched.items():
        one = close[at]
        if stored[article_id].content_hash != one.content_hash:
            changed.append(Change(article_id, one.entry, one.content_hash, one.clues))
        aliases.append((article_id, one.entry.identity))
    new, twins = _without_twins([close[at] for at in found.strangers])
    announced = choose_announced(
        [one.entry for one in new],
        seeding=seeding,
        since=since,
        kept=len(settled) + len(found.matched) - found.moved,
        moved=found.moved,
        redated=found.redated,
        among=_among(listed, known, close, found),
        rolled=_has_rolled({*settled, *found.matched.values()}, traces, new=len(new)),
        usual=usual,
    )
    by_identity = {one.entry.identity: one for one in new}
    return Decision(
        new=tuple(
            _find(by_identity[entry.identity], entry.identity in announced, twins.get(entry.identity, ()))
            for entry in oldest_first([one.entry for one in new])
        ),
        changed=tuple(changed),
        # An id that leads somewhere already keeps leading there: places in a list lead everywhere in turn.
        aliases=tuple((article_id, identity) for article_id, identity in aliases if identity not in known),
    )


def _among(
    listed: Sequence[Listed], known: Mapping[str, Known], close: Sequence[Unsettled], found: Recognition
) -> frozenset[str]:
    """The entries of a plainly ordered listing that are not beyond the oldest one we know.

    Where they stand, nothing stood at the last check, so they are news, whatever their dates say. What is listed
    further back than before may be archive.
    """
    by_identity = {close[at].entry.identity: article_id for at, article_id in found.matched.items()}
    ids = [
        by_identity.get(each.entry.identity)
        or (known[each.entry.identity].article_id if is_settled(each, known) else 0)
        for each in listed
    ]
    stored = [article_id for article_id in ids if article_id]
    rises = sum(later > earlier for earlier, later in pairwise(stored))
    falls = len(stored) - 1 - rises
    undated = not any(each.entry.published_at for each in listed)
    if (falls >= 2 and falls > 3 * rises) or (undated and len(stored) == 1 + falls > 0):  # the newest first, as usual
        among = listed[: len(ids) - ids[::-1].index(stored[-1])]
    elif rises >= 2 and rises > 3 * falls:
        among = listed[ids.index(stored[0]) :]
    else:
        among = []
    return frozenset(each.entry.identity for each in among)


def _has_rolled(listed: Collection[int], traces: Collection[Trace], *, new: int) -> bool:
    """Whether a list lost as many of its oldest articles as it got new ones, which are then no archive.

    What is listed further back than before comes beyond everything we know. The articles still `listed` must be about
    the newest we know, but for some that were published late: else we do not know its articles again.
    """
    stored = sorted((trace.article_id for trace in traces), reverse=True)
    still = sum(article_id in listed for article_id in stored[: len(listed)])
    lost = sum(article_id not in listed for article_id in stored[: len(listed) + new])
    return still > 0 and still >= len(listed) - max(1, len(listed) // 5) and lost >= new


def _find(one: Unsettled, announce: bool, also: tuple[str, ...]) -> Find:
    """A new article, under an id of its own where its source gave the same one to another article before."""
    entry = one.entry if one.by_id is None else replace(one.entry, identity=f"{one.entry.identity}#{one.content_hash}")
    return Find(entry, one.content_hash, one.clues, announce, also)


def is_settled(each: Listed, known: Mapping[str, Known]) -> bool:
    """Whether an entry is known by its id, and says what it said."""
    stored = known.get(each.entry.identity)
    return stored is not None and stored.content_hash == each.content_hash


def _shared(listed: Sequence[Listed], close: Sequence[Unsettled]) -> set[int]:
    """Marks of links and titles that tell nothing here, because several entries have them; an article that is listed
    twice is one."""
    if not close:
        return set()
    page_of = {each.entry.url: _page(each.entry) for each in listed}
    pages = {(page_of[each.entry.url], each.entry.title) for each in listed}
    urls = Counter(url for url, _ in pages)
    titles = Counter(title for _, title in pages)
    marks = Counter(mark for its in {one.clues.marks() for one in close} for _, mark in its)
    shared = {mark for mark, times in marks.items() if times > 1}
    for one in close:
        if one.clues.link is not None and urls[page_of[one.entry.url]] > 1:
            shared.add(one.clues.link)
        if one.clues.title is not None and titles[one.entry.title] > 1:
            shared.add(one.clues.title)
    return shared


def _page(entry: Entry) -> str | None:
    return link_key(entry.url) if entry.url else None


def _without_twins(strangers: Sequence[Unsettled]) -> tuple[list[Unsettled], Mapping[str, tuple[str, ...]]]:
    """New entries, and for each the other ids under which the listing repeats it."""
    kept: list[Unsettled] = []
    by_mark: dict[int, Unsettled] = {}
    twins: dict[str, tuple[str, ...]] = {}
    for one in strangers:
        marks = [mark for mark in (one.clues.words, one.clues.link) if mark is not None]
        firsts = [by_mark[mark] for mark in marks if mark in by_mark]
        first = next((each for each in firsts if repeats(one, each)), None)
        if first is None:
            kept.append(one)
            by_mark.update((mark, one) for mark in marks if mark not in by_mark)
        else:
            twins[first.entry.identity] = (*twins.get(first.entry.identity, ()), one.entry.identity)
    return kept, twins
