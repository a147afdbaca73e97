"""Which stored article a listed entry is, whatever its source did to ids, links and dates. Pure.

Feeds re-number their items, move to https, add tracking, republish their archive under new ids, give one id or one
link to all their items. So neither an id nor a link is believed alone when everything else speaks against it, and an
article is known again by the rest when its id is new. Each pair of entry and article gets an affinity; the strongest
pairs are taken first, and an article is only one entry's.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.models import Entry
from bot.updates.announcing import REPUBLISHED
from bot.updates.likeness import SAME_MOMENT, Seen, affinity_by_id, affinity_by_the_rest, compare, is_twin
from bot.updates.places import are_held
from bot.updates.traces import Clues, MarkKind, Trace, link_key

RECENT, RECENT_AT_MOST = 60, 200
"""Articles that an entry is compared with when nothing points to one: twice as many as are listed, within these."""

_LOOKS_AROUND = 50
"""Entries compared with everything recent; more than that at once are no edits."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A listed entry that is not known by its id with the very same content."""

    entry: Entry
    content_hash: str
    clues: Clues
    by_id: int | None
    """The article stored under its id, if there is one."""
    is_place: bool = False
    """Its id may only be its place in the list: the next article will push it on."""

    @property
    def is_made(self) -> bool:
        """Its id says nothing: a hash that we made of the words, or a place in the list."""
        return self.is_place or self.entry.identity.startswith("sha256:")


@dataclass(frozen=True, slots=True)
class Recognition:
    matched: Mapping[int, int]
    """Position among the unsettled entries, to article id: that article, perhaps changed."""
    twins: Mapping[int, int]
    """Position, to the id of an article that is listed a second time, under another id."""
    strangers: tuple[int, ...]
    """Positions of entries that are no article we know."""
    moved: int
    """How many of `matched` came under new ids and new links, as when a site is moved."""
    redated: bool
    """Whether one of `matched` carries another date than it had: the dates of this source say little."""


def recognise(
    unsettled: Sequence[Unsettled],
    traces: Collection[Trace],
    *,
    settled: Mapping[int, Entry],
    shared: Collection[int],
    home_url: str | None,
    usual: int = 0,
) -> Recognition:
    """`settled` are the articles listed unchanged, as they are listed; `shared` the marks that several listed entries
    have; `usual` is how many articles might be new, 0 when nobody knows."""
    # Some sources link all their items to one place, or call them all "Press review".
    times = Counter(mark for trace in traces for kind, mark in trace.clues.marks() if kind is not MarkKind.WORDS)
    ambiguous = {*shared, *(mark for mark, count in times.items() if count > 1)}
    around = _edited(unsettled, traces, settled=len(settled))
    pairing = _Pairing(unsettled, traces, ambiguous, around, home_url, settled=settled, usual=usual)
    matched = pairing.take({}, republished=False)
    moved = pairing.moved(matched)
    known = len(settled) + len(matched) - moved
    if left := len(unsettled) - len(matched):
        more = pairing.take(matched, republished=True)
        if not ((moved >= REPUBLISHED and moved >= known) or (known == 0 and len(unsettled) >= REPUBLISHED)):
            more = pairing.come_back(more, left, moved=moved)
        matched |= more
        moved += pairing.moved(more)
    twins = pairing.twins(settled, matched)
    strangers = tuple(at for at in range(len(unsettled)) if at not in matched and at not in twins)
    return Recognition(matched, twins, strangers, moved, pairing.redated(matched))


def look_around(unsettled: Sequence[Unsettled], *, settled: int) -> Sequence[int]:
    """Positions of entries to compare with what is recent, because an edit may have left nothing to look them up by.

    So it is with entries under new ids (who renames an article often renames its page), with those that have no link
    and an id made from their words or their place, and with all of them when nothing is listed as it was.
    """
    return [
        at
        for at, one in enumerate(unsettled)
        if one.by_id is None
        or (one.clues.link is None and one.is_made)
        or (settled == 0 and len(unsettled) >= REPUBLISHED)
    ]


def recent_for(listed: int) -> int:
    """How many of the newest articles a list of so many entries is compared with."""
    return min(max(RECENT, 2 * listed), RECENT_AT_MOST)


def _edited(unsettled: Sequence[Unsettled], traces: Collection[Trace], *, settled: int) -> Sequence[int]:
    """Those of `look_around` that say what no trace says; none when they are too many to be edits."""
    said = {trace.clues.words for trace in traces} - {None}
    found = [at for at in look_around(unsettled, settled=settled) if unsettled[at].clues.words not in said]
    return found if len(found) <= _LOOKS_AROUND else ()


@dataclass(frozen=True, slots=True)
class _Pair:
    """An entry, by its position, and an article that it might be."""

    at: int
    trace: Trace
    seen: Seen
    by_id: bool


class _Pairing:
    def __init__(
        self,
        unsettled: Sequence[Unsettled],
        traces: Collection[Trace],
        ambiguous: Collection[int],
        around: Collection[int],
        home_url: str | None,
        *,
        settled: Collection[int],
        usual: int,
    ) -> None:
        """`settled` are the articles listed unchanged."""
        self._unsettled = unsettled
        self._traces = {trace.article_id: trace for trace in traces}
        self._ambiguous = ambiguous
        self._around = frozenset(around)
        # What was touched together has one date, in the list as in the archive.
        self._shared_dates = {
            *_repeated(date for _, date in {(one.clues.marks(), one.entry.published_at) for one in unsettled}),
            *_repeated(trace.published_at for trace in traces),
        }
        # Enough are listed for a title that only one of them has to be its own.
        self._many = len(settled) + len(unsettled) >= REPUBLISHED
        places_hold = are_held(
            [
                (one.entry, one.clues, trace)
                for one in unsettled
                if one.is_place and one.by_id is not None and (trace := self._traces.get(one.by_id))
            ],
            settled=len(settled),
            unsettled=len(unsettled),
            links={trace.clues.link for trace in traces},
            shared_dates=self._shared_dates,
            usual=usual,
        )
        home = link_key(home_url) if home_url else None
        # Ids that may be another article's tomorrow.
        self._weak = [
            (one.is_place and not places_hold) or (home is not None and link_key(one.entry.identity) == home)
            for one in unsettled
        ]
        self._by_mark: dict[int, list[Trace]] = defaultdict(list)
        for trace in self._traces.values():
            for _, mark in trace.clues.marks():
                self._by_mark[mark].append(trace)
        self._pairs = list(self._pair(settled))

    def take(self, besides: Mapping[int, int], *, republished: bool) -> dict[int, int]:
        """The strongest pairs first, after those that were taken before."""
        taken = set(besides.values())
        pairs = [
            (affinity, pair.at, pair.trace.article_id)
            for pair in self._pairs
            if pair.at not in besides
            and pair.trace.article_id not in taken
            and (affinity := self._affinity(pair, republished=republished))
        ]
        matched: dict[int, int] = {}
        for _, at, article_id in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
            if at not in matched and article_id not in taken:
                matched[at] = article_id
                taken.add(article_id)
        return matched

    def come_back(self, matched: Mapping[int, int], left: int, *, moved: int) -> dict[int, int]:
        """Those of `matched`, found as if their source had been republished, that no date contradicts: where others
        `moved`, or where they show it by themselves, most of what is `left` bearing titles of the past at once."""
        shown = {
            pair.at: pair.trace.article_id
            for pair in self._pairs
            if matched.get(pair.at) == pair.trace.article_id and pair.seen.date is not False
        }
        return shown if max(moved, len(shown) if 2 * len(shown) >= left else 0) >= REPUBLISHED else {}

    def moved(self, matched: Mapping[int, int]) -> int:
        return sum(self._has_moved(at, self._traces[article_id]) for at, article_id in matched.items())

    def _has_moved(self, at: int, trace: Trace) -> bool:
        one, weak = self._unsettled[at], self._weak[at]
        if one.by_id == trace.article_id and not weak:
            return False
        if one.clues.link is None and trace.clues.link is None:
            return not one.is_made and not weak  # a new id is all that could change
        return one.clues.link != trace.clues.link

    def redated(self, matched: Mapping[int, int]) -> bool:
        dates = [
            (self._unsettled[at].entry.published_at, self._traces[id_].published_at) for at, id_ in matched.items()
        ]
        return any(now is None or then is None or abs(now - then) >= SAME_MOMENT for now, then in dates)

    def twins(self, settled: Mapping[int, Entry], matched: Mapping[int, int]) -> dict[int, int]:
        """Entries that say again what another entry of the same listing says."""
        listed_at = {article_id: at for at, article_id in matched.items()}
        traces = {id_: self._traces[id_] for id_ in (*settled, *matched.values()) if id_ in self._traces}
        by_mark: dict[int, list[int]] = defaultdict(list)
        for article_id, trace in traces.items():
            clues = self._unsettled[listed_at[article_id]].clues if article_id in listed_at else trace.clues
            for _, mark in clues.marks():
                by_mark[mark].append(article_id)
        found = {}
        for at, one in enumerate(self._unsettled):
            if at in matched:
                continue
            for article_id in dict.fromkeys(id_ for _, mark in one.clues.marks() for id_ in by_mark.get(mark, ())):
                if article_id in listed_at:
                    is_twin = repeats(one, self._unsettled[listed_at[article_id]])
                else:
                    is_twin = self._is_twin(one, traces[article_id], settled[article_id])
                if is_twin:
                    found[at] = article_id
                    break
        return found

    @staticmethod
    def _is_twin(one: Unsettled, trace: Trace, listed: Entry) -> bool:
        """Whether an entry says what an article says that is listed unchanged; what touched its date did not change
        it."""
        at = listed.published_at
        return is_twin(one.entry, one.clues, trace.clues, title=trace.title, published_at=at)

    def _pair(self, settled: Collection[int]) -> Iterable[_Pair]:
        # An id that nobody has may be an article's but for what sites change in all their addresses at once.
        addresses = {trace.article_id: _address_of(trace.identity) for trace in self._traces.values()}
        for at, one in enumerate(self._unsettled):
            address = _address_of(one.entry.identity) if one.by_id is None else None
            for trace in self._candidates(at, one):
                if trace.article_id in settled:
                    continue
                by_id = trace.article_id == one.by_id
                if address is not None:
                    by_id = address == addresses[trace.article_id]
                seen = compare(one.entry, one.clues, trace, ambiguous=self._ambiguous, shared_dates=self._shared_dates)
                yield _Pair(at, trace, seen, by_id)

    def _candidates(self, at: int, one: Unsettled) -> Iterable[Trace]:
        if at in self._around:
            return self._traces.values()
        found = {trace.article_id: trace for _, mark in one.clues.marks() for trace in self._by_mark.get(mark, ())}
        if one.by_id is not None and (trace := self._traces.get(one.by_id)):
            found[trace.article_id] = trace
        return found.values()

    def _affinity(self, pair: _Pair, *, republished: bool) -> int:
        one, weak = self._unsettled[pair.at], self._weak[pair.at]
        if weak and one.content_hash == pair.trace.content_hash:
            return 95
        rest = affinity_by_the_rest(pair.seen, made=one.is_made, republished=republished)
        return max(rest, affinity_by_id(pair.seen, weak=weak, many=self._many)) if pair.by_id else rest


def _address_of(identity: str) -> str | None:
    return link_key(identity) if identity.startswith(("http://", "https://")) else None


def _repeated(dates: Iterable[datetime | None]) -> set[datetime]:
    return {date for date, count in Counter(dates).items() if date and count > 1}


def repeats(one: Unsettled, other: Unsettled) -> bool:
    """Whether two entries of one listing say the same."""
    entry = other.entry
    return is_twin(one.entry, one.clues, other.clues, title=entry.title or "", published_at=entry.published_at)
