"""An archive in memory, for what the deciders need of one: what is stored, found again by id and by marks."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.models import Entry
from bot.updates.decider import Decision, Known, Listed, content_hash, decide, unsettled
from bot.updates.recognition import look_around, recent_for
from bot.updates.traces import Clues, Trace


class Memory:
    def __init__(self) -> None:
        self.traces: dict[int, Trace] = {}
        self.by_identity: dict[str, int] = {}
        self.by_mark: dict[int, set[int]] = defaultdict(set)

    def known(self, identities: Collection[str]) -> Mapping[str, Known]:
        found = {each: self.traces[self.by_identity[each]] for each in identities if each in self.by_identity}
        return {identity: Known(trace.article_id, trace.content_hash) for identity, trace in found.items()}

    def recall(self, marks: Collection[int], article_ids: Collection[int], recent: int) -> Sequence[Trace]:
        found = {*article_ids, *list(self.traces)[len(self.traces) - recent :]}.union(
            *(self.by_mark[mark] for mark in marks if mark in self.by_mark)
        )
        return [self.traces[article_id] for article_id in sorted(found)]

    def store(self, decision: Decision) -> None:
        for find in decision.new:
            article_id = len(self.traces) + 1
            assert find.entry.identity not in self.by_identity
            self._keep(article_id, find.entry, find.entry.identity, find.content_hash, find.clues)
            for identity in (find.entry.identity, *find.also):
                self.by_identity[identity] = article_id
        for change in decision.changed:
            identity = self.traces[change.article_id].identity
            self._keep(change.article_id, change.entry, identity, change.content_hash, change.clues)
        for article_id, identity in decision.aliases:
            self.by_identity.setdefault(identity, article_id)

    def _keep(self, article_id: int, entry: Entry, identity: str, fingerprint: str, clues: Clues) -> None:
        if before := self.traces.get(article_id):
            for _, mark in before.clues.marks():
                self.by_mark[mark].discard(article_id)
        self.traces[article_id] = Trace(article_id, identity, fingerprint, entry.title or "", entry.published_at, clues)
        for _, mark in clues.marks():
            self.by_mark[mark].add(article_id)


def check(
    memory: Memory,
    entries: Sequence[Entry],
    *,
    seeding: bool = False,
    since: datetime | None = None,
    usual: int = 0,
    home_url: str | None = None,
) -> Decision:
    """One check of a source, from what it lists to what is stored."""
    listed = [Listed(entry, content_hash(entry)) for entry in entries]
    known = memory.known([entry.identity for entry in entries])
    close = unsettled(listed, known, home_url=home_url)
    marks = [mark for one in close for _, mark in one.clues.marks()]
    recent = recent_for(len(listed)) if look_around(close, settled=len(listed) - len(close)) else 0
    traces = memory.recall(marks, [one.by_id for one in close if one.by_id is not None], recent)
    decision = decide(listed, known, close, traces, seeding=seeding, since=since, usual=usual, home_url=home_url)
    memory.store(decision)
    return decision
