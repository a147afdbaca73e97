"""What a site asks of robots: RFC 9309, and `Crawl-delay`, which it leaves out and many sites use. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

AGENT = "casse-croute"
"""Our product token, as it stands before the slash of our User-Agent."""

MAX_LENGTH = 512 * 1024
"""RFC 9309, 2.5: at least 500 KiB are to be read."""
MAX_RULES = 2_000
MAX_PATTERN_LENGTH = 2_000
MAX_WILDCARDS = 20
LONGEST_DELAY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Rules:
    """`patterns` with whether each allows, as they were written."""

    patterns: tuple[tuple[str, bool], ...] = ()
    delay_seconds: float = 0.0

    def allow(self, path: str) -> bool:
        """`path` with its query. The longest pattern that fits decides, and what allows where two are equally long."""
        fitting = [(len(pattern), allows) for pattern, allows in self.patterns if fits(pattern, path)]
        return max(fitting)[1] if fitting else True


EVERYTHING = Rules()


def read_robots(text: str, agent: str = AGENT) -> Rules:
    """The rules for us: of the groups that name us, else of those for everybody. What cannot be read allows."""
    ours: list[tuple[str, str]] = []
    everybodys: list[tuple[str, str]] = []
    named = False
    for agents, rules in _groups(text[:MAX_LENGTH]):
        if agent in agents:
            named = True
            ours += rules
        elif "*" in agents:
            everybodys += rules
    rules = ours if named else everybodys
    patterns = tuple((value, name == "allow") for name, value in rules if name != "crawl-delay" and value)
    return Rules(
        patterns[:MAX_RULES], max((_seconds(value) for name, value in rules if name == "crawl-delay"), default=0)
    )


def fits(pattern: str, path: str) -> bool:
    """A pattern fits what begins with it; `*` stands for anything, and `$` at its end for the end."""
    ends = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    if not others:
        return not ends or path == first
    at = len(first)
    for piece in others[:-1]:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    last = others[-1]
    return path.endswith(last) and len(path) - len(last) >= at if ends else path.find(last, at) >= 0


def _groups(text: str) -> Iterator[tuple[Sequence[str], Sequence[tuple[str, str]]]]:
    agents: list[str] = []
    rules: list[tuple[str, str]] = []
    for line in text.splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if name == "user-agent":
            if rules:
                yield agents, rules
                agents, rules = [], []
            agents.append(value.partition("/")[0].strip().lower())
        elif name in ("allow", "disallow", "crawl-delay") and agents and _is_bounded(value):
            rules.append((name, value))
    if agents:
        yield agents, rules


def _is_bounded(value: str) -> bool:
    return len(value) <= MAX_PATTERN_LENGTH and value.count("*") <= MAX_WILDCARDS


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        return 0.0
    return max(0.0, min(seconds, LONGEST_DELAY_SECONDS)) if seconds == seconds else 0.0  # noqa: PLR0124 - NaN
