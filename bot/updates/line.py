"""The line of sources that wait to be asked: each host in turn, a few at a time, with a pause between two. Pure.

Sources that failed last time or were never asked, which may well keep us waiting for half a minute, have half of the
places at most: of a host, and in all. Times are seconds of any clock that never goes back.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from bot.models import Source, SourceKind
from bot.sources.urls import authority_of


@dataclass(frozen=True, slots=True)
class HostLimits:
    """What a host is owed, however many of its sources are followed."""

    at_once: int
    """Sources of one host that are asked at the same time."""
    delay_seconds: float
    """Between the starts of two of them."""

    @property
    def doubtful_at_once(self) -> int:
        """Of those `at_once`, how many may be doubtful."""
        return places_for_doubtful(self.at_once)


def places_for_doubtful(places: int) -> int:
    return max(1, places // 2)


class Line:
    def __init__(self, host_limits: HostLimits, *, doubtful_at_once: int) -> None:
        self._limits = host_limits
        self._doubtful_at_once = doubtful_at_once
        self._waiting: dict[_Queue, deque[Source]] = {}
        self._turns: deque[_Queue] = deque()
        self._busy: Counter[str] = Counter()
        self._doubtful: Counter[str] = Counter()
        """Of the busy ones, those that may keep us waiting."""
        self._free_at: defaultdict[str, float] = defaultdict(float)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, sources: Iterable[Source]) -> None:
        for source in sources:
            queue = _queue(source)
            if queue not in self._waiting:
                self._waiting[queue] = deque()
                self._turns.append(queue)
            self._waiting[queue].append(source)
            self._length += 1

    def take(self, limit: int, now: float) -> list[Source]:
        """Those that may be asked now, the hosts in turn. Each is busy until `done`."""
        taken: list[Source] = []
        passed = 0
        while len(taken) < limit and passed < len(self._turns):
            queue = self._turns.popleft()
            source = self._next(queue, now)
            if self._waiting[queue]:
                self._turns.append(queue)
            else:
                del self._waiting[queue]
            if source:
                taken.append(source)
            passed = 0 if source else passed + 1
        self._forget_pauses(now)
        return taken

    def done(self, source: Source) -> None:
        host, doubtful = _queue(source)
        for busy in (self._busy, self._doubtful) if doubtful else (self._busy,):
            busy[host] -= 1
            if busy[host] <= 0:
                del busy[host]

    def ready_in(self, now: float) -> float | None:
        """Seconds until a pause is over that keeps somebody waiting; None when only `done` or `add` help."""
        pauses = [self._free_at[queue.host] - now for queue in self._turns if self._has_place(queue)]
        return max(min(pauses), 0.0) if pauses else None

    def clear(self) -> list[Source]:
        """Everybody goes home; who that is."""
        left = [source for waiting in self._waiting.values() for source in waiting]
        self._waiting.clear()
        self._turns.clear()
        self._length = 0
        return left

    def _has_place(self, queue: "_Queue") -> bool:
        if self._busy[queue.host] >= self._limits.at_once:
            return False
        return not queue.doubtful or (
            self._doubtful[queue.host] < self._limits.doubtful_at_once
            and self._doubtful.total() < self._doubtful_at_once
        )

    def _next(self, queue: "_Queue", now: float) -> Source | None:
        host = queue.host
        if not self._has_place(queue) or self._free_at[host] > now:
            return None
        source = self._waiting[queue].popleft()
        self._length -= 1
        self._busy[host] += 1
        if queue.doubtful:
            self._doubtful[host] += 1
        if self._limits.delay_seconds:
            self._free_at[host] = now + self._limits.delay_seconds
        return source

    def _forget_pauses(self, now: float) -> None:
        if len(self._free_at) > 1_000:
            self._free_at = defaultdict(float, {host: at for host, at in self._free_at.items() if at > now})


class _Queue(NamedTuple):
    host: str
    doubtful: bool


def _queue(source: Source) -> _Queue:
    """A folder is nobody's host, and shares its place with no other."""
    host = f"folder {source.id}" if source.kind is SourceKind.FOLDER else authority_of(source.url)
    return _Queue(host, doubtful=source.doubtful)
