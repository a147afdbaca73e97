"""The line of sources that wait to be asked: each host in turn, a few at a time, with a pause between two. Pure.

Times are seconds of any clock that never goes back.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass

from bot.models import Source, SourceKind
from bot.sources.urls import host_of


@dataclass(frozen=True, slots=True)
class HostLimits:
    """What a host is owed, however many of its sources are followed."""

    at_once: int
    """Sources of one host that are asked at the same time."""
    delay_seconds: float
    """Between the starts of two of them."""


class Line:
    def __init__(self, host_limits: HostLimits) -> None:
        self._limits = host_limits
        self._waiting: dict[str, deque[Source]] = {}
        self._turns: deque[str] = deque()
        self._busy: Counter[str] = Counter()
        self._free_at: defaultdict[str, float] = defaultdict(float)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, sources: Iterable[Source]) -> None:
        for source in sources:
            host = _host(source)
            if host not in self._waiting:
                self._waiting[host] = deque()
                self._turns.append(host)
            self._waiting[host].append(source)
            self._length += 1

    def take(self, limit: int, now: float) -> list[Source]:
        """Those that may be asked now, the hosts in turn. Each is busy until `done`."""
        taken: list[Source] = []
        passed = 0
        while len(taken) < limit and passed < len(self._turns):
            host = self._turns.popleft()
            source = self._next(host, now)
            if self._waiting[host]:
                self._turns.append(host)
            else:
                del self._waiting[host]
            if source:
                taken.append(source)
            passed = 0 if source else passed + 1
        self._forget_pauses(now)
        return taken

    def done(self, source: Source) -> None:
        host = _host(source)
        self._busy[host] -= 1
        if self._busy[host] <= 0:
            del self._busy[host]

    def ready_in(self, now: float) -> float | None:
        """Seconds until a pause is over that keeps somebody waiting; None when only `done` or `add` help."""
        pauses = [self._free_at[host] - now for host in self._turns if self._busy[host] < self._limits.at_once]
        return max(min(pauses), 0.0) if pauses else None

    def clear(self) -> list[Source]:
        """Everybody goes home; who that is."""
        left = [source for waiting in self._waiting.values() for source in waiting]
        self._waiting.clear()
        self._turns.clear()
        self._length = 0
        return left

    def _next(self, host: str, now: float) -> Source | None:
        if self._busy[host] >= self._limits.at_once or self._free_at[host] > now:
            return None
        source = self._waiting[host].popleft()
        self._length -= 1
        self._busy[host] += 1
        if self._limits.delay_seconds:
            self._free_at[host] = now + self._limits.delay_seconds
        return source

    def _forget_pauses(self, now: float) -> None:
        if len(self._free_at) > 1_000:
            self._free_at = defaultdict(float, {host: at for host, at in self._free_at.items() if at > now})


def _host(source: Source) -> str:
    """A folder is nobody's host, and shares its place with no other."""
    return f"folder {source.id}" if source.kind is SourceKind.FOLDER else host_of(source.url)
